"""Reads a source of a test as `tagwright taxonomy import` does, without writing anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.adapters.imports import importer, recognise
from app.adapters.imports.draft import Draft
from app.adapters.imports.files import opened
from app.adapters.imports.source import Problem, Source


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Write texts by their path within a folder; return the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def read(path: Path, *, locales: tuple[str, ...] | None = None, expect: str | None = None) -> tuple[Draft, Source]:
    """Return the finished draft of a source whose format must be recognised as ``expect``."""
    with opened(path) as files:
        name = recognise(files)
        assert expect in (None, name)
        source = importer(name).open_source(files, locales)
        draft = Draft(source.locales)
        for item in source.items():
            draft.take(item)
    draft.finish()
    return draft, source


def told(problem: Problem) -> tuple[str, str, int, str]:
    """Return (kind, file, line, id) of a problem."""
    return problem.kind, problem.place.file, problem.place.line, problem.id


def labels(draft: Draft, locale: str) -> dict[str, list[str]]:
    """Return the labels of one locale by concept."""
    return {concept: draft.labels[locale].texts(number) for number, concept in enumerate(draft.ids) if concept}
