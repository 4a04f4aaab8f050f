"""Maps free text onto the concepts of one attribute: exact, alias, script-aware fuzzy, part by part, semantic."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from app.domain.tags import Match, Method
from app.domain.taxonomy import CATEGORY, Label, Taxonomy
from app.pipeline.matching.closed_words import heads_of_text, heads_of_word
from app.pipeline.matching.label_index import Entry, LabelIndex, Labels
from app.pipeline.matching.phrases import answers, bare, fills, pieces_of, says, stretches, without_numbers
from app.pipeline.matching.typos import slips
from app.pipeline.matching.variants import variants
from app.pipeline.matching.wording import Wordings
from app.pipeline.text import fold_value, is_cjk

_LEAST_ALIKE = 60.0
"""Of what is shown to a person as near."""
_LEAST_ALIKE_TYPO = 74.0
"""Below this no text is another one mistyped."""
_LONG_ENOUGH = 9
"""Characters of a text that may be an ambiguous alias mistyped."""
_NEAR = 24
"""Labels that are judged as what a text may be a typo of."""
SEMANTIC_CUTOFF, SEMANTIC_MARGIN = 0.86, 0.06
"""Cosines: chosen so that no wrong match of the tuning pairs passes, not fitted."""
CLEAR_CUTOFF, CLEAR_MARGIN = 0.72, 0.2
"""The same for a category that stands alone by far, which is what a phrase of several words has."""
_LONGEST = 60
"""Characters of a value; a longer text is a sentence."""
_NAMES_ONLY = frozenset({"brand", "size", "shoe_size", "compatible_with", "certification", "spf"})
"""Attributes whose values are names and codes: near in meaning is another value."""
_NAMED = frozenset({CATEGORY, "flavor", "theme", "brand", "compatible_with"})
"""Attributes whose values name something rather than describe it."""
_MEANT_OTHERWISE = _NAMED - {CATEGORY}
"""Attributes whose values do not go with another one: "moon" beside "paper"."""

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
        self._english = self._wordings.of("en")

    def match(self, raw: str, attribute: str | None, lang: str) -> Found | None:
        """Return (concept id, how it matched); None when nothing is near enough or two concepts are as near.

        Without an ``attribute`` all are looked at, and only what is spelt alike counts. ``lang`` (ISO 639-1) decides
        between concepts that share a label in different languages.
        """
        folded = fold_value(raw)
        if not folded:
            return None
        attribute = attribute and self.taxonomy.values_of(attribute)
        found = self._exact(folded, attribute, lang)
        if found or attribute is None:
            return found or self._fuzzy(folded, None, lang)
        if len(folded) > _LONGEST:
            return None
        return (
            self._in_phrase(folded, attribute, lang, least=3)
            or self._beside(raw, folded, attribute, lang)
            or self._fuzzy(folded, attribute, lang)
            or self._contained(folded, attribute, lang)
            or self._semantic(folded, attribute, lang)
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
            ranked = (score, -_distance(entry, lang), entry.preferred)
            known = best.get(entry.concept_id)
            if known is None or ranked > (known[0], -_distance(known[1], lang), known[1].preferred):
                best[entry.concept_id] = (score, entry)
        order = sorted(best.values(), key=lambda item: (-item[0], _distance(item[1], lang), not item[1].preferred))
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
            return min(entries, key=lambda entry: _distance(entry, lang))
        noun = attribute in self._wordings.nouns
        for form in variants(folded, attribute, self._wordings.of(lang), noun=noun):
            entries = [entry for entry in self.index.equal(form, attribute) if _distance(entry, lang) < 2]
            if entries:
                return min(entries, key=lambda entry: _distance(entry, lang))
        return None

    def _beside(self, raw: str, folded: str, attribute: str, lang: str) -> Found | None:
        """Match the first of several values in one text, or a narrower one among them: "oak (wood)" is oak."""
        pieces, marked = pieces_of(raw, self._wordings.of(lang), is_cjk(folded))
        if len(pieces) < 2:
            return None
        found = [self._one_of(fold_value(piece), attribute, lang) for piece in pieces]
        matches = [match for match in found if match]
        if not matches or (len(matches) < len(pieces) and not marked):
            return None
        best = matches[0]
        for match in matches[1:]:
            if match[0] != best[0] and best[0] in self.taxonomy.path(match[0]):
                best = match
        return best

    def _one_of(self, folded: str, attribute: str, lang: str) -> Found | None:
        if not folded:
            return None
        found = self._exact(folded, attribute, lang)
        return found or self._fuzzy(folded, attribute, lang) or self._contained(folded, attribute, lang)

    def _fuzzy(self, folded: str, attribute: str | None, lang: str) -> Found | None:
        """Match a label mistyped, within one script and one language; English ones only where nothing else is like."""
        ranked: dict[str, tuple[float, Entry, float]] = {}
        for key, score in self.index.alike(folded, attribute, _LEAST_ALIKE_TYPO, _NEAR):
            cost = slips(folded, self.index.text(key), scoped=attribute is not None)
            if cost is None:
                continue
            for entry in self.index.entries(key, attribute):
                name = entry.attribute in _NAMES_ONLY
                away = 0 if name else _distance(entry, lang)
                sure = entry.preferred or entry.standalone or len(folded) >= _LONG_ENOUGH
                if not sure or away > (1 if attribute else 0):
                    continue
                rank = cost + 0.4 * away
                if rank < ranked.get(entry.concept_id, (9.0,))[0]:
                    ranked[entry.concept_id] = (rank, entry, score)
        order = sorted(ranked.values(), key=lambda item: item[0])
        if not order:
            return None
        if len(order) > 1 and order[1][0] - order[0][0] < 0.3:
            one, other = order[0][1].concept_id, order[1][1].concept_id
            if not self._related(one, other):
                return None
        return self._found(min(99.0, order[0][2]), order[0][1])

    def _contained(self, folded: str, attribute: str, lang: str) -> Found | None:
        """Match the label inside a longer phrase or word: "dusty navy blue" is navy, "kain katun lembut" cotton."""
        if attribute in _NAMES_ONLY:
            return None
        if is_cjk(folded):
            return self._in_text(folded, attribute, lang)
        wording = self._wordings.of(lang)
        found = self._in_phrase(folded, attribute, lang, least=2)
        if found:
            return found
        short = bare(folded, attribute, wording, self._english)
        if short and short != folded and not says(folded, wording.negations):
            found = self._exact(short, attribute, lang) or self._fuzzy(short, attribute, lang)
            if found:
                return self._part(found, short, folded)
        return self._in_phrase(short or folded, attribute, lang) or self._in_word(short or folded, attribute, lang)

    def _in_phrase(self, folded: str, attribute: str, lang: str, least: int = 1) -> Found | None:
        wording = self._wordings.of(lang)
        if self._named_otherwise(folded, attribute, lang):
            return None
        imitated = attribute in self._wordings.imitated
        for piece in stretches(folded, wording.head, least):
            text = folded[piece.start : piece.end]
            entry = self._equal(text, attribute, lang) if len(text) > 2 else None
            if entry is None or _distance(entry, lang) > 1:
                continue
            if answers(folded, piece, lambda word: self._knows(word, lang), wording, imitated=imitated):
                return self._part(self._found(100.0, entry), text, folded)
        return None

    def _in_word(self, folded: str, attribute: str, lang: str) -> Found | None:
        wording = self._wordings.of(lang)
        word = folded.split()[-1 if wording.head == "last" else 0]
        if not wording.parts or len(word) < 7 or says(folded, wording.negations):
            return None
        for head in heads_of_word(word, attribute, wording, lambda part: self._knows(part, lang)):
            entry = self._equal(head, attribute, lang)
            if entry and entry.locale.startswith(lang) and (entry.standalone or entry.preferred):
                return self._part(self._found(100.0, entry), head, folded)
        return None

    def _in_text(self, folded: str, attribute: str, lang: str) -> Found | None:
        wording = self._wordings.of(lang)
        if self._named_otherwise(folded, attribute, lang):
            return None
        text = without_numbers(folded)
        imitated = attribute in self._wordings.imitated

        def known(part: str) -> bool:
            return self._knows(part, lang)

        for head in heads_of_text(text, attribute, wording, known, imitated=imitated):
            entry = self._equal(head, attribute, lang)
            if entry and _distance(entry, lang) < 2:
                return self._part(self._found(100.0, entry), head, folded)
        return None

    def _semantic(self, folded: str, attribute: str, lang: str) -> Found | None:
        if self._neighbours is None or attribute in _NAMES_ONLY or len(folded) < 2:
            return None
        wording = self._wordings.of(lang)
        imitated = attribute in self._wordings.imitated and says(folded, wording.imitations)
        if imitated or says(folded, wording.negations) or self._named_otherwise(folded, attribute, lang):
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
        score = round(100 * cosine, 1)
        return concept_id, Match(method=Method.SEMANTIC, score=score, label=label.text, locale=label.locale)

    def _found(self, score: float, entry: Entry) -> Found:
        method = Method.FUZZY if score < 100 else Method.EXACT if entry.preferred else Method.ALIAS
        label = self.taxonomy.concept(entry.concept_id).labels[entry.place]
        return entry.concept_id, Match(method=method, score=score, label=label.text, locale=entry.locale)

    @staticmethod
    def _part(found: Found, part: str, whole: str) -> Found:
        score = round(100.0 * len(part) / len(whole), 1)
        return found[0], replace(found[1], method=Method.FUZZY, score=min(99.0, score))

    def _knows(self, word: str, lang: str) -> bool:
        if fills(word, self._wordings.of(lang), self._english):
            return True
        return any(e.attribute not in _MEANT_OTHERWISE and _distance(e, lang) < 2 for e in self.index.equal(word))

    def _named_otherwise(self, folded: str, attribute: str, lang: str) -> bool:
        """Say whether a whole text is the name of something else: a label inside it means nothing."""
        return any(
            e.attribute != attribute and e.attribute in _NAMED and _distance(e, lang) < 2
            for e in self.index.equal(folded)
        )

    def _related(self, one: str, other: str) -> bool:
        if one in self.taxonomy.attributes or other in self.taxonomy.attributes:
            return False
        return one in self.taxonomy.path(other) or other in self.taxonomy.path(one)


def _distance(label: Entry, lang: str) -> int:
    """Return 0 for the listing's language, 1 for English, 2 for any other."""
    if label.locale.partition("-")[0] == lang:
        return 0
    return 1 if label.locale == "en" else 2
