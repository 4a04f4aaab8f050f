"""A shop's own layer over a taxonomy: further labels, other names, values of its own, concepts it does not use.

The taxonomy below stays as it is, so the next version of it can be put under the same overlay. Overlays lie over
each other in the order they are named; where two say something about the same thing, the later one holds.
"""

from __future__ import annotations

import hashlib
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.domain.errors import InvalidTaxonomy
from app.domain.taxonomy import Concept, Label, Place, Taxonomy
from app.pipeline.matching.label_index import Entry, LabelArrays, LabelIndex, Labels

Texts = Mapping[str, Sequence[str]]
"""Locale -> labels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlay:
    """One layer. ``digest`` is the SHA-256 of what it was read from."""

    name: str
    digest: str
    aliases: Mapping[str, Texts] = field(default_factory=dict)
    """Concept id -> labels that it has besides."""
    rename: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Concept id -> locale -> prefLabel; the former one stays as an altLabel."""
    hide: frozenset[str] = frozenset()
    add: tuple[Concept, ...] = ()
    """Values and categories of the shop's own; their labels carry the layer's name."""


def lay_over(taxonomy: Taxonomy, labels: Labels, overlays: Sequence[Overlay]) -> tuple[Taxonomy, Labels]:
    """Return a taxonomy and its labels under overlays; InvalidTaxonomy names the layer and the id that do not fit."""
    changed: dict[str, Concept] = {}
    for overlay in overlays:
        for concept in _changed(taxonomy, changed, overlay):
            changed[concept.id] = concept
    if not overlays:
        return taxonomy, labels
    new = [c for c in changed.values() if c.id not in taxonomy.concepts and c.id not in taxonomy.attributes]
    attributes = {i: changed.get(i, attribute) for i, attribute in taxonomy.attributes.items()}
    over = {i: concept for i, concept in changed.items() if i not in attributes}
    above = replace(
        taxonomy,
        concepts=ChainMap(over, taxonomy.concepts),  # type: ignore[arg-type] # it is only read
        attributes=attributes,
        places=[*taxonomy.places, *(Place(c.id, c.attribute, c.broader) for c in new)],
        layers=tuple(overlay.name for overlay in overlays),
        digest=hashlib.sha256("\0".join([taxonomy.digest, *(o.digest for o in overlays)]).encode()).hexdigest(),
    )
    return above, LayeredLabels(labels, LabelIndex(LabelArrays.of(changed.values())), frozenset(changed))


def _changed(taxonomy: Taxonomy, changed: Mapping[str, Concept], overlay: Overlay) -> Iterator[Concept]:
    """Yield each concept that a layer says something about, as it is under it."""
    known = {concept.id: concept for concept in overlay.add}
    for concept in overlay.add:
        if concept.id in changed or concept.id in taxonomy.concepts:
            raise InvalidTaxonomy(
                f"overlay {overlay.name}: {concept.id} is there already", hint="use aliases or rename"
            )
        if concept.attribute not in taxonomy.attributes and concept.attribute != "category":
            raise InvalidTaxonomy(f"overlay {overlay.name}: {concept.id}: unknown attribute {concept.attribute!r}")
        if concept.broader is not None and not {concept.broader} & {*known, *changed, *taxonomy.concepts.keys()}:
            raise InvalidTaxonomy(f"overlay {overlay.name}: {concept.id}: unknown broader {concept.broader!r}")
    for concept_id in dict.fromkeys((*known, *overlay.aliases, *overlay.rename, *sorted(overlay.hide))):
        concept = known.get(concept_id) or changed.get(concept_id) or _concept(taxonomy, overlay, concept_id)
        labels = _renamed(concept.labels, overlay.rename.get(concept_id, {}), overlay.name)
        has = {(label.locale, label.text) for label in labels}
        for locale, texts in overlay.aliases.get(concept_id, {}).items():
            fresh = [text for text in texts if (locale, text) not in has]
            labels += [Label(text=text, locale=locale, layer=overlay.name) for text in fresh]
        yield replace(concept, labels=tuple(labels), hidden=concept.hidden or concept_id in overlay.hide)


def _concept(taxonomy: Taxonomy, overlay: Overlay, concept_id: str) -> Concept:
    found = taxonomy.concepts.get(concept_id) or taxonomy.attributes.get(concept_id)
    if found is None:
        hint = "see `tagwright taxonomy search`"
        raise InvalidTaxonomy(f"overlay {overlay.name}: no concept has the id {concept_id!r}", hint=hint)
    return found


def _renamed(labels: Iterable[Label], names: Mapping[str, str], layer: str) -> list[Label]:
    """Return labels with other prefLabels; a name that is an altLabel already moves up."""
    given = [Label(text=text, locale=locale, preferred=True, layer=layer) for locale, text in names.items()]
    kept = [
        replace(label, preferred=label.preferred and label.locale not in names)
        for label in labels
        if names.get(label.locale) != label.text
    ]
    return [*given, *kept]


class LayeredLabels:
    """The labels of changed and added concepts over those of a taxonomy; see label_index.Labels."""

    def __init__(self, below: Labels, above: LabelIndex, changed: frozenset[str]) -> None:
        self._below = below
        self._above = above
        self._changed = changed

    def equal(self, folded: str, attribute: str | None = None) -> list[Entry]:
        """Return the labels that are exactly this text."""
        return [*self._above.equal(folded, attribute), *self._unchanged(self._below.equal(folded, attribute))]

    def alike(self, folded: str, attribute: str | None, cutoff: float, limit: int = 12) -> list[tuple[int, float]]:
        """Return (key, score), best first; keys of the upper layer are negative."""
        above = [(-1 - key, score) for key, score in self._above.alike(folded, attribute, cutoff, limit)]
        both = [*above, *self._below.alike(folded, attribute, cutoff, limit)]
        return sorted(both, key=lambda item: -item[1])[:limit]

    def entries(self, key: int, attribute: str | None = None) -> list[Entry]:
        """Return the labels of a key: those of one attribute, or all."""
        if key < 0:
            return self._above.entries(-1 - key, attribute)
        return self._unchanged(self._below.entries(key, attribute))

    def holding(self, folded: str, attribute: str | None) -> Iterator[tuple[str, list[Entry]]]:
        """Yield (text, its labels) of the labels that hold a text as a piece, the upper layer's first."""
        yield from self._above.holding(folded, attribute)
        for text, entries in self._below.holding(folded, attribute):
            unchanged = self._unchanged(entries)
            if unchanged:
                yield text, unchanged

    def text(self, key: int) -> str:
        """Return the folded label of a key."""
        return self._above.text(-1 - key) if key < 0 else self._below.text(key)

    def _unchanged(self, entries: list[Entry]) -> list[Entry]:
        return [entry for entry in entries if entry.concept_id not in self._changed]
