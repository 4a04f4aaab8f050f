"""What `tagwright taxonomy diff|migrate` show people; programs get it all with --json."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from app.commands import terminal
from app.domain.taxonomy_changes import KINDS, TaxonomyDiff

_SHOWN = 20
"""Lines of each kind of change."""


def show_diff(diff: TaxonomyDiff) -> None:
    """Print the number of changes per attribute, and the first of each kind."""
    click.echo(terminal.printable(f"{diff.old} -> {diff.new}"))
    for name, locales in (("added", diff.locales_added), ("removed", diff.locales_removed)):
        if locales:
            click.echo(terminal.printable(f"locales {name}: {', '.join(locales)}"))
    counts = diff.counts()
    if not counts:
        click.echo("no concept differs")
        return
    kinds = [kind for kind in KINDS if getattr(diff, kind)]
    _table(
        ("attribute", *(kind.replace("_", " ") for kind in kinds)),
        [(attribute, *(str(of.get(kind, "")) for kind in kinds)) for attribute, of in counts.items()],
    )
    for kind in kinds:
        changes = getattr(diff, kind)
        click.echo(f"\n{kind.replace('_', ' ')}{_NOTES.get(kind, '')}")
        for change in changes[:_SHOWN]:
            click.echo(terminal.printable(f"  {_LINES[kind](change)}"))
        if len(changes) > _SHOWN:
            click.echo(f"  … {len(changes) - _SHOWN} more: --json gives all")


_NOTES = {
    "removed": ": an id is never deleted, these concepts have to stay, retired",
    "reused": ": an id is never used again, these seem to be",
}


def _relabelled(change: Any) -> str:
    parts = [f"“{change.before}” -> “{change.after}”"] if change.before != change.after else []
    marks = (("+", change.added), ("-", change.removed), ("without ~", change.freed), ("with ~", change.restricted))
    parts += [f"{mark} {', '.join(labels)}" for mark, labels in marks if labels]
    return f"{change.id} {change.locale}: {'; '.join(parts)}"


_LINES: Mapping[str, Callable[[Any], str]] = {
    "added": lambda x: f"{x.id} “{x.label}”",
    "retired": lambda x: f"{x.id} “{x.label}” -> {x.successor or 'no successor'}",
    "restored": lambda x: f"{x.id} “{x.label}”",
    "removed": lambda x: f"{x.id} “{x.label}”",
    "reused": lambda x: f"{x.id} “{x.before}” -> “{x.after}”",
    "moved": lambda x: f"{x.id}: {x.before or 'root'} -> {x.after or 'root'}",
    "relabelled": _relabelled,
    "altered": lambda x: f"{x.id} {x.field}: {_plain(x.before)} -> {_plain(x.after)}",
    "labels_moved": lambda x: f"“{x.label}” ({x.locale}): {x.before} -> {x.after}",
    "merged": lambda x: f"{', '.join(x.sources)} -> {x.into}",
    "split": lambda x: f"{x.id} -> {', '.join(x.into)}",
}


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def show_totals(summary: Mapping[str, Any]) -> None:
    """Print what a migration did, or would do."""
    would = "would be " if summary["dry_run"] else ""
    click.echo(f"{summary['listings_rewritten']} listings {would}rewritten{_kinds(summary['tags_migrated'])}")
    click.echo(f"{summary['listings_requeued']} listings {would}put on the re-queue list{_kinds(summary['requeued'])}")
    if summary["tags_unmapped"]:
        click.echo(f"{summary['tags_unmapped']} tags could not be mapped; they are kept as unmatched values, or locked")
        rows = [(row["id"], str(row["tags"]), row["why"], ", ".join(row["candidates"])) for row in summary["unmapped"]]
        _table(("id", "tags", "why", "candidates"), rows[:_SHOWN])
        if len(rows) > _SHOWN:
            click.echo(f"… {len(rows) - _SHOWN} more: --json gives all")
    if unknown := summary["unknown_ids"]:
        some = ", ".join(unknown[:_SHOWN])
        click.echo(terminal.printable(f"{len(unknown)} ids in use are in neither version and were left alone: {some}"))


def _kinds(counts: Mapping[str, int]) -> str:
    return f" ({', '.join(f'{count} {kind}' for kind, count in counts.items())})" if counts else ""


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name)
    for row in rows:
        table.add_row(*map(Text, map(terminal.printable, row)))
    terminal.console().print(table)
