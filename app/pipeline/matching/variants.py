"""The forms that a label may take as a value: inflected, written together, with a word that only names the attribute.

Values are turned back into what may be a label; every form is looked up, so no label is ever gone through.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from app.pipeline.matching.wording import Wording
from app.pipeline.text import is_cjk

_MOST = 96
"""Forms of one text."""
_SHORTEST_STEM = 3


def variants(folded: str, attribute: str | None, wording: Wording, *, noun: bool, glued: bool = True) -> Iterator[str]:
    """Yield the forms of a text that may be a label, itself left out, likeliest first.

    ``glued`` false leaves out its words written as one, where they are two values: "weiß gold".
    """
    if is_cjk(folded):
        yield from _with_other_end(folded, wording.frame(attribute) if attribute else ())
        if attribute:
            yield from _respelled(folded, wording)
        return
    if folded.endswith("'s"):
        yield folded[:-2]
    elif len(folded) > 4 and folded.endswith("s") and folded.isascii():
        yield folded[:-1]
    if attribute is None:
        return
    if glued and " " in folded:
        yield folded.replace(" ", "")
    words = folded.split()
    if len(words) in (2, 3):
        yield from (" ".join((words[0], link, *words[1:])) for link in wording.links)
    yield from _respelled(folded, wording)
    yield from islice(_inflected(folded, wording, noun=noun), _MOST)


def _respelled(folded: str, wording: Wording) -> Iterator[str]:
    for spelling, letter in wording.spellings.items():
        if spelling in folded:
            yield folded.replace(spelling, letter)
    if wording.doubled and wording.doubled in folded:
        words = folded.split()
        mark = wording.doubled
        yield " ".join(f"{w.removesuffix(mark)} {w.removesuffix(mark)}" if w[1:].endswith(mark) else w for w in words)


def _with_other_end(folded: str, ends: tuple[str, ...]) -> Iterator[str]:
    """Yield a Chinese or Japanese text with and without characters that only name the attribute."""
    text = folded.replace(" ", "")
    if text != folded:
        yield text
    stems = [text]
    for end in ends:
        if text.endswith(end) and len(text) > len(end):
            stems.append(text[: -len(end)])
            yield stems[-1]
    for stem in stems:
        yield from (stem + end for end in ends)
    if "\u3099" <= text[-1] <= "\u30ff":  # katakana, and its marks, which folding sets apart
        yield text[:-1] if text[-1] == "\u30fc" else text + "\u30fc"


def _inflected(folded: str, wording: Wording, *, noun: bool) -> Iterator[str]:
    words = folded.split()
    if len(words) > 3:
        return
    named = 0 if wording.head == "first" else len(words) - 1
    choices = []
    for at, word in enumerate(words):
        groups = wording.numbers if noun and at == named else wording.numbers + wording.genders
        choices.append(tuple(dict.fromkeys((word, *endings(word, groups)))))
    for chosen in islice(product(*choices), 1, None):
        yield " ".join(chosen)


def endings(word: str, groups: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Yield the word with other endings of a group; the longest ending says which: "pesce" is no form of "pesca"."""
    fitting = []
    for group in groups:
        ending = next((e for e in group if word.endswith(e) and len(word) - len(e) >= _SHORTEST_STEM), None)
        if ending is not None:
            fitting.append((ending, group))
    longest = max((len(ending) for ending, _ in fitting), default=0)
    for ending, group in fitting:
        if len(ending) == longest or not ending:
            yield from (word.removesuffix(ending) + other for other in group if other != ending)
