"""Maps free text onto the concepts of one attribute: exact, alias, script-aware fuzzy, part by part, semantic."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from app.domain.tags import Match, Method
from app.domain.taxonomy import CATEGORY, Label, Taxonomy
from app.pipeline.matching.label_index import Entry, LabelIndex, Labels, distance
from app.pipeline.matching.mistyped import NAMES_ONLY, Mistyped
from app.pipeline.matching.parts import Part, Parts
from app.pipeline.matching.phrases import pieces_of, says
from app.pipeline.matching.variants import variants
from app.pipeline.matching.wording import Wordings
from app.pipeline.text import fold_value, is_cjk

_LEAST_ALIKE = 60.0
"""Of what is shown to a person as near."""
SEMANTIC_CUTOFF, SEMANTIC_MARGIN = 0.86, 0.06
"""Cosines: chosen so that no wrong match of the tuning pairs passes, not fitted."""
CLEAR_CUTOFF, CLEAR_MARGIN = 0.72, 0.2
"""The same for a category that stands alone by far, which is what a phrase of several words has."""
_LONGEST = 60
"""Characters of a value; a longer text is a sentence."""
Found = tuple[str, Match]


class Neighbours(Protocol):
    """Nearest labels in a sentence encoder's space."""

    def nearest(self, text: str, attribute: str) -> list[tuple[str, Label, float]]:
        """Return (concept id, its best label, cosine) of the nearest concepts, best first."""
        ...


