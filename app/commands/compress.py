"""`tagwright model compress|measure`: a trained span tagger made smaller, and what that costs and gains."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from app.domain.extras import needing


def run(folder: Path, out: Path, *, data: Path, pieces: int | None, stored: Literal["float16", "int8"]) -> int:
    """Make the smaller model, and print its folder and size; MissingExtra without torch."""
    with needing("encoder", "compression"):
        from app.training.compress.folder import compress
    compress(folder, out, data=data, pieces=pieces, stored=stored)
    before, after = (sum(path.stat().st_size for path in each.iterdir()) / 1e6 for each in (folder, out))
    click.echo(f"model: {out} ({after:.1f} MB of {before:.1f})")
    return 0


def run_measure(name: str, folders: tuple[Path, ...], **options: Any) -> int:
    """Print the table of variants; see compression.py. MissingExtra without torch."""
    with needing("encoder", "compression"):
        from app.commands.compression import run as print_table
    return print_table(name, folders, **options)
