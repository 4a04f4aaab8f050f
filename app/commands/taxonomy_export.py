"""`tagwright taxonomy export`."""

from __future__ import annotations

from pathlib import Path

from app.adapters.exports import TAXONOMY_FORMATS, load
from app.adapters.whole_files import replacing
from app.bootstrap import open_taxonomy
from app.commands import terminal
from app.domain.errors import InputError
from app.pipeline.exports.skos import Skos, checked_base, default_base
from app.pipeline.localize import resolve
from app.settings import load_settings


def export(
    output: Path, *, format_name: str, folder: Path | None, locales: tuple[str, ...] | None, base: str | None
) -> int:
    """Write a taxonomy as SKOS and say how much it was; return the exit code."""
    taxonomy = open_taxonomy(load_settings(taxonomy=folder))
    shown = resolve(locales, taxonomy)
    for warning in shown.warnings:
        terminal.say(warning.message)
    base = checked_base(base or default_base(taxonomy))
    chosen = {served for _, served in shown.pairs}
    skos = Skos(taxonomy=taxonomy, base=base, locales=chosen, say=terminal.say)
    with terminal.waiting(f"writing {output}"):
        try:
            with replacing(output) as part, part.open("w", encoding="utf-8", newline="\n") as out:
                triples = load(TAXONOMY_FORMATS[format_name])(skos.nodes(), out)
        except OSError as exc:
            raise InputError(f"{output} cannot be written: {exc.strerror}", field="OUTPUT") from exc
    counts = f"{len(taxonomy.concepts)} concepts and {len(taxonomy.attributes)} attributes"
    terminal.say(
        f"{counts} of {taxonomy.name} {taxonomy.version}: {triples} triples in {output}, URIs begin with {base}"
    )
    return 0
