"""From a listing to a prompt: pure formatting, no I/O."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from app.domain.errors import SettingsError
from app.domain.listing import Listing
from app.pipeline.ports import Prompt
from app.pipeline.text import MappedText, cut_to_width

FIELDS = ("title", "attributes", "description", "reviews")


@dataclass(frozen=True, kw_only=True, slots=True)
class Demonstration:
    """A listing and its right answer, shown to a model before the question (Brown et al., arXiv 2005.14165)."""

    category: str
    attributes: tuple[str, ...]
    texts: Mapping[str, str]
    """By prompt field, as ``model_texts`` gives them."""
    answer: Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class PromptTemplate:
    """A versioned prompt and the shape of its answer; see prompts/*.yaml."""

    version: str
    head: Template
    fields: Mapping[str, Template]
    tail: str
    limits: Mapping[str, int]
    value_schema: Mapping[str, Any]
    max_tokens: int
    tokens_per_attribute: int
    digest: str
    copies: bool = True
    """Whether every value is copied from the listing; else any text may be answered."""
    preface: str = ""
    """Stands before everything: an instruction, for models that were not fine-tuned on the template."""
    demonstrations: int = 0
    """How many are shown; 0 for none."""
    separator: str = ""
    """Stands after the answer of a demonstration."""
    context_tokens: int = 0
    """What prompt and answer may take together, where it is more than an engine gives by default."""

    def render(
        self,
        category: str,
        attributes: Sequence[str],
        texts: Mapping[str, str],
        single: Collection[str] = (),
        shown: Sequence[Demonstration] = (),
    ) -> Prompt:
        """Return the prompt for cleaned texts by field; a text over its limit is cut.

        Attributes that are ``single`` have one value at most. Line breaks inside a text become blanks: a listing
        cannot write lines of the prompt.
        """
        question, read = self._question(category, attributes, texts)
        return Prompt(
            text="".join([self.preface, *map(self._demonstration, shown), question]),
            schema=self.answer_schema(attributes, single),
            max_tokens=max(self.max_tokens, self.tokens_per_attribute * len(attributes)),
            spans=tuple(read) if self.copies else (),
        )

    def _question(self, category: str, attributes: Sequence[str], texts: Mapping[str, str]) -> tuple[str, list[str]]:
        """Return what is asked, and the texts that are read."""
        parts = [self._fill(self.head, category=_one_line(category), attributes=",".join(map(_one_line, attributes)))]
        read = {name: cut_to_width(_one_line(texts.get(name, "")), self.limits[name]) for name in self.fields}
        parts += [self._fill(self.fields[name], text=text) for name, text in read.items() if text]
        return "".join([*parts, self.tail]), [text for text in read.values() if text]

    def _demonstration(self, shown: Demonstration) -> str:
        question, _ = self._question(shown.category, shown.attributes, shown.texts)
        return f"{question}{answer_text(shown.answer)}{self.separator}"

    def answer_schema(self, attributes: Sequence[str], single: Collection[str] = ()) -> dict[str, Any]:
        """Return the JSON schema (draft 2020-12) of an answer about these attributes."""
        one = {**self.value_schema, "maxItems": 1}
        return {
            "type": "object",
            "properties": {name: one if name in single else self.value_schema for name in attributes},
            "additionalProperties": False,
        }

    def _fill(self, template: Template, **values: str) -> str:
        try:
            return template.substitute(values)
        except KeyError as exc:
            raise SettingsError(f"prompt {self.version} uses an unknown variable {exc}") from exc


def answer_text(values: Mapping[str, Sequence[str]]) -> str:
    """Return an answer as models give it: compact JSON of the attributes that have a value."""
    stated = {name: list(texts) for name, texts in values.items() if texts}
    return json.dumps(stated, ensure_ascii=False, separators=(",", ":"))


def model_texts(listing: Listing, cleaned: Mapping[str, MappedText]) -> dict[str, str]:
    """Return what the model may read, by prompt field, from the cleaned texts by evidence field."""
    reviews = [cleaned[name].text for name in cleaned if name.startswith("reviews[")]
    read = ((name, f"attributes.{name}") for name, _ in listing.attributes)
    attributes = [f"{name}: {cleaned[field].text}" for name, field in read if field in cleaned]
    return {
        "title": cleaned["title"].text,
        "attributes": "; ".join(attributes),
        "description": cleaned["description"].text if "description" in cleaned else "",
        "reviews": " / ".join(reviews),
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
