"""A value of several words: which label stands in it, and whether that label answers for all of it.

The head of a phrase says what it is: "dusty navy blue" is blue, "seda dental" is floss. Elsewhere a label counts only
when nothing is said beside it that nobody knows; and never where it is denied ("latex free"), imitated ("leather
look") or part of a name ("cotton candy").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.pipeline.matching.wording import Wording
from app.pipeline.text import fold_value, is_cjk

_BRACKETED = re.compile(r"[(\[（【［]([^()\[\]（）【】［］]+)[)\]）】］]")
_BETWEEN = re.compile(r"\s*(?:[,;/&|、，；・·／＆＋•\n]|(?<=[^\W\d])\s*\+\s*(?=[^\W\d])|\s[-–—]\s)\s*")
_WORDS = re.compile(r"[A-Za-z\u00c0-\u024f]{3}")
_SCRIPTS = re.compile(r"((?:[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f' -]{2,}))")
_GLUED = re.compile(r"(?<=[a-z\u00df-\u00ff])(?=[A-Z])")
_NUMBER = re.compile(r"%|[\d.,x×%+]*\d[\d.,x×%+]*(?:k|ct|kt|mm|cm|m|g|kg|mg|ml|l|oz|in|d|den|gsm|w|v|h)?")
_COUNTED = "個枚本足双点袋箱件只个条片包瓶盒"
_AMOUNT = re.compile(rf"\d+(?:\.\d+)?\s*(?:%|k?g|m?l|[cm]?m|[{_COUNTED}])?(?:セツト|組|入り?|套装|装)?")
_SURE = 0.6
"""Share of a phrase by which a head that stands first answers for words that nobody knows."""
_LEAST, _LEAST_AT_HEAD = 0.12, 0.2
"""Shares of a phrase under which no label answers for it."""
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
    outer = _BETWEEN.split(_BRACKETED.sub(" ", raw))
    scripts = [part for whole in (*outer, *inner) for part in _by_script(whole)]
    marked = [part for part in scripts if fold_value(part)]
    if len(marked) < 1:
        return [], False
    split = [piece for part in marked for piece in _at_joiners(part, wording, cjk)]
    spaced = cjk and any(" " in part for part in marked)
    return split, spaced or len(split) == len(marked)


def _by_script(text: str) -> list[str]:
    """Return what a text says in Latin letters, and what in Chinese or Japanese: "deep blue深蓝"."""
    if _WORDS.search(text) and is_cjk(text):
        return [part for part in _SCRIPTS.split(text) if part.strip()]
    return [text]


def _at_joiners(part: str, wording: Wording, cjk: bool) -> list[str]:
    if cjk and all(is_cjk(piece) and len(piece) > 1 for piece in part.split()) and " " in part:
        return part.split()
    if cjk:
        found = next((j for j in wording.joiners if j in part[1:-1]), None)
        return part.split(found) if found else [part]
    pieces: list[list[str]] = [[]]
    for word in part.split():
        if fold_value(word) in wording.joiners:
            pieces.append([])
        else:
            first, *rest = _GLUED.split(word)  # "SilverHitam"
            pieces[-1].append(first)
            pieces += [[value] for value in rest]
    return [" ".join(words) for words in pieces if words]


def bare(folded: str, attribute: str, wording: Wording, english: Wording) -> str:
    """Return a phrase without words that leave a value what it is, and without numbers; "" where nothing is left."""
    if is_cjk(folded):
        return folded
    frames = (*wording.frame(attribute), *english.frame(attribute))
    return " ".join(w for w in folded.split() if not fills(w, wording, english) and w not in frames)


def fills(word: str, wording: Wording, english: Wording) -> bool:
    """Say whether a word leaves a value what it is."""
    return word in wording.fillers or word in english.fillers or _NUMBER.fullmatch(word) is not None


def stretches(folded: str, head: str) -> Iterator[Piece]:
    """Yield the proper stretches of a phrase, most words first, that at its head before others."""
    words = [(m.start(), m.end()) for m in re.finditer(r"\S+", folded)]
    count = len(words)
    found = [
        Piece(words[first][0], words[first + size - 1][1], first == 0 if head == "first" else first + size == count)
        for size in range(1, min(_LONGEST, count - 1) + 1)
        for first in range(count - size + 1)
    ]
    yield from sorted(
        found,
        key=lambda piece: (-folded.count(" ", piece.start, piece.end), not piece.at_head, piece.start - piece.end),
    )


def answers(
    folded: str,
    piece: Piece,
    known: Callable[[str], bool],
    wording: Wording,
    head: str,
    *,
    imitated: bool,
    named: bool = False,
) -> bool:
    """Say whether a label answers for the phrase that it stands in, whose head is the first or the last word.

    ``named``: the label names a thing and the head is sure to, whatever is said beside it.
    """
    before, after = folded[: piece.start].split(), folded[piece.end :].split()
    if denied(before, after, wording.negations) or (imitated and beside(before, after, wording.imitations)):
        return False
    text = folded[piece.start : piece.end]
    if any(name in folded and text in name and text != name for name in wording.names):
        return False
    share = (piece.end - piece.start) / len(folded)
    if piece.at_head and share >= (_LEAST_AT_HEAD if head == "last" or named else _SURE):
        return True
    return share >= _LEAST and _covered(before, known) and _covered(after, known)


def _covered(words: list[str], known: Callable[[str], bool]) -> bool:
    """Say whether every word is known, by itself or with its neighbours: "lengan panjang"."""
    reached = {0}
    for end in range(1, len(words) + 1):
        if any(start in reached and known(" ".join(words[start:end])) for start in range(max(0, end - 3), end)):
            reached.add(end)
    return len(words) in reached


def denied(before: list[str], after: list[str], cues: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Say whether words before a label, or right after it, say that the product has it not."""
    first, second = cues
    near = " ".join(before[-4:])
    return any(f" {cue} " in f" {near} " for cue in first) or bool(after and after[0] in second)


def says(folded: str, cues: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Say whether one of the words stands in a text where there is something that it can concern."""
    first, second = cues
    if is_cjk(folded):
        return any(cue in folded[:-1] for cue in first) or any(folded[1:].endswith(cue) for cue in second)
    words = folded.split()
    return any(f" {cue} " in f" {folded} " for cue in first) or any(word in second for word in words[1:])


def without_numbers(folded: str) -> str:
    """Return a Chinese or Japanese text without blanks, amounts and counts: "マグカップ2個セット"."""
    return _AMOUNT.sub("", folded).replace(" ", "") or folded


def beside(before: list[str], after: list[str], cues: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Say whether one of these words stands right before or after a label."""
    first, second = cues
    starts = (" ".join(after[:1]), " ".join(after[:2]))
    ends = (" ".join(before[-1:]), " ".join(before[-2:]))
    return any(end in first for end in ends if end) or any(start in second for start in starts if start)
