"""Importers of foreign taxonomies, one module per format, behind one Protocol (`source.Importer`)."""

from __future__ import annotations

from importlib import import_module

from app.adapters.imports.files import Files
from app.adapters.imports.source import Importer
from app.domain.errors import InvalidFile

FORMATS = ("shopify", "google", "skos", "table")
"""In the order in which they are tried; each is a module of this package."""


def importer(name: str) -> Importer:
    """Return the importer of a format."""
    module: Importer = import_module(f"{__name__}.{name}")
    return module


def recognise(files: Files) -> str:
    """Return the format of the files; InvalidFile where none recognises them."""
    for name in FORMATS:
        if importer(name).recognises(files):
            return name
    raise InvalidFile(
        f"{files.label}: no known taxonomy format",
        field="SOURCE",
        hint=f"name it with --format {'|'.join(FORMATS)}; see `tagwright taxonomy import --help`",
    )
