"""`tagwright model compress|measure`: a trained span tagger made smaller, and what that costs and gains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import click

from app.domain.errors import MissingExtra


def run(folder: Path, out: Path, *, data: Path, pieces: int | None, stored: Literal["float16", "int8"]) -> int:
    """Make the smaller model, and print its folder and size; MissingExtra without torch."""
    with _with_torch():
        from app.training.compress.folder import compress
    compress(folder, out, data=data, pieces=pieces, stored=stored)
    before, after = (sum(path.stat().st_size for path in each.iterdir()) / 1e6 for each in (folder, out))
    click.echo(f"model: {out} ({after:.1f} MB of {before:.1f})")
    return 0


def run_measure(name: str, folders: tuple[Path, ...], **options: Any) -> int:
    """Print the table of variants; see compression.py. MissingExtra without torch."""
    with _with_torch():
        from app.commands.compression import run as print_table
    return print_table(name, folders, **options)


@contextmanager
def _with_torch() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.split(".")[0] == "app":
            raise
        raise MissingExtra(f"compression needs {exc.name}", hint="pip install 'tagwright[encoder]'") from exc
