"""What a family reads of a listing, and its words with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.domain.listing import Listing

MOST_WORDS = 200
"""Words of a listing that are read; MiniLM has 512 positions."""
_CJK = "\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_CJK}]|[^\W\d_{_CJK}]+|\d+|[^\w\s]|_")


class Word(NamedTuple):
    """A word and where it stands: code points, ``end`` exclusive."""

    text: str
    start: int
    end: int


def text_of(listing: Listing) -> str:
    """Return title and description, as they were sent: values are copied from here, character by character."""
    return f"{listing.title}\n{listing.description}" if listing.description else listing.title


def words_of(text: str) -> list[Word]:
    """Return letters, digits and marks apart ("55mm" is two words); of Chinese and Japanese every character."""
    return [word for word, _ in zip(_words(text), range(MOST_WORDS), strict=False)]


def _words(text: str) -> Iterator[Word]:
    return (Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(text))


SHAPES = 9


def shape(word: str) -> int:
    """Return the kind of a word, below SHAPES: what an encoder without capitals cannot see."""
    if word.isdigit():
        return 1
    if not word[0].isalpha():
        return 2
    if len(word) == 1:
        return 3 if word.isupper() else 4
    if word.isupper():
        return 5
    if word.islower():
        return 6
    return 7 if word[0].isupper() and word[1:].islower() else 8
