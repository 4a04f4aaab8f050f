"""Every family of the field side by side on a set's dev: `python -m eval.compare_families SET` (`make compare SET=`).

F1 by slots, strict and value sets with 95 % bootstrap intervals, latency of one listing at a time, size on disk,
training time. All are asked through the same port as `tagwright extract`; one that cannot be asked has a row that says
why. Under the table the fusions are held against the best of the others, listing by listing. Every run of this is one
look at dev.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.bootstrap_extractors import open_extractor
from app.domain.errors import InvalidFile, TagwrightError
from app.settings import load_settings
from eval.candidates import Candidate, candidates
from eval.harness.extraction import OF_VALUES, Measured, measure
from eval.harness.gold import Gold, read_gold
from eval.harness.result import Change, Estimate
from eval.harness.scores import f1
from eval.harness.statistics import difference, randomisation_p

HEAD = ("model", "family", *OF_VALUES, "p50 ms", "MB", "train s")
MODELS = (Path(".tagwright/models"), Path(".tagwright/train"))
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A candidate and how it did; ``measured`` is None where ``missing`` says why it could not be asked."""

    candidate: Candidate
    measured: Measured | None = None
    listings: int = 0
    missing: str = ""


async def table(gold: Gold, train: Path, asked: Sequence[Candidate], limit: int | None, say: Say) -> list[Row]:
    """Ask all candidates, one after the other; slow ones for the first ``limit`` listings.

    ``say`` is told each row as it is done: a run that is broken off has shown something.
    """
    rows = []
    for candidate in asked:
        try:
            row = await _row(candidate, gold, train, limit if candidate.slow else None)
        except TagwrightError as exc:
            row = Row(candidate=candidate, missing=f"{exc.message}{f' ({exc.hint})' if exc.hint else ''}")
        say("  ".join(_cells(row, len(gold.listings))))
        rows.append(row)
    return rows


async def _row(candidate: Candidate, gold: Gold, train: Path, limit: int | None) -> Row:
    if candidate.missing is not None:
        return Row(candidate=candidate, missing=candidate.missing)
    part = read_gold(gold.path, limit=limit)
    if part.schema is None:
        raise InvalidFile(f"{gold.path} has no schema.json beside it", field="schema")
    opened = await open_extractor(
        load_settings(**candidate.settings),
        part.schema,
        train=train if candidate.taught else None,
        rules=candidate.rules,
        model=candidate.model,
    )
    try:
        return Row(candidate=candidate, measured=await measure(opened.extractor, part), listings=len(part.listings))
    finally:
        await opened.close()


def beside(fused: Row, others: Sequence[Row], protocol: str) -> tuple[Row, Change] | None:
    """Return the best of the others on the listings that both answered, and what the fusion changes."""
    if fused.measured is None:
        return None
    pairs = []
    for other in others:
        if other.measured is not None and other is not fused:
            shared = min(fused.listings, other.listings)
            theirs, ours = other.measured.whole(protocol)[:shared], fused.measured.whole(protocol)[:shared]
            pairs.append((float(f1(theirs.sum(0))), other, theirs, ours))
    if not pairs:
        return None
    _, best, theirs, ours = max(pairs, key=lambda one: one[0])
    change = Change(
        name=protocol,
        a=float(f1(theirs.sum(0))),
        b=float(f1(ours.sum(0))),
        difference=difference(theirs, ours, f1),
        p_value=randomisation_p(theirs, ours, f1),
        slots=int(ours[:, [0, 1, 3]].sum()),
    )
    return best, change


def fusions(rows: Sequence[Row]) -> Iterator[tuple[Row, Row, Change]]:
    """Yield each fusion with the best of what it could be made of: trained models, or what is served by itself."""
    served = [row for row in rows if row.candidate.name in ("rules and dictionary", "default adapter alone")]
    for fused in (row for row in rows if row.candidate.family == "fusion"):
        single = [row for row in rows if row.candidate.family != "fusion"]
        for protocol in OF_VALUES:
            if found := beside(fused, served if fused.candidate.rules else single, protocol):
                yield fused, *found


