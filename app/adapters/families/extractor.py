"""Any family as an Extractor: names resolved, work done in a thread, values located, foreign errors mapped."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from app.adapters.families.card import FamilyCard
from app.domain.errors import EngineError, InvalidListing, TagwrightError
from app.domain.listing import Listing
from app.domain.tags import Extraction, Warning
from app.pipeline.completion import Locator
from app.pipeline.extractor import Question
from app.pipeline.items import belongings
from app.pipeline.text import clean, fold_label

Values = dict[str, list[str]]
Ranked = dict[str, list[tuple[str, float]]]
"""Attribute -> values with their probability, the likeliest first."""


class Predictor(Protocol):
    """What a family is: values by attribute, for listings of known categories."""

    def predict(self, listings: Sequence[Listing], categories: Sequence[str]) -> list[Values]:
        """Return values by the attribute names of its training, the surest value of each first."""
        ...


class Ranker(Predictor, Protocol):
    """A predictor that says how likely its values are: what a fusion is made of."""

    def rank(self, listings: Sequence[Listing], categories: Sequence[str], most: int = 1) -> list[Ranked]:
        """Return values by the attribute names of its training: up to ``most`` that exclude each other, or several."""
        ...


class FamilyExtractor:
    """Asks a predictor in a thread of its own; see ports.Extractor."""

    def __init__(self, card: FamilyCard, predictor: Predictor) -> None:
        self.card = card
        self.predictor = predictor
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=card.family)
        self._known = {fold_label(n): n for names in card.attributes.values() for n in names}
        self._items = tuple(card.recipe.get("items") or ())

    def knows(self, name: str) -> bool:
        """Say whether it was trained for an attribute of this name, in whatever spelling."""
        return fold_label(name) in self._known

    async def extract_many(self, questions: Sequence[Question]) -> list[Extraction | TagwrightError]:
        """Answer questions at once, in order; one that fails is an error in its place."""
        usable = [question for question in questions if question.listing.title.strip()]
        loop = asyncio.get_running_loop()
        try:
            answers = iter(await loop.run_in_executor(self._thread, self._answer, usable))
        except Exception as exc:  # model libraries raise whatever they like
            failed = exc if isinstance(exc, TagwrightError) else EngineError(f"the model failed: {exc}")
            return [failed] * len(questions)
        empty = InvalidListing("the title is empty", field="title")
        return [next(answers) if question.listing.title.strip() else empty for question in questions]

    async def close(self) -> None:
        """Wait for what is being worked on."""
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)

    def _answer(self, questions: Sequence[Question]) -> list[Extraction]:
        values = self.predictor.predict([q.listing for q in questions], [q.category for q in questions])
        return [self._extraction(question, found) for question, found in zip(questions, values, strict=True)]

    def _extraction(self, question: Question, found: Mapping[str, Sequence[str]]) -> Extraction:
        asked = {a.name: self._known.get(fold_label(a.name)) for a in question.attributes}
        predicted = {name: list(found[known]) for name, known in asked.items() if known and found.get(known)}
        locator = Locator({name: clean(text) for name, text in question.listing.fields()})
        evidence = {name: [e for v in values for e in locator.find(v)] for name, values in predicted.items()}
        unknown = ", ".join(name for name, known in asked.items() if known is None)
        message = f"this model was not trained for {unknown}"
        return Extraction(
            predicted=predicted,
            evidence=evidence,
            belongings=belongings(question.listing, evidence, self._items) if self._items else (),
            warnings=(Warning(code="untrained-attribute", field="attributes", message=message),) if unknown else (),
        )
