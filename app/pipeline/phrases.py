"""A value of several words: which label stands in it, and whether that label answers for all of it.

The head of a phrase says what it is: "dusty navy blue" is blue, "seda dental" is floss. Elsewhere a label counts only
when nothing is said beside it that nobody knows; and never where it is denied ("latex free"), imitated ("leather
look") or part of a name ("cotton candy").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.pipeline.text import fold_value, is_cjk
from app.pipeline.wording import Wording

_BRACKETED = re.compile(r"[(\[（【［]([^()\[\]（）【】［］]+)[)\]）】］]")
_BETWEEN = re.compile(r"\s*(?:[,;/&+|、，；・·／＆＋•\n]|\s[-–—]\s)\s*")
_NUMBER = re.compile(r"[\d.,x×%]*\d[\d.,x×%]*(?:k|ct|kt|mm|cm|m|g|kg|mg|ml|l|oz|in|d|den|gsm|w|v|h)?")
_LONGEST = 5
"""Words of a label inside a phrase."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a phrase that is a label."""

    start: int
    end: int
    at_head: bool


def pieces_of(raw: str, wording: Wording, cjk: bool) -> tuple[list[str], bool]:
    """Return the values named one beside the other, and whether marks say so (a word between them is a weaker sign)."""
    inner = [m[1] for m in _BRACKETED.finditer(raw)]
    marked = [part for part in (*_BETWEEN.split(_BRACKETED.sub(" ", raw)), *inner) if fold_value(part)]
    if len(marked) < 1:
        return [], False
    split = [piece for part in marked for piece in _at_joiners(part, wording, cjk)]
    return split, len(split) == len(marked)


def _at_joiners(part: str, wording: Wording, cjk: bool) -> list[str]:
    if cjk:
        found = next((j for j in wording.joiners if j in part[1:-1]), None)
        return part.split(found) if found else [part]
    pieces: list[list[str]] = [[]]
    for word in part.split():
        if fold_value(word) in wording.joiners:
            pieces.append([])
        else:
            pieces[-1].append(word)
    return [" ".join(words) for words in pieces if words]


def bare(folded: str, attribute: str, wording: Wording, english: Wording) -> str:
    """Return a phrase without words that leave a value what it is, and without numbers; "" where nothing is left."""
    if is_cjk(folded):
        return folded
    frames = (*wording.frame(attribute), *english.frame(attribute))
    return " ".join(w for w in folded.split() if not _fills(w, wording, english) and w not in frames)


def _fills(word: str, wording: Wording, english: Wording) -> bool:
    return word in wording.fillers or word in english.fillers or _NUMBER.fullmatch(word) is not None


def stretches(folded: str, head: str) -> Iterator[Piece]:
    """Yield the proper stretches of a phrase, longest first, those at its head before others."""
    words = [(m.start(), m.end()) for m in re.finditer(r"\S+", folded)]
    count = len(words)
    for size in range(min(_LONGEST, count - 1), 0, -1):
        order = range(count - size + 1) if head == "first" else range(count - size, -1, -1)
        for first in order:
            at_head = first == 0 if head == "first" else first + size == count
            yield Piece(words[first][0], words[first + size - 1][1], at_head)


def answers(folded: str, piece: Piece, known: Callable[[str], bool], wording: Wording, *, imitated: bool) -> bool:
    """Say whether a label answers for the phrase that it stands in."""
    before, after = folded[: piece.start].split(), folded[piece.end :].split()
    if denied(before, after, wording.negations) or (imitated and beside(before, after, wording.imitations)):
        return False
    if any(name in folded and folded[piece.start : piece.end] in name for name in wording.exceptions):
        return False
    share = (piece.end - piece.start) / len(folded)
    rest = before + after
    if piece.at_head and (wording.head == "last" or share >= 0.45):
        return share >= 0.2
    return share >= 0.25 and all(map(known, rest))


def denied(before: list[str], after: list[str], cues: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Say whether words before a label, or right after it, say that the product has it not."""
    first, second = cues
    near = " ".join(before[-4:])
    return any(f" {cue} " in f" {near} " for cue in first) or bool(after and after[0] in second)


def beside(before: list[str], after: list[str], cues: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Say whether one of these words stands right before or after a label."""
    first, second = cues
    starts = (" ".join(after[:1]), " ".join(after[:2]))
    ends = (" ".join(before[-1:]), " ".join(before[-2:]))
    return any(end in first for end in ends if end) or any(start in second for start in starts if start)
