"""The taxonomy: what there is, in which languages, and how to find it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.answers import (
    AttributesOut,
    ConceptOut,
    ConceptsOut,
    HitsOut,
    ImpliedTagsOut,
    LocalesOut,
    TaxonomyOut,
)
from app.api.context import context
from app.api.encoding import encode
from app.api.middleware import path_part
from app.api.openapi import answer
from app.api.routes.listings import LocalesQuery
from app.domain.errors import NotFound
from app.domain.taxonomy import CATEGORY, Concept, Taxonomy
from app.pipeline.localize import Locales, concept_labels
from app.present import hit_fields, implied_fields

router = APIRouter(prefix="/v1/taxonomy", tags=["taxonomy"])
Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]


@router.get("", summary="The taxonomy", responses=answer(TaxonomyOut))
async def describe_taxonomy(request: Request) -> Response:
    """Answer with name, version, languages and sizes."""
    taxonomy = context(request).service.taxonomy
    counts = {
        "attributes": len(taxonomy.attributes),
        "categories": sum(1 for _ in taxonomy.values(CATEGORY)),
        "concepts": len(taxonomy.concepts),
        "labels": sum(len(concept.labels) for concept in _all(taxonomy)),
    }
    about = {name: getattr(taxonomy, name) for name in ("name", "version", "digest", "locales", "sources")}
    return _json(about | {"counts": counts})


@router.get("/locales", summary="Languages that have labels", responses=answer(LocalesOut))
async def taxonomy_locales(request: Request) -> Response:
    """Answer with the number of labels in each language."""
    taxonomy = context(request).service.taxonomy
    counted = Counter(label.locale for concept in _all(taxonomy) for label in concept.labels)
    return _json({"locales": {locale: counted[locale] for locale in taxonomy.locales}})


@router.get("/attributes", summary="Attributes", responses=answer(AttributesOut, 422))
async def taxonomy_attributes(request: Request, locales: LocalesQuery = None) -> Response:
    """Answer with all attributes."""
    here = context(request)
    taxonomy, shown = here.service.taxonomy, here.locales(locales)
    found = [
        {
            "id": one.id,
            "kind": one.kind,
            "dimension": one.dimension,
            "labels": concept_labels(one, shown),
            "values": sum(1 for _ in taxonomy.values(one.id)),
        }
        for one in taxonomy.attributes.values()
    ]
    return _json({"attributes": found})


@router.get(
    "/attributes/{attribute_id}/values", summary="Values of an attribute", responses=answer(ConceptsOut, 404, 422)
)
async def taxonomy_values(
    request: Request,
    attribute_id: str,
    roots: Annotated[bool, Query(description="Only those with nothing above them")] = False,
    offset: Offset = 0,
    limit: Limit = 100,
    locales: LocalesQuery = None,
) -> Response:
    """Answer with a page of values; the attribute `category` has the categories."""
    here = context(request)
    taxonomy, attribute = here.service.taxonomy, path_part(attribute_id)
    if attribute != CATEGORY and attribute not in taxonomy.attributes:
        hint = "see /v1/taxonomy/attributes"
        raise NotFound(f"no attribute has the id {attribute[:80]!r}", field="attribute_id", hint=hint)
    found = [one for one in taxonomy.values(attribute) if not (roots and one.broader)]
    return _page(taxonomy, found, offset, limit, here.locales(locales))


@router.get("/search", summary="Find concepts by what people call them", responses=answer(HitsOut, 404, 422))
async def search_concepts(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=200, description="A label or a piece of one, in any language")],
    attribute: Annotated[str | None, Query(description="Only values of this attribute", examples=["color"])] = None,
    category: Annotated[str | None, Query(description="Only values of attributes relevant in this category")] = None,
    lang: Annotated[str | None, Query(description="Labels in this language first", examples=["de"])] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    locales: LocalesQuery = None,
) -> Response:
    """Answer with concepts, best first: whole labels, beginnings, near spellings, pieces, what is near in meaning."""
    here = context(request)
    shown = here.locales(locales)
    hits = await asyncio.to_thread(
        lambda: here.labels.find(q, attribute=attribute, category=category, lang=lang, limit=limit)
    )
    return _json({"results": [hit_fields(hit, shown) for hit in hits]})


@router.get("/concepts/{concept_id}", summary="A concept", responses=answer(ConceptOut, 404, 422))
async def taxonomy_concept(request: Request, concept_id: str, locales: LocalesQuery = None) -> Response:
    """Answer with a value, a category or an attribute: its names in all languages and its place."""
    here = context(request)
    taxonomy = here.service.taxonomy
    return _json(_concept(taxonomy.concept(path_part(concept_id)), taxonomy, here.locales(locales)))


@router.get(
    "/concepts/{concept_id}/children", summary="What is below a concept", responses=answer(ConceptsOut, 404, 422)
)
async def taxonomy_children(
    request: Request, concept_id: str, offset: Offset = 0, limit: Limit = 100, locales: LocalesQuery = None
) -> Response:
    """Answer with a page of the concepts directly below."""
    here = context(request)
    taxonomy = here.service.taxonomy
    found = taxonomy.children(taxonomy.concept(path_part(concept_id)).id)
    return _page(taxonomy, found, offset, limit, here.locales(locales))


@router.get(
    "/concepts/{concept_id}/implied",
    summary="What follows from a concept",
    responses=answer(ImpliedTagsOut, 404, 422),
)
async def taxonomy_implied(request: Request, concept_id: str, locales: LocalesQuery = None) -> Response:
    """Answer with what else is true of a product that has this tag (a parka is outerwear, for winter), and why."""
    here = context(request)
    taxonomy, shown = here.service.taxonomy, here.locales(locales)
    one = taxonomy.concept(path_part(concept_id))
    return _json(implied_fields((one.id,), taxonomy, here.implications, shown) | {"id": one.id})


def _all(taxonomy: Taxonomy) -> Iterable[Concept]:
    yield from taxonomy.attributes.values()
    yield from taxonomy.concepts.values()


def _page(
    taxonomy: Taxonomy, found: list[Concept] | tuple[Concept, ...], offset: int, limit: int, locales: Locales
) -> Response:
    page = [_concept(one, taxonomy, locales) for one in found[offset : offset + limit]]
    return _json({"concepts": page, "total": len(found)})


def _concept(one: Concept, taxonomy: Taxonomy, locales: Locales) -> Mapping[str, Any]:
    known = one.id in taxonomy.concepts
    return {
        "id": one.id,
        "attribute": one.attribute,
        "labels": concept_labels(one, locales),
        "altLabels": {
            asked: [label.text for label in one.labels if label.locale == served and not label.preferred]
            for asked, served in locales.pairs
        },
        "path": taxonomy.path(one.id) if known else (one.id,),
        "broader": one.broader,
        "narrower": len(taxonomy.children(one.id)),
        "attributes": taxonomy.relevant(one.id) if known and one.attribute == CATEGORY else (),
        "google_id": one.google_id,
        "retired": one.retired,
        "successor": one.successor,
    }


def _json(value: Any) -> Response:
    return Response(encode(value), media_type="application/json")
