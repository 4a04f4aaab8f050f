"""Finds where each concept that is no longer in use goes: by published mapping, successor, shared id, same label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from app.domain.errors import InvalidFile
from app.domain.mapping import Mapped, Origin, TaxonomyMapping
from app.domain.taxonomy import Concept, Taxonomy
from app.pipeline.text import fold_label
from app.pipeline.versions.diff import every_concept, find

_CANDIDATES = 10
"""Most candidates named in a report."""


def build_mapping(old: Taxonomy, new: Taxonomy, published: Sequence[Mapped] = ()) -> TaxonomyMapping:
    """Return a row for every id of ``old`` that ``new`` has not in use, for what retired since, and as published.

    Raises InvalidFile where a published target is no concept of ``new``.
    """
    rows = {row.source: _settled(row, new) for row in published}
    pending: list[Concept] = []
    for concept in _gone(old, new):
        if concept.id in rows:
            continue
        heir = _in_use(new, concept.id)
        if heir is not None:
            rows[concept.id] = Mapped(source=concept.id, targets=(heir,), origin=Origin.SUCCESSOR)
        else:
            pending.append(concept)
    # Attributes first: a value is looked for among those of the attribute that its own became.
    attributes = [concept for concept in pending if concept.id in old.attributes]
    rows |= _Search(new, attributes, {}).rows()
    became = {source: row.targets[0] for source, row in rows.items() if len(row.targets) == 1}
    concepts = [concept for concept in pending if concept.id not in old.attributes]
    rows |= _Search(new, concepts, became).rows()
    return TaxonomyMapping(rows=rows)


def _gone(old: Taxonomy, new: Taxonomy) -> Iterator[Concept]:
    """Yield what is not in use in ``new``: of ``old``, and what came and retired between the two."""
    for concept in every_concept(old):
        after = find(new, concept.id)
        if after is None or after.retired:
            yield concept
    for concept in every_concept(new):
        if concept.retired and find(old, concept.id) is None:
            yield concept


def _in_use(taxonomy: Taxonomy, concept_id: str) -> str | None:
    """Return the concept itself, or the first of its successors that is in use."""
    seen: set[str] = set()
    current: str | None = concept_id
    while current is not None and current not in seen:
        seen.add(current)
        concept = find(taxonomy, current)
        if concept is None:
            return None
        if not concept.retired:
            return current
        current = concept.successor
    return None


def _settled(row: Mapped, new: Taxonomy) -> Mapped:
    """Return a published row with targets that are in use."""
    targets: dict[str, None] = {}
    for target in row.targets:
        heir = _in_use(new, target)
        if heir is None:
            raise InvalidFile(
                f"the mapping sends {row.source} to {target}, which is not in use in {new.name} {new.version}",
                field="to",
                hint="name a concept of the new taxonomy, or none",
            )
        targets[heir] = None
    return replace(row, targets=tuple(targets))


class _Search:
    """Looks up all that is pending in one walk over the new taxonomy; only keys that are asked for are kept."""

    def __init__(self, new: Taxonomy, pending: Sequence[Concept], became: Mapping[str, str]) -> None:
        self._new, self._pending, self._became = new, pending, became
        self._locales = frozenset(new.locales)
        self._ids: dict[tuple[str, str], dict[str, None]] = {}
        """(attribute, id anywhere) -> concepts."""
        self._labels: dict[tuple[str, str, str], dict[str, None]] = {}
        """(attribute, locale, folded prefLabel) -> concepts."""
        if not pending:
            return
        for concept in pending:
            attribute = self._attribute(concept)
            self._ids |= {(attribute, name): {} for name in _names(concept)}
            self._labels |= {(attribute, locale, text): {} for locale, text in _preferred(concept)}
        for concept in every_concept(new):
            if not concept.retired:
                self._take(concept)

    def rows(self) -> dict[str, Mapped]:
        """Return a row for everything pending."""
        return {concept.id: self._by_id(concept) or self._by_label(concept) for concept in self._pending}

    def _take(self, concept: Concept) -> None:
        for name in _names(concept):
            if (found := self._ids.get((concept.attribute, name))) is not None:
                found[concept.id] = None
        for locale, text in _preferred(concept):
            if (found := self._labels.get((concept.attribute, locale, text))) is not None:
                found[concept.id] = None

    def _attribute(self, concept: Concept) -> str:
        return self._new.values_of(self._became.get(concept.attribute, concept.attribute))

    def _by_id(self, concept: Concept) -> Mapped | None:
        attribute = self._attribute(concept)
        for name in _names(concept):
            found = self._ids[attribute, name]
            if len(found) == 1:
                return Mapped(source=concept.id, targets=tuple(found), origin=Origin.EXACT_MATCH, reason=name)
        return None

    def _by_label(self, concept: Concept) -> Mapped:
        """Map onto the one concept that has the same prefLabel, alone, in more than half of the shared locales."""
        attribute = self._attribute(concept)
        found = [self._labels[attribute, *label] for label in _preferred(concept) if label[0] in self._locales]
        votes = Counter(next(iter(several)) for several in found if len(several) == 1)
        best, count = votes.most_common(1)[0] if votes else ("", 0)
        if 2 * count > len(found):
            reason = f"the same label in {count} of {len(found)} locales"
            return Mapped(source=concept.id, targets=(best,), origin=Origin.LABEL, reason=reason)
        candidates = tuple(dict.fromkeys(one for several in found for one in several))
        return Mapped(
            source=concept.id,
            targets=(),
            origin=Origin.NONE,
            reason="ambiguous labels" if candidates else "nothing has its ids or labels",
            candidates=candidates[:_CANDIDATES],
        )


def _names(concept: Concept) -> Iterable[str]:
    """Yield what a concept is called here and elsewhere, the surest first."""
    yield concept.id
    yield from concept.exact_match
    if concept.google_id is not None:
        yield f"google:{concept.google_id}"


def _preferred(concept: Concept) -> Iterator[tuple[str, str]]:
    for label in concept.labels:
        if label.preferred:
            yield label.locale, fold_label(label.text)
