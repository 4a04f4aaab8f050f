"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object per line, for programs.")
PATH = click.Path(path_type=Path)


def listed(names: str | None) -> tuple[str, ...] | None:
    """Return the names of a list with commas; None for none."""
    return tuple(part.strip() for part in names.split(",") if part.strip()) if names else None


def served(verb: Any) -> Any:
    """Add the options that choose what answers; each wins over its TAGWRIGHT_* setting."""
    options = (
        click.option("--model", metavar="NAME|PATH", help="A model that ships, or a path."),
        click.option("--adapter", metavar="NAME|PATH", help="An adapter that ships, a folder or `none`."),
        click.option("--engine", metavar="NAME", help="What decodes."),
    )
    for option in reversed(options):
        verb = option(verb)
    return verb
