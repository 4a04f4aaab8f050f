"""The application: `uvicorn app.api.app:create_app --factory`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from app import __version__
from app.api.context import Context
from app.api.cors import OpenPath
from app.api.forget import Forgetting
from app.api.middleware import BodyLimit, EncodedSlashes, Guard
from app.api.openapi import install
from app.api.present import Presenter
from app.api.probes import Probes
from app.api.problems import Refused, answer_error
from app.api.recall import Recall
from app.api.routes import extract, health, listings, reconcile, suggestions, tags, taxonomy
from app.bootstrap import Service, open_service
from app.domain.errors import TagwrightError
from app.domain.taxonomy import CATEGORY
from app.pipeline.ports import Generator
from app.pipeline.text import MappedText
from app.settings import Settings, load_settings

DESCRIPTION = (
    "Tags product listings, in any language, with values of a controlled multilingual taxonomy. "
    "Errors are `application/problem+json` (RFC 9457)."
)


def create_app(settings: Settings | None = None, loading: Future[Generator] | None = None) -> FastAPI:
    """Return the application; the service is opened when it starts and closed when it stops.

    Without settings they come from the environment; ``loading`` is a generator already started. Raises SettingsError.
    """
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = await open_service(chosen, loading=loading)
        presenter = Presenter(service.taxonomy)
        recall, probes = Recall(service.cache), Probes(service)
        forgetting = Forgetting(service.cache, (presenter.forget, recall.forget))
        app.state.context = Context(
            service=service, presenter=presenter, recall=recall, probes=probes, forgetting=forgetting
        )
        # beside the first requests: one that needs such a thing earlier waits for it, a second at most
        warming = asyncio.create_task(asyncio.to_thread(_warm_up, service))
        try:
            yield
        finally:
            await warming
            await probes.close()
            await forgetting.close()
            await service.close()

    ours = (Refused, RequestValidationError, HTTPException, TagwrightError)
    # the documentation page works without the internet: its scripts come with the package
    app = FastAPIOffline(
        redoc_url=None,
        static_url="/docs-assets",
        title="Tagwright",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        exception_handlers=dict.fromkeys(ours, answer_error),
    )
    for part in (tags, extract, listings, taxonomy, suggestions, reconcile, health):
        app.include_router(part.router)
    install(app)
    # the last one added is the outermost
    app.add_middleware(EncodedSlashes)
    app.add_middleware(BodyLimit, limit=chosen.body_limit_bytes)
    app.add_middleware(Guard)
    app.add_middleware(OpenPath, path=reconcile.PATH)
    return app


def _warm_up(service: Service) -> None:
    """Make what is made on first use, so that callers need not wait for it."""
    service.tagger.parts.identifier.identify("warm up")
    for locale in service.taxonomy.locales:
        service.tagger.parts.rules.find({"title": MappedText("warm up")}, locale)
    service.normalizer.match("warm up", CATEGORY, "en")
