"""A tag set as the dictionary that the API answers and `tagwright tag --json` prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from app.domain.errors import TagwrightError
from app.domain.tags import Evidence, Tag, Unmatched, Warning
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.pipeline.implications import Implications, implied
from app.pipeline.localize import Locales, concept_labels, labels
from app.pipeline.matching.lookup import Found
from app.pipeline.tagger import Tagged


def response(tagged: Tagged, listing_id: str | None, locales: Locales, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return a TagResponse: plain JSON types, labels in the locales asked for."""
    tags = tagged.tags
    return {
        "id": listing_id,
        "lang": tags.lang,
        "tags": [tag_fields(tag, locales, taxonomy) for tag in tags.tags],
        "unmatched": [_unmatched(value) for value in tags.unmatched],
        "partial": tags.partial,
        "cache": tagged.cache,
        "timings_ms": dict(tagged.timings_ms),
        "versions": asdict(tags.versions),
        "warnings": [_warning(warning) for warning in (*locales.warnings, *tags.warnings)],
    }


def tag_fields(tag: Tag, locales: Locales, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return one tag; ``path``, ``quantity``, ``inferred`` and ``locked`` are there only where they say something."""
    fields: dict[str, Any] = {
        "attribute": tag.attribute,
        "id": tag.id,
        "labels": labels(tag, locales, taxonomy),
        "raw": tag.raw,
        "confidence": tag.confidence,
        "decision": tag.decision.value,
        "match": {
            "method": tag.match.method.value,
            "score": tag.match.score,
            "label": tag.match.label,
            "locale": tag.match.locale,
        },
        "evidence": _evidence(tag.evidence),
        "source": tag.source.value,
    }
    if tag.attribute == CATEGORY:
        fields["path"] = [ancestor for ancestor in tag.path if ancestor != tag.id]
    if tag.quantity is not None:
        fields["quantity"] = asdict(tag.quantity)
    return fields | {name: True for name, is_so in (("inferred", tag.inferred), ("locked", tag.locked)) if is_so}


def implied_fields(tags: Iterable[str], taxonomy: Taxonomy, rules: Implications, locales: Locales) -> dict[str, Any]:
    """Return what follows from tags, nearest first, and by which rules."""
    found = [
        {
            "id": one.id,
            "attribute": one.attribute,
            "labels": concept_labels(taxonomy.concept(one.id), locales),
            "rule": one.rule,
            "why": one.why,
            "premises": list(one.premises),
            "chain": list(one.chain),
        }
        for one in implied(tags, taxonomy, rules)
    ]
    return {"implied": found, "rules": f"{rules.version}@{rules.digest[:12]}"}


def problem_fields(error: TagwrightError) -> dict[str, Any]:
    """Return an error's stable type and what to do about it, for output that a program reads."""
    fields: dict[str, Any] = {"type": error.type, "message": error.message, "retryable": error.retryable}
    return fields | {k: v for k, v in (("field", error.field), ("hint", error.hint)) if v is not None}


def _unmatched(value: Unmatched) -> dict[str, Any]:
    return {
        "attribute": value.attribute,
        "raw": value.raw,
        "evidence": _evidence(value.evidence),
        "source": value.source.value,
    }


def _evidence(spans: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [{"field": span.field, "start": span.start, "end": span.end} for span in spans]


def _warning(warning: Warning) -> dict[str, str]:
    return {"code": warning.code, "field": warning.field, "message": warning.message}


def hit_fields(hit: Found, locales: Locales) -> dict[str, Any]:
    """Return a concept that a search found, and the label by which."""
    return {
        "id": hit.concept.id,
        "attribute": hit.concept.attribute,
        "labels": concept_labels(hit.concept, locales),
        "match": {name: getattr(hit, name) for name in ("method", "score", "label", "locale", "layer")},
    }
