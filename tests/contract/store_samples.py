"""Listings and tags that the suites of the store save."""

from __future__ import annotations

from app.domain.listing import Listing
from app.domain.tags import (
    Decision,
    Evidence,
    Match,
    Method,
    Source,
    Tag,
    TagSet,
    Unmatched,
    Versions,
    Warning,
)

VERSIONS = Versions(model="m", adapter="a", prompt="p", schema="s", rules="r", taxonomy="t", pipeline="1")
NAVY, RED, COTTON = "color:navy", "color:red", "material:cotton"
SHOES = ("category:apparel", "category:shoes", "category:sneakers")
RUNNER = Listing(
    title="Laufschuh 'Ayla' navy, Größe 39",
    description="Leicht.\u0000 👟",
    reviews=("Passt super, sagt Frau Müller", "ok"),
    attributes=(("Farbe", "navy"), ("Farbe", "blau")),
    images=("https://img.example/1.jpg",),
    lang="de",
    id="SKU/1 ü",
)


def tag(tag_id: str, *, path: tuple[str, ...] = (), raw: str = "navy", decision: Decision = Decision.REVIEW) -> Tag:
    return Tag(
        attribute=tag_id.partition(":")[0],
        id=tag_id,
        raw=raw,
        confidence=0.61,
        decision=decision,
        match=Match(method=Method.FUZZY, score=91.5, label="navy", locale="en"),
        source=Source.MODEL,
        evidence=(Evidence(field="title", start=17, end=21),),
        path=path,
    )


def tag_set(*tags: str | Tag, fingerprint: str = "f1", partial: bool = False) -> TagSet:
    return TagSet(
        fingerprint=fingerprint,
        lang="de",
        tags=tuple(one if isinstance(one, Tag) else tag(one) for one in tags),
        unmatched=(Unmatched(attribute="brand", raw="Ayla", source=Source.MODEL),),
        partial=partial,
        versions=VERSIONS,
        warnings=(Warning(code="truncated", field="description", message="cut at 4,000"),),
    )


def listing(listing_id: str, title: str = "Mug") -> Listing:
    return Listing(title=title, id=listing_id)


def ids(tags: TagSet) -> list[str]:
    return [one.id for one in tags.tags]
