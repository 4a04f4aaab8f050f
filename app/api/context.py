"""What every route works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from starlette.requests import Request

from app.adapters.stores.sql import SqlStore
from app.api.forget import Forgetting
from app.api.present import Presenter
from app.api.probes import Probes
from app.api.recall import Recall
from app.bootstrap import Service, open_implications
from app.domain.errors import StoreUnavailable
from app.pipeline.implications import Implications
from app.pipeline.localize import Locales
from app.pipeline.matching.lookup import LabelSearch
from app.pipeline.reconciliation.naming import Names
from app.pipeline.reconciliation.reconcile import Reconciler

TENANT = "default"
"""Without keys there is one tenant."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """The service, and what the API adds to it."""

    service: Service
    presenter: Presenter
    recall: Recall
    probes: Probes
    forgetting: Forgetting

    @property
    def store(self) -> SqlStore:
        """The store; StoreUnavailable where the service runs without one."""
        if self.service.store is None:
            raise StoreUnavailable("the service runs without a store")
        return self.service.store

    @cached_property
    def labels(self) -> LabelSearch:
        """The search over labels, indexed when it is first used."""
        return LabelSearch(self.service.normalizer)

    @cached_property
    def implications(self) -> Implications:
        """What follows from a tag, read when it is first asked for."""
        return open_implications()

    @cached_property
    def reconciler(self) -> Reconciler:
        """What matches the cells of tables."""
        return Reconciler(self.names, self.labels, self.service.normalizer)

    @cached_property
    def names(self) -> Names:
        """What concepts are called."""
        return Names(self.service.taxonomy)

    def locales(self, listed: str | Sequence[str] | None) -> Locales:
        """Return the locales of a query ("en,de") or of a body; UnknownLocale for what is no language tag."""
        if isinstance(listed, str):
            listed = [locale.strip() for locale in listed.split(",") if locale.strip()] or None
        return self.presenter.locales(listed)


def context(request: Request) -> Context:
    """Return what the application was opened with."""
    return cast(Context, request.app.state.context)
