"""Small pages about one concept, for the frames and tooltips of reconciliation clients, and about one feature."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.api.context import context
from app.api.openapi import answer
from app.api.reconcile_answers import FlyoutResponse
from app.api.routes.reconcile.manifest import locale, reply
from app.domain.errors import NotFound
from app.domain.taxonomy import CATEGORY, Concept
from app.pipeline.reconciliation.naming import Names

router = APIRouter(prefix="/reconcile")
_PAGE: dict[int | str, Any] = {200: {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}}
_MOST_ALIASES, _MOST_ATTRIBUTES = 6, 12
_FEATURES = {
    "similarity": "How alike the text and the label found are, from 0 to 100.",
    "method": "How the label was found: exact (a name), alias (a synonym), fuzzy (a near spelling), prefix or "
    "substring (a piece of it), semantic (near in meaning), id.",
    "locale": "The language of the label found.",
    "hint": "Whether the concept fits a hint that came with the text.",
}
_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;color:#1c2733;margin:0;padding:12px 14px;background:#fff}
h1{font-size:18px;margin:0}p{margin:2px 0 8px;color:#52606d}code{font-size:12px;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 10px;margin:0}
dt{color:#52606d}dd{margin:0;overflow-wrap:anywhere}
"""
_HEADERS = {
    # the page has neither scripts nor anything from elsewhere; clients show it in a frame
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
}
Id = Annotated[str, Query(max_length=512, description="Of a concept", examples=["color:navy"])]


@router.get(
    "/preview",
    summary="A small page about a concept",
    response_class=HTMLResponse,
    responses=answer(None, 404, 422) | _PAGE,
)
async def preview(request: Request, id: Id) -> HTMLResponse:
    """Answer with names, place and links of a concept, in HTML that needs nothing else."""
    here, spoken = context(request), locale(request)
    return _page(here.names.of(id, spoken), concept_html(here.service.taxonomy.concept(id), here.names, spoken), spoken)


@router.get("/flyout", summary="A few lines about a concept", responses=answer(FlyoutResponse, 404, 422))
async def flyout(request: Request, id: Id) -> Response:
    """Answer with HTML to show beside a suggestion; `category` and `attribute` are types and no concepts."""
    here, spoken = context(request), locale(request)
    concept = here.service.taxonomy.concept(id)
    head = f"<h1>{escape(here.names.of(id, spoken))}</h1><p>{escape(here.names.place(id, spoken))}</p>"
    return reply({"id": id, "html": f"{head}<p><code>{escape(concept.id)}</code></p>"}, spoken)


@router.get(
    "/feature", summary="What a feature means", response_class=HTMLResponse, responses=answer(None, 404, 422) | _PAGE
)
async def feature(id: Annotated[str, Query(max_length=512, examples=["method:alias"])]) -> HTMLResponse:
    """Answer with what the number or truth value says that stands beside a candidate under this id."""
    kind, _, which = id.partition(":")
    if kind not in _FEATURES:
        raise NotFound(f"no feature has the id {id[:80]!r}", field="id", hint=f"features: {', '.join(_FEATURES)}")
    title = f"{kind}: {which}" if which else kind
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(_FEATURES[kind])}</p>", "en")


def concept_html(concept: Concept, names: Names, spoken: str) -> str:
    """Return the inside of the page: what is known of a concept, at last its names in other languages."""
    taxonomy = names.taxonomy
    rows: list[tuple[str, str]] = []
    if others := [one.text for one in concept.labels if one.locale == spoken and not one.preferred]:
        rows.append(("also", _listed(others, len(others), _MOST_ALIASES)))
    if concept.id in taxonomy.concepts and concept.attribute == CATEGORY:
        known = [one for one in taxonomy.relevant(concept.id) if one in taxonomy.attributes]
        rows.append(("attributes", _listed((names.of(one, spoken) for one in known), len(known), _MOST_ATTRIBUTES)))
    if below := taxonomy.children(concept.id):
        rows.append(("narrower", _listed((names.of(one.id, spoken) for one in below), len(below), _MOST_ALIASES)))
    if concept.google_id is not None:
        rows.append(("Google id", str(concept.google_id)))
    rows += [("same as", f"<code>{escape(uri)}</code>") for uri in concept.exact_match]
    if concept.retired:
        rows.append(("retired", f"now <code>{escape(concept.successor)}</code>" if concept.successor else "yes"))
    rows += [
        (escape(locale), f'<span lang="{escape(locale)}">{escape(label)}</span>')
        for locale in taxonomy.locales
        if locale != spoken and (label := concept.label(locale))
    ]
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows if value)
    head = f"<h1>{escape(names.of(concept.id, spoken))}</h1><p>{escape(names.place(concept.id, spoken))}"
    return f"{head} · <code>{escape(concept.id)}</code></p><dl>{listed}</dl>"


def _listed(texts: Iterable[str], total: int, most: int) -> str:
    shown = ", ".join(escape(text) for _, text in zip(range(most), texts, strict=False))
    return f"{shown}, … ({total - most} more)" if total > most else shown


def _page(title: str, inside: str, spoken: str) -> HTMLResponse:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    html = f'<!doctype html><html lang="{escape(spoken)}"><head>{head}<style>{_STYLE}</style></head>'
    return HTMLResponse(f"{html}<body>{inside}</body></html>\n", headers=_HEADERS | {"Content-Language": spoken})
