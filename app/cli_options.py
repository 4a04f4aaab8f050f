"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path

import click

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object per line, for programs.")
PATH = click.Path(path_type=Path)


def listed(names: str | None) -> tuple[str, ...] | None:
    """Return the names of a list with commas; None for none."""
    return tuple(part.strip() for part in names.split(",") if part.strip()) if names else None
