"""Which categories a title shares words with: their own names, and the names of what is above them.

Two kinds of terms stand for a name: its words without endings, and runs of four letters, which find "Pfanne" in
"Bratpfannen". Chinese and Japanese have runs of two characters. A term weighs its squared inverse document frequency
(Sparck Jones 1972), so that what few categories are called by decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.pipeline.rules.ruleset import Language
from app.pipeline.text import fold_label, is_cjk

Floats = NDArray[np.float32]
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+|[^\W_]+(?:'[^\W_]+)?")
_PARTS = re.compile(r"[&,/()（）、・]| (?:and|und|et|y|e|dan|og|och|en|и|i) |(?<=\S\S)和(?=\S\S)")
"""What separates the alternatives of a name: "Skillets & Frying Pans"."""
_VOWELS = frozenset("aeiou")
_LONG = 7
"""Letters from which on a German plural in -en is taken for one; "oven" is none."""
_GRAM, _CJK_GRAM = 4, 2
_LONGEST, _LONGEST_CJK = 6, 10
"""Words, or characters, of a name that is looked for whole."""
_OF_PART, _COVERED = 0.8, 0.6
"""What it counts when one of a name's alternatives is there; when it is a piece of a longer name that is there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TermScores:
    """Per category, (categories,) each."""

    cover: Floats
    """Share of the weight of its name that the title has, 0..1."""
    mass: Floats
    """That weight itself, as log(1 + weight) / 10."""
    path_cover: Floats
    path_mass: Floats
    """The same of the names above it."""
    named: Floats
    """1 where the title has its whole name, less for one of its alternatives."""
    head: Floats
    """The same where the name stands as the title's head noun, more towards the beginning."""

    def best(self, other: TermScores) -> TermScores:
        """Return the greater of both, category by category."""
        return TermScores(**{n: np.maximum(getattr(self, n), getattr(other, n)) for n in self.__slots__})


class CategoryTerms:
    """The names of all categories in one language."""

    def __init__(self, labels: Sequence[Sequence[str]], paths: Sequence[Sequence[int]], language: Language) -> None:
        """``labels`` are those of each category, its name first; ``paths`` rows from the root down to itself."""
        self._size, self._language = len(labels), language
        of_names = [terms(name) for name, *_ in labels]
        above = [set[str]().union(*(of_names[row] for row in path[:-1])) for path in paths]
        self._names, self._paths = _Postings(of_names), _Postings(above)
        self._called: dict[tuple[str, ...], list[tuple[int, float]]] = {}
        for row, of_row in enumerate(labels):
            for part in dict.fromkeys((*of_row, *(part for label in of_row for part in _PARTS.split(label)))):
                key = tuple(stem(word) for word in _words(part))
                if key:
                    self._called.setdefault(key, []).append((row, 1.0 if part in of_row else _OF_PART))

    def scores(self, title: str) -> TermScores:
        """Compare a title (cleaned) with every category."""
        found = terms(title)
        cover, mass = self._names.scores(found, self._size)
        path_cover, path_mass = self._paths.scores(found, self._size)
        named, head = self._whole_names(fold_label(title))
        return TermScores(cover=cover, mass=mass, path_cover=path_cover, path_mass=path_mass, named=named, head=head)

    def _whole_names(self, folded: str) -> tuple[Floats, Floats]:
        named, head = np.zeros(self._size, np.float32), np.zeros(self._size, np.float32)
        found = list(self._spans(folded))
        for key, start, end in found:
            covered = any(a <= start and end <= b and b - a > end - start for _, a, b in found)
            place = 1 - 0.5 * start / len(folded) if self._is_head(folded, start, end) else 0.0
            for row, weight in self._called[key]:
                weight *= _COVERED if covered else 1.0
                named[row] = max(named[row], weight)
                head[row] = max(head[row], weight * place)
        return named, head

    def _spans(self, folded: str) -> Iterator[tuple[tuple[str, ...], int, int]]:
        words = [(found[0], found.start(), found.end()) for found in _WORD.finditer(folded)]
        for at, (word, start, _) in enumerate(words):
            if is_cjk(word):
                for low in range(len(word)):
                    for high in range(low + 2, min(len(word), low + _LONGEST_CJK) + 1):
                        if (word[low:high],) in self._called:
                            yield (word[low:high],), start + low, start + high
                continue
            key: tuple[str, ...] = ()
            for other, _, end in words[at : at + _LONGEST]:
                key = (*key, stem(other))
                if key in self._called:
                    yield key, start, end

    def _is_head(self, folded: str, start: int, end: int) -> bool:
        """Say whether a name ends its phrase, or begins the title where heads come first."""
        if self._language.head == "first":
            return len(_words(folded[:start])) <= 1
        after = folded[end:].lstrip()
        word = _WORD.match(after)
        return word is None or word[0][0].isdecimal() or word[0] in self._language.breaks


class _Postings:
    """Rows by term, with the terms' weights."""

    def __init__(self, found: Sequence[set[str]]) -> None:
        rows: dict[str, list[int]] = {}
        for row, of_row in enumerate(found):
            for term in of_row:
                rows.setdefault(term, []).append(row)
        self._rows = {term: np.array(of_term, np.int32) for term, of_term in rows.items()}
        self._weight: Mapping[str, float] = {
            term: float(np.log(1 + len(found) / len(of_term)) ** 2) for term, of_term in rows.items()
        }
        self._whole = np.array([sum(self._weight[term] for term in of_row) for of_row in found], np.float32)

    def scores(self, asked: set[str], size: int) -> tuple[Floats, Floats]:
        """Return (share of each row's weight, log weight) of the terms asked for."""
        weight = np.zeros(size, np.float32)
        for term in asked & self._rows.keys():
            weight[self._rows[term]] += self._weight[term]
        share = weight / np.maximum(self._whole, 1e-9)
        return share.astype(np.float32), (np.log1p(weight) / 10).astype(np.float32)


def terms(text: str) -> set[str]:
    """Return the terms of a text: stems marked "=", and runs of letters."""
    found: set[str] = set()
    for word in _words(text):
        if is_cjk(word):
            found.update(word[at : at + _CJK_GRAM] for at in range(max(1, len(word) - 1)))
            continue
        found.add(f"={stem(word)}")
        if len(word) >= _GRAM:
            marked = f"^{word}$"
            found.update(marked[at : at + _GRAM] for at in range(len(marked) - _GRAM + 1))
    return found


def stem(word: str) -> str:
    """Return a word without its plural and case endings, alike in all languages: what is left need be no word."""
    word = word.removesuffix("'s")
    if len(word) > 3 and word[-1] == "s" and word[-2] != "s":
        word = word[:-1]
    if len(word) >= _LONG and word.endswith("en"):
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word[-1] in _VOWELS else word


def _words(text: str) -> list[str]:
    return _WORD.findall(fold_label(text))
