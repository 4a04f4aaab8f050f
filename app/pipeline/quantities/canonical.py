"""Learns from examples which name a shop writes for what sellers write: "HP" -> "Hewlett-Packard", "navy" -> "Blue".

Two kinds are learned from the same examples. *names*: a name is replaced where it was seen, as a whole or as a word of
a longer one ("HP ProLiant"). *classes*: values fall into a few classes; an unseen value goes by the part that names it
("Sierra Cherry" by "cherry", "empire green with brown" by "green").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.pipeline.text import fold_label

_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[/,;&()]|\b(?:and|with|or)\b", re.IGNORECASE)
_SURE = 0.6
"""Share of its examples that must agree before a word speaks for a class."""


class Learns(StrEnum):
    """What is learned about an attribute's values."""

    NAMES = "names"
    CLASSES = "classes"


@dataclass(frozen=True, kw_only=True, slots=True)
class Canonical:
    """What was learned: folded aliases, and for classes the words that point to one."""

    aliases: Mapping[str, str]
    words: Mapping[str, str]
    kind: Learns

    def of(self, value: str) -> str | None:
        """Return how the shop writes a value; None where nothing like it was seen."""
        found = self.aliases.get(fold_label(value))
        if found is not None:
            return found
        return self._renamed(value) if self.kind is Learns.NAMES else self._classed(value)

    def _renamed(self, value: str) -> str | None:
        words = value.split(" ")
        renamed = " ".join(self.aliases.get(fold_label(word), word) for word in words)
        return renamed if renamed != value else None

    def _classed(self, value: str) -> str | None:
        """Go by the first part that says something: in it the longest known ending, else any known word, last first."""
        for part in _PARTS.split(value):
            words = _words(part)
            endings = (" ".join(words[i:]) for i in range(len(words)))
            known = next((self.aliases[ending] for ending in endings if ending in self.aliases), None)
            known = known or next((self.words[word] for word in reversed(words) if word in self.words), None)
            if known:
                return known
        return None


def learn(examples: Iterable[tuple[Sequence[str], Sequence[str]]], kind: Learns) -> Canonical:
    """Learn from (values as sellers wrote them, the same as the shop writes them), one pair per listing.

    Which value became which is only known where all became one, or where as many came out as went in.
    """
    aliases: dict[str, Counter[str]] = {}
    words: dict[str, Counter[str]] = {}
    for raw, written in _pairs(examples):
        aliases.setdefault(fold_label(raw), Counter())[written] += 1
        for word in set(_words(raw)):
            words.setdefault(word, Counter())[written] += 1
    sure = {word: seen for word, seen in words.items() if seen.most_common(1)[0][1] >= _SURE * seen.total()}
    return Canonical(aliases=_commonest(aliases), words=_commonest(sure), kind=kind)


def _pairs(examples: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Iterator[tuple[str, str]]:
    for raw, written in examples:
        if len(written) == 1:
            yield from ((value, written[0]) for value in raw)
        elif len(raw) == len(written):
            yield from zip(raw, written, strict=True)


def _commonest(seen: Mapping[str, Counter[str]]) -> dict[str, str]:
    return {key: counts.most_common(1)[0][0] for key, counts in seen.items()}


def _words(text: str) -> list[str]:
    return _WORD.findall(fold_label(text))
