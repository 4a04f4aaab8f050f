"""Finds labels that a machine translated without its context, in one locale of a taxonomy at a time.

Three signs, none of them proof: a label equal to the English one; one label on two concepts that English tells apart;
and a part of a label that belongs elsewhere. The last finds "Red" called 红酒 (red wine) under Color. A translation
memory holds one translation for an English label, made where it first occurred (Wine variety), and copies it to all
other places. So the part is looked for that the place of origin explains and this place does not: 酒 ends a good share
of the labels under attributes called "... wine", and none under attributes called "... color" otherwise.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.pipeline.text import fold_label, is_cjk

_ENGLISH_WORD = re.compile(r"[a-z]+")
_WORD = re.compile(r"(?:[^\W\d_]|[\u0e31-\u0e4e])+")
"""Letters, and the vowels and tones of Thai, which are none to Python."""
_EXPLAINED = 0.15
"""Share of the labels under a word of English that must have a part, for the word to explain it; `_SUPPORT` of them."""
_SUPPORT = 3
_UNEXPLAINED = 0.05
_COMPOUNDING = frozenset({"de", "nl"})
_MIN_COMPOUND = 4
"""Letters of a word that is looked for at the end of another ("Rotwein") in languages that join words and whose
labels the encoder can confirm: in Finnish, Swedish or Hungarian nearly all such ends are derivations."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A concept with its prefLabel in the locale that is looked at, "" for none."""

    number: int
    group: str
    """Within which labels should be unique: the attribute of a value, the parent of a category."""
    english: str
    label: str
    context: str
    """The English labels around it: of the attribute, or of the categories above."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What is suspicious about the label of the concept with this number."""

    kind: str
    number: int
    label: str
    message: str
    here: tuple[str, ...] = ()
    """Out of place only: what the label should mean ("Red", "Red color")."""
    elsewhere: tuple[str, ...] = ()
    """Out of place only: what it may mean instead ("Red wine")."""
    origin: str = ""
    """Out of place only: the context that explains it ("Wine variety")."""


def lint_labels(entries: Sequence[Entry], locale: str) -> Iterator[Finding]:
    """Yield what is suspicious in the labels of one locale, in the order of the signs."""
    if locale.split("-")[0] != "en":
        yield from equal_to_english(entries, locale)
    yield from shared(entries, locale)
    if locale.split("-")[0] != "en":
        yield from out_of_place(entries, locale)


def equal_to_english(entries: Iterable[Entry], locale: str) -> Iterator[Finding]:
    """Yield labels that are the English ones. Numbers, codes and names in capitals are the same everywhere."""
    for entry in entries:
        if entry.label.casefold() == entry.english.casefold() and not _is_code(entry.english):
            yield Finding(kind="english-label", number=entry.number, label=entry.label, message="the English label")


