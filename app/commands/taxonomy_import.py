"""`tagwright taxonomy import`."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands import terminal

if TYPE_CHECKING:
    from app.adapters.imports.draft import Draft
    from app.adapters.imports.source import Problem, Source

_EXAMPLES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportJob:
    """What the caller asked for."""

    source: Path
    folder: Path
    format: str | None = None
    locales: tuple[str, ...] | None = None
    name: str | None = None
    version: str | None = None
    lint: bool = True
    """Look for signs of machine translation."""
    as_json: bool = False


def run(job: ImportJob) -> int:
    """Import a taxonomy and say what is wrong with its source; return the exit code, 0 whatever that is."""
    from app.adapters.imports import importer, recognise
    from app.adapters.imports.draft import Draft
    from app.adapters.imports.files import opened
    from app.adapters.imports.write import REPORT, refuse_to_overwrite, replaced, write_report, write_taxonomy

    began = time.perf_counter()
    refuse_to_overwrite(job.folder)
    with opened(job.source) as files:
        with terminal.waiting(f"opening {files.label}"):
            format_name = job.format or recognise(files)
            source = importer(format_name).open_source(files, job.locales)
        # a name is a part of file names, as of those of its vectors
        name = "-".join(re.findall(r"[\w.+-]+", job.name or source.name)) or format_name
        source = replace(source, name=name, version=job.version or source.version)
        draft = Draft(source.locales)
        _read(source, draft)
    problems = [*draft.problems, *(_lint(draft) if job.lint else ())]
    with replaced(job.folder) as part, terminal.waiting(f"writing {job.folder}"):
        write_taxonomy(part, draft, source, format_name)
        write_report(part, problems, draft.not_taken)
    summary = _summary(problems, draft, source) | {
        "format": format_name,
        "folder": str(job.folder),
        "report": str(job.folder / REPORT),
        "seconds": round(time.perf_counter() - began, 1),
    }
    if job.as_json:
        terminal.write_json(summary)
    else:
        _show(summary)
    return 0


def _read(source: Source, draft: Draft) -> None:
    from app.adapters.imports.source import Done

    with terminal.progress(source.size, f"reading {source.name}") as bar:
        for item in source.items():
            if isinstance(item, Done):
                bar.advance(item.size)
            else:
                draft.take(item)
    with terminal.waiting("checking"):
        draft.finish()


def _lint(draft: Draft) -> list[Problem]:
    from app.adapters.encoder import UseEncoder
    from app.adapters.imports.linting import lint

    found: list[Problem] = []
    with terminal.progress(len(draft.labels), "linting") as bar:
        for item in lint(draft, UseEncoder()):
            if isinstance(item, str):
                bar.advance(1)
            else:
                found.append(item)
    return found


def _summary(problems: Iterable[Problem], draft: Draft, source: Source) -> dict[str, Any]:
    """Return what was imported, and the problems by kind: how many, in which locales, the first ones."""
    kinds: dict[str, dict[str, Any]] = {}
    for problem in problems:
        kind = kinds.setdefault(problem.kind, {"count": 0, "locales": Counter(), "examples": []})
        kind["count"] += 1
        if problem.locale:
            kind["locales"][problem.locale] += 1
        if len(kind["examples"]) < _EXAMPLES:
            place = f"{problem.place.file}:{problem.place.line}" if problem.place.line else problem.place.file
            said = (problem.place.subject or problem.id, problem.locale, problem.label, problem.message)
            kind["examples"].append({"place": place, "text": " · ".join(part for part in said if part)})
    roles = Counter(node.role.value for node, concept in zip(draft.nodes, draft.ids, strict=True) if concept)
    untaken: Counter[str] = Counter()
    for each in draft.not_taken:
        untaken[each.what] += each.count
    return {
        "name": source.name,
        "version": source.version,
        "locales": list(source.locales),
        "concepts": dict(roles),
        "labels": sum(len(labels) for labels in draft.labels.values()),
        "problems": kinds,
        "not_taken": dict(untaken),
    }


def _show(summary: dict[str, Any]) -> None:
    concepts = ", ".join(f"{count} {role}" for role, count in summary["concepts"].items())
    click.echo(
        terminal.printable(
            f"{summary['name']} {summary['version']}: {concepts}; {summary['labels']} labels "
            f"in {len(summary['locales'])} locales, in {summary['folder']} ({summary['seconds']} s)"
        )
    )
    for kind, found in sorted(summary["problems"].items(), key=lambda each: -each[1]["count"]):
        locales = ", ".join(f"{locale} {count}" for locale, count in found["locales"].most_common(5))
        more = ", ..." if len(found["locales"]) > 5 else ""
        click.echo(f"{found['count']:8} {kind}" + (f" ({locales}{more})" if locales else ""))
        for example in found["examples"]:
            click.echo(terminal.printable(f"           {example['place']}: {example['text']}"))
    for what, count in summary["not_taken"].items():
        click.echo(terminal.printable(f"{count:8} not taken: {what}"))
    click.echo(f"every one of them, with file and line: {summary['report']}")
