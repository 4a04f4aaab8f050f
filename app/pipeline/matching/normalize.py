"""Maps free text onto the concepts of one attribute: exact, alias, script-aware fuzzy, part by part, semantic."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from app.domain.tags import Match, Method
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.pipeline.matching.label_index import Entry, LabelIndex, Labels, distance
from app.pipeline.matching.meaning import Found, Meaning, Neighbours
from app.pipeline.matching.mistyped import Mistyped
from app.pipeline.matching.parts import Part, Parts
from app.pipeline.matching.phrases import pieces_of
from app.pipeline.matching.variants import variants
from app.pipeline.matching.wording import Wordings
from app.pipeline.text import fold_value, is_cjk

_LEAST_ALIKE = 60.0
"""Of what is shown to a person as near."""
_LONGEST = 60
"""Characters of a value; a longer text is a sentence."""


class Normalizer:
    """Finds the concept of an attribute that a raw value means, or none."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        neighbours: Neighbours | None = None,
        index: Labels | None = None,
        wordings: Wordings | None = None,
        words: Container[str] = frozenset(),
    ) -> None:
        """``words``: words of any language, folded, which are no other ones mistyped."""
        self.taxonomy = taxonomy
        self.index: Labels = index or LabelIndex.of(taxonomy)
        self._wordings = wordings or Wordings()
        self._meaning = Meaning(taxonomy, neighbours, self._wordings) if neighbours else None
        self._typos = Mistyped(self.index, self.taxonomy.related, words)
        self._parts = Parts(self.index, self._wordings, self._typos, self._equal, self.taxonomy.is_within)

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
        found = (
            self._in_part(self._parts.in_phrase(folded, attribute, lang, least=3))
            or self._fuzzy(folded, attribute, lang)
            or self._beside(raw, folded, attribute, lang)
        )
        if found:
            return found
        found = self._in_part(self._parts.contained(folded, attribute, lang))
        if self._meaning is None or not meaning:
            return found
        found = self._confirmed(found, folded)
        if found or self._parts.named_otherwise(folded, attribute, lang):
            return found
        return self._meaning.match(folded, attribute, lang)

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
        wording = self._wordings.of(lang)
        entries = self.index.equal(folded, attribute)
        if attribute is None:  # what is too ambiguous to fire in a text says nothing without its attribute either
            entries = [entry for entry in entries if entry.standalone or entry.preferred]
        elif wording.only_fills(folded, attribute):
            entries = [entry for entry in entries if distance(entry, lang) < 2]
        if entries:
            return min(entries, key=lambda entry: distance(entry, lang))
        noun = attribute in self._wordings.nouns
        apart = " " in folded and all(self.index.equal(word, attribute) for word in folded.split())
        for form in variants(folded, attribute, wording, noun=noun, glued=not apart):
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
        led = marked or self._exact(values[0], attribute, lang) is not None
        if not matches or (len(matches) < len(values) and not led):
            return None
        if attribute == CATEGORY and not self._are_one(values, matches, lang):
            return None
        best = matches[0]
        for match in matches[1:]:
            if self.taxonomy.is_within(match[0], best[0]):
                best = match
        return best

    def _are_one(self, values: list[str], matches: list[Found], lang: str) -> bool:
        """Say whether several categories are of one kind, and that of the head among them: "iced tea/coffee dispenser"
        is no tea."""
        head = values[0 if self._wordings.of(lang).head == "first" else -1]
        kinds = {self.taxonomy.path(concept_id)[0] for concept_id, _ in matches}
        return len(kinds) == 1 and self._one_of(head, CATEGORY, lang) is not None

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

    def _confirmed(self, found: Found | None, folded: str) -> Found | None:
        is_category = found is not None and self.taxonomy.concept(found[0]).attribute == CATEGORY
        return self._meaning.confirmed(found, folded) if found and is_category and self._meaning else found

    def _found(self, score: float, entry: Entry) -> Found:
        method = Method.FUZZY if score < 100 else Method.EXACT if entry.preferred else Method.ALIAS
        label = self.taxonomy.concept(entry.concept_id).labels[entry.place]
        return entry.concept_id, Match(method=method, score=score, label=label.text, locale=entry.locale)
