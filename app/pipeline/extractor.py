"""Fills a caller's own attributes from a listing: the model reads, rules or a dictionary fill what it left empty.

With a prompt that asks for demonstrations the model is shown like listings of the caller's gold first (few-shot).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from app.domain.errors import EngineError, InvalidSchema, TagwrightError
from app.domain.listing import Listing
from app.domain.tags import Evidence, Extraction
from app.domain.taxonomy import Taxonomy
from app.pipeline.completion import Locator, parse
from app.pipeline.demonstrations import Demonstrator, ValueDictionary
from app.pipeline.intake import Intake, take_in
from app.pipeline.ports import Generator, LanguageIdentifier
from app.pipeline.prompting import Demonstration, PromptTemplate, model_texts
from app.pipeline.rules.engine import RuleEngine
from app.pipeline.text import fold_label

logger = logging.getLogger(__name__)
MOST_ATTRIBUTES = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedAttribute:
    """An attribute of the caller's own."""

    name: str
    description: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A listing, the category its schema belongs to, and the attributes asked for."""

    listing: Listing
    category: str
    attributes: tuple[AskedAttribute, ...]

    def __post_init__(self) -> None:
        names = [attribute.name for attribute in self.attributes]
        if not names or len(names) > MOST_ATTRIBUTES:
            raise InvalidSchema(f"1 to {MOST_ATTRIBUTES} attributes can be asked for", field="attributes")
        if any(not name.strip() or len(name) > 80 for name in names) or len(set(names)) < len(names):
            raise InvalidSchema("attribute names must be distinct and have 1 to 80 characters", field="attributes")


class ListingExtractor:
    """Extracts surface values of a caller's own attributes."""

    def __init__(
        self,
        *,
        taxonomy: Taxonomy,
        rules: RuleEngine,
        prompt: PromptTemplate,
        generator: Generator | None,
        identifier: LanguageIdentifier,
    ) -> None:
        self._taxonomy = taxonomy
        self._rules = rules
        self._prompt = prompt
        self._generator = generator
        self._identifier = identifier
        self._use_rules = True
        self._demonstrator: Demonstrator | None = None
        self._dictionary: ValueDictionary | None = None
        self._supported = frozenset(locale.split("-")[0] for locale in taxonomy.locales)
        self._known = {fold_label(x.text): a for a, c in taxonomy.attributes.items() for x in c.labels}

    def using(self, *, rules: bool = True, model: bool = True) -> ListingExtractor:
        """Return an extractor of the same parts that leaves out the rules or the model."""
        other = copy(self)
        other._use_rules = rules
        other._generator = self._generator if model else None
        return other

    @property
    def demonstrations(self) -> int:
        """How many demonstrations the prompt shows; above 0 ``taught`` has to give them."""
        return self._prompt.demonstrations

    def taught(
        self, demonstrator: Demonstrator | None = None, dictionary: ValueDictionary | None = None
    ) -> ListingExtractor:
        """Return an extractor of the same parts that has learned from gold."""
        other = copy(self)
        other._demonstrator, other._dictionary = demonstrator, dictionary
        return other

    async def extract(self, question: Question) -> Extraction:
        """Answer one question; EngineError when the model could not, InvalidListing for an unusable listing."""
        intake = take_in(question.listing, self._identifier, self._supported)
        predicted = await self._model_values(question, intake) if self._generator else {}
        if self._dictionary is not None:
            title, names = intake.texts["title"].text, [attribute.name for attribute in question.attributes]
            for name, value in self._dictionary.fill(question.category, names, title, predicted).items():
                predicted[name] = [value]
        if self._use_rules:
            for name, values in self._rule_values(question, intake).items():
                predicted.setdefault(name, values)
        locator = Locator(intake.texts)
        evidence = {n: [e for v in vs for e in locator.find(v)] for n, vs in predicted.items()}
        return Extraction(predicted=predicted, evidence=evidence, warnings=intake.warnings)

    async def extract_many(self, questions: Sequence[Question]) -> list[Extraction | TagwrightError]:
        """Answer questions at once, in order; one that fails is an error in its place."""

        async def one(question: Question) -> Extraction | TagwrightError:
            try:
                return await self.extract(question)
            except TagwrightError as exc:
                return exc

        return await asyncio.gather(*(one(question) for question in questions))

    async def _model_values(self, question: Question, intake: Intake) -> dict[str, list[str]]:
        if self._generator is None:
            raise EngineError("no model is loaded")
        names = [attribute.name for attribute in question.attributes]
        texts = model_texts(question.listing, intake.texts)
        shown: Sequence[Demonstration] = ()
        if self._prompt.demonstrations:
            if self._demonstrator is None:
                raise InvalidSchema(f"the prompt {self._prompt.version} shows demonstrations: none are given")
            shown = self._demonstrator.like(question.category, texts["title"], self._prompt.demonstrations)
        prompt = self._prompt.render(question.category, names, texts, shown=shown)
        completion = (await self._generator.generate([prompt]))[0]
        answer = parse(completion, prompt)
        return {name: answer[name] for name in names if answer.get(name)}

    def _rule_values(self, question: Question, intake: Intake) -> Mapping[str, list[str]]:
        """Return what rules find for attributes whose name is one of the taxonomy's, as written in the text."""
        wanted = {self._known[key]: a.name for a in question.attributes if (key := fold_label(a.name)) in self._known}
        if not wanted:
            return {}
        findings = self._rules.find(intake.texts, intake.lang)
        values: dict[str, list[str]] = {}
        for candidate in findings.candidates(None, tuple(wanted)):
            name = wanted.get(candidate.attribute)
            if name is not None and candidate.evidence:
                values.setdefault(name, []).append(source_text(question.listing, candidate.evidence))
        return {name: list(dict.fromkeys(texts)) for name, texts in values.items()}


def source_text(listing: Listing, evidence: Iterable[Evidence]) -> str:
    """Return the text of the first span as it stands in the listing."""
    span = next(iter(evidence))
    return dict(listing.fields())[span.field][span.start : span.end]
