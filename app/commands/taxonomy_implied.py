"""`tagwright taxonomy implied`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from app.bootstrap import open_implications, open_taxonomy
from app.commands import terminal
from app.pipeline.localize import resolve
from app.present import implied_fields
from app.settings import load_settings


def implied(concepts: Sequence[str], *, locales: tuple[str, ...] | None, as_json: bool) -> int:
    """Print what follows from concepts together, nearest first, with the reason; return the exit code."""
    taxonomy = open_taxonomy(load_settings())
    given = [taxonomy.concept(one).id for one in concepts]
    shown = resolve(locales or ("en",), taxonomy)
    answer = implied_fields(given, taxonomy, open_implications(), shown)
    if as_json:
        terminal.write_json({"tags": given, **answer})
        return 0
    if not answer["implied"]:
        click.echo("nothing follows")
        return 0
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    names = tuple(asked for asked, _ in shown.pairs)
    for name in ("id", *(f"label ({locale})" for locale in names), "because", "rule", "why"):
        table.add_column(name)
    for one in answer["implied"]:
        because = " → ".join(one["chain"][:-1])
        labels = (one["labels"][locale] for locale in names)
        table.add_row(*map(Text, (one["id"], *labels, because, one["rule"], one["why"])))
    terminal.console().print(table)
    return 0
