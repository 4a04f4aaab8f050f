"""What concepts are called in one language: names, places and types, kept once they were made.

An answer to a column of a thousand values names the same concepts again and again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from app.domain.taxonomy import CATEGORY, Concept, Taxonomy
from app.pipeline.text import fold_label

ATTRIBUTE = "attribute"
"""The attribute of attributes: they are concepts too."""
_KEPT = 16_384


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """An id and what it is called."""

    id: str
    name: str


class Names:
    """Names the concepts of a taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self.of = lru_cache(maxsize=_KEPT)(self._of)
        """(id, locale) -> the prefLabel; English, and at last the id, where there is none."""
        self.place = lru_cache(maxsize=_KEPT)(self._place)
        """(id, locale) -> the type, and the concepts above: "Color: Blue"."""
        self.type = lru_cache(maxsize=_KEPT)(self._type)
        """(attribute, locale) -> the attribute as a type."""
        self.folded = lru_cache(maxsize=_KEPT // 4)(self._folded)
        """id -> all its labels in all languages, folded, and the id itself."""

    def path(self, concept_id: str) -> tuple[str, ...]:
        """Return the ids from the root down; an attribute stands alone."""
        return self.taxonomy.path(concept_id) if concept_id in self.taxonomy.concepts else (concept_id,)

    def has(self, type_id: str) -> bool:
        """Say whether there is such a type: an attribute, `category` or `attribute`."""
        return type_id in (CATEGORY, ATTRIBUTE) or type_id in self.taxonomy.attributes

    def _of(self, concept_id: str, locale: str) -> str:
        concept = self.taxonomy.concept(concept_id)
        return concept.label(locale) or concept.label("en") or concept_id

    def _place(self, concept_id: str, locale: str) -> str:
        kind = self.type(self.taxonomy.concept(concept_id).attribute, locale).name
        above = [self.of(one, locale) for one in self.path(concept_id)[:-1]]
        return f"{kind}: {' › '.join(above)}" if above else kind

    def _type(self, attribute: str, locale: str) -> Named:
        known = attribute in self.taxonomy.attributes
        return Named(id=attribute, name=self.of(attribute, locale) if known else attribute.capitalize())

    def _folded(self, concept_id: str) -> frozenset[str]:
        concept: Concept = self.taxonomy.concept(concept_id)
        return frozenset((fold_label(concept_id), *(fold_label(label.text) for label in concept.labels)))
