"""Finds concepts by what a person types: whole labels, beginnings, pieces, and at last what is near."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.taxonomy import Concept, Label, Taxonomy
from app.pipeline.normalize import Normalizer
from app.pipeline.text import fold_label


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A concept, and the label by which it was found.

    ``method`` is exact, alias, prefix, substring, fuzzy or semantic; ``score`` is 0..100: for pieces, the share of
    the label that was typed.
    """

    concept: Concept
    method: str
    score: float
    label: str
    locale: str


class LabelSearch:
    """Searches the labels of a taxonomy. Retired concepts are not found."""

    def __init__(self, taxonomy: Taxonomy, normalizer: Normalizer) -> None:
        self._taxonomy = taxonomy
        self._normalizer = normalizer
        self._lexical = Normalizer(taxonomy)
        """Without the encoder: a query that names no attribute is put to all of them."""
        self._folded = [
            (fold_label(label.text), label, concept)
            for concept in (*taxonomy.attributes.values(), *taxonomy.concepts.values())
            if not concept.retired
            for label in concept.labels
        ]

    def find(
        self, query: str, *, attribute: str | None = None, lang: str | None = None, limit: int = 20
    ) -> list[Found]:
        """Return the best label of each concept that fits, best first; those in ``lang`` (ISO 639-1) before others."""
        folded = fold_label(query)
        if not folded:
            return []
        lang = lang.replace("_", "-") if lang else "en"
        best: dict[str, Found] = {}
        for found in (*self._by_piece(folded, attribute), *self._by_nearness(query, attribute, lang)):
            known = best.get(found.concept.id)
            if known is None or _rank(found, lang) < _rank(known, lang):
                best[found.concept.id] = found
        return sorted(best.values(), key=lambda found: (*_rank(found, lang), found.concept.id))[:limit]

    def _by_piece(self, folded: str, attribute: str | None) -> Iterator[Found]:
        for text, label, concept in self._folded:
            if folded not in text or attribute not in (None, concept.attribute):
                continue
            whole, begins = text == folded, text.startswith(folded)
            method = ("exact" if label.preferred else "alias") if whole else "prefix" if begins else "substring"
            yield _found(concept, method, round(100 * len(folded) / len(text), 1), label)

    def _by_nearness(self, query: str, attribute: str | None, lang: str) -> Iterator[Found]:
        normalizer = self._lexical if attribute is None else self._normalizer
        attributes = dict.fromkeys(c.attribute for c in self._taxonomy.concepts.values())
        for name in attributes if attribute is None else (attribute,):
            near = normalizer.match(query, name, lang.partition("-")[0])
            if near is not None:
                concept_id, match = near
                yield Found(
                    concept=self._taxonomy.concepts[concept_id],
                    method=match.method.value,
                    score=match.score,
                    label=match.label,
                    locale=match.locale,
                )


_ORDER = ("exact", "alias", "prefix", "fuzzy", "substring", "semantic")


def _found(concept: Concept, method: str, score: float, label: Label) -> Found:
    return Found(concept=concept, method=method, score=score, label=label.text, locale=label.locale)


def _rank(found: Found, lang: str) -> tuple[int, bool, float]:
    """Order: how it was found, in the asker's language first, most of the label first."""
    return _ORDER.index(found.method), found.locale.partition("-")[0] != lang.partition("-")[0], -found.score
