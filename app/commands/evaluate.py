"""`tagwright eval`: measures what is served, or answers in a file, on gold; compares two results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.adapters.whole_files import replacing
from app.bootstrap import Service, open_taxonomy
from app.commands import terminal
from app.commands.evaluate_view import show_comparison, show_result
from app.domain.errors import InputError, InvalidFile
from app.settings import Settings, load_settings
from eval.harness.answers import Answer, read_answers
from eval.harness.canonical import read_table, table_of, to_tags
from eval.harness.compare import compare
from eval.harness.environment import environment
from eval.harness.evaluate import Aim, Origin, chosen, evaluate, seen_in
from eval.harness.gold import Gold, read_gold
from eval.harness.protocols import PROTOCOLS
from eval.harness.result import Comparison, Performance, Result, read_result, to_json
from eval.harness.run import Run, ask, open_measured
from eval.report import check_report, write_report


@dataclass(frozen=True, kw_only=True)
class EvalJob:
    """What is measured on what, and where the result goes."""

    gold: Path
    predictions: Path | None = None
    """Answers in a file; without it what is served is asked."""
    protocols: tuple[str, ...] = ()
    """All that gold supports where empty."""
    train: Path | None = None
    schema: Path | None = None
    data: Path
    """Folder that texts of canonical gold are looked up in."""
    values: Path | None = None
    """What surface values mean, where they are judged as tags."""
    with_rules: bool = True
    with_model: bool = True
    limit: int | None = None
    at_once: int | None = None
    folds: int | None = None
    precision: float
    save: Path | None = None
    report: Path | None = None
    as_json: bool = False
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Settings given on the command line; None where not given."""


def run(job: EvalJob) -> int:
    """Measure and show; return the exit code: 1 when a listing could not be answered."""
    if job.save is not None and not job.save.parent.is_dir():
        raise InvalidFile(f"there is no folder {str(job.save.parent)!r} to write to", field="save")
    if job.report is not None:
        check_report(job.report)
    result = measured(job)
    if job.save is not None:
        _save(result, job.save)
    if job.report is not None:
        write_report(result, job.report)
    _put(result, as_json=job.as_json)
    return 1 if result.subject.failed and job.predictions is None else 0


def measured(job: EvalJob) -> Result:
    """Return the result of a job."""
    settings = load_settings(**job.overrides)
    gold, convert = _gold(job, settings)
    aim = Aim(
        protocols=chosen(gold, job.protocols),
        seen=seen_in(job.train, convert) if job.train else None,
        folds=job.folds,
        stated=job.precision,
    )
    if job.predictions is None:
        return asyncio.run(_ask(job, gold, aim, settings))
    answers = read_answers(job.predictions, gold.listings)
    _check_kind(answers, aim, job.predictions)
    origin = Origin(
        environment=environment(settings, None),
        predictions=job.predictions.name,
        train=job.train.name if job.train else None,
    )
    return evaluate(gold, answers, aim, origin, open_taxonomy(settings))


def run_comparison(a: Path, b: Path, *, report: Path | None, as_json: bool) -> int:
    """Show what changed from one saved result to another; a report is about the second, and what changed."""
    if report is not None:
        check_report(report)
    first, second = read_result(a), read_result(b)
    changed = compare(first, second)
    if report is not None:
        write_report(second, report, comparison=changed)
    _put(changed, as_json=as_json)
    return 0


def _gold(job: EvalJob, settings: Settings) -> tuple[Gold, Callable[[Gold], Gold] | None]:
    """Return gold as it is to be judged, and what makes such gold of a set's own files."""
    gold = read_gold(job.gold, schema=job.schema, data=job.data, limit=job.limit)
    about_tags = any(PROTOCOLS[name].of_tags for name in job.protocols)
    if not about_tags or gold.listings[0].tags is not None:
        return gold, None
    path = job.values or table_of(gold.listings[0].id.partition("/")[0])
    if not path.is_file():
        hint = "a table says what the values mean, see eval/harness/canonical.py; --values names another"
        raise InputError(
            f"{gold.path.name} has surface values, and there is no table {path}", field="values", hint=hint
        )
    table, taxonomy = read_table(path), open_taxonomy(settings)
    return to_tags(gold, table, taxonomy), lambda other: to_tags(other, table, taxonomy)


def _check_kind(answers: Sequence[Answer], aim: Aim, path: Path) -> None:
    of_tags = PROTOCOLS[aim.protocols[0]].of_tags
    if any((one.predicted if of_tags else one.tags) is not None for one in answers):
        given, wanted = ("surface values", "tags") if of_tags else ("tags", "surface values")
        hint = f"this gold is about {wanted}; --protocol chooses"
        raise InvalidFile(f"{path} answers with {given}, not with {wanted}", field="predictions", hint=hint)


async def _ask(job: EvalJob, gold: Gold, aim: Aim, settings: Settings) -> Result:
    way = Run(
        settings=settings,
        tags=PROTOCOLS[aim.protocols[0]].of_tags,
        rules=job.with_rules,
        model=job.with_model,
        at_once=job.at_once,
    )
    with terminal.waiting("loading taxonomy, rules and model"):
        service = await open_measured(way)
    try:
        with terminal.progress(len(gold.listings), "asking") as bar:
            answers, performance = await ask(service, way, gold, lambda: bar.advance(1))
        with terminal.waiting("judging"):
            return _judged(job, gold, aim, service, answers, performance)
    finally:
        await service.close()


def _judged(
    job: EvalJob, gold: Gold, aim: Aim, service: Service, answers: Sequence[Answer], performance: Performance
) -> Result:
    def normalise(wording: str, attribute: str, lang: str) -> str | None:
        found = service.normalizer.match(wording, attribute, lang)
        return found[0] if found else None

    origin = Origin(
        environment=environment(service.settings, service.versions),
        performance=performance,
        train=job.train.name if job.train else None,
        rules=job.with_rules,
        model=job.with_model,
    )
    return evaluate(gold, answers, aim, origin, service.taxonomy, normalise)


def _save(result: Result, path: Path) -> None:
    try:
        with replacing(path) as part:
            part.write_bytes(to_json(result))
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be written: {exc.strerror}", field="save") from exc


def _put(value: Result | Comparison, *, as_json: bool) -> None:
    if as_json:
        terminal.write_bytes(to_json(value))
    elif isinstance(value, Result):
        show_result(terminal.console(), value)
    else:
        show_comparison(terminal.console(), value)
