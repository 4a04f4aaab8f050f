"""Engine `scripted`: what a script says is what happens."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

from app.adapters.engines.scripted import ScriptedEngine, open_engine
from app.domain.errors import CompletionInvalid, EngineError, SettingsError
from app.pipeline.completion import parse
from app.pipeline.ports import Prompt
from app.settings import Settings

SCHEMA = {
    "type": "object",
    "properties": {"color": {"type": "array", "items": {"type": "string"}}},
    "additionalProperties": False,
}


def prompt(text: str) -> Prompt:
    return Prompt(text=text, schema=SCHEMA, max_tokens=160)


def engine(tmp_path: Path, *entries: dict[str, Any], lines: bool = False) -> ScriptedEngine:
    path = tmp_path / "script"
    text = "\n".join(map(json.dumps, entries)) + "\n\n" if lines else json.dumps(entries)
    path.write_text(text, encoding="utf-8")
    return open_engine(Settings(engine="scripted", script=path))


@pytest.mark.parametrize("lines", [False, True])
async def test_the_first_entry_that_fits_answers(tmp_path: Path, lines: bool) -> None:
    digest = hashlib.sha256(b"the whole prompt").hexdigest()
    scripted = engine(
        tmp_path,
        {"sha256": digest, "answer": {"color": ["by digest"]}},
        {"match": "marineblau", "answer": {"color": ["藏青色"]}},
        {"match": "blau", "answer": {"color": ["blue"]}},
        lines=lines,
    )
    prompts = [prompt(text) for text in ("blau", "dunkelmarineblau", "the whole prompt", "the whole prompt?")]
    completions = await scripted.generate(prompts)
    answers = [parse(completion, asked) for completion, asked in zip(completions, prompts, strict=True)]
    assert answers == [{"color": ["blue"]}, {"color": ["藏青色"]}, {"color": ["by digest"]}, {}]
    assert scripted.asked == 4


async def test_only_what_is_asked_for_is_answered(tmp_path: Path) -> None:
    scripted = engine(tmp_path, {"answer": {"size": ["M"], "color": ["red"]}})
    assert parse((await scripted.generate([prompt("x")]))[0], prompt("x")) == {"color": ["red"]}


async def test_without_a_script_every_answer_is_empty() -> None:
    scripted = open_engine(Settings(engine="scripted"))
    assert parse((await scripted.generate([prompt("x")]))[0], prompt("x")) == {}
    assert scripted.card().model == "scripted"


@pytest.mark.parametrize("fail", ["truncate", "invalid"])
async def test_bad_completions_do_not_pass_as_answers(tmp_path: Path, fail: str) -> None:
    scripted = engine(tmp_path, {"answer": {"color": ["red"]}, "fail": fail})
    completion = (await scripted.generate([prompt("x")]))[0]
    assert completion.finish_reason == ("length" if fail == "truncate" else "stop")
    with pytest.raises(CompletionInvalid):
        parse(completion, prompt("x"))


async def test_failing_and_never_answering(tmp_path: Path) -> None:
    scripted = engine(tmp_path, {"match": "a", "fail": "engine"}, {"match": "b", "fail": "timeout"})
    with pytest.raises(EngineError):
        await scripted.generate([prompt("a")])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await scripted.generate([prompt("b")])


async def test_delays_of_one_batch_run_side_by_side(tmp_path: Path) -> None:
    scripted = engine(tmp_path, {"delay_s": 0.1})
    began = time.perf_counter()
    assert len(await scripted.generate([prompt("x")] * 20)) == 20
    assert 0.1 <= time.perf_counter() - began < 1.0


def test_other_scripts_have_other_digests(tmp_path: Path) -> None:
    digests = {engine(tmp_path, {"match": word}).card().digest for word in "ab"}
    assert len(digests) == 2


@pytest.mark.parametrize(
    "text",
    ["[", "{", "5", '[{"match": 5}]', '[{"mach": "x"}]', '[{"fail": "sometimes"}]', '{"delay_s": -1}', "\ufeff[]x"],
)
def test_a_script_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "script"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        open_engine(Settings(engine="scripted", script=path))
    assert caught.value.field == "TAGWRIGHT_SCRIPT"


def test_a_script_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        open_engine(Settings(engine="scripted", script=tmp_path / "none"))
