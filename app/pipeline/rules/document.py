"""One field of a listing, ready for rules: cleaned, folded, and with the places where clauses end."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from app.domain.tags import Evidence
from app.pipeline.text import MappedText, fold, is_word_char

TITLE = "title"
"""Name of the field that says what the product is."""
VOICED = frozenset("\u3099\u309a")
"""Folding splits ガ into カ and a mark; a label may not end between the two."""
_KATAKANA = frozenset(map(chr, (*range(0x30A1, 0x30FB), 0x30FC)))
_BREAK = re.compile(
    r"(?P<hard>[!?;…](?=\s|$)|\.(?=\s+[^\W\d_]|\s*$)|\.{2,}|[。！？；\n\r|｜•●★☆◆■✓✔※【】]| +[-–—] +|\.(?=\s))"
    r"|(?P<soft>(?<!\d)[,，]|[,，](?!\d)|[()（）\[\]「」『』、/／:：&＆+])"
)
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True)
class Field:
    """A field's text; ``start`` and ``end`` below are offsets into its folded text unless said otherwise."""

    name: str
    cleaned: MappedText
    """Its offsets point into what the caller sent."""
    folded: MappedText
    """Its offsets point into the cleaned text."""

    @classmethod
    def of(cls, name: str, cleaned: MappedText) -> Field:
        """Fold a cleaned text."""
        return cls(name, cleaned, fold(MappedText(cleaned.text)))

    @property
    def text(self) -> str:
        """The folded text."""
        return self.folded.text

    def evidence(self, start: int, end: int) -> Evidence:
        """Return the span of the source."""
        return self.evidence_of_cleaned(*self.folded.span(start, end))

    def evidence_of_cleaned(self, start: int, end: int) -> Evidence:
        """Return the span of the source for a span of the cleaned text."""
        source_start, source_end = self.cleaned.span(start, end)
        return Evidence(field=self.name, start=source_start, end=source_end)

    def raw(self, start: int, end: int) -> str:
        """Return the cleaned text as the seller wrote it."""
        first, last = self.folded.span(start, end)
        return self.cleaned.text[first:last]

    def at(self, cleaned: int) -> int:
        """Return the folded offset of the first character that stems from ``cleaned`` or later."""
        return bisect_left(self.folded.starts or (), cleaned)

    @cached_property
    def breaks(self) -> tuple[tuple[int, bool], ...]:
        """(offset, whether a sentence ends there or only a clause), ascending."""
        found: dict[int, bool] = {}
        for mark in _BREAK.finditer(self.cleaned.text):
            at = self.at(mark.start())
            found[at] = found.get(at, False) or mark["hard"] is not None
        return tuple(sorted(found.items()))

    def clause(self, start: int, end: int, *, sentence: bool = False) -> tuple[int, int]:
        """Return the clause (or the whole sentence) around a span."""
        low, high = 0, len(self.text)
        for at, hard in self.breaks:
            if sentence and not hard:
                continue
            if at <= start:
                low = at
            elif at >= end:
                return low, at
        return low, high

    def broken(self, start: int, end: int) -> bool:
        """Say whether a clause ends between two offsets."""
        return any(start <= at < end for at, _ in self.breaks)

    @cached_property
    def words(self) -> tuple[tuple[int, int], ...]:
        """(start, end) of each word of spaced scripts, apostrophes included."""
        return tuple(m.span() for m in _TOKEN.finditer(self.text))

    def words_between(self, start: int, end: int) -> list[str]:
        """Return the words of ``text[start:end]``."""
        return _TOKEN.findall(self.text[start:end])


def katakana_run(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the run of katakana around a span that is katakana itself."""
    while start > 0 and (text[start - 1] in _KATAKANA or _marks_katakana(text, start - 1)):
        start -= 1
    while end < len(text) and (text[end] in _KATAKANA or text[end] in VOICED):
        end += 1
    return start, end


def _marks_katakana(text: str, at: int) -> bool:
    return text[at] in VOICED and at > 0 and text[at - 1] in _KATAKANA


def is_katakana(text: str) -> bool:
    """Say whether a folded text is katakana only."""
    return bool(text) and text[0] in _KATAKANA and all(c in _KATAKANA or c in VOICED for c in text)


def stands_alone(text: str, start: int, end: int, *, cjk: bool) -> bool:
    """Say whether a span is not cut out of a word of a spaced script.

    In Chinese and Japanese text a number may follow a name without a blank (iPhone15).
    """
    if end < len(text) and text[end] in VOICED:
        return False
    first, last = text[start], text[end - 1]
    if (
        start > 0
        and is_word_char(first)
        and is_word_char(text[start - 1])
        and not (cjk and first.isalpha() and _digit(text[start - 1]))
    ):
        return False
    if end < len(text) and is_word_char(last) and is_word_char(text[end]):
        return cjk and end - start >= 4 and last.isalpha() and _digit(text[end])
    return True


def _digit(char: str) -> bool:
    return char.isdecimal()
