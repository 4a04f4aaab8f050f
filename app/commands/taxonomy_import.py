"""`tagwright taxonomy import`."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.commands import terminal

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
    deep: bool = False
    as_json: bool = False


def run(job: ImportJob) -> int:
    """Import a taxonomy and say what is wrong with its source; return the exit code, 0 whatever that is."""
    from app.adapters.imports import importer, recognise
    from app.adapters.imports.draft import Draft
    from app.adapters.imports.files import opened
    from app.adapters.imports.source import Done
    from app.adapters.imports.write import refuse_to_overwrite, replaced, write_report, write_taxonomy

    began = time.perf_counter()
    refuse_to_overwrite(job.folder)
    with opened(job.source) as files:
        format_name = job.format or recognise(files)
        source = importer(format_name).open_source(files, job.locales)
        source = replace(source, name=job.name or source.name, version=job.version or source.version)
        draft = Draft(source.locales)
        with terminal.progress(source.size, f"reading {files.label}") as bar:
            for item in source.items():
                if isinstance(item, Done):
                    bar.advance(item.size)
                else:
                    draft.take(item)
        draft.finish()
        findings: list[Any] = []
        with replaced(job.folder) as part:
            write_taxonomy(part, draft, source, format_name)
            write_report(part, draft, findings)
    print(time.perf_counter() - began, Counter(p.kind for p in draft.problems))
    return 0
