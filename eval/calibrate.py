"""Counts on gold how often tags of a kind are right: `python -m eval.calibrate GOLD.jsonl... --out calibration.json`.

One command does all of it: asks what is served, counts (harness/counting.py), counts again on what would then be shown,
fits the thresholds, and judges the result out of fold with and without the level of languages. The level is kept where
it lowers the Brier score. A threshold of each language's own was tried too; see eval/LOG.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from app.adapters.caches.memory import MemoryCache
from app.adapters.calibration_files import FORMAT
from app.bootstrap import Service
from app.pipeline.fuse import Calibration
from app.pipeline.ports import Completion, Generator, ModelCard, Prompt
from app.pipeline.tagger import GenerativeTagger
from app.settings import load_settings
from eval.harness.answers import Answer
from eval.harness.calibration import Graded, grade, threshold_for
from eval.harness.counting import Judged, counted
from eval.harness.crossfit import ACCEPTED_LEAST, SHOWN_LEAST, by_counting, cross_fit
from eval.harness.gold import Gold, read_gold
from eval.harness.protocols import judge_tags
from eval.harness.run import Run, ask, open_measured

EVERYTHING = Calibration(version="counting", table={}, accept=1.0, review=0.0)
"""Nothing is rejected."""
FOLDS, SPLITS = 5, 5
"""One split into folds differs from the next by more than what is looked for."""


def judged(gold: Gold, answers: Sequence[Answer]) -> list[Judged]:
    """Return the tags that were given, each with its kinds and whether gold has it."""
    return [
        (tag.kinds, tag.id in (item.tags or ()))
        for item, answer in zip(gold.listings, answers, strict=True)
        for tag in answer.tags or ()
    ]


def fit(graded: Sequence[Judged], accepted: float, shown: float, *, languages: bool = False) -> dict[str, object]:
    """Return calibration.json's content: the table, and thresholds by which tags reach two precisions."""
    table = counted(graded, languages=languages)
    confidence = np.array([next(table[kind] for kind in of if kind in table) for of, _ in graded])
    right = np.array([good for _, good in graded])
    accept = threshold_for(confidence, right, accepted, least=ACCEPTED_LEAST)
    review = threshold_for(confidence, right, shown, least=SHOWN_LEAST)
    return {
        "format": FORMAT,
        "table": {key: round(share, 4) for key, share in table.items()},
        "accept": 1.0 if accept is None else round(accept, 4),
        "review": 1.0 if review is None else round(review, 4),
        "fitted": {"tags": len(graded), "accepted": accepted, "shown": shown, "languages": languages},
    }


