"""Which tag a person means who fixes one by its id."""

from __future__ import annotations

from dataclasses import replace

from app.domain.errors import InputError, NotFound
from app.domain.tags import Decision, Match, Method, Source, Tag, TagSet
from app.domain.taxonomy import CATEGORY, Taxonomy


def tag_to_lock(tags: TagSet, tag_id: str, taxonomy: Taxonomy) -> Tag:
    """Return the listing's own tag with this id, or a new one of the concept; the person is sure of both.

    Raises NotFound for an id that neither has, InputError for a concept that is retired.
    """
    own = next((tag for tag in tags.tags if tag.id == tag_id), None)
    if own is not None:
        return replace(own, confidence=1.0, decision=Decision.ACCEPT, locked=True)
    concept = taxonomy.concepts.get(tag_id)
    if concept is None:
        raise NotFound(f"no concept has the id {tag_id[:80]!r}", field="tag_id", hint="see /v1/taxonomy/search")
    if concept.retired:
        hint = f"use {concept.successor}" if concept.successor else None
        raise InputError(f"{tag_id} is retired", field="tag_id", hint=hint)
    label = concept.label("en") or concept.id
    return Tag(
        attribute=concept.attribute,
        id=concept.id,
        raw=label,
        confidence=1.0,
        decision=Decision.ACCEPT,
        match=Match(method=Method.EXACT, score=100.0, label=label, locale="en"),
        # The wire has three sources; who fixed a tag applied a rule of their own. `locked` tells it apart.
        source=Source.RULE,
        path=taxonomy.path(concept.id) if concept.attribute == CATEGORY else (),
        locked=True,
    )
