"""Asks any extractor for the attributes of a gold file, and judges its answers: what tables of models are made of."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.errors import InvalidFile, TagwrightError
from app.pipeline.extractor import Question
from app.pipeline.ports import Extractor
from eval.harness.answers import Answer, of_extraction
from eval.harness.gold import Gold
from eval.harness.protocols import PROTOCOLS, tally
from eval.harness.result import Estimate
from eval.harness.scores import accuracy, f1, matrix
from eval.harness.statistics import Array, estimate

OF_VALUES = ("slots", "strict", "sets")
"""Protocols that an extractor is judged by."""
TIMED = 50
"""Listings that are asked for one at a time, after one that warms up; the others come at once."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How an extractor did on a gold file."""

    counts: Mapping[str, tuple[list[str], Array]]
    """Protocol -> attributes, and outcomes (listings, attributes, 5)."""
    p50_ms: float
    failed: int
    """Listings without an answer: they count as empty."""

    def f1(self, protocol: str) -> Estimate:
        """Return the micro F1 of a protocol."""
        return estimate(self.whole(protocol), f1)

    def whole(self, protocol: str) -> Array:
        """Return the outcomes of all attributes together: (listings, 5)."""
        whole: Array = self.counts[protocol][1].sum(1)
        return whole

    def accuracy(self, protocol: str) -> dict[str, Estimate]:
        """Return the share of slots that are right, by attribute."""
        names, counts = self.counts[protocol]
        return {name: estimate(counts[:, at], accuracy) for at, name in enumerate(names)}


async def measure(extractor: Extractor, gold: Gold, *, timed: int = TIMED) -> Measured:
    """Ask for every listing once; InvalidFile where there is no schema that says what to ask for."""
    if gold.schema is None:
        raise InvalidFile(f"{gold.path} has no schema.json beside it", field="schema")
    questions = [
        Question(listing=item.listing, category=item.category, attributes=gold.schema.attributes(item.category))
        for item in gold.listings
    ]
    times, found = [], []
    for question in questions[: timed + 1]:
        began = time.perf_counter()
        found += await extractor.extract_many([question])
        times.append(1000 * (time.perf_counter() - began))
    found += await extractor.extract_many(questions[timed + 1 :])
    answers = [Answer(error=x.message) if isinstance(x, TagwrightError) else of_extraction(x) for x in found]
    return Measured(
        counts={name: _judged(name, gold, answers) for name in OF_VALUES},
        p50_ms=statistics.median(times[1:] or times),
        failed=sum(answer.error is not None for answer in answers),
    )


def _judged(name: str, gold: Gold, answers: list[Answer]) -> tuple[list[str], Array]:
    judge = PROTOCOLS[name].judge
    return matrix([tally(judge(gold, item, answer)) for item, answer in zip(gold.listings, answers, strict=True)])
