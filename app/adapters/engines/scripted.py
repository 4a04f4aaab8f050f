"""Engine `scripted`: answers from a file, for demonstrations and for tests of what happens when a model misbehaves.

The file is JSON (a list) or JSON Lines; the first entry that fits a prompt answers it, `{}` where none does:

    {"match": "T:Navy dress", "answer": {"color": ["navy"]}}     match: a piece of the prompt; none fits all
    {"sha256": "9f86d0...", "answer": {}}                        the whole prompt, by its digest
    {"match": "slow", "answer": {}, "delay_s": 0.2}
    {"match": "broken", "fail": "engine"}                        engine | timeout | truncate | invalid

As with decoding under a schema, what was not asked for is not answered, but for `invalid`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.domain.errors import EngineError, SettingsError
from app.pipeline.ports import Completion, ModelCard, Prompt
from app.settings import Settings

_OUTSIDE_THE_SCHEMA = '["no object"]'


class Entry(BaseModel):
    """One line of a script."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str = ""
    sha256: str | None = None
    answer: dict[str, Any] = Field(default_factory=dict)
    fail: Literal["engine", "timeout", "truncate", "invalid"] | None = None
    delay_s: float = Field(default=0.0, ge=0)

    def fits(self, prompt: Prompt) -> bool:
        """Say whether this entry answers the prompt."""
        if self.sha256 is not None and self.sha256 != hashlib.sha256(prompt.text.encode()).hexdigest():
            return False
        return self.match in prompt.text


_NOTHING = Entry()


class ScriptedEngine:
    """See ports.Generator. ``asked`` counts the prompts that were answered or failed."""

    def __init__(self, entries: Sequence[Entry], digest: str) -> None:
        self._entries = tuple(entries)
        self._digest = digest
        self.asked = 0

    async def generate(self, prompts: Sequence[Prompt]) -> Sequence[Completion]:
        """Answer every prompt as the script says; EngineError where it says so."""
        return await asyncio.gather(*map(self._complete, prompts))

    def card(self) -> ModelCard:
        """Say which script is served."""
        return ModelCard(model="scripted", adapter="none", licence="none", digest=self._digest)

    async def close(self) -> None:
        """Nothing is held."""

    async def _complete(self, prompt: Prompt) -> Completion:
        self.asked += 1
        entry = next((entry for entry in self._entries if entry.fits(prompt)), _NOTHING)
        await asyncio.sleep(entry.delay_s)
        if entry.fail == "timeout":
            await asyncio.Event().wait()  # until whoever asked loses patience
        if entry.fail == "engine":
            raise EngineError("the script says that the model fails here")
        asked = prompt.schema.get("properties", {})
        answer = {name: values for name, values in entry.answer.items() if name in asked}
        text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        if entry.fail == "invalid":
            text = _OUTSIDE_THE_SCHEMA
        if entry.fail == "truncate":
            text = text[: len(text) // 2]
        return Completion(
            text=text,
            finish_reason="length" if entry.fail == "truncate" else "stop",
            # There is no tokenizer here; words are what comes nearest.
            prompt_tokens=len(prompt.text.split()),
            completion_tokens=len(text.split()),
        )


def read_script(path: Path) -> list[Entry]:
    """Return the entries of a script; SettingsError for a file that is none."""
    try:
        text = path.read_text(encoding="utf-8")
        if text.lstrip().startswith("["):
            raw = json.loads(text)
        else:
            raw = [json.loads(line) for line in text.splitlines() if line.strip()]
        return TypeAdapter(list[Entry]).validate_python(raw)
    except (OSError, ValueError, ValidationError) as exc:
        raise SettingsError(f"script {path} cannot be read: {exc}", field="TAGWRIGHT_SCRIPT") from exc


def open_engine(settings: Settings) -> ScriptedEngine:
    """Return the engine with the script that the settings name; without one every answer is `{}`."""
    if settings.script is None:
        return ScriptedEngine((), hashlib.sha256(b"").hexdigest())
    entries = read_script(settings.script)
    return ScriptedEngine(entries, hashlib.sha256(settings.script.read_bytes()).hexdigest())
