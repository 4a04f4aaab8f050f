"""Two versions of a small taxonomy in code: `taxonomy("2", CONCEPTS)` from what each concept is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.taxonomy import Concept, Kind, Label, Taxonomy, index_by_id

ATTRIBUTES: dict[str, dict[str, Any]] = {
    "color": {"en": "Color", "de": "Farbe"},
    "material": {"en": "Material", "de": "Material"},
    "frame_material": {"en": "Frame material", "de": "Rahmenmaterial", "values_from": "material"},
    "weight": {"en": "Weight", "de": "Gewicht", "kind": Kind.QUANTITY, "dimension": "mass"},
}
CONCEPTS: dict[str, dict[str, Any]] = {
    "color:blue": {"en": "Blue|navy blue|~sky", "de": "Blau|blaue|marineblau"},
    "color:red": {"en": "Red", "de": "Rot"},
    "color:crimson": {"en": "Crimson", "de": "Karmesinrot", "broader": "color:red"},
    "color:scarlet": {"en": "Scarlet", "de": "Scharlachrot", "broader": "color:red"},
    "material:oak": {"en": "Oak", "de": "Eiche"},
    "category:shoes": {"en": "Shoes", "de": "Schuhe", "relevant": ("color", "material")},
    "category:boots": {"en": "Boots", "de": "Stiefel", "broader": "category:shoes", "google_id": 187},
    "category:rubber_boots": {"en": "Rubber boots", "de": "Gummistiefel", "broader": "category:boots"},
}


def concept(concept_id: str, attribute: str, fields: Mapping[str, Any]) -> Concept:
    """Return a concept; "Blue|navy blue|~sky" under a locale is the prefLabel and altLabels, ~ not standalone."""
    rest = dict(fields)
    labels = [
        Label(text=text.lstrip("~"), locale=locale, preferred=number == 0, standalone=not text.startswith("~"))
        for locale in ("en", "de", "fr")
        for number, text in enumerate(filter(None, rest.pop(locale, "").split("|")))
    ]
    return Concept(id=concept_id, attribute=attribute, labels=tuple(labels), **rest)


def taxonomy(
    version: str,
    concepts: Mapping[str, Mapping[str, Any] | None] | None = None,
    attributes: Mapping[str, Mapping[str, Any] | None] | None = None,
    *,
    locales: tuple[str, ...] = ("en", "de"),
    only: bool = False,
) -> Taxonomy:
    """Return the taxonomy above with these concepts added or in place of its own; None takes one away."""
    base: dict[str, Any] = {} if only else CONCEPTS
    named = ATTRIBUTES | dict(attributes or {})
    return Taxonomy(
        name="small",
        version=version,
        locales=locales,
        digest=version * 64,
        attributes=index_by_id(concept(key, "attribute", value) for key, value in named.items() if value is not None),
        concepts=index_by_id(
            concept(key, key.partition(":")[0], value)
            for key, value in (base | dict(concepts or {})).items()
            if value is not None
        ),
    )