def shared(entries: Iterable[Entry], locale: str) -> Iterator[Finding]:
    """Yield labels that another concept of the group has, unless English has one for both too."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if not entry.label:
            continue
        other = first.setdefault((entry.group, fold_label(entry.label)), entry)
        if other is not entry and (locale == "en" or fold_label(other.english) != fold_label(entry.english)):
            message = f"also the label of {other.english!r}, while this is {entry.english!r}"
            yield Finding(kind="shared-label", number=entry.number, label=entry.label, message=message)


def out_of_place(entries: Sequence[Entry], locale: str) -> Iterator[Finding]:
    """Yield labels that have a part which only another place with the same label explains."""
    parts = _Parts(entries, joins=locale.split("-")[0] in _COMPOUNDING)
    pairs: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.label and entry.label.casefold() != entry.english.casefold():
            pairs[entry.english.casefold(), entry.label].append(entry)
    for same in pairs.values():
        if len({entry.context for entry in same}) > 1:
            yield from parts.judge(same)


class _Parts:
    """How often the parts of labels go with the words of English."""

    def __init__(self, entries: Sequence[Entry], *, joins: bool) -> None:
        self._entries = entries
        self._joins = joins
        self._words: Counter[str] = Counter()
        self._together: Counter[tuple[str, str]] = Counter()
        for entry in self._distinct:
            self._count(entry, self._words, self._together)

    def judge(self, same: Sequence[Entry]) -> Iterator[Finding]:
        """Yield those of some concepts with one English label and one label whose place does not explain a part."""
        english, label = _english(same[0].english), same[0].label
        own_words: Counter[str] = Counter()
        own_together: Counter[tuple[str, str]] = Counter()
        for entry in self._by_english[same[0].english.casefold()]:
            self._count(entry, own_words, own_together)

        def share(part: str, word: str) -> float:
            """Return the share of a word's labels that have the part, those of this English label left out."""
            count = self._together[part, word] - own_together[part, word]
            return count / (self._words[word] - own_words[word]) if count >= _SUPPORT else 0.0

        for part in self._of(label):
            if any(share(part, word) > _UNEXPLAINED for word in english):
                continue
            strengths = {
                entry.number: max((share(part, word) for word in _english(entry.context)), default=0.0)
                for entry in same
            }
            origin = max(same, key=lambda entry: strengths[entry.number])
            strength = strengths[origin.number]
            lost = [entry for entry in same if strengths[entry.number] <= min(_UNEXPLAINED, strength / 5)]
            if strength < _EXPLAINED or not lost:
                continue
            around = {word for entry in same for word in _english(entry.context) if share(part, word) >= _EXPLAINED}
            elsewhere = tuple(f"{origin.english} {word}" for word in sorted(around))
            for entry in lost:
                message = (
                    f"the part {part!r} belongs to {', '.join(sorted(around))}: {entry.english!r} is called {label!r} "
                    f"under {origin.context!r}, and here under {entry.context!r}"
                )
                here = (entry.english, *(f"{entry.english} {word}" for word in sorted(_english(entry.context))))
                yield Finding(
                    kind="out-of-place",
                    number=entry.number,
                    label=label,
                    message=message,
                    here=here,
                    elsewhere=elsewhere,
                    origin=origin.context,
                )
            return

    @cached_property
    def _distinct(self) -> list[Entry]:
        """One entry for each English label, label and context."""
        return list({(e.english.casefold(), e.label, e.context): e for e in self._entries if e.label}.values())

    @cached_property
    def _by_english(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self._distinct:
            found[entry.english.casefold()].append(entry)
        return found

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        """The words that stand alone in some label, for what ends a compound."""
        words = (word for entry in self._entries for word in _WORD.findall(entry.label.casefold()))
        return frozenset(word for word in words if len(word) >= _MIN_COMPOUND)

    def _count(self, entry: Entry, words: Counter[str], together: Counter[tuple[str, str]]) -> None:
        around = _english(f"{entry.english} {entry.context}")
        words.update(around)
        together.update((part, word) for part in self._of(entry.label) for word in around)

    def _of(self, label: str) -> set[str]:
        """Return the parts of a label: its last characters in Chinese and Japanese, else words, ends of words."""
        if is_cjk(label):
            return {label[-length:] for length in (1, 2, 3) if length < len(label)}
        found = _WORD.findall(label.casefold())
        parts = {word for word in found if len(word) > 1} if len(found) > 1 else set()
        for word in found if self._joins else ():
            ends = (word[start:] for start in range(2, len(word) - _MIN_COMPOUND + 1))
            parts.update(end for end in ends if end in self._vocabulary)
        return parts


def _english(text: str) -> frozenset[str]:
    """Return the words of an English text, plurals as singulars where a mere s is dropped."""
    words = _ENGLISH_WORD.findall(text.casefold())
    return frozenset(w[:-1] if len(w) > 3 and w[-1] == "s" and w[-2] != "s" else w for w in words if len(w) > 2)


def _is_code(text: str) -> bool:
    """Say whether a text has the shape of a number, a code, an abbreviation or a name with capitals inside."""
    words = _WORD.findall(text)
    return (
        not words or any(char.isdigit() for char in text) or all(w[1:] != w[1:].lower() or len(w) == 1 for w in words)
    )
