"""Says whether one text is another one mistyped. Real words are not typos of each other.

The edits are those of optimal string alignment (a swap of neighbours is one); which ones count depends on how much
else says that the label is meant: its attribute may be known, or nothing at all.
"""

from __future__ import annotations

from rapidfuzz.distance import OSA

from app.pipeline.text import is_cjk

_VOWELS = frozenset("aeiouy")
_ENDING = _VOWELS | frozenset("rsnm")
_ALIKE = frozenset(map(frozenset, ("sz", "ck", "cs", "vw", "bv", "dt", "mn", "gj", "bp", "fv", "kq", "gk", "rl")))
"""Consonants that sound alike, or lie beside each other on a keyboard."""
_KANA_SLIPS = str.maketrans("", "", "\u30fc\u30c4\u3099\u309a")
"""The long vowel, the small (folded: large) tsu and the voicing marks."""


def slips(text: str, label: str, *, scoped: bool) -> float | None:
    """Return how many slips of the keyboard make the text of the label; None where it is another text.

    ``scoped``: the label is one of the attribute that the text is a value of, which allows more.
    """
    if text.replace(" ", "") == label.replace(" ", ""):
        return 0.5
    if is_cjk(text) or is_cjk(label):
        return _kana_slips(text, label) if scoped else None
    words, others = text.split(), label.split()
    if sorted(words) == sorted(others):
        return 0.5
    if len(words) != len(others):
        return None
    most = 2 if len(label) >= 11 else 1
    total = 0.0
    for word, other in zip(words, others, strict=True):
        beside = any(one == two and len(one) > 3 for one, two in zip(words, others, strict=True))
        cost = 0.0 if word == other else _word_slips(word, other, scoped=scoped or beside, alone=len(others) == 1)
        if cost is None:
            return None
        total += cost
    return total if 0 < total <= most else None


def _word_slips(word: str, label: str, *, scoped: bool, alone: bool) -> float | None:
    shorter = min(len(word), len(label))
    if word[0] != label[0] or shorter < 4 or not (word.isalpha() and label.isalpha()):
        return None
    edits = OSA.distance(word, label, score_cutoff=2)
    if edits == 2:
        fits = scoped and shorter >= 9 and word[:3] == label[:3] and abs(len(word) - len(label)) < 2
        return 2.0 if fits and word[-1] == label[-1] else None
    if edits > 2:
        return None
    at = next((i for i in range(shorter) if word[i] != label[i]), shorter)
    if len(word) == len(label):
        return _changed(word, label, at, scoped)
    return _added(word, label, at, scoped, alone)


def _changed(word: str, label: str, at: int, scoped: bool) -> float | None:
    """Judge two letters swapped, or one put for another."""
    size = len(word)
    if word[at] != label[at] and word[at + 1 :] != label[at + 1 :]:
        return 1.0 if size >= (5 if scoped else 6) else None
    one, other = word[at], label[at]
    if at == size - 1:  # another ending is another inflection, or another word
        return 1.0 if scoped and size >= 9 and not {one, other} <= _ENDING else None
    if one in _VOWELS and other in _VOWELS:
        return 1.0 if size >= (6 if scoped else 8) else None
    if frozenset((one, other)) in _ALIKE:
        return 1.0 if size >= (6 if scoped else 9) else None
    return 1.0 if size >= (6 if scoped else 11) else None


def _added(word: str, label: str, at: int, scoped: bool, alone: bool) -> float | None:
    """Judge one letter too many or too few."""
    longer, shorter = (word, label) if len(word) > len(label) else (label, word)
    letter, size = longer[at], len(shorter)
    if at == size:  # at the end
        cut_off = longer is label
        least = 5 if cut_off or not alone else 8
        return 1.0 if scoped and size >= least else None
    if letter in (longer[at - 1], longer[at + 1]):  # doubled, or not
        return 1.0 if size >= (4 if scoped else 6) else None
    if letter in _VOWELS or letter == "h":
        return 1.0 if size >= (5 if scoped else 7) else None
    return 1.0 if size >= (5 if scoped and longer is label else 6 if scoped else 9) else None


def _kana_slips(text: str, label: str) -> float | None:
    """Judge katakana: the long vowel, the small tsu and the voicing marks are what writers get wrong."""
    if not (_is_kana(text) and _is_kana(label)):
        return None
    bare, other = text.translate(_KANA_SLIPS), label.translate(_KANA_SLIPS)
    if bare == other:
        return 1.0 if len(bare) >= 3 else None
    return 1.5 if len(bare) >= 6 and bare[0] == other[0] and OSA.distance(bare, other, score_cutoff=1) == 1 else None


def _is_kana(text: str) -> bool:
    return all("\u3099" <= char <= "\u30ff" for char in text)
