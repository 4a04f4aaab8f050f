"""What answers score: outcomes of slots, and the shares that follow from them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcomes:
    """Slots by outcome, in the terms of ExtractGPT (arXiv 2310.12537): V a value, N none; C correct, W wrong.

    The first letter is what gold has. In value sets and tags, where a slot is a pair of attribute and value, a value
    that is missed is vn and one too many is nv; vw and nn do not occur.
    """

    vc: int = 0
    """Gold has a value, and a right one was given."""
    vw: int = 0
    """Gold has a value, and another one was given."""
    nv: int = 0
    """Gold has none, and one was given."""
    vn: int = 0
    """Gold has a value, and none was given."""
    nn: int = 0
    """Gold has none, and none was given."""

    @property
    def gold(self) -> int:
        """Slots that have a value in gold: what recall is a share of."""
        return self.vc + self.vw + self.vn

    @property
    def given(self) -> int:
        """Slots that were given a value: what precision is a share of."""
        return self.vc + self.vw + self.nv

    @property
    def slots(self) -> int:
        """All slots: what accuracy is a share of."""
        return self.gold + self.nv + self.nn


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A figure and its 95 % interval; the ends are None where fewer than two listings tell something of it."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """What follows from outcomes; a share of nothing is 0."""

    outcomes: Outcomes
    accuracy: Estimate
    """(vc + nn) / all slots. Of value sets and tags: right / (given or gold), the multi-label accuracy."""
    precision: Estimate
    """vc / (nv + vc + vw)"""
    recall: Estimate
    """vc / (vn + vc + vw)"""
    f1: Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class MacroScore:
    """Means over the attributes that gold has values of, each attribute counting once."""

    attributes: int
    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The score of a part: one attribute, language, category, kind of value or length."""

    name: str
    listings: int
    """Listings that have a slot in this part."""
    score: Score


@dataclass(frozen=True, kw_only=True, slots=True)
class Confusion:
    """Gold by given of a single-valued closed attribute; "" is no value, "…" all rarer ones together."""

    attribute: str
    labels: tuple[str, ...]
    """Names of rows (gold) and columns (given), the most frequent in gold first."""
    counts: tuple[tuple[int, ...], ...]
    """counts[gold][given], in the order of ``labels``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hierarchy:
    """Categories by the ancestors that given and right one share (Kiritchenko et al. 2006); the root counts."""

    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class Stages:
    """Extraction and normalisation of gold tags, apart. Only gold tags whose wording is known are looked at.

    The wording comes from the set's gold by the value table, else it is a label of the concept that stands in the text.
    """

    known: int
    """Gold tags whose wording is known; those of the other fields add up to it."""
    right: int
    """Given."""
    unread: int
    """Missed by extraction: nothing that was read overlaps the wording."""
    unmatched: int
    """Missed by normalisation: the wording was read and mapped onto no concept."""
    mismapped: int
    """Missed by normalisation: the wording was read and mapped onto another concept."""
    extraction: Estimate
    """Share of wordings that were read."""
    normalisation: Estimate
    """Of the wordings that were read, the share that was mapped onto the gold concept."""
    oracle: float | None
    """Share of the table's wordings that the normaliser maps right when handed them; None where there are none."""
