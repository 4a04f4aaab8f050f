"""An evaluation on the terminal: the figures that a merchandising lead asks for first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from app.commands.terminal import printable
from eval.harness.result import (
    Change,
    Comparison,
    Estimate,
    Group,
    Mistake,
    ProtocolResult,
    Result,
)

if TYPE_CHECKING:
    from rich.console import Console

ROWS = 15
"""Of a long table, so many rows are shown; the saved result has all."""
MISTAKES = 5
_COLOURS = {"better": "green", "worse": "red", "same": "dim"}


def show_result(console: Console, result: Result) -> None:
    """Print what was measured and the scores."""
    for line in _heading(result):
        console.print(printable(line), markup=False)
    _table(
        console,
        ("judged by", "precision %", "recall %", "F1 %", "macro F1 %", "accuracy %", "listings all right %"),
        [_overall(one) for one in result.protocols.values()],
    )
    main = result.protocols.get("tags") or next(iter(result.protocols.values()))
    for kind in ("language", "attribute", "value", "length"):
        groups = main.by.get(kind, ())
        if len(groups) > 1:
            columns = (f"{main.name} by {kind}", "listings", "gold", "precision %", "recall %", "F1 %")
            _table(console, columns, [_group(group) for group in groups[:ROWS]], left_out=len(groups) - ROWS)
    for line in _notes(result):
        console.print(printable(line), markup=False)
    if result.mistakes:
        console.print(f"mistakes that tell most ({len(result.mistakes)} in the saved result):", markup=False)
        for mistake in result.mistakes[:MISTAKES]:
            console.print(printable(_mistake(mistake)), markup=False)


def show_comparison(console: Console, comparison: Comparison) -> None:
    """Print what got better and what got worse; see `Change.verdict` for when a difference counts."""
    revisions = " to ".join(one.revision or one.created for one in (comparison.a, comparison.b))
    console.print(f"A to B ({revisions}) on {comparison.listings} listings", markup=False)
    columns = ("A %", "B %", "B - A, points", "p", "")
    for name, protocol in comparison.protocols.items():
        _table(console, (name, *columns), [_change(one) for one in protocol.overall])
        for kind, changes in protocol.by.items():
            # equal parts say nothing; the largest loss comes first, the largest gain last
            moved = [one for one in changes if one.a != one.b]
            if len(changes) > 1 and moved:
                shown = moved if len(moved) <= ROWS else [*moved[: ROWS // 2], *moved[-(ROWS // 2) :]]
                rows = [_change(one) for one in shown]
                _table(console, (f"{name}, F1 by {kind}", *columns), rows, left_out=len(changes) - len(shown))


def _heading(result: Result) -> Iterator[str]:
    subject, versions = result.subject, result.environment.versions
    languages = ", ".join(f"{name} {count}" for name, count in subject.languages.items())
    lost = f"; {subject.failed} failed, {subject.partial} partial" if subject.failed or subject.partial else ""
    yield f"{subject.gold}: {subject.listings} listings ({languages}){lost}"
    if subject.predictions:
        yield f"answers of {subject.predictions}"
        return
    rules = versions["rules"] if subject.rules else "none"
    yield f"model {versions['model']}, adapter {versions['adapter']}, rules {rules}, taxonomy {versions['taxonomy']}"


def _overall(one: ProtocolResult) -> tuple[str, ...]:
    micro = one.micro
    figures = (micro.precision, micro.recall, micro.f1, one.macro.f1, micro.accuracy, one.exact)
    return one.name, *map(_percent, figures)


def _group(group: Group) -> tuple[str, ...]:
    score = group.score
    figures = map(_percent, (score.precision, score.recall, score.f1))
    return group.name, str(group.listings), str(score.outcomes.gold), *figures


def _notes(result: Result) -> Iterator[str]:
    for one in result.protocols.values():
        yield from _about_confidence(one)
        if one.hierarchy is not None:
            h = one.hierarchy
            figures = ", ".join(f"{n} {_percent(x)}" for n, x in (("precision", h.precision), ("recall", h.recall)))
            yield f"categories by shared ancestors, %: {figures}, F1 {_percent(h.f1)}"
        if (stages := one.stages) is not None and stages.known:
            oracle = "" if stages.oracle is None else f"; handed the wording, mapped right {100 * stages.oracle:.1f}"
            yield (
                f"of {stages.known} gold tags with known wording, %: read {_percent(stages.extraction)}, "
                f"then mapped right {_percent(stages.normalisation)}{oracle}"
            )
    for about in result.fairness.unfounded if result.fairness else ():
        yield (
            f"{about.attribute}: {about.without_evidence} of {about.given} given without evidence in the text, "
            f"{about.wrong} of them wrong"
        )
    if (speed := result.performance) is not None:
        yield (
            f"{speed.listings_per_s:.1f} listings/s, {speed.at_once} at once: p50 {speed.latency_ms_p50:.0f} ms, p95 "
            f"{speed.latency_ms_p95:.0f} ms; {speed.prompt_tokens} tokens read, {speed.completion_tokens} written "
            f"({speed.completion_tokens_per_s:.0f}/s)"
        )


def _about_confidence(one: ProtocolResult) -> Iterator[str]:
    if (reliable := one.reliability) is not None:
        ranking = "" if reliable.auroc is None else f", AUROC {reliable.auroc:.3f}"
        yield (
            f"confidence: ECE {reliable.ece:.3f}, Brier {reliable.brier:.3f} (a constant: {reliable.base_brier:.3f})"
            f"{ranking}, {reliable.tags} tags"
        )
    if (chosen := one.selective) is not None:
        yield f"accepted decisions, %: coverage {_percent(chosen.coverage)}, accuracy {_percent(chosen.accuracy)}"
        stated = f"{100 * chosen.stated:g} % right"
        if (point := chosen.threshold) is None:
            yield f"no threshold reaches {stated}"
        else:
            yield (
                f"{stated} is reached from confidence {point.threshold:.3f} on: coverage {100 * point.coverage:.1f}, "
                f"accuracy {100 * point.accuracy:.1f}"
            )
    if (fitted := one.crossfit) is not None:
        yield (
            f"fitted on {fitted.folds - 1} folds, judged on one, %: coverage {_percent(fitted.coverage)}, accuracy "
            f"{_percent(fitted.accuracy)}; ECE {fitted.reliability.ece:.3f}, Brier {fitted.reliability.brier:.3f} "
            f"(a constant: {fitted.reliability.base_brier:.3f})"
        )


def _mistake(one: Mistake) -> str:
    sure = "" if one.confidence is None else f" ({one.confidence:.2f}, {one.source}, {one.method})"
    wanted = " + ".join(one.gold) or "nothing"
    given = f"{one.given}{sure}" if one.given is not None else "nothing"
    often = f", {one.times} times" if one.times > 1 else ""
    at = " ".join(f"[{span.text}]" for span in one.evidence)
    return f"  {one.lang} {one.attribute}: {given} instead of {wanted}{often}  {at}  {one.text}"[:200]


def _change(one: Change) -> tuple[str, ...]:
    verdict = one.verdict
    return (
        one.name,
        f"{100 * one.a:.1f}",
        f"{100 * one.b:.1f}",
        _percent(one.difference, "+"),
        f"{one.p_value:.3f}" if one.p_value >= 0.001 else "<0.001",
        f"[{_COLOURS[verdict]}]{verdict}[/]",
    )


def _percent(one: Estimate, sign: str = "") -> str:
    if one.low is None or one.high is None:
        return f"{100 * one.value:{sign}.1f}"
    return f"{100 * one.value:{sign}.1f} ({100 * one.low:{sign}.1f} to {100 * one.high:{sign}.1f})"


def _table(console: Console, columns: Sequence[str], rows: Iterable[tuple[str, ...]], *, left_out: int = 0) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=not number)
    for name, *figures in rows:
        table.add_row(escape(printable(name)), *figures)
    console.print(table)
    if left_out > 0:
        console.print(f"... and {left_out} more", markup=False)
    console.print()
