"""Everything that an evaluation reports: these dataclasses are the shape of its JSON, field by field.

Shares are 0 to 1. An interval is of 95 % over resampled listings (see statistics.py). What a gold file or a run cannot
tell is None or empty, never 0. `to_json` writes a result and `read_result` reads it back, for reports and comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FORMAT = 1
"""Raised when a field changes its meaning."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliabilityBin:
    """Tags whose confidence is above ``low`` and at most ``high``."""

    low: float
    high: float
    tags: int
    confidence: float
    """Mean confidence."""
    right: float
    """Share that is right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reliability:
    """Is a confidence the share of right tags?"""

    tags: int
    bins: tuple[ReliabilityBin, ...]
    """Those of 15 bins of equal width that hold tags."""
    ece: float
    """Expected calibration error: mean distance of confidence and share right over bins (Guo et al. 2017)."""
    brier: float
    """Mean squared distance of confidence and truth."""
    base_brier: float
    """The same of always saying the share of right tags."""
    auroc: float | None
    """Chance that a right tag has more confidence than a wrong one, ties counting half; None where all are alike."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvePoint:
    """What accepting at a threshold leads to."""

    threshold: float
    """Tags of this confidence or more are accepted."""
    coverage: float
    accuracy: float
    accepted: int
    """Tags."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selective:
    """Accepted decisions alone.

    Coverage: of the gold slots (listing and attribute), the share in which a tag is accepted, right or wrong.
    Accuracy: of all accepted tags, the share that is right; tags of slots that gold has not are wrong.
    """

    coverage: Estimate
    accuracy: Estimate
    recall: Estimate
    """Of all gold tags, the share that is given and accepted."""
    accepted: int
    slots: int
    """Gold slots."""
    by_language: dict[str, tuple[Estimate, Estimate]]
    """(coverage, accuracy)"""
    curve: tuple[CurvePoint, ...]
    """By falling threshold."""
    stated: float
    """The precision that a threshold is sought for."""
    threshold: CurvePoint | None
    """The lowest threshold at which accuracy is at least ``stated``; None where none is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CrossFit:
    """Confidence and threshold of each listing fitted on the other folds: what can be expected on new listings."""

    folds: int
    reliability: Reliability
    coverage: Estimate
    accuracy: Estimate
    """Of tags accepted at the threshold that reaches the stated precision on the other folds."""
    thresholds: tuple[float, ...]
    """One per fold."""
    by_language: dict[str, tuple[Estimate, Estimate]]
    """(coverage, accuracy)"""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtocolResult:
    """All scores under one protocol."""

    name: str
    """slots, strict, sets, tags or category."""
    definition: str
    micro: Score
    macro: MacroScore
    exact: Estimate
    """Share of listings of which every slot is right."""
    by: dict[str, tuple[Group, ...]]
    """Kind of part -> parts: attribute, language, category, length, and value (seen or unseen in train)."""
    confusions: tuple[Confusion, ...] = ()
    hierarchy: Hierarchy | None = None
    """Protocol category only."""
    stages: Stages | None = None
    """Protocol tags only, as are the following."""
    reliability: Reliability | None = None
    selective: Selective | None = None
    crossfit: CrossFit | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Performance:
    """Speed of the run; latencies are those of a listing while ``at_once`` were in work."""

    seconds: float
    """All listings, without loading."""
    at_once: int
    listings_per_s: float
    latency_ms_p50: float
    latency_ms_p95: float
    prompt_tokens: int
    """All listings; 0 where no model is asked."""
    completion_tokens: int
    completion_tokens_per_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageErrors:
    """Error rates of one language."""

    language: str
    listings: int
    wrong: Estimate
    """Share of what was given that is wrong (1 - precision)."""
    missed: Estimate
    """Share of gold that is missed (1 - recall)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfounded:
    """Statements about a person that the text does not bear out."""

    attribute: str
    given: int
    without_evidence: int
    """Of these, values that no words of the listing stand for."""
    wrong: int
    """Of those without evidence, how many gold has not."""
    listings: tuple[str, ...]
    """Ids of up to 20 listings with one that has no evidence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fairness:
    """Who is served worse, and what is said about persons without a reason. Counted under ``protocol``."""

    protocol: str
    languages: tuple[LanguageErrors, ...]
    unfounded: tuple[Unfounded, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Evidence: a span of a field, in code points, and its text."""

    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One wrong, superfluous or missing value."""

    protocol: str
    listing: str
    """Id."""
    lang: str
    category: str
    text: str
    """The title."""
    attribute: str
    gold: tuple[str, ...]
    """Values of the attribute in gold; empty where it has none."""
    given: str | None
    """The wrong value; None where ``gold`` was missed."""
    times: int
    """How often this confusion (attribute, gold, given) occurs in the whole file."""
    confidence: float | None
    source: str | None
    """rule, model or rule+model."""
    method: str | None
    """How the value was mapped."""
    raw: str | None
    """As read from the text."""
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingResult:
    """One listing: what groups it belongs to, how it went, and its outcomes, so that results can be compared."""

    id: str
    lang: str
    category: str
    length: int
    """Characters of all its text."""
    error: str | None = None
    """Why there is no answer."""
    partial: bool = False
    """The model did not answer, rules alone did."""
    latency_ms: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    outcomes: dict[str, dict[str, Outcomes]]
    """Protocol -> attribute -> outcomes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What was measured on what."""

    gold: str
    """File name and the folder it lies in."""
    gold_sha256: str
    listings: int
    languages: dict[str, int]
    predictions: str | None
    """File name where answers were read from a file."""
    train: str | None
    """Gold that values count as seen by."""
    rules: bool
    model: bool
    failed: int
    partial: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """Everything that could change a figure."""

    created: str
    """UTC, ISO 8601."""
    app: str
    revision: str | None
    """Git commit, with "+" behind it where files were changed; None outside a repository."""
    python: str
    packages: dict[str, str]
    machine: str
    cpus: int
    versions: dict[str, str]
    """Of what answered: model, adapter, prompt, schema, rules, taxonomy, pipeline. Empty for answers from a file."""
    settings: dict[str, str]
    """Settings that were set to other than their default, without addresses of databases and caches."""
    command: str | None = None
    """What was called, with its arguments."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One evaluation."""

    format: int = FORMAT
    environment: Environment
    subject: Subject
    protocols: dict[str, ProtocolResult]
    """By name, in the order they are reported in."""
    performance: Performance | None
    """None for answers from a file."""
    fairness: Fairness | None
    mistakes: tuple[Mistake, ...]
    """The most telling first: frequent confusions, and within them the most confident."""
    listings: tuple[ListingResult, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """B beside A on the same listings."""

    name: str
    a: float
    b: float
    difference: Estimate
    """B - A with its interval (paired bootstrap over listings)."""
    p_value: float
    """Of a difference as large by chance (approximate randomisation, two-sided; Noreen 1989)."""
    slots: int
    """Gold slots of this part."""

    @property
    def verdict(self) -> str:
        """Return ``better`` or ``worse`` where the interval leaves out 0 and p is below 0.05, else ``same``.

        Of a part with few listings the interval alone says too much: both must agree.
        """
        low, high = self.difference.low, self.difference.high
        if low is None or high is None or low <= 0 <= high or self.p_value >= 0.05:
            return "same"
        return "better" if low > 0 else "worse"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtocolComparison:
    """What got better and what got worse under one protocol."""

    name: str
    overall: tuple[Change, ...]
    """precision, recall, f1, accuracy, macro f1"""
    by: dict[str, tuple[Change, ...]]
    """F1 by attribute and by language, the largest loss first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """An offline A/B test of two results on the same gold."""

    a: Environment
    b: Environment
    listings: int
    """Listings that both answer."""
    protocols: dict[str, ProtocolComparison]


def to_json(value: Result | Comparison) -> bytes:
    """Return a result or a comparison as one line of JSON."""
    import orjson

    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def read_result(path: Path) -> Result:
    """Return the result in a file; InvalidFile where it is none."""
    from pydantic import TypeAdapter, ValidationError

    from app.domain.errors import InvalidFile

    try:
        return TypeAdapter(Result).validate_json(path.read_bytes())
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be read: {exc.strerror}", field="RESULT") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(map(str, first["loc"])) or None
        message = f"{path} is no result of `tagwright eval --save`: {place}: {first['msg']}"
        raise InvalidFile(message, field=place) from exc
