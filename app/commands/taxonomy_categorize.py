"""`tagwright taxonomy categorize`: the categories that listings belong to."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.adapters.language import open_identifier
from app.adapters.listing_files import Row, read_listings, read_stream
from app.bootstrap import open_category_chooser, open_category_model
from app.commands import terminal
from app.domain.errors import InvalidListing, TagwrightError
from app.domain.listing import Listing
from app.pipeline.categories.choice import Candidate, CategoryChooser
from app.pipeline.intake import take_in
from app.settings import load_settings

if TYPE_CHECKING:
    from app.pipeline.categories.model import Chooser


@dataclass(frozen=True, kw_only=True)
class CategorizeJob:
    """What is to be put into categories. Either ``file`` ("-" is stdin) or ``title`` is set."""

    file: str | None = None
    title: str | None = None
    lang: str | None = None
    taxonomy: Path | None = None
    top: int = 5
    ask_model: str | None = None
    """The form of the prompt by which the model chooses among the best; None: it is not asked."""
    as_json: bool = False


def run(job: CategorizeJob) -> int:
    """Print the best categories of every listing; return the exit code: 1 when one failed."""
    rows = list(_rows(job))
    settings = load_settings(taxonomy=job.taxonomy)
    with terminal.waiting("loading taxonomy and encoder"):
        chooser = open_category_chooser(settings)
        chooser.candidates("warming up", "en", 1)  # the first one reads names and vectors
    return asyncio.run(_categorize(job, rows, chooser))


def _rows(job: CategorizeJob) -> Iterator[Row]:
    if job.title is not None:
        yield Row(number=1, unit="item", listing=Listing(title=job.title, lang=job.lang))
    elif job.file == "-":
        yield from read_stream(sys.stdin.buffer.read(), lang=job.lang)
    else:
        yield from read_listings(Path(job.file or ""), lang=job.lang)


async def _categorize(job: CategorizeJob, rows: Sequence[Row], chooser: CategoryChooser) -> int:
    supported = frozenset(locale.partition("-")[0] for locale in chooser.taxonomy.locales)
    identifier = open_identifier(chooser.taxonomy)
    failed = 0
    model, close = (
        open_category_model(load_settings(), chooser.taxonomy, job.ask_model) if job.ask_model else (None, None)
    )
    try:
        with terminal.progress(len(rows), "choosing") as bar:
            for row in rows:
                try:
                    if row.listing is None:
                        raise row.error or InvalidListing("the row holds no listing")
                    intake = take_in(row.listing, identifier, supported)
                    title = intake.texts["title"].text
                    found = await _choose(chooser, model, title, intake.lang, job.top)
                except TagwrightError as exc:
                    failed += 1
                    terminal.say(f"{row.place}: {terminal.describe(exc)}")
                else:
                    with bar.paused():
                        _show(job, chooser, row.listing, intake.lang, found)
                bar.advance(1)
    finally:
        if close is not None:
            await close()
    return 1 if failed else 0


async def _choose(
    chooser: CategoryChooser, model: Chooser | None, title: str, lang: str, top: int
) -> Sequence[Candidate]:
    found = chooser.candidates(title, lang, max(top, 5))
    return (found if model is None else await model.choose(title, found))[:top]


def _show(
    job: CategorizeJob, chooser: CategoryChooser, listing: Listing, lang: str, found: Sequence[Candidate]
) -> None:
    if job.as_json:
        categories = [category(chooser, one) for one in found]
        terminal.write_json({"id": listing.id, "title": listing.title, "lang": lang, "categories": categories})
        return
    from rich.table import Table
    from rich.text import Text

    console = terminal.console()
    console.print(Text(terminal.printable(" · ".join(x for x in (listing.id, lang, listing.title) if x)), style="bold"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("confidence", "id", "path", "why"):
        table.add_column(name, overflow="fold")
    for one in found:
        shown = category(chooser, one)
        table.add_row(f"{one.confidence:.2f}", one.id, Text(" > ".join(shown["path_labels"])), Text(", ".join(one.why)))
    console.print(table)


def category(chooser: CategoryChooser, one: Candidate) -> dict[str, Any]:
    """Return a candidate as it is shown to programs."""
    labels = [chooser.taxonomy.concept(node).label("en") or node for node in one.path]
    return {"id": one.id, "path": one.path, "path_labels": labels, "confidence": one.confidence, "why": one.why}
