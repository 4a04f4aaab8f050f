"""`tagwright extract`: fills a caller's own attributes from a file of listings."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import click

from app.adapters.listing_files import Row, read_json_lines
from app.adapters.schema_files import Schema, read_schema
from app.adapters.whole_files import replacing
from app.bootstrap_extractors import open_extractor
from app.commands import terminal
from app.commands.tag import chunks
from app.domain.errors import EngineError, InvalidFile, InvalidSchema, TagwrightError
from app.domain.tags import Extraction
from app.pipeline.extractor import Question
from app.pipeline.ports import Extractor
from app.present import problem_fields
from app.settings import Settings, load_settings


@dataclass(frozen=True, kw_only=True)
class ExtractJob:
    """Input and output are JSON Lines. Rules fill what the model left empty, unless they are off."""

    input: Path
    output: Path
    schema: Path
    train: Path | None = None
    with_rules: bool = True
    with_model: bool = True
    overrides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Totals:
    rows: int = 0
    failed: int = 0
    asked: int = 0
    """Rows that reached the model."""
    invalid: int = 0
    """Of those, rows to which it gave no answer within the schema."""


def run(job: ExtractJob) -> int:
    """Write a line per row; return the exit code: 1 when a row failed."""
    schema = read_schema(job.schema)
    rows = _rows(job)
    settings = load_settings(**job.overrides)
    if job.train is not None and not job.train.is_file():
        raise InvalidFile(f"there is no file {str(job.train)!r}", field="train")
    return asyncio.run(_extract(job, schema, rows, settings))


def _rows(job: ExtractJob) -> list[Row]:
    if not job.with_rules and not job.with_model:
        raise click.UsageError("--no-rules and --no-model together leave nothing that could answer")
    if not job.output.parent.is_dir():
        raise InvalidFile(f"there is no folder {str(job.output.parent)!r} to write to", field="OUTPUT")
    if job.output.exists() and job.input.exists() and job.output.samefile(job.input):
        raise InvalidFile("OUTPUT would overwrite INPUT", field="OUTPUT")
    try:
        rows = list(read_json_lines(job.input.read_bytes(), attributes=False))
    except OSError as exc:
        raise InvalidFile(f"{job.input} cannot be read: {exc.strerror}", field="INPUT") from exc
    seen = Counter(_id(row) for row in rows)
    if twice := [str(name) for name, count in seen.items() if count > 1 and name is not None]:
        terminal.say(f"ids that come more than once: {', '.join(twice[:5])}; each row gets its own line")
    return rows


async def _extract(job: ExtractJob, schema: Schema, rows: Sequence[Row], settings: Settings) -> int:
    with terminal.waiting("loading taxonomy, rules and model"):
        opened = await open_extractor(settings, schema, train=job.train, rules=job.with_rules, model=job.with_model)
    for note in opened.notes:
        terminal.say(note)
    totals, began = _Totals(rows=len(rows)), time.perf_counter()
    try:
        # A run that is broken off must not leave a file that looks complete.
        with (
            replacing(job.output) as part,
            part.open("wb") as out,
            terminal.progress(len(rows), "extracting") as bar,
        ):
            for chunk in chunks(rows, settings.slots * 2):
                await _write_chunk(chunk, opened.extractor, schema, out, totals)
                bar.advance(len(chunk))
    except OSError as exc:
        raise InvalidFile(f"{job.output} cannot be written: {exc.strerror}", field="OUTPUT") from exc
    finally:
        await opened.close()
    click.echo(_summary(totals, time.perf_counter() - began, with_model=job.with_model))
    return 1 if totals.failed else 0


async def _write_chunk(
    chunk: Sequence[Row], extractor: Extractor, schema: Schema, out: IO[bytes], totals: _Totals
) -> None:
    asked = [_question(row, schema) for row in chunk]
    questions = [question for question in asked if isinstance(question, Question)]
    answers = iter(await extractor.extract_many(questions))
    totals.asked += len(questions)
    for row, question in zip(chunk, asked, strict=True):
        answer = next(answers) if isinstance(question, Question) else question
        out.write(terminal.json_line(_line(row, answer)))
        if isinstance(answer, TagwrightError):
            totals.failed += 1
            totals.invalid += isinstance(answer, EngineError)
            terminal.say(f"{row.place}: {terminal.describe(answer)}")


def _question(row: Row, schema: Schema) -> Question | TagwrightError:
    if row.listing is None:
        return row.error or InvalidFile("the row holds no listing")
    category = row.source.get("category") or ""
    try:
        if not isinstance(category, str):
            raise InvalidSchema(f"category must be text, not {category!r}"[:200], field="category")
        if _id(row) is None:
            raise InvalidFile("the row has no id, so its answer could not be told apart", field="id")
        return Question(listing=row.listing, category=category, attributes=schema.attributes(category))
    except TagwrightError as exc:
        return exc


def _id(row: Row) -> str | int | None:
    """Return the id as it was written: what scores the answers looks it up by that."""
    given = row.source.get("id")
    return given if isinstance(given, str | int) else row.listing.id if row.listing else None


def _line(row: Row, answer: Extraction | TagwrightError) -> dict[str, Any]:
    if isinstance(answer, TagwrightError):
        return {"id": _id(row), "line": row.number, "error": problem_fields(answer)}
    return {"id": _id(row), "predicted": answer.predicted}


def _summary(totals: _Totals, seconds: float, *, with_model: bool) -> str:
    speed = totals.rows / seconds if seconds else 0.0
    valid = f"{totals.asked - totals.invalid} of {totals.asked} completions valid" if with_model else "no model"
    return f"{totals.rows} rows in {seconds:.1f} s ({speed:.1f} listings/s): {valid}, {totals.failed} failed"