class Normalizer:
    """Finds the concept of an attribute that a raw value means, or none."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        neighbours: Neighbours | None = None,
        index: Labels | None = None,
        wordings: Wordings | None = None,
    ) -> None:
        self.taxonomy = taxonomy
        self._neighbours = neighbours
        self.index: Labels = index or LabelIndex.of(taxonomy)
        self._wordings = wordings or Wordings()
        self._typos = Mistyped(self.index, self._related)
        self._parts = Parts(self.index, self._wordings, self._typos, self._equal, self._below)

    def match(self, raw: str, attribute: str | None, lang: str, *, meaning: bool = True) -> Found | None:
        """Return (concept id, how it matched); None when nothing is near enough or two concepts are as near.

        Without an ``attribute`` all are looked at, and only what is spelt alike counts. ``lang`` (ISO 639-1) decides
        between concepts that share a label in different languages. ``meaning`` false leaves the encoder out.
        """
        folded = fold_value(raw)
        if not folded:
            return None
        attribute = attribute and self.taxonomy.values_of(attribute)
        found = self._exact(folded, attribute, lang)
        if found or attribute is None:
            return found or self._fuzzy(folded, None, lang)
        ages = self._wordings.ages
        group = ages.group_of(folded) if attribute == ages.attribute else None
        if group is not None and group in self.taxonomy.concepts:
            return self._named(group, lang)
        if len(folded) > _LONGEST:
            return None
        return (
            self._in_part(self._parts.in_phrase(folded, attribute, lang, least=3))
            or self._fuzzy(folded, attribute, lang)
            or self._beside(raw, folded, attribute, lang)
            or self._in_part(self._parts.contained(folded, attribute, lang))
            or (self._semantic(folded, attribute, lang) if meaning else None)
        )

    def nearest(self, raw: str, attribute: str | None, lang: str, limit: int = 10) -> list[Found]:
        """Return (concept id, how it matches) of the concepts that come nearest, best first, sure or not."""
        folded = fold_value(raw)
        attribute = attribute and self.taxonomy.values_of(attribute)
        forms = (folded, *variants(folded, None, self._wordings.of(lang), noun=True))
        entries = [(100.0, entry) for form in forms for entry in self.index.equal(form, attribute)]
        if len(entries) < limit:
            for key, score in self.index.alike(folded, attribute, _LEAST_ALIKE, limit):
                entries += [(score, entry) for entry in self.index.entries(key, attribute)]
        best: dict[str, tuple[float, Entry]] = {}
        for score, entry in entries:
            ranked = (score, -distance(entry, lang), entry.preferred)
            known = best.get(entry.concept_id)
            if known is None or ranked > (known[0], -distance(known[1], lang), known[1].preferred):
                best[entry.concept_id] = (score, entry)
        order = sorted(best.values(), key=lambda item: (-item[0], distance(item[1], lang), not item[1].preferred))
        return [self._found(score, entry) for score, entry in order[:limit]]

    def _exact(self, folded: str, attribute: str | None, lang: str) -> Found | None:
        entry = self._equal(folded, attribute, lang)
        return self._found(100.0, entry) if entry else None

    def _equal(self, folded: str, attribute: str | None, lang: str) -> Entry | None:
        """Return the label that a text is, in some form of it; an inflected one in its own language only."""
        entries = self.index.equal(folded, attribute)
        if attribute is None:  # what is too ambiguous to fire in a text says nothing without its attribute either
            entries = [entry for entry in entries if entry.standalone or entry.preferred]
        if entries:
            return min(entries, key=lambda entry: distance(entry, lang))
        noun = attribute in self._wordings.nouns
        for form in variants(folded, attribute, self._wordings.of(lang), noun=noun):
            entries = [entry for entry in self.index.equal(form, attribute) if distance(entry, lang) < 2]
            if entries:
                return min(entries, key=lambda entry: distance(entry, lang))
        return None

    def _beside(self, raw: str, folded: str, attribute: str, lang: str) -> Found | None:
        """Match the first of several values in one text, or a narrower one among them: "oak (wood)" is oak."""
        pieces, marked = pieces_of(raw, self._wordings.of(lang), is_cjk(folded))
        values = [fold_value(piece) for piece in pieces]
        values = [value for value in values if not self._parts.says_nothing(value, attribute, lang)]
        if len(pieces) < 2 or not values:
            return None
        turned = self._exact(f"{values[1]} {values[0]}", attribute, lang) if len(values) == 2 else None
        if turned:  # as catalogues have it: "Leather, Genuine"
            return turned
        matches = [match for value in values if (match := self._one_of(value, attribute, lang))]
        if not matches or (len(matches) < len(values) and not marked):
            return None
        best = matches[0]
        for match in matches[1:]:
            if self._below(match[0], best[0]):
                best = match
        return best

    def _one_of(self, folded: str, attribute: str, lang: str) -> Found | None:
        if not folded:
            return None
        found = self._exact(folded, attribute, lang)
        return (
            found
            or self._fuzzy(folded, attribute, lang)
            or self._in_part(self._parts.contained(folded, attribute, lang))
        )

    def _fuzzy(self, folded: str, attribute: str | None, lang: str) -> Found | None:
        found = self._typos.match(folded, attribute, lang)
        return self._found(min(99.0, found[1]), found[0]) if found else None

    def _named(self, concept_id: str, lang: str) -> Found:
        labels = [label for label in self.taxonomy.concept(concept_id).labels if label.preferred]
        label = next((label for label in labels if label.locale.partition("-")[0] == lang), labels[0])
        return concept_id, Match(method=Method.FUZZY, score=99.0, label=label.text, locale=label.locale)

    def _in_part(self, part: Part | None) -> Found | None:
        if part is None:
            return None
        found = self._found(part.score, part.entry)
        return found[0], replace(found[1], method=Method.FUZZY)

    def _semantic(self, folded: str, attribute: str, lang: str) -> Found | None:
        if self._neighbours is None or attribute in NAMES_ONLY or len(folded) < 2:
            return None
        wording = self._wordings.of(lang)
        imitated = attribute in self._wordings.imitated and says(folded, wording.imitations)
        if imitated or says(folded, wording.negations) or self._parts.named_otherwise(folded, attribute, lang):
            return None
        ranked = self._neighbours.nearest(folded, attribute)
        if not ranked:
            return None
        margin = ranked[0][2] - (ranked[1][2] if len(ranked) > 1 else 0.0)
        clear = attribute == CATEGORY and " " in folded and ranked[0][2] >= CLEAR_CUTOFF and margin >= CLEAR_MARGIN
        if ranked[0][2] < SEMANTIC_CUTOFF and not clear:
            return None
        if margin < SEMANTIC_MARGIN and not self._related(ranked[0][0], ranked[1][0]):
            return None
        concept_id, label, cosine = ranked[0]
        if " " not in folded and is_cjk(label.text) != is_cjk(folded):
            return None  # one word in another script: too little to go by
        score = round(100 * cosine, 1)
        return concept_id, Match(method=Method.SEMANTIC, score=score, label=label.text, locale=label.locale)

    def _found(self, score: float, entry: Entry) -> Found:
        method = Method.FUZZY if score < 100 else Method.EXACT if entry.preferred else Method.ALIAS
        label = self.taxonomy.concept(entry.concept_id).labels[entry.place]
        return entry.concept_id, Match(method=method, score=score, label=label.text, locale=entry.locale)

    def _related(self, one: str, other: str) -> bool:
        return self._below(one, other) or self._below(other, one)

    def _below(self, one: str, other: str) -> bool:
        """Say whether one concept is the other or narrower than it."""
        attributes = self.taxonomy.attributes
        return one not in attributes and other not in attributes and other in self.taxonomy.path(one)
