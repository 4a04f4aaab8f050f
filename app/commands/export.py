"""`tagwright export`: tagged listings in the formats of shops and search engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.adapters.exports import LISTING_FORMATS, ListingExport, load
from app.adapters.tagged_files import read_tagged
from app.adapters.whole_files import replacing
from app.bootstrap import EXPORTS, data_folder, open_implications, open_taxonomy
from app.commands import terminal
from app.domain.errors import InputError, UnknownLocale
from app.domain.tags import Decision
from app.domain.taxonomy import Taxonomy
from app.pipeline.exports.product import Note, Product, Report, make_product
from app.pipeline.exports.skos import checked_base
from app.pipeline.localize import resolve
from app.settings import load_settings

SUFFIXES = {
    "google-merchant": (".tsv", ".txt", ".xml"),
    "shopify-csv": (".csv",),
    "schema-org": (".json", ".jsonld", ".jsonl"),
}


@dataclass(frozen=True, kw_only=True)
class ExportJob:
    """What is to be written and how."""

    tags: Path
    listings: Path
    output: Path
    format_name: str
    lang: str | None = None
    """Language of the labels; each listing's own when None."""
    implied: bool = False
    base: str | None = None
    sheet: str | None = None
    encoding: str | None = None


def run(job: ExportJob) -> int:
    """Write the file and tell what was left out; return the exit code: 1 when a listing was."""
    suffix = job.output.suffix.lower()
    if suffix not in SUFFIXES[job.format_name]:
        known = ", ".join(SUFFIXES[job.format_name])
        raise InputError(f"{job.format_name} is written to a file ending in {known}", field="OUTPUT")
    taxonomy = open_taxonomy(load_settings())
    locale = None
    if job.lang is not None:
        shown = resolve((job.lang,), taxonomy)
        locale = shown.pairs[0][1]
        for warning in shown.warnings:
            terminal.say(warning.message)
    report = Report(say=terminal.say)
    export = ListingExport(
        taxonomy=taxonomy,
        mappings=data_folder("taxonomy") / EXPORTS,
        suffix=suffix,
        report=report,
        base=checked_base(job.base) if job.base else None,
    )
    products = _products(job, taxonomy, locale, report)
    try:
        with (
            replacing(job.output) as part,
            part.open("w", encoding="utf-8", errors="replace", newline="") as out,
        ):
            load(LISTING_FORMATS[job.format_name])(products, out, export)
    except OSError as exc:
        raise InputError(f"{job.output} cannot be written: {exc.strerror}", field="OUTPUT") from exc
    terminal.say(report.line())
    return 1 if report.failed else 0


def _products(job: ExportJob, taxonomy: Taxonomy, locale: str | None, report: Report) -> Iterator[Product]:
    implications = open_implications() if job.implied else None
    for row in read_tagged(job.tags, job.listings, sheet=job.sheet, encoding=job.encoding):
        if row.tagged is None:
            report.failed += 1
            terminal.say(f"{row.place}: {terminal.describe(row.error) if row.error else 'no listing'}")
            continue
        tagged = row.tagged
        chosen, fallback = (locale, ()) if locale else _own_locale(tagged.lang, taxonomy)
        product, notes = make_product(tagged.listing, tagged.tags, chosen, taxonomy, implications)
        report.note(product.id or row.place, (*fallback, *notes))
        report.to_review += sum(tag.decision is Decision.REVIEW for tag in tagged.tags)
        report.products += 1
        yield product


def _own_locale(lang: str, taxonomy: Taxonomy) -> tuple[str, tuple[Note, ...]]:
    """Return the taxonomy's locale for a listing's language, and what to say where it is another."""
    try:
        shown = resolve((lang,), taxonomy)
    except UnknownLocale as exc:
        return "en", (Note("lang", f"{exc.message}: labels are in en"),)
    return shown.pairs[0][1], tuple(Note("lang", warning.message) for warning in shown.warnings)
