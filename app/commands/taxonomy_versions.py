"""`tagwright taxonomy diff|migrate`, and `check --against`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.adapters.mapping_files import read_mapping
from app.adapters.mapping_files import write_mapping as save_mapping
from app.adapters.taxonomy_check import TaxonomyProblem
from app.bootstrap import open_tag_store, open_taxonomy
from app.commands import terminal
from app.commands.version_tables import show_diff, show_totals
from app.domain.errors import InvalidFile, InvalidTaxonomy
from app.domain.mapping import TaxonomyMapping
from app.domain.taxonomy import Taxonomy
from app.domain.taxonomy_changes import KINDS
from app.pipeline.versions.diff import diff_taxonomies
from app.pipeline.versions.mapping import build_mapping
from app.pipeline.versions.migration_run import Done, InUse, Totals, look
from app.pipeline.versions.migration_run import migrate as run_migration
from app.pipeline.versions.tag_migration import Migration, Outcome
from app.settings import load_settings


def id_problems(old: Path, new: Path) -> Iterator[TaxonomyProblem]:
    """Yield what breaks the rule that an id is never deleted and never means something else."""
    try:
        was, now = _open(old), _open(new)
    except InvalidTaxonomy as exc:
        yield _problem("", f"cannot be compared: {exc.message}")
        return
    found = diff_taxonomies(was, now)
    if (was.name, was.version) == (now.name, now.version) and was.digest != now.digest:
        yield _problem("", f"the version {now.version} is that of {old}, which says something else")
    for gone in found.removed:
        message = f"{gone.label!r} of {found.old} is gone: an id is never deleted, keep it, retired"
        yield _problem(gone.id, message)
    for reused in found.reused:
        message = f"was {reused.before!r} in {found.old} and is {reused.after!r}: an id is never used again"
        yield _problem(reused.id, message)


def _problem(concept_id: str, message: str) -> TaxonomyProblem:
    return TaxonomyProblem(file="manifest.yaml", line=0, id=concept_id, message=message)


def diff(old: Path, new: Path, *, write_mapping: Path | None, as_json: bool) -> int:
    """Print what changed; return the exit code."""
    with terminal.waiting("comparing"):
        was, now = _open(old), _open(new)
        found = diff_taxonomies(was, now)
        if write_mapping is not None:
            save_mapping(write_mapping, build_mapping(was, now).rows.values())
    if as_json:
        lists = {kind: [asdict(change) for change in getattr(found, kind)] for kind in KINDS}
        head = {name: getattr(found, name) for name in ("old", "new", "locales_added", "locales_removed")}
        terminal.write_json({**head, "counts": found.counts(), **lists})
    else:
        show_diff(found)
    return 0


@dataclass(frozen=True, kw_only=True)
class MigrateJob:
    """What is to be migrated, and how."""

    old: Path
    new: Path
    mapping: Path | None
    tenant: str
    dry_run: bool
    report: Path | None
    as_json: bool


def migrate(job: MigrateJob) -> int:
    """Migrate the stored tags and print what was done; return the exit code."""
    published = read_mapping(job.mapping) if job.mapping else ()
    with terminal.waiting("comparing"):
        was, now = _open(job.old), _open(job.new)
        mapping = build_mapping(was, now, published)
        migration = Migration(was, now, mapping, diff_taxonomies(was, now))
    with _report(job.report, job.tenant) as done:
        in_use, totals = asyncio.run(_migrate(job, migration, done))
    summary = _summary(job, mapping, in_use, totals)
    if job.as_json:
        terminal.write_json(summary)
    else:
        show_totals(summary)
    return 0


async def _migrate(job: MigrateJob, migration: Migration, done: Done) -> tuple[InUse, Totals]:
    store = await open_tag_store(load_settings())
    try:
        in_use = await look(store, job.tenant, migration)
        with terminal.progress(len(in_use.touched), "migrating") as bar:
            totals = await run_migration(
                store, job.tenant, migration, in_use.touched, dry_run=job.dry_run, done=done, advance=bar.advance
            )
    finally:
        await store.close()
    return in_use, totals


@contextmanager
def _report(path: Path | None, tenant: str) -> Iterator[Done]:
    """Give what takes each listing down. Lines are added: a run that was broken off and the next make one report."""
    if path is None:
        yield lambda *_: None
        return
    try:
        file = path.open("ab")
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be written: {exc.strerror}", field="report") from exc

    def done(listing_id: str, outcome: Outcome, requeued: tuple[str, ...]) -> None:
        changes = [asdict(change) for change in outcome.changes]
        file.write(terminal.json_line({"tenant": tenant, "id": listing_id, "changes": changes, "requeue": requeued}))

    with file:
        yield done


def _summary(job: MigrateJob, mapping: TaxonomyMapping, in_use: InUse, totals: Totals) -> dict[str, Any]:
    rows = mapping.rows
    unmapped = [
        {"id": one, "why": why, "tags": count, "candidates": rows[one].candidates if one in rows else ()}
        for (one, why), count in totals.unmapped.most_common()
    ]
    return {
        "tenant": job.tenant,
        "dry_run": job.dry_run,
        "listings_looked_at": totals.looked_at,
        "listings_rewritten": totals.rewritten,
        "listings_requeued": totals.listings_requeued,
        "requeued": dict(totals.requeued.most_common()),
        "tags_migrated": dict(totals.migrated.most_common()),
        "tags_unmapped": totals.unmapped.total(),
        "unmapped": unmapped,
        "unknown_ids": in_use.unknown,
    }


def _open(folder: Path) -> Taxonomy:
    return open_taxonomy(load_settings(taxonomy=folder))
