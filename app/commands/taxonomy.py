"""`tagwright taxonomy check|search`."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from app.bootstrap import TAXONOMY, data_folder, open_normalizer
from app.commands import terminal
from app.domain.errors import InputError, NotFound
from app.domain.taxonomy import CATEGORY
from app.pipeline.localize import resolve
from app.pipeline.matching.lookup import LabelSearch
from app.present import hit_fields
from app.settings import load_settings


def check(folder: Path | None, *, against: Path | None, as_json: bool) -> int:
    """Print every problem of a taxonomy folder and what it holds; return the exit code: 1 for problems.

    ``against`` is the version before, whose ids must all be there and mean what they meant.
    """
    from app.adapters.taxonomy_check import check_taxonomy

    folder = folder or load_settings().taxonomy or data_folder("taxonomy") / TAXONOMY
    report = check_taxonomy(folder)
    if against is not None:
        from app.commands.taxonomy_versions import id_problems

        report = replace(report, problems=(*report.problems, *id_problems(against, folder)))
    if as_json:
        terminal.write_json({"folder": str(folder), **asdict(report)})
        return 1 if report.problems else 0
    for problem in report.problems:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        click.echo(terminal.printable(" ".join(part for part in (f"{place}:", problem.id, problem.message) if part)))
    click.echo(", ".join(f"{count} {name}" for name, count in report.counts.items()))
    click.echo("labels: " + ", ".join(f"{locale} {count}" for locale, count in report.labels.items()))
    for kind, locales in report.excused.items():
        found = ", ".join(f"{locale} {count}" for locale, count in locales.items())
        click.echo(f"excused, since the manifest is lenient: {sum(locales.values())} {kind} ({found})")
    count = len(report.problems)
    click.echo("no problems" if not count else "1 problem" if count == 1 else f"{count} problems")
    return 1 if report.problems else 0


def search(
    query: str,
    *,
    attribute: str | None,
    category: str | None,
    lang: str | None,
    limit: int,
    explain: bool,
    as_json: bool,
) -> int:
    """Print the concepts that a query finds, best first, in the form of `GET /v1/taxonomy/search`."""
    if not query.strip():
        raise InputError("the query is empty", field="QUERY")
    settings = load_settings()
    normalizer = open_normalizer(settings)
    taxonomy = normalizer.taxonomy
    if attribute is not None and attribute != CATEGORY and attribute not in taxonomy.attributes:
        known = ", ".join((CATEGORY, *taxonomy.attributes))
        raise NotFound(f"no attribute has the id {attribute!r}", field="attribute", hint=f"known are {known}")
    shown = resolve(None if as_json else tuple(dict.fromkeys(("en", lang or "en"))), taxonomy)
    with terminal.waiting("searching"):
        search = LabelSearch(normalizer)
        hits = search.find(query, attribute=attribute, category=category, lang=lang, limit=limit)
    results = [hit_fields(hit, shown) for hit in hits]
    if as_json:
        terminal.write_json({"results": results})
    elif not results:
        click.echo("nothing found")
    else:
        _table(results, tuple(asked for asked, _ in shown.pairs), explain=explain)
    return 0


def _table(results: list[dict[str, Any]], locales: tuple[str, ...], *, explain: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("id", *(f"label ({locale})" for locale in locales), "found by", *(["layer"] if explain else [])):
        table.add_column(name)
    for result in results:
        match = result["match"]
        found_by = f"{match['method']} {match['score']:g} “{match['label']}” ({match['locale']})"
        layer = [match["layer"] or "taxonomy"] if explain else []
        table.add_row(*map(Text, (result["id"], *(result["labels"][locale] for locale in locales), found_by, *layer)))
    terminal.console().print(table)
