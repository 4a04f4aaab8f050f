"""Says whether one text is another one mistyped. Real words are not typos of each other.

The edits are those of optimal string alignment (a swap of neighbours is one); which ones count depends on how much
else says that the label is meant: its attribute may be known, or nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable

from rapidfuzz.distance import OSA

from app.pipeline.text import is_cjk

_VOWELS = frozenset("aeiouy")
_ENDING = _VOWELS | frozenset("rsnm")
_ALIKE = frozenset(map(frozenset, ("sz", "ck", "cs", "vw", "bv", "dt", "mn", "gj", "bp", "fv", "kq", "gk", "rl")))
"""Consonants that sound alike, or lie beside each other on a keyboard."""
_GLUED = str.maketrans("", "", " '")
_FIRST_LETTER = 6
"""Letters of a word whose first one may be wrong, which few writers get wrong."""
_SUFFIX = 3
"""Last letters, where another vowel makes another word."""
_LONG = 12
_TWO_SLIPS = 11
_SURE_BESIDE = 4
"""Letters of a label that stand as they are, beside which a short word may be mistyped."""
_KANA_SLIPS = str.maketrans("", "", "\u30fc\u30c4\u3099\u309a")
"""The long vowel, the small (folded: large) tsu and the voicing marks."""


def slips(text: str, label: str, *, scoped: bool, real: Callable[[str], bool]) -> float | None:
    """Return how many slips of the keyboard make the text of the label; None where it is another text.

    ``scoped``: the label is one of the attribute that the text is a value of, which allows more. ``real`` says
    whether a word is one by itself, so that it is no other one mistyped.
    """
    if text.translate(_GLUED) == label.translate(_GLUED):
        return 0.5
    if is_cjk(text) or is_cjk(label):
        return _kana_slips(text.replace(" ", ""), label.replace(" ", "")) if scoped else None
    words, others = text.split(), label.split()
    if sorted(words) == sorted(others):
        return 0.5
    if len(words) != len(others):
        return None
    pairs = [(word, other) for word, other in zip(words, others, strict=True) if word != other]
    sure = sum(len(word) for word, other in zip(words, others, strict=True) if word == other)
    if scoped and all(real(word) for word, _ in pairs):
        return None
    most = 2 if len(label) >= _TWO_SLIPS else 1.4
    total = 0.0
    for word, other in pairs:
        cost = _beside(word, other) if scoped and sure >= _SURE_BESIDE else None
        if cost is None:
            cost = _word_slips(word, other, scoped=scoped or sure > 3 or len(pairs) > 1, alone=len(others) == 1)
        if cost is None:
            return None
        total += cost
    return total if total <= most else None


def _beside(word: str, label: str) -> float | None:
    """Judge a word whose neighbours are as in the label: any single slip, or an inflection less."""
    edits = OSA.distance(word, label, score_cutoff=1)
    if edits > 1 or len(label) < 3 or len(word) < 2 or not (word.isalpha() and label.isalpha()):
        return None
    return 1.0 if word[0] == label[0] else 1.2


def _word_slips(word: str, label: str, *, scoped: bool, alone: bool) -> float | None:
    shorter = min(len(word), len(label))
    if shorter < 4 or not (word.isalpha() and label.isalpha()):
        return None
    edits = OSA.distance(word, label, score_cutoff=2)
    if edits == 2:
        fits = scoped and shorter >= 9 and word[:3] == label[:3]
        fits &= abs(len(word) - len(label)) < 2 or shorter >= 12
        return 2.0 if fits and word[-1] == label[-1] else None
    if edits > 2:
        return None
    if word[0] != label[0]:
        return 1.4 if scoped and shorter >= _FIRST_LETTER and edits == 1 else None
    at = next((i for i in range(shorter) if word[i] != label[i]), shorter)
    if len(word) == len(label):
        return _changed(word, label, at, scoped, alone)
    return _added(word, label, at, scoped, alone)


def _changed(word: str, label: str, at: int, scoped: bool, alone: bool) -> float | None:
    """Judge two letters swapped, or one put for another."""
    size = len(word)
    if word[at] != label[at] and word[at + 1 :] != label[at + 1 :]:
        return 1.0 if size >= (4 if scoped else 6) else None
    one, other = word[at], label[at]
    if at == size - 1:  # another ending is another inflection, or another word
        return 1.0 if scoped and size >= 6 and not {one, other} <= _ENDING else None
    if one in _VOWELS and other in _VOWELS:
        if alone and at >= size - _SUFFIX and size < _LONG:  # "cappellano", "cappellino"
            return None
        return 1.0 if size >= (5 if scoped else 8) else None
    if frozenset((one, other)) in _ALIKE:
        return 1.0 if size >= (5 if scoped else 9) else None
    return 1.0 if size >= (5 if scoped else 11) else None


def _added(word: str, label: str, at: int, scoped: bool, alone: bool) -> float | None:
    """Judge one letter too many or too few."""
    longer, shorter = (word, label) if len(word) > len(label) else (label, word)
    letter, size = longer[at], len(shorter)
    if at == size:  # at the end
        cut_off = longer is label
        least = 5 if cut_off or letter not in _ENDING else 8
        return 1.0 if scoped and size >= least else None
    if letter in (longer[at - 1], longer[at + 1]):  # doubled, or not
        return 1.0 if size >= (4 if scoped else 6) else None
    if letter in _VOWELS or letter == "h":
        return 1.0 if size >= (5 if scoped else 7) else None
    return 1.0 if size >= (5 if scoped else 9) else None


def _kana_slips(text: str, label: str) -> float | None:
    """Judge katakana: the long vowel, the small tsu and the voicing marks are what writers get wrong."""
    if not (is_kana(text) and is_kana(label)):
        return None
    bare, other = text.translate(_KANA_SLIPS), label.translate(_KANA_SLIPS)
    if bare == other:
        return 1.0 if len(bare) >= 3 else None
    return 1.5 if len(bare) >= 6 and bare[0] == other[0] and OSA.distance(bare, other, score_cutoff=1) == 1 else None


def is_kana(text: str) -> bool:
    """Say whether a text is katakana, blanks left out."""
    return all("\u3099" <= char <= "\u30ff" or char == " " for char in text)


def last_kana(text: str) -> str:
    """Return the katakana that a text ends in."""
    return text[next((at for at in range(len(text), 0, -1) if not is_kana(text[at - 1])), 0) :]
