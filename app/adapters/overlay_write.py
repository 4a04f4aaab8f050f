"""Writes an overlay of aliases: a file that `read_overlay` takes as it is, and that a person may edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from app.adapters.whole_files import replacing
from app.domain.errors import InvalidFile


def write_aliases(path: Path, name: str, aliases: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    """Write aliases, concept id -> locale -> labels, as an overlay; InvalidFile where a file is there or cannot be."""
    if path.exists():
        # what a person has edited must not be lost to the next run
        raise InvalidFile(f"{path} is there already", field="write_overlay", hint="name a new file, or remove it")
    content = {"name": name, "aliases": {i: {loc: list(t) for loc, t in of.items()} for i, of in aliases.items()}}
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None)
    try:
        with replacing(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be written: {exc.strerror}", field="write_overlay") from exc