def shown(estimate: Estimate) -> str:
    """Return a share in per cent with its interval."""
    ends = (
        ""
        if estimate.low is None or estimate.high is None
        else f" [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"
    )
    return f"{100 * estimate.value:.1f}{ends}"


def lines(rows: Sequence[Row], listings: int) -> Iterator[str]:
    """Yield the table, columns aligned."""
    cells = [HEAD, *(_cells(row, listings) for row in rows)]
    widths = [max(len(row[n]) for row in cells if len(row) == len(HEAD)) for n in range(len(HEAD))]
    widths[0] = max(len(row[0]) for row in cells)
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
    for fused, best, change in fusions(rows):
        signed = f" [{100 * (change.difference.low or 0):+.1f}, {100 * (change.difference.high or 0):+.1f}]"
        yield (
            f"{fused.candidate.name} beside {best.candidate.name}, {change.name}: "
            f"{100 * change.difference.value:+.1f}{signed}, p {change.p_value:.3f}: {change.verdict}"
        )


def _cells(row: Row, listings: int) -> tuple[str, ...]:
    name, about = row.candidate.name, row.candidate
    if row.measured is None:
        return (name, about.family, row.missing)
    notes = [f"first {row.listings} listings"] if row.listings < listings else []
    notes += [f"{row.measured.failed} failed"] if row.measured.failed else []
    return (
        f"{name} ({', '.join(notes)})" if notes else name,
        about.family,
        *(shown(row.measured.f1(protocol)) for protocol in OF_VALUES),
        f"{row.measured.p50_ms:.1f}",
        "-" if about.megabytes is None else f"{about.megabytes:.1f}",
        "-" if about.train_seconds is None else f"{about.train_seconds:.0f}",
    )


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows for machines: shares, and the ends of their intervals."""
    return [
        {
            "model": row.candidate.name,
            "family": row.candidate.family,
            **({"missing": row.missing} if row.measured is None else _figures(row.measured)),
            "listings": row.listings,
            "megabytes": row.candidate.megabytes,
            "train_seconds": row.candidate.train_seconds,
        }
        for row in rows
    ]


def _figures(measured: Measured) -> Mapping[str, Any]:
    scores = {protocol: measured.f1(protocol) for protocol in OF_VALUES}
    f1s = {name: {"f1": of.value, "low": of.low, "high": of.high} for name, of in scores.items()}
    return {**f1s, "p50_ms": measured.p50_ms, "failed": measured.failed}


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m eval.compare_families", description=__doc__)
    parser.add_argument("set")
    parser.add_argument("--models", type=Path, action="append", help="folder of trained models; may be repeated")
    parser.add_argument("--only", action="append", help="part of the name of a row to ask; may be repeated")
    parser.add_argument(
        "--limit", type=int, default=50, help="listings that language models are asked for (50; 0: all)"
    )
    parser.add_argument("--prompted", default="smollm2-135m", help="model of zero-shot and few-shot, or a GGUF file")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    options = parser.parse_args(arguments)
    try:
        gold = read_gold(options.data / options.set / "dev.jsonl")
        folders = options.models or [*MODELS, *MODELS[1].glob("*")]
        asked = [
            one
            for one in candidates(options.set, folders, options.prompted)
            if not options.only or any(part in one.name for part in options.only)
        ]
        train = options.data / options.set / "train.jsonl"
        rows = asyncio.run(table(gold, train, asked, options.limit or None, lambda name: print(name, file=sys.stderr)))
    except TagwrightError as exc:
        raise SystemExit(f"Error: {exc.message}" + (f"\n  hint: {exc.hint}" if exc.hint else "")) from exc
    if options.json:
        print(json.dumps(as_json(rows), ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(rows, len(gold.listings))))


if __name__ == "__main__":
    main(sys.argv[1:])