class Remembering:
    """A generator that answers a prompt once: what it says does not depend on calibration. See ports.Generator."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._known: dict[str, Completion] = {}

    async def generate(self, prompts: Sequence[Prompt]) -> Sequence[Completion]:
        """Answer from memory, else as the generator does."""
        keys = [json.dumps([one.text, one.schema], sort_keys=True) for one in prompts]
        fresh = {key: one for key, one in zip(keys, prompts, strict=True) if key not in self._known}
        if fresh:
            found = await self._generator.generate(list(fresh.values()))
            self._known.update(zip(fresh, found, strict=True))
        return [self._known[key] for key in keys]

    def card(self) -> ModelCard:
        """Say what is served."""
        return self._generator.card()

    async def close(self) -> None:
        """Close the generator."""
        await self._generator.close()


@dataclass(frozen=True, kw_only=True)
class OutOfFold:
    """What a fit is worth on listings it has not seen: the mean over `SPLITS` splits."""

    ece: float
    brier: float
    base_brier: float
    auroc: float
    by_language: dict[str, tuple[float, float]]
    """(coverage, accuracy) of what is accepted."""


def out_of_fold(graded: Graded, langs: Sequence[str], accepted: float, *, languages: bool) -> OutOfFold:
    """Return how confidences and a threshold for ``accepted`` precision hold, fitted on the other folds."""
    fitting = partial(by_counting, languages=languages)
    runs = [cross_fit(graded, langs, folds=FOLDS, stated=accepted, fit=fitting, seed=seed) for seed in range(SPLITS)]

    def mean(values: Iterator[float | None]) -> float:
        return round(float(np.mean([value for value in values if value is not None])), 4)

    def pair(lang: str) -> tuple[float, float]:
        return mean(run.by_language[lang][0].value for run in runs), mean(
            run.by_language[lang][1].value for run in runs
        )

    reliabilities = [run.reliability for run in runs]
    overall = (mean(run.coverage.value for run in runs), mean(run.accuracy.value for run in runs))
    return OutOfFold(
        ece=mean(one.ece for one in reliabilities),
        brier=float(np.mean([one.brier for one in reliabilities])),
        base_brier=mean(one.base_brier for one in reliabilities),
        auroc=mean(one.auroc for one in reliabilities),
        by_language={"all": overall, **{lang: pair(lang) for lang in runs[0].by_language}},
    )


async def _asked(service: Service, run: Run, golds: Sequence[Gold], calibration: Calibration) -> list[list[Answer]]:
    """Return the answers under a calibration; the cache is a new one, since it cannot tell calibrations apart."""
    cache = MemoryCache(ttl_s=run.settings.cache_ttl_s, max_bytes=run.settings.cache_mb * 1024 * 1024)
    fresh = replace(service, tagger=GenerativeTagger(replace(service.tagger.parts, cache=cache)))
    run = replace(run, calibration=calibration)
    return [(await ask(fresh, run, gold))[0] for gold in golds]


async def _answers(golds: Sequence[Gold], *, model: bool) -> list[list[Answer]]:
    """Return what would be shown: which of two categories is depends on confidence, so it is counted first."""
    run = Run(settings=load_settings(), tags=True, model=model)
    service = await open_measured(run)
    try:
        if service.tagger.parts.generator is not None:
            parts = replace(service.tagger.parts, generator=Remembering(service.tagger.parts.generator))
            service = replace(service, tagger=GenerativeTagger(parts))
        table = counted(_all_judged(golds, await _asked(service, run, golds, EVERYTHING)))
        return await _asked(service, run, golds, replace(EVERYTHING, table=table))
    finally:
        await service.close()


def _all_judged(golds: Sequence[Gold], answers: Sequence[Sequence[Answer]]) -> list[Judged]:
    return [one for gold, given in zip(golds, answers, strict=True) for one in judged(gold, given)]


def _compared(golds: Sequence[Gold], answers: Sequence[Sequence[Answer]], accepted: float) -> dict[bool, OutOfFold]:
    """Return what the fit is worth out of fold, without and with languages."""
    pairs = [
        (item, answer)
        for gold, of in zip(golds, answers, strict=True)
        for item, answer in zip(gold.listings, of, strict=True)
    ]
    graded = grade([judge_tags(item.tags or frozenset(), answer.tags or ()) for item, answer in pairs])
    if graded is None:
        raise SystemExit("no tag was given: there is nothing to count")
    langs = [item.lang.partition("-")[0] for item, _ in pairs]
    return {languages: out_of_fold(graded, langs, accepted, languages=languages) for languages in (False, True)}


def _show(name: str, one: OutOfFold) -> None:
    print(f"{name}: ECE {one.ece:.4f}, Brier {one.brier:.5f} (a constant {one.base_brier:.4f}), AUROC {one.auroc:.3f}")
    print(
        "  coverage / accuracy: "
        + ", ".join(f"{k} {100 * c:.1f} / {100 * a:.1f}" for k, (c, a) in one.by_language.items())
    )


def main() -> None:
    """Write a calibration fitted on gold files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--accepted", type=float, default=0.92, help="precision of the tags accepted")
    parser.add_argument("--shown", type=float, default=0.9, help="precision of all tags shown, those to review too")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="where texts are looked up")
    parser.add_argument("--no-model", action="store_true", help="count what rules alone say")
    parser.add_argument("--languages", choices=["auto", "yes", "no"], default="auto", help="the level of languages")
    options = parser.parse_args()
    golds = [read_gold(path, data=options.data) for path in options.gold]
    answers = asyncio.run(_answers(golds, model=not options.no_model))
    compared = _compared(golds, answers, options.accepted)
    _show("out of fold, by attribute", compared[False])
    _show("out of fold, by attribute and language", compared[True])
    better = compared[True].brier < compared[False].brier
    languages = better if options.languages == "auto" else options.languages == "yes"
    content = fit(_all_judged(golds, answers), options.accepted, options.shown, languages=languages)
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"{options.out}: {len(content['table'])} kinds, languages {'kept' if languages else 'left out'}")  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
