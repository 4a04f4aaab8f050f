"""`tagwright taxonomy suggest`: what to do about stored values that fit no concept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.adapters.overlay_write import write_aliases
from app.bootstrap import open_matching, open_tag_store
from app.commands import terminal
from app.pipeline.ports import UnmatchedValue
from app.pipeline.suggestions.advice import Suggestion, as_row, suggest
from app.pipeline.suggestions.aliases import accepted_aliases
from app.settings import Settings, load_settings


@dataclass(frozen=True, kw_only=True)
class SuggestJob:
    """What is asked for."""

    tenant: str
    attribute: str | None
    lang: str | None
    limit: int
    min_count: int
    min_score: float
    write_overlay: Path | None
    as_json: bool


def run(job: SuggestJob) -> int:
    """Print the suggestions, and write the aliases among them; return the exit code."""
    settings = load_settings()
    with terminal.waiting("counting"):
        values = asyncio.run(_counted(settings, job))
    with terminal.waiting("comparing"):
        normalizer, neighbours = open_matching(settings)
        found = suggest(values, normalizer, neighbours, limit=job.limit, least=job.min_count)
    written = _write(found, normalizer.taxonomy.locales, job)
    if job.as_json:
        terminal.write_json({"suggestions": [as_row(one) for one in found], "values": len(values)} | written)
        return 0
    if not found:
        click.echo("no stored value is without a concept")
    else:
        _table(found)
    if job.write_overlay is not None:
        click.echo(f"{written['aliases_written']} aliases of likeness {job.min_score:g} or more in {job.write_overlay}")
    return 0


async def _counted(settings: Settings, job: SuggestJob) -> tuple[UnmatchedValue, ...]:
    store = await open_tag_store(settings)
    try:
        return await store.unmatched(job.tenant, attribute=job.attribute, lang=job.lang)
    finally:
        await store.close()


def _write(found: Sequence[Suggestion], locales: Sequence[str], job: SuggestJob) -> dict[str, Any]:
    if job.write_overlay is None:
        return {}
    aliases = accepted_aliases(found, locales, least=job.min_score)
    write_aliases(job.write_overlay, job.write_overlay.stem, aliases)
    return {"aliases_written": sum(len(texts) for of in aliases.values() for texts in of.values())}


def _table(found: Sequence[Suggestion]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("attribute", "value", "listings", "languages", "suggestion", "sure", "why"):
        table.add_column(name, justify="right" if name in ("listings", "sure") else "left")
    for one in found:
        languages = ", ".join(f"{lang} {count}" for lang, count in list(one.cluster.languages().items())[:4])
        spelt = one.cluster.raws()
        value = spelt[0] if len(spelt) == 1 else f"{spelt[0]} (+{len(spelt) - 1} spellings)"
        row = (one.cluster.attribute, value, str(one.cluster.count), languages, _what(one))
        table.add_row(*(Text(terminal.printable(cell)) for cell in (*row, f"{one.certainty:.2f}", one.reason)))
    terminal.console().print(table)


def _what(one: Suggestion) -> str:
    if one.nearest is not None and one.kind.value in ("alias", "other_attribute", "known"):
        return f"{one.kind.value.replace('_', ' ')}: {one.nearest.concept.id}"
    return one.kind.value.replace("_", " ")
