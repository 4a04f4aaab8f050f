"""What the report says beyond the figures: which protocol speaks first, where most is lost, who is served worse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.harness.result import (
    Change,
    Comparison,
    Confusion,
    Estimate,
    LanguageErrors,
    Mistake,
    Outcomes,
    ProtocolComparison,
    ProtocolResult,
    Result,
    Span,
)
from eval.report import words

FEW = 10
"""Listings below which a figure is a hint."""
TITLE = 600
"""Characters of a listing's text that are shown."""


def main_protocol(names: Iterable[str]) -> str:
    """Return the protocol that the report speaks of: the one that counts every value too many, as mistakes do."""
    held = list(names)
    return next((name for name in ("tags", "sets") if name in held), held[0])


def errors(outcomes: Outcomes) -> int:
    """Return how many slots went wrong."""
    return outcomes.vw + outcomes.nv + outcomes.vn


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """What an attribute adds to all mistakes."""

    attribute: str
    errors: int
    share: float
    outcomes: Outcomes


def losses(protocol: ProtocolResult, most: int = 5) -> tuple[Loss, ...]:
    """Return the attributes that most mistakes are made in."""
    groups = [(group.name, group.score.outcomes) for group in protocol.by.get("attribute", ())]
    total = sum(errors(of) for _, of in groups)
    ranked = sorted(groups, key=lambda one: (-errors(one[1]), one[0]))[:most]
    return tuple(
        Loss(attribute=name, errors=errors(of), share=errors(of) / total, outcomes=of)
        for name, of in ranked
        if errors(of)
    )


def strengths(protocol: ProtocolResult, most: int = 5, least: float = 0.9) -> tuple[tuple[str, float], ...]:
    """Return (attribute, F1) of those that go best, of enough listings to say so."""
    good = [
        (group.name, group.score.f1.value)
        for group in protocol.by.get("attribute", ())
        if group.listings >= FEW and group.score.outcomes.gold >= FEW and group.score.f1.value >= least
    ]
    return tuple(sorted(good, key=lambda one: (-one[1], one[0]))[:most])


@dataclass(frozen=True, kw_only=True, slots=True)
class Mix:
    """A confusion matrix and what is told of it in a line."""

    matrix: Confusion
    total: int
    differing: int
    frequent: tuple[tuple[str, str, int], ...]
    """(gold, given, times), the most frequent first."""


def mixes(confusions: Sequence[Confusion]) -> tuple[Mix, ...]:
    """Return the matrices, those with most differences first. Rare values put together count neither way."""
    found = []
    for one in confusions:
        apart = [
            (gold, given, number)
            for gold, row in zip(one.labels, one.counts, strict=True)
            for given, number in zip(one.labels, row, strict=True)
            if number and gold != given
        ]
        apart.sort(key=lambda pair: -pair[2])
        differing = sum(number for *_, number in apart)
        total = sum(map(sum, one.counts))
        told = tuple(pair for pair in apart if words.OTHERS not in pair[:2])[:3]
        found.append(Mix(matrix=one, total=total, differing=differing, frequent=told))
    return tuple(sorted(found, key=lambda one: (-one.differing, one.matrix.attribute)))


def apart(languages: Sequence[LanguageErrors], measure: str) -> tuple[LanguageErrors, LanguageErrors] | None:
    """Return the worst and the best language where their intervals do not meet; None where they do."""

    def of(one: LanguageErrors) -> Estimate:
        found: Estimate = getattr(one, measure)
        return found

    sure = [one for one in languages if of(one).low is not None]
    if len(sure) < 2:
        return None
    worst = max(sure, key=lambda one: of(one).value)
    best = min(sure, key=lambda one: of(one).value)
    low, high = of(worst).low, of(best).high
    return (worst, best) if low is not None and high is not None and low > high else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdicts:
    """How many parts changed, and which way."""

    better: int
    worse: int
    same: int


def verdicts(changes: Iterable[Change]) -> Verdicts:
    """Count verdicts."""
    told = [one.verdict for one in changes]
    return Verdicts(better=told.count("better"), worse=told.count("worse"), same=told.count("same"))


def headline_change(comparison: Comparison) -> tuple[ProtocolComparison, Change]:
    """Return the protocol that is spoken of, and its change of F1."""
    protocol = comparison.protocols[main_protocol(comparison.protocols)]
    return protocol, next(one for one in protocol.overall if one.name == "f1")


def most_changed(changes: Sequence[Change], verdict: str, most: int = 5) -> tuple[Change, ...]:
    """Return the parts that got better or worse by most, of enough expected values to say so."""
    found = [one for one in changes if one.verdict == verdict and one.slots >= FEW]
    return tuple(sorted(found, key=lambda one: (-abs(one.difference.value), one.name))[:most])


def moved(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the parts that are not exactly alike."""
    return tuple(one for one in changes if one.a != one.b)


def latencies(result: Result) -> list[float]:
    """Return how long each listing took, in milliseconds."""
    return [one.latency_ms for one in result.listings if one.latency_ms is not None]


def segments(one: Mistake) -> list[tuple[str, bool]]:
    """Return the title in pieces, each with whether it is evidence; a long one is cut around the first evidence."""
    text = one.text
    marks = sorted((span.start, span.end) for span in one.evidence if span.field == "title" and span.end > span.start)
    start = max(0, marks[0][0] - TITLE // 3) if marks and len(text) > TITLE else 0
    end = min(len(text), start + TITLE)
    pieces = [("… ", False)] if start else []
    at = start
    for low, high in marks:
        low, high = max(low, at), min(high, end)
        if low < high:
            pieces += [(text[at:low], False), (text[low:high], True)]
            at = high
    pieces.append((text[at:end] + (" …" if end < len(text) else ""), False))
    return [piece for piece in pieces if piece[0]]


def elsewhere(one: Mistake) -> tuple[Span, ...]:
    """Return the evidence that stands in other fields than the title."""
    return tuple(span for span in one.evidence if span.field != "title")


def how(one: Mistake) -> str:
    """Return in a sentence where a given value comes from; "" where that is not known."""
    read = f"{words.SOURCES.get(one.source, one.source)} read “{one.raw}”" if one.source and one.raw else ""
    if not read:
        return ""
    why = f"; {words.METHODS.get(one.method, one.method)}" if one.method else ""
    return f"{read[:1].upper()}{read[1:]}{why}."


def versions(result: Result) -> dict[str, str]:
    """Return name and version of everything that could change a figure, in the order a reader looks for it."""
    told = result.environment
    return {
        "tagwright": told.app,
        "Git revision": told.revision or "not known (no repository)",
        **{words.attribute(name): text for name, text in told.versions.items()},
        "Gold, SHA-256": result.subject.gold_sha256,
        "Python": told.python,
        "Machine": f"{told.machine}, {words.plural(told.cpus, 'CPU', 'CPUs')}",
    }
