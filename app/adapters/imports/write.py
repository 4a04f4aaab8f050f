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
from app.adapters.imports.source import Node, Problem, Role, Source
from app.adapters.taxonomy_constraints import LENIENT
from app.adapters.taxonomy_files import LOCALE_KEYS
from app.domain.errors import InvalidFile
from app.pipeline.text import is_cjk

REPORT = "import-report.jsonl"


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
    manifest = {
        "name": source.name,
        "version": source.version,
        "locales": list(source.locales),
        "licence": source.licence or "see the source",
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


def write_report(folder: Path, draft: Draft, lint: Sequence[Problem] = ()) -> None:
    """Write every problem as a line of JSON; keys that have nothing to say are left out."""
    with (folder / REPORT).open("wb") as out:
        for problem in (*draft.problems, *lint):
            row = {"kind": problem.kind, "id": problem.id, **problem.place._asdict()}
            row |= {"locale": problem.locale, "label": problem.label, "message": problem.message}
            out.write(orjson.dumps({k: v for k, v in row.items() if v}, option=orjson.OPT_APPEND_NEWLINE))
        for untaken in draft.not_taken:
            row = {"kind": "not-taken", "what": untaken.what, "count": untaken.count, **untaken.place._asdict()}
            out.write(orjson.dumps({k: v for k, v in row.items() if v}, option=orjson.OPT_APPEND_NEWLINE))


def _file(node: Node, draft: Draft) -> str:
    if node.role is Role.ATTRIBUTE:
        return "attributes.jsonl"
    return "categories/categories.jsonl" if node.role is Role.CATEGORY else f"values/{draft.attribute_id(node)}.jsonl"


def _row(draft: Draft, number: int) -> dict[str, Any]:
    """Return a concept as the files have it."""
    node = draft.nodes[number]
    row: dict[str, Any] = {"id": draft.ids[number]}
    if (parent := draft.number(node.role, node.broader)) is not None:
        row["broader"] = draft.ids[parent]
    if node.google is not None:
        row["google"] = node.google
    if node.exact:
        row["exact"] = node.exact
    if node.relevant:
        row["attributes"] = [_attribute(draft, key) for key in node.relevant]
    if node.role is Role.ATTRIBUTE:
        row["kind"] = node.kind
        if node.dimension is not None:
            row["dimension"] = node.dimension
        if node.values_from is not None:
            row["values_from"] = _attribute(draft, node.values_from)
    keys = {locale: key for key, locale in LOCALE_KEYS.items()}
    for locale, labels in draft.labels.items():
        if texts := labels.texts(number):
            row[keys.get(locale, locale)] = [_marked(text) for text in dict.fromkeys(texts)]
    return row


def _attribute(draft: Draft, key: str) -> str:
    number = draft.number(Role.ATTRIBUTE, key)
    return "" if number is None else draft.ids[number]


def _marked(text: str) -> str:
    """Return a label as the files have it: a single Chinese or Japanese character would fire everywhere."""
    return f"~{text}" if len(text) == 1 and is_cjk(text) else text
