"""Everything that an evaluation reports: these dataclasses are the shape of its JSON, field by field.

    Result
    ├── Environment, Subject, Performance    what was measured, where, how fast      circumstances.py
    ├── ProtocolResult                       all scores under one protocol
    │   ├── Score, Group, Confusion, ...     outcomes, and what follows from them    scores.py
    │   └── Reliability, Selective, ...      what confidences are worth              confidence.py
    ├── Fairness                             who is served worse                     fairness.py
    └── ListingResult, Mistake               single listings                         listings.py
    Comparison                               two results side by side                comparison.py

Shares are 0 to 1. An interval is of 95 % over resampled listings (see eval/harness/statistics.py). What a gold file or
a run cannot tell is None or empty, never 0. `to_json` writes a result and `read_result` reads it back, for reports and
comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eval.harness.result.circumstances import Environment, Performance, Subject
from eval.harness.result.comparison import Change, Comparison, ProtocolComparison
from eval.harness.result.confidence import CrossFit, CurvePoint, Reliability, ReliabilityBin, Selective
from eval.harness.result.fairness import Fairness, LanguageErrors, Unfounded
from eval.harness.result.listings import ListingResult, Mistake, Span
from eval.harness.result.scores import Confusion, Estimate, Group, Hierarchy, MacroScore, Outcomes, Score, Stages

__all__ = [
    "Change",
    "Comparison",
    "Confusion",
    "CrossFit",
    "CurvePoint",
    "Environment",
    "Estimate",
    "Fairness",
    "FORMAT",
    "Group",
    "Hierarchy",
    "LanguageErrors",
    "ListingResult",
    "MacroScore",
    "Mistake",
    "Outcomes",
    "Performance",
    "ProtocolComparison",
    "ProtocolResult",
    "read_result",
    "Reliability",
    "ReliabilityBin",
    "Result",
    "Score",
    "Selective",
    "Span",
    "Stages",
    "Subject",
    "to_json",
    "Unfounded",
]
FORMAT = 1
"""Raised when a field changes its meaning."""


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
