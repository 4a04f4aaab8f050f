"""A value that is more than a label: which label stands in it, and whether that one answers for the whole.

"dusty navy blue" is navy, "Naturleder" leather, "北欧産パイン" pine; "latex free" is not latex.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from app.domain.taxonomy import CATEGORY
from app.pipeline.matching.closed_words import heads_of_text, heads_of_word, parts_of_word
from app.pipeline.matching.label_index import Entry, Labels, distance
from app.pipeline.matching.mistyped import NAMES_ONLY, Mistyped
from app.pipeline.matching.phrases import Piece, answers, bare, fills, says, stretches, without_numbers
from app.pipeline.matching.typos import last_kana
from app.pipeline.matching.wording import Wordings
from app.pipeline.text import is_cjk

_NAMED = frozenset({CATEGORY, "flavor", "theme", "brand", "compatible_with"})
"""Attributes whose values name something rather than describe it."""
_MEANT_OTHERWISE = _NAMED - {CATEGORY}
"""Attributes whose values do not go with another one: "moon" beside "paper"."""
_LEAST_OF_TEXT = 0.2
"""Share of a Chinese or Japanese text that a label in it must be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A label inside a text."""

    entry: Entry
    score: float
    """Share of the text, of 100."""


class Parts:
    """Finds the label that answers for a text it is only a part of."""

    def __init__(
        self,
        index: Labels,
        wordings: Wordings,
        typos: Mistyped,
        equal: Callable[[str, str, str], Entry | None],
        narrower: Callable[[str, str], bool],
    ) -> None:
        """``equal``: the label that a text is in some form (text, attribute, language); ``narrower``: is the first
        of two concepts below the second."""
        self._index = index
        self._wordings = wordings
        self._english = wordings.of("en")
        self._typos = typos
        self._equal = equal
        self._narrower = narrower

    def contained(self, folded: str, attribute: str, lang: str) -> Part | None:
        """Return the label inside a longer phrase or word."""
        if attribute in NAMES_ONLY:
            return None
        if is_cjk(folded):
            return self._in_text(folded, attribute, lang) or self._mistyped_kana(folded, attribute, lang)
        wording = self._wordings.of(lang)
        found = self._framed_otherwise(folded, attribute, lang) or self.in_phrase(folded, attribute, lang, least=2)
        if found:
            return found
        short = bare(folded, attribute, wording, self._english)
        if short and short != folded:
            entry = self._equal(short, attribute, lang)  # a label may hold a negation itself: "sans manches"
            if entry is None and not says(folded, wording.negations):
                typo = self._typos.match(short, attribute, lang)
                entry = typo and typo[0]
            if entry is not None:
                return _part(entry, short, folded)
        return self.in_phrase(short or folded, attribute, lang) or self._in_word(short or folded, attribute, lang)

    def _framed_otherwise(self, folded: str, attribute: str, lang: str) -> Part | None:
        """Match with another of the words that only name the attribute: "V neckline" is "V neck"."""
        frames = self._wordings.of(lang).frames.get(attribute, ())
        stem, _, last = folded.rpartition(" ")
        if not stem or last not in frames:
            return None
        entries = (self._equal(f"{stem} {frame}", attribute, lang) for frame in frames if frame != last)
        entry = next((entry for entry in entries if entry and distance(entry, lang) == 0), None)
        return entry and _part(entry, folded, folded)

    def in_phrase(self, folded: str, attribute: str, lang: str, least: int = 1) -> Part | None:
        """Return the label of at least so many words that answers for a phrase, or a narrower one beside it."""
        wording = self._wordings.of(lang)
        if self.named_otherwise(folded, attribute, lang):
            return None
        imitated = attribute in self._wordings.imitated

        def known(word: str) -> bool:
            return self.knows(word, lang, sure=attribute == CATEGORY)

        best: Part | None = None
        labels: list[tuple[Piece, Entry]] = []
        by_words = groupby(stretches(folded, wording.head), lambda piece: folded.count(" ", piece.start, piece.end) + 1)
        for words, pieces in by_words:
            if best is None and words < least:
                return None
            found = self._labels_of(pieces, folded, attribute, lang)
            labels += found
            for piece, entry in found:
                if best is not None and not self._is_narrower(entry, best.entry):
                    continue
                order = self._english if self._ends(piece, attribute, folded) and not piece.at_head else wording
                piece = replace(piece, at_head=piece.at_head or order is not wording)
                named = attribute == CATEGORY and self._only_own(entry, folded[piece.start : piece.end], lang)
                if answers(folded, piece, known, wording, order.head, imitated=imitated, named=named):
                    best = _part(entry, folded[piece.start : piece.end], folded)
        return best or (self._several(folded, attribute, lang, labels) if least == 1 else None)

    def _several(self, folded: str, attribute: str, lang: str, labels: list[tuple[Piece, Entry]]) -> Part | None:
        """Return the first of several labels of one attribute: they bear each other out ("caramel apple pie").

        Categories do only where one is narrower than the other, which then is what is meant.
        """
        wording = self._wordings.of(lang)
        cues = (wording.negations, wording.imitations)
        if any(says(folded, cue) for cue in cues) or any(name in folded for name in wording.names):
            return None
        apart: list[tuple[Piece, Entry]] = []
        for piece, entry in labels:
            if all(piece.end <= other.start or other.end <= piece.start for other, _ in apart):
                apart.append((piece, entry))
        if len({entry.concept_id for _, entry in apart}) < 2:
            return None
        first, *others = sorted(apart, key=lambda item: item[0].start)
        chosen = next((item for item in others if self._is_narrower(item[1], first[1])), first)
        if attribute == CATEGORY and chosen is first and not self._is_narrower(first[1], others[0][1]):
            return None
        piece, entry = chosen
        return _part(entry, folded[piece.start : piece.end], folded)

    def _labels_of(self, pieces: Iterable[Piece], folded: str, attribute: str, lang: str) -> list[tuple[Piece, Entry]]:
        """Return the stretches of as many words that are labels: sure ones first, then those at the head; English
        phrases end in it."""
        found: list[tuple[bool, int, int, Piece, Entry]] = []
        for piece in pieces:
            text = folded[piece.start : piece.end]
            entry = self._equal(text, attribute, lang) if len(text) > 2 else None
            if entry is not None and distance(entry, lang) < 2:
                own = piece.at_head and distance(entry, lang) == 0
                rank = 0 if own else 1 if self._ends(piece, attribute, folded) else 2
                # of a thing the head says what it is, however ambiguous by itself: "brandy glass"
                unsure = attribute != CATEGORY and not (entry.standalone or entry.preferred)
                found.append((unsure, rank, len(found), piece, entry))
        return [(piece, entry) for *_, piece, entry in sorted(found, key=lambda one: one[:3])]

    def _ends(self, piece: Piece, attribute: str, folded: str) -> bool:
        """Say whether an English label ends a phrase, as the head of an English one does."""
        text = folded[piece.start :]
        return piece.end == len(folded) and any(e.locale == "en" for e in self._index.equal(text, attribute))

    def _in_word(self, folded: str, attribute: str, lang: str) -> Part | None:
        wording = self._wordings.of(lang)
        word = folded.split()[-1 if wording.head == "last" else 0]
        if not wording.parts or len(word) < 7 or says(folded, wording.negations):
            return None
        for first, head in parts_of_word(word) if attribute != CATEGORY else ():  # "Herrenschuhe"
            entry = self._equal(first, attribute, lang)
            if entry and distance(entry, lang) == 0 and self._equal(head, CATEGORY, lang):
                return _part(entry, first, folded)
        for frame in wording.frame(attribute):  # "Mikrofaserstoff"
            entry = self._equal(word.removesuffix(frame), attribute, lang) if word.endswith(frame) else None
            if entry and distance(entry, lang) == 0:
                return _part(entry, word.removesuffix(frame), folded)
        for head in heads_of_word(word, attribute, wording, lambda part: self.knows(part, lang)):
            entry = self._equal(head, attribute, lang)
            if entry and entry.locale.startswith(lang) and (entry.standalone or entry.preferred):
                return _part(entry, head, folded)
        return None

    def _in_text(self, folded: str, attribute: str, lang: str) -> Part | None:
        wording = self._wordings.of(lang)
        if self.named_otherwise(folded, attribute, lang):
            return None
        text = without_numbers(folded)
        entry = self._equal(text, attribute, lang) if text != folded else None
        if entry and distance(entry, lang) < 2:
            return _part(entry, text, folded)
        imitated = attribute in self._wordings.imitated

        def known(part: str) -> bool:
            return self.knows(part, lang)

        for head in heads_of_text(text, attribute, wording, known, imitated=imitated):
            entry = self._equal(head, attribute, lang)
            if entry and distance(entry, lang) < 2 and len(head) >= _LEAST_OF_TEXT * len(text):
                return self._narrowed(_part(entry, head, folded), text.removesuffix(head), folded, attribute, lang)
        return None

    def _mistyped_kana(self, folded: str, attribute: str, lang: str) -> Part | None:
        """Match katakana at the end, or before what only names the attribute: "厚底スニカー", "チェク柄"."""
        text = without_numbers(folded)
        ends = (end for end in self._wordings.of(lang).frame(attribute) if text.endswith(end))
        for core in (text, *(text.removesuffix(end) for end in ends)):
            kana = last_kana(core)
            typo = self._typos.match(kana, attribute, lang) if len(kana) > 2 else None
            if typo:
                return _part(typo[0], kana, folded)
        return None

    def _narrowed(self, part: Part, rest: str, folded: str, attribute: str, lang: str) -> Part:
        """Return what stands before the head where that is narrower: "橡木实木" is oak, not only wood."""
        entry = self._equal(rest, attribute, lang) if rest else None
        if entry and distance(entry, lang) < 2 and self._is_narrower(entry, part.entry):
            return _part(entry, folded, folded)
        return part

    def _only_own(self, entry: Entry, text: str, lang: str) -> bool:
        """Say whether a label is sure and no English one: among English words ("DVD player") the last would count."""
        foreign = lang != "en" and any(e.locale == "en" for e in self._index.equal(text, entry.attribute))
        return entry.standalone and distance(entry, lang) == 0 and not foreign

    def _is_narrower(self, one: Entry, other: Entry) -> bool:
        return one.concept_id != other.concept_id and self._narrower(one.concept_id, other.concept_id)

    def knows(self, word: str, lang: str, *, sure: bool = False) -> bool:
        """Say whether a word leaves a value what it is, or describes something beside it.

        ``sure``: what is ambiguous does not count; it may be a noun that says what the thing is ("chair mat").
        """
        if fills(word, self._wordings.of(lang), self._english):
            return True
        return any(
            e.attribute not in _MEANT_OTHERWISE and distance(e, lang) < 2 and (e.standalone or e.preferred or not sure)
            for e in self._index.equal(word)
        )

    def says_nothing(self, folded: str, attribute: str, lang: str) -> bool:
        """Say whether a text only names an attribute: "织物" of a material."""
        return folded in self._wordings.of(lang).frame(attribute)

    def named_otherwise(self, folded: str, attribute: str, lang: str) -> bool:
        """Say whether a whole text is the name of something else: a label inside it means nothing."""
        return any(
            e.attribute != attribute and e.attribute in _NAMED and distance(e, lang) < 2
            for e in self._index.equal(folded)
        )


def _part(entry: Entry, part: str, whole: str) -> Part:
    return Part(entry=entry, score=min(99.0, round(100.0 * len(part) / len(whole), 1)))
