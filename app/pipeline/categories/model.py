"""Lets a generative model choose among the candidates for a category.

The answer is one of the candidates' names by its JSON schema (an enum), so the model cannot name anything else. It is
off unless asked for: eval/categories.py says what a model's choice is worth.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from string import Template
from typing import Protocol

from app.domain.errors import CompletionInvalid
from app.domain.taxonomy import Taxonomy
from app.pipeline.categories.choice import Candidate
from app.pipeline.ports import Generator, Prompt
from app.pipeline.text import cut_to_width

BY_MODEL = "chosen by the model"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoicePrompt:
    """A versioned prompt; see prompts/choose-category-*.yaml."""

    version: str
    template: Template
    """Of `title` and `candidates`, one a line."""
    title_limit: int
    max_tokens: int

    def render(self, title: str, names: Sequence[str]) -> Prompt:
        """Return the prompt for a cleaned title and the distinct names of the candidates, best first."""
        read = cut_to_width(" ".join(title.split()), self.title_limit)
        answer = {
            "type": "object",
            "properties": {"category": {"type": "array", "items": {"enum": list(names)}, "minItems": 1, "maxItems": 1}},
            "required": ["category"],
            "additionalProperties": False,
        }
        text = self.template.substitute(title=read, candidates="\n".join(f"- {name}" for name in names))
        return Prompt(text=text, schema=answer, max_tokens=self.max_tokens)


class Chooser(Protocol):
    """Puts candidates into their final order."""

    async def choose(self, title: str, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Return the same candidates, the chosen one first."""
        ...


class ModelChoice:
    """A model's choice among the first ``most`` candidates; where the best is sure, it is not asked."""

    def __init__(
        self, taxonomy: Taxonomy, generator: Generator, prompt: ChoicePrompt, *, most: int = 5, sure: float = 1.0
    ) -> None:
        self._taxonomy, self._generator, self._prompt = taxonomy, generator, prompt
        self._most, self._sure = most, sure

    async def choose(self, title: str, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Return the candidates with the model's choice first; EngineError when it could not answer."""
        asked = candidates[: self._most]
        if len(asked) < 2 or asked[0].confidence >= self._sure:
            return tuple(candidates)
        named = self._names(asked)
        prompt = self._prompt.render(title, list(named))
        completion = (await self._generator.generate([prompt]))[0]
        if completion.finish_reason != "stop":
            raise CompletionInvalid(f"the answer was cut off after {completion.completion_tokens} tokens")
        try:
            chosen = named[json.loads(completion.text)["category"][0]]
        except (ValueError, LookupError, TypeError) as exc:
            raise CompletionInvalid("the model chose none of the candidates") from exc
        first = replace(chosen, why=(BY_MODEL, *chosen.why))
        return (first, *(one for one in candidates if one.id != chosen.id))

    def _names(self, asked: Sequence[Candidate]) -> Mapping[str, Candidate]:
        """Return candidates by name, with as much of the path before it as tells them apart."""
        paths = {one.id: [self._taxonomy.concept(node).label("en") or node for node in one.path] for one in asked}
        depth = 1
        while len({tuple(path[-depth:]) for path in paths.values()}) < len(paths):
            depth += 1
        return {" > ".join(paths[one.id][-depth:]): one for one in asked}
