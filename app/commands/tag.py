"""`tagwright tag`: tags one listing or a file of them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.adapters.listing_files import Row, read_listings, read_stream
from app.bootstrap import Service, open_service
from app.commands import terminal
from app.domain.errors import InvalidListing, TagwrightError
from app.domain.listing import Listing
from app.pipeline.localize import resolve
from app.pipeline.tagger import Tagged
from app.present import problem_fields, response
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.pipeline.localize import Locales

PATIENCE_S = 300.0
"""How long a listing is waited for unless the settings say: its whole chunk is in the queue, and no shop waits."""


@dataclass(frozen=True, kw_only=True)
class TagJob:
    """What is to be tagged and how it is shown. Either ``file`` ("-" is stdin) or ``title`` is set."""

    file: str | None = None
    title: str | None = None
    description: str | None = None
    lang: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    locales: tuple[str, ...] | None = None
    as_json: bool = False
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Settings given on the command line; None where not given."""


@dataclass(slots=True)
class _Totals:
    listings: int = 0
    partial: int = 0
    failed: int = 0
    decisions: Counter[str] = field(default_factory=Counter)

    def line(self, seconds: float) -> str:
        """Return the summary."""
        kinds = ", ".join(f"{count} {decision}" for decision, count in sorted(self.decisions.items()))
        tags = f"{self.decisions.total()} tags" + (f" ({kinds})" if kinds else "")
        noun = "listing" if self.listings == 1 else "listings"
        return f"{self.listings} {noun} in {seconds:.1f} s: {tags}, {self.partial} partial, {self.failed} failed"


class _View(Protocol):
    """Where answers go."""

    def tagged(self, row: Row, listing: Listing, tagged: Tagged) -> None: ...

    def failed(self, row: Row, error: TagwrightError) -> None: ...

    def summary(self, line: str) -> None: ...


def run(job: TagJob) -> int:
    """Tag everything and print it; return the exit code: 1 when a listing failed."""
    rows = list(_rows(job))
    settings = load_settings(**job.overrides)
    if "answer_timeout_s" not in settings.model_fields_set:
        settings = settings.model_copy(update={"answer_timeout_s": PATIENCE_S})
    return asyncio.run(_tag(job, rows, settings))


def chunks(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    """Yield rows in pieces of at most ``size``."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _rows(job: TagJob) -> Iterator[Row]:
    if job.title is not None:
        if not job.title.strip():
            raise InvalidListing("the title is empty", field="title")
        listing = Listing(title=job.title, description=job.description or "", lang=job.lang)
        yield Row(number=1, unit="item", listing=listing)
    elif job.file == "-":
        if sys.stdin.isatty():
            terminal.say("reading titles, one a line; Ctrl-D ends")
        yield from read_stream(sys.stdin.buffer.read(), lang=job.lang)
    else:
        yield from read_listings(Path(job.file or ""), lang=job.lang, sheet=job.sheet, encoding=job.encoding)


async def _tag(job: TagJob, rows: Sequence[Row], settings: Settings) -> int:
    with terminal.waiting("loading taxonomy, rules and model"):
        service = await open_service(settings, with_store=False)
    try:
        locales = resolve(job.locales, service.taxonomy) if job.locales or job.as_json else None
        view: _View = _JsonView(service, locales) if job.as_json else _TableView(service, locales)
        totals, began = _Totals(listings=len(rows)), time.perf_counter()
        with terminal.progress(len(rows), "tagging") as bar:
            for chunk in chunks(rows, settings.slots * 2):
                answers = iter(await service.tagger.tag_many([row.listing for row in chunk if row.listing is not None]))
                with bar.paused():
                    for row in chunk:
                        _show(row, row.error or next(answers), view, totals)
                bar.advance(len(chunk))
        view.summary(totals.line(time.perf_counter() - began))
    finally:
        await service.close()
    return 1 if totals.failed else 0


def _show(row: Row, answer: Tagged | TagwrightError, view: _View, totals: _Totals) -> None:
    for note in row.notes:
        terminal.say(f"{row.place}: {note}")
    if isinstance(answer, TagwrightError) or row.listing is None:
        error = answer if isinstance(answer, TagwrightError) else InvalidListing("the row holds no listing")
        totals.failed += 1
        terminal.say(f"{row.place}: {terminal.describe(error)}")
        view.failed(row, error)
        return
    totals.partial += answer.tags.partial
    totals.decisions.update(tag.decision.value for tag in answer.tags.tags)
    view.tagged(row, row.listing, answer)


class _JsonView:
    """A line of JSON per row, in order; a failed one has `error`."""

    def __init__(self, service: Service, locales: Locales | None) -> None:
        self._taxonomy = service.taxonomy
        self._locales = locales or resolve(None, service.taxonomy)

    def tagged(self, row: Row, listing: Listing, tagged: Tagged) -> None:
        terminal.write_json(response(tagged, listing.id, self._locales, self._taxonomy))

    def failed(self, row: Row, error: TagwrightError) -> None:
        given = row.listing.id if row.listing else row.source.get("id")
        terminal.write_json({"id": given, row.unit: row.number, "error": problem_fields(error)})

    def summary(self, line: str) -> None:
        terminal.say(line)


class _TableView:
    """Text with the evidence marked, and a table of tags."""

    def __init__(self, service: Service, locales: Locales | None) -> None:
        self._taxonomy = service.taxonomy
        self._locales = locales
        self._console = terminal.console()

    def tagged(self, row: Row, listing: Listing, tagged: Tagged) -> None:
        from app.commands.render import default_locales, show

        locales = self._locales or default_locales(tagged.tags.lang, self._taxonomy)
        heading = " · ".join(x for x in (listing.id or row.place, tagged.tags.lang) if x)
        show(self._console, heading, listing, tagged.tags, locales, self._taxonomy)

    def failed(self, row: Row, error: TagwrightError) -> None:
        """Nothing: the message went to stderr."""

    def summary(self, line: str) -> None:
        self._console.print(line)
