"""Writes an imported taxonomy as a folder, whole or not at all: jsonl files, the manifest and the report."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import yaml

from app.adapters.imports.draft import Draft
from app.adapters.imports.source import Node, NotTaken, Problem, Role, Source
from app.adapters.taxonomy_constraints import LENIENT
from app.adapters.taxonomy_files import LOCALE_KEYS
from app.domain.errors import InvalidFile

REPORT = "import-report.jsonl"
LICENCE = "LICENSE"
"""Goes with the data, as most licences ask for."""


def refuse_to_overwrite(folder: Path) -> None:
    """Raise InvalidFile where a folder is in the way that is neither empty nor an import."""
    if folder.is_dir() and (not any(folder.iterdir()) or (folder / REPORT).exists()):
        return
    if folder.exists():
        raise InvalidFile(
            f"{folder} is there and is no import", field="OUTPUT_FOLDER", hint="name a folder that is new or empty"
        )


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside ``folder``, which takes its place when nothing is raised."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    part.mkdir(parents=True)
    try:
        yield part
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_taxonomy(folder: Path, draft: Draft, source: Source, format_name: str) -> None:
    """Write the concepts and the manifest of a finished draft into an empty folder."""
    is_text = "\n" in source.licence
    if is_text:
        (folder / LICENCE).write_text(source.licence, encoding="utf-8")
    manifest = {
        "name": source.name,
        "version": source.version,
        "locales": list(source.locales),
        "licence": f"see {LICENCE}" if is_text else source.licence or "see the source",
        "sources": [source.origin],
        "imported": format_name,
        "lenient": sorted(LENIENT),
    }
    text = yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False, width=120)
    (folder / "manifest.yaml").write_text(text, encoding="utf-8")
    files: dict[str, list[int]] = defaultdict(list)
    files["attributes.jsonl"] = []
    for number, node in enumerate(draft.nodes):
        if draft.ids[number]:
            files[_file(node, draft)].append(number)
    for name, numbers in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as out:
            for number in numbers:
                out.write(orjson.dumps(_row(draft, number), option=orjson.OPT_APPEND_NEWLINE))


def write_report(folder: Path, problems: Sequence[Problem], not_taken: Sequence[NotTaken]) -> None:
    """Write every problem as a line of JSON; keys that have nothing to say are left out."""
    with (folder / REPORT).open("wb") as out:
        for problem in problems:
            row = {"kind": problem.kind, "id": problem.id, **problem.place._asdict()}
            row |= {"locale": problem.locale, "label": problem.label, "message": problem.message}
            out.write(orjson.dumps({k: v for k, v in row.items() if v}, option=orjson.OPT_APPEND_NEWLINE))
        for untaken in not_taken:
            row = {"kind": "not-taken", "what": untaken.what, "count": untaken.count, **untaken.place._asdict()}
            out.write(orjson.dumps({k: v for k, v in row.items() if v}, option=orjson.OPT_APPEND_NEWLINE))


def _file(node: Node, draft: Draft) -> str:
    if node.role is Role.ATTRIBUTE:
        return "attributes.jsonl"
    return "categories/categories.jsonl" if node.role is Role.CATEGORY else f"values/{draft.attribute_id(node)}.jsonl"


def _row(draft: Draft, number: int) -> dict[str, Any]:
    """Return a concept as the files have it: what it has nothing to say about is left out."""
    node = draft.nodes[number]
    heir = _id(draft, node.role, node.successor)
    said = {
        "id": draft.ids[number],
        "broader": _id(draft, node.role, node.broader),
        "google": node.google,
        "exact": node.exact,
        "attributes": [_id(draft, Role.ATTRIBUTE, key) for key in node.relevant],
        "kind": node.kind if node.role is Role.ATTRIBUTE else None,
        "dimension": node.dimension,
        "values_from": _id(draft, Role.ATTRIBUTE, node.values_from),
        "retired": heir is not None,
        "successor": heir,
    }
    keys = {locale: key for key, locale in LOCALE_KEYS.items()}
    labels = ((keys.get(locale, locale), texts.texts(number)) for locale, texts in draft.labels.items())
    return {key: value for key, value in said.items() if value} | {
        key: list(dict.fromkeys(texts)) for key, texts in labels if texts
    }


def _id(draft: Draft, role: Role, key: str | None) -> str | None:
    number = draft.number(role, key)
    return None if number is None else draft.ids[number]
