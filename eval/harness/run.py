"""Asks what is served: a tagger or an extractor from `bootstrap`, with the tokens and the time of each listing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, replace

import numpy as np

from app.bootstrap import Service, open_generator, open_service
from app.domain.errors import InputError, TagwrightError
from app.pipeline.extractor import Question
from app.pipeline.fuse import Calibration
from app.pipeline.ports import Completion, Generator, ModelCard, Prompt
from app.pipeline.tagger import GenerativeTagger
from app.settings import Settings
from eval.harness.answers import Answer, of_extraction, of_tags
from eval.harness.gold import Gold, GoldListing
from eval.harness.result import Performance

PATIENCE_S = 300.0
"""How long a listing is waited for unless the settings say: a queue is measured here, and no shop waits."""


@dataclass(slots=True)
class _Usage:
    prompt: int = 0
    completion: int = 0


_Ask = Callable[[GoldListing], Awaitable[Answer]]
_LISTING: ContextVar[_Usage | None] = ContextVar("usage of the listing in work", default=None)


class Metered:
    """A generator that counts the tokens of the listing it works for; see ports.Generator."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    async def generate(self, prompts: Sequence[Prompt]) -> Sequence[Completion]:
        """Answer as the generator does, and count."""
        completions = await self._generator.generate(prompts)
        if (usage := _LISTING.get()) is not None:
            usage.prompt += sum(one.prompt_tokens for one in completions)
            usage.completion += sum(one.completion_tokens for one in completions)
        return completions

    def card(self) -> ModelCard:
        """Say what is served."""
        return self._generator.card()

    async def close(self) -> None:
        """Close the generator."""
        await self._generator.close()


@dataclass(frozen=True, kw_only=True)
class Run:
    """How to ask."""

    settings: Settings
    tags: bool
    """Ask for tags, else for the attributes of the gold file's schema."""
    rules: bool = True
    model: bool = True
    at_once: int | None = None
    """Listings in work at a time; the settings' slots when None."""
    calibration: Calibration | None = None
    """In place of the one that ships."""


async def open_measured(run: Run) -> Service:
    """Open what is served, its generator metered."""
    if not run.rules and (run.tags or not run.model):
        hint = "a tagger needs its rules" if run.model else "there is nothing left that could answer"
        raise InputError("rules cannot be left out here", field="no-rules", hint=hint)
    settings = run.settings
    if "answer_timeout_s" not in settings.model_fields_set:
        settings = settings.model_copy(update={"answer_timeout_s": PATIENCE_S})
    loading = _start(settings) if run.model else None
    return await open_service(settings, with_model=run.model, with_store=False, loading=loading)


def _start(settings: Settings) -> Future[Generator]:
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="weights")
    loading: Future[Generator] = thread.submit(lambda: Metered(open_generator(settings)))
    thread.shutdown(wait=False)
    return loading


async def ask(
    service: Service, run: Run, gold: Gold, done: Callable[[], None] = lambda: None
) -> tuple[list[Answer], Performance]:
    """Return an answer to each gold listing, and how long they took; ``done`` is called after each."""
    at_once = run.at_once or run.settings.slots
    places = asyncio.Semaphore(at_once)
    one = _tagging(service, run, at_once) if run.tags else _extracting(service, run, gold)

    async def each(item: GoldListing) -> Answer:
        async with places:
            usage = _Usage()
            _LISTING.set(usage)
            began = time.perf_counter()
            try:
                answer = await one(item)
            except TagwrightError as exc:
                answer = Answer(error=exc.message)
            spent = 1000 * (time.perf_counter() - began)
            done()
            return replace(
                answer, latency_ms=round(spent, 3), prompt_tokens=usage.prompt, completion_tokens=usage.completion
            )

    began = time.perf_counter()
    answers = list(await asyncio.gather(*(each(item) for item in gold.listings)))
    return answers, _performance(answers, time.perf_counter() - began, at_once)


def _tagging(service: Service, run: Run, at_once: int) -> _Ask:
    tagger = service.tagger
    if run.calibration is not None:
        tagger = GenerativeTagger(replace(tagger.parts, calibration=run.calibration))

    async def one(item: GoldListing) -> Answer:
        return of_tags((await tagger.tag_one(item.listing, ahead=at_once - 1)).tags)

    return one


def _extracting(service: Service, run: Run, gold: Gold) -> _Ask:
    if gold.schema is None:
        hint = "schema.json beside the gold file is taken; --schema names another"
        raise InputError("there is no schema that says which attributes to ask for", field="schema", hint=hint)
    extractor = service.extractor.using(rules=run.rules)
    schema = gold.schema

    async def one(item: GoldListing) -> Answer:
        question = Question(listing=item.listing, category=item.category, attributes=schema.attributes(item.category))
        return of_extraction(await extractor.extract(question))

    return one


def _performance(answers: Sequence[Answer], seconds: float, at_once: int) -> Performance:
    latencies = [answer.latency_ms or 0.0 for answer in answers]
    completion = sum(answer.completion_tokens or 0 for answer in answers)
    return Performance(
        seconds=round(seconds, 3),
        at_once=at_once,
        listings_per_s=round(len(answers) / seconds, 3),
        latency_ms_p50=round(float(np.percentile(latencies, 50)), 3),
        latency_ms_p95=round(float(np.percentile(latencies, 95)), 3),
        prompt_tokens=sum(answer.prompt_tokens or 0 for answer in answers),
        completion_tokens=completion,
        completion_tokens_per_s=round(completion / seconds, 3),
    )
