"""Finds concepts by what a person types: whole labels, beginnings, pieces, and at last what is near."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from app.domain.taxonomy import Concept, Label
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.text import fold_value


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A concept, and the label by which it was found.

    ``method`` is exact, alias, prefix, substring, fuzzy or semantic; ``score`` is 0..100: for pieces, the share of
    the label that was typed. ``layer`` is the overlay that the label comes from, empty for the taxonomy itself.
    """

    concept: Concept
    method: str
    score: float
    label: str
    locale: str
    layer: str = ""


class LabelSearch:
    """Searches the labels of a taxonomy. Retired concepts are not found."""

    def __init__(self, normalizer: Normalizer) -> None:
        self._taxonomy = normalizer.taxonomy
        self._normalizer = normalizer

    def find(
        self,
        query: str,
        *,
        attribute: str | None = None,
        category: str | None = None,
        lang: str | None = None,
        limit: int = 20,
        pieces: bool = True,
    ) -> list[Found]:
        """Return the best label of each concept that fits, best first; those in ``lang`` (ISO 639-1) before others.

        An ``attribute`` or a ``category`` narrows the search, to one attribute or to those relevant in the category.
        ``pieces`` false leaves out labels that merely hold the query or mean something alike: who types looks for
        them, who compares whole values does not. Raises NotFound for an unknown category.
        """
        folded = fold_value(query)
        if not folded:
            return []
        lang = lang.replace("_", "-") if lang else "en"
        best: dict[str, Found] = {}
        for scope in self._scopes(attribute, category):
            for found in (
                *(islice(self._by_piece(folded, scope), _MOST_PIECES) if pieces else ()),
                *self._by_nearness(query, scope, lang, limit, meaning=pieces),
            ):
                known = best.get(found.concept.id)
                if known is None or _rank(found, lang) < _rank(known, lang):
                    best[found.concept.id] = found
        return sorted(best.values(), key=lambda found: (*_rank(found, lang), found.concept.id))[:limit]

    def _scopes(self, attribute: str | None, category: str | None) -> Iterable[str | None]:
        """Return the attributes to look in, one after the other; None for all of them at once."""
        if attribute is not None:
            return (self._taxonomy.values_of(attribute),)
        if category is None:
            return (None,)
        relevant = self._taxonomy.relevant(self._taxonomy.concept(category).id)
        return dict.fromkeys(map(self._taxonomy.values_of, relevant))

    def _by_piece(self, folded: str, attribute: str | None) -> Iterator[Found]:
        for text, entries in self._normalizer.index.holding(folded, attribute):
            score = round(100 * len(folded) / len(text), 1)
            for entry in entries:
                method = "prefix" if text.startswith(folded) else "substring"
                if text == folded:
                    method = "exact" if entry.preferred else "alias"
                concept = self._taxonomy.concept(entry.concept_id)
                yield _found(concept, method, score, concept.labels[entry.place])

    def _by_nearness(
        self, query: str, attribute: str | None, lang: str, limit: int, *, meaning: bool
    ) -> Iterator[Found]:
        spoken = lang.partition("-")[0]
        near = self._normalizer.nearest(query, attribute, spoken, limit)
        meant = self._normalizer.match(query, attribute, spoken, meaning=meaning)
        for concept_id, match in (*near, *([meant] if meant else ())):
            concept = self._taxonomy.concept(concept_id)
            meant_by = next(x for x in concept.labels if (x.text, x.locale) == (match.label, match.locale))
            yield _found(concept, match.method.value, match.score, meant_by)


_ORDER = ("exact", "alias", "prefix", "fuzzy", "substring", "semantic")
_MOST_PIECES = 2000


def _found(concept: Concept, method: str, score: float, label: Label) -> Found:
    return Found(concept=concept, method=method, score=score, label=label.text, locale=label.locale, layer=label.layer)


def _rank(found: Found, lang: str) -> tuple[int, bool, float]:
    """Order: how it was found, in the asker's language first, most of the label first."""
    return _ORDER.index(found.method), found.locale.partition("-")[0] != lang.partition("-")[0], -found.score
