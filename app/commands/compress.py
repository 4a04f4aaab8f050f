"""`tagwright model compress`: a trained span tagger made smaller."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from app.domain.errors import MissingExtra


def run(folder: Path, out: Path, *, data: Path, pieces: int | None, stored: Literal["float16", "int8"]) -> int:
    """Make the smaller model, and print its folder and size; MissingExtra without torch."""
    try:
        from app.training.compress.folder import compress

        compress(folder, out, data=data, pieces=pieces, stored=stored)
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.split(".")[0] == "app":
            raise
        raise MissingExtra(f"compression needs {exc.name}", hint="pip install 'tagwright[encoder]'") from exc
    before, after = (sum(path.stat().st_size for path in each.iterdir()) / 1e6 for each in (folder, out))
    click.echo(f"model: {out} ({after:.1f} MB of {before:.1f})")
    return 0
