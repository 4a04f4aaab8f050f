"""From a completion to candidates: validated against its schema, each value looked up in the text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.errors import CompletionInvalid
from app.domain.tags import Evidence
from app.pipeline.ports import Completion, Prompt
from app.pipeline.text import MappedText, bounded, fold, fold_label


def parse(completion: Completion, prompt: Prompt) -> dict[str, list[str]]:
    """Return attribute -> values; CompletionInvalid when it was cut off or is outside its schema."""
    from jsonschema import Draft202012Validator  # takes a tenth of a second to import

    if completion.finish_reason != "stop":
        raise CompletionInvalid(f"the answer was cut off after {completion.completion_tokens} tokens")
    try:
        answer: Any = json.loads(completion.text)
    except json.JSONDecodeError as exc:
        raise CompletionInvalid(f"the answer is no JSON: {exc}") from exc
    problem = next(Draft202012Validator(prompt.schema).iter_errors(answer), None)
    if problem is not None:
        raise CompletionInvalid(f"the answer is outside its schema: {problem.message[:200]}")
    return {name: list(dict.fromkeys(v.strip() for v in values if v.strip())) for name, values in answer.items()}


class Locator:
    """Finds values in the texts of one listing; folds each text once."""

    def __init__(self, texts: Mapping[str, MappedText]) -> None:
        self._texts = texts
        self._folded: dict[str, MappedText] = {}

    def find(self, value: str, fields: Sequence[str] | None = None) -> tuple[Evidence, ...]:
        """Return the first place of a value, in reading order, as a span of the source; () where it stands nowhere."""
        wanted = fold_label(value)
        if not wanted:
            return ()
        for name in fields or self._texts:
            folded = self.folded(name)
            start = folded.text.find(wanted)
            while start >= 0:
                if bounded(folded.text, start, start + len(wanted)):
                    source_start, source_end = folded.span(start, start + len(wanted))
                    return (Evidence(field=name, start=source_start, end=source_end),)
                start = folded.text.find(wanted, start + 1)
        return ()

    def folded(self, name: str) -> MappedText:
        """Return a field's text, folded."""
        if name not in self._folded:
            self._folded[name] = fold(self._texts[name])
        return self._folded[name]
