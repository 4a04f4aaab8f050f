"""`tagwright taxonomy normalize`: a file of values, each mapped onto the taxonomy."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click

from app.adapters.value_files import ValueFile, count_lines
from app.bootstrap import open_normalizer, open_speller
from app.commands import terminal
from app.domain.errors import NotFound, ServiceError
from app.domain.taxonomy import CATEGORY
from app.pipeline.matching.bulk import Asked, Bulk, Numbers, Results
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.text import fold_value
from app.settings import Settings, load_settings

_FEW = 2000
"""Rows for which no further process is started: that takes a second."""
Submit = Callable[[Sequence[Asked]], Callable[[], Results]]


@dataclass(frozen=True, kw_only=True)
class NormalizeJob:
    """What is to be normalised, and how."""

    input: Path
    output: Path
    column: str | None
    attribute: str | None
    lang: str
    taxonomy: Path | None
    encoding: str | None
    semantic: bool
    jobs: int | None
    as_json: bool


class Matcher:
    """Maps values onto the taxonomy that the settings name."""

    def __init__(self, settings: Settings, semantic: bool) -> None:
        self._normalizer: Normalizer = (open_normalizer if semantic else open_speller)(settings)
        self._attributes: dict[str, str] = {}

    def attribute(self, name: str) -> str | None:
        """Return the id of an attribute by its id or any of its labels; None for an unknown one."""
        taxonomy = self._normalizer.taxonomy
        if name in taxonomy.attributes or name == CATEGORY:
            return name
        found = self._normalizer.index.equal(fold_value(_whole(name)), "attribute")
        return found[0].concept_id if found else None

    def match(self, batch: Sequence[Asked]) -> Results:
        """Return the results of values; those of an unknown attribute match nothing."""
        return [self._one(one) for one in batch]

    def _one(self, one: Asked) -> tuple[str, str, str, str, str] | None:
        if one.attribute and one.attribute not in self._attributes:
            self._attributes[one.attribute] = self.attribute(one.attribute) or one.attribute
        attribute = self._attributes[one.attribute] if one.attribute else None
        found = self._normalizer.match(_whole(one.raw), attribute, one.lang.partition("-")[0].lower())
        if found is None:
            return None
        concept_id, match = found
        return concept_id, match.method.value, f"{match.score:g}", match.label, match.locale


def run(job: NormalizeJob) -> int:
    """Write the output and print the numbers; return the exit code."""
    began = time.perf_counter()
    settings = load_settings(taxonomy=job.taxonomy)
    file = ValueFile(job.input, job.column, job.encoding)
    # compiles the taxonomy where that has not been done, before several processes would
    matcher = Matcher(settings, job.semantic)
    attribute = matcher.attribute(job.attribute) if job.attribute is not None else ""
    if attribute is None:
        hint = "see `tagwright taxonomy search`"
        raise NotFound(f"no attribute is called {job.attribute!r}", field="attribute", hint=hint)
    value_of, attribute_of, lang_of = file.cells()

    def asked(row: Any) -> Asked:
        return Asked(value_of(row), attribute_of(row) or attribute, lang_of(row) or job.lang)

    total = count_lines(job.input)
    jobs = 1 if total < _FEW else job.jobs or os.cpu_count() or 1
    with _working(settings, job.semantic, jobs, matcher) as submit:
        bulk = Bulk(asked, submit)
        with file.writing(job.output) as write, terminal.progress(total, "normalising") as bar:
            for chunk in bulk.run(file.rows()):
                for row, result in chunk:
                    write(row, result)
                bar.advance(len(chunk))
    _show(bulk.numbers, time.perf_counter() - began, jobs, as_json=job.as_json)
    return 0


@contextmanager
def _working(settings: Settings, semantic: bool, jobs: int, matcher: Matcher) -> Iterator[Submit]:
    """Give what starts a batch: in processes of their own, which share the pages of the compiled taxonomy."""
    if jobs == 1:
        yield lambda batch: partial(matcher.match, batch)
        return
    # not forked: the bar has a thread, and numpy may have some
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_start, initargs=(settings, semantic))
    try:
        yield lambda batch: pool.submit(_work, batch).result
    except BrokenProcessPool as exc:
        raise ServiceError("a worker process ended", hint="with --jobs 1 everything runs in one process") from exc
    finally:
        pool.shutdown(cancel_futures=True)


def _whole(text: str) -> str:
    """Return a text that an index takes: JSON can hold half an emoji."""
    return text.encode("utf-8", "replace").decode()


def _start(settings: Settings, semantic: bool) -> None:
    global _matcher
    _matcher = Matcher(settings, semantic)


def _work(batch: Sequence[Asked]) -> Results:
    return _matcher.match(batch)


_matcher: Matcher
"""Of a worker process."""


def _show(numbers: Numbers, seconds: float, jobs: int, *, as_json: bool) -> None:
    by_method = dict(numbers.by_method.most_common())
    matched = numbers.rows - by_method.get("unmatched", 0)
    if as_json:
        counts = {"rows": numbers.rows, "distinct": numbers.distinct, "matched": matched, "by_method": by_method}
        terminal.write_json(counts | {"seconds": round(seconds, 2), "processes": jobs})
        return
    methods = ", ".join(f"{count} {method}" for method, count in by_method.items())
    click.echo(f"{numbers.rows} rows, {numbers.distinct} distinct values; {matched} rows matched ({methods})")
    click.echo(f"{seconds:.1f} s, {numbers.rows / seconds:.0f} rows/s, {jobs} process{'es' * (jobs > 1)}")
