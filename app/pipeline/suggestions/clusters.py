"""Brings together values that are one word written differently: case, word order, plurals, small typos.

Of two spellings the more frequent one leads, and a value joins a leader, never another follower: chains of small
differences would bring together what has nothing in common. Time grows with the number of values, not its square:
texts one edit apart share a text that lacks one character (the symmetric deletion of SymSpell).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rapidfuzz.distance import OSA

from app.pipeline.ports import UnmatchedValue
from app.pipeline.text import fold_value, is_cjk

_SHORTEST, _SHORT = 5, 8
"""Below the first a typo cannot be told from another word; below the second it has to be rarer and begin alike."""
_EXAMPLES = 5


@dataclass(kw_only=True, slots=True)
class Cluster:
    """Spellings that stand for one value of an attribute."""

    attribute: str
    folded: str
    """Of the most frequent one."""
    count: int = 0
    """Listings that have it, in one spelling or another; one that has two typos of it counts twice."""
    spellings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(raw, language) -> listings."""
    listing_ids: tuple[str, ...] = ()

    @property
    def raw(self) -> str:
        """The most frequent spelling."""
        return self.raws()[0]

    @property
    def lang(self) -> str:
        """The most frequent language."""
        return next(iter(self.languages()))

    def raws(self) -> tuple[str, ...]:
        """Return the spellings, most frequent first."""
        return tuple(_most_frequent((raw, count) for (raw, _), count in self.spellings.items()))

    def languages(self) -> dict[str, int]:
        """Return how many listings of each language have it, most frequent first."""
        return _most_frequent((lang, count) for (_, lang), count in self.spellings.items())

    def take(self, other: Cluster) -> None:
        """Add what stands for the same value."""
        self.count += other.count
        self.spellings += other.spellings
        self.listing_ids = tuple(dict.fromkeys((*self.listing_ids, *other.listing_ids)))[:_EXAMPLES]


def cluster(values: Iterable[UnmatchedValue]) -> list[Cluster]:
    """Return the clusters of counted spellings, the most frequent first."""
    folded: dict[tuple[str, str], Cluster] = {}
    for value in values:
        text = fold_value(value.raw)
        one = Cluster(attribute=value.attribute, folded=text, count=value.count, listing_ids=value.listing_ids)
        one.spellings[value.raw, value.lang] = value.count
        _join(folded, (value.attribute, text), one)
    stemmed: dict[tuple[str, str], Cluster] = {}
    for one in _ordered(folded.values()):
        _join(stemmed, (one.attribute, stem(one.folded)), one)
    found: list[Cluster] = []
    by_attribute = sorted(_ordered(stemmed.values()), key=lambda one: one.attribute)
    for _, group in groupby(by_attribute, key=lambda one: one.attribute):
        found += _without_typos(list(group))
    return _ordered(found)


def stem(folded: str) -> str:
    """Return a key that plurals and other orders of the words share.

    Harman's S stemmer ("How effective is suffixing?", JASIS 1991), and -es after sibilants. It takes away less than
    other stemmers do; what it leaves apart is one edit apart in most languages.
    """
    return " ".join(sorted(map(_singular, folded.split())))


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word if word.endswith(("us", "ss", "'s")) else word[:-1]


def _without_typos(ordered: Sequence[Cluster]) -> list[Cluster]:
    """Let typos join what they are typos of; the most frequent comes first."""
    leaders: list[Cluster] = []
    by_variant: dict[str, int] = {}
    for one in ordered:
        variants = _variants(one.folded)
        near = sorted({by_variant[variant] for variant in variants if variant in by_variant})
        leader = next((leaders[number] for number in near if _is_typo(one, leaders[number])), None)
        if leader is not None:
            leader.take(one)
            continue
        for variant in variants:
            by_variant.setdefault(variant, len(leaders))
        leaders.append(one)
    return leaders


def _variants(text: str) -> set[str]:
    """Return a text, and it without each of its characters; nothing for what has no typos that can be told."""
    if len(text) < _SHORTEST or is_cjk(text):
        return set()
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}


def _is_typo(one: Cluster, leader: Cluster) -> bool:
    if OSA.distance(one.folded, leader.folded, score_cutoff=1) > 1:
        return False
    if _digits(one.folded) != _digits(leader.folded):
        return False  # "iphone 12" and "iphone 13" are no typos of each other
    long = min(len(one.folded), len(leader.folded)) >= _SHORT
    return long or (one.folded[0] == leader.folded[0] and leader.count >= 2 * one.count)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _join(known: dict[tuple[str, str], Cluster], key: tuple[str, str], one: Cluster) -> None:
    if key in known:
        known[key].take(one)
    else:
        known[key] = one


def _ordered(clusters: Iterable[Cluster]) -> list[Cluster]:
    return sorted(clusters, key=lambda one: (-one.count, one.attribute, one.folded))


def _most_frequent(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    counts = Counter[str]()
    for name, count in pairs:
        counts[name] += count
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
