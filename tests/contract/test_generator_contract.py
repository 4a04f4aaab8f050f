"""The contract of the port Generator, on the engines of every installation; tests/train runs it on `transformers`.

The schemas decide the answers, so that an untrained model can be tested too: where a schema leaves one value only,
every engine has to give it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.adapters.engines.local import LocalEngine
from app.bootstrap import open_generator
from app.domain.errors import CompletionInvalid, EngineError
from app.pipeline.completion import parse
from app.pipeline.ports import Generator, Prompt
from app.settings import Settings

HOME = Path(__file__).parents[2] / ".tagwright" / "test-home"
"""Weights are assembled here once and stay."""
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties)[:1],
        "additionalProperties": False,
    }


def _values(*allowed: str) -> dict[str, Any]:
    items = {"enum": list(allowed)} if allowed else {"type": "string", "minLength": 1, "maxLength": 12}
    return {"type": "array", "minItems": 1, "maxItems": 2, "items": items}


def only(value: str, *, text: str, max_tokens: int = 96) -> Prompt:
    """Return a prompt whose schema leaves one kind of answer: that value, once or twice."""
    return Prompt(text=text, schema=_object(color=_values(value)), max_tokens=max_tokens)


SHADES = ["navy blue 0", "藏青色 1", 'the "rust" 2', "größengrau 3", "a/b 4", "rose 5"]
SHADED = [only(shade, text=f"Dresses|color\nT:Dress number {n}\n=") for n, shade in enumerate(SHADES)]
FREE = Prompt(
    text="Dresses|color,sleeve length\nT:Joanie women's midi dress rust floral print, long sleeve\n=",
    schema=_object(**{"color": _values(), "sleeve length": _values()}),
    max_tokens=160,
)
TITLES = ["Joanie women's dress, rust & navy blue", 'Vestido "Farm" Verde Água', "连衣裙 藏青色 长袖", "größengrau"]
COPIED = [
    Prompt(
        text=f"Dresses|color,size\nT:{title}\n=",
        schema={
            "type": "object",
            "properties": {"color": _values(), "size": {**_values(), "maxItems": 1}},
            "additionalProperties": False,
        },
        max_tokens=160,
        spans=(title, "size M"),
    )
    for title in TITLES
]
CUT = only("much too long for two tokens of any vocabulary", text="Dresses|color\nT:Cut off\n=", max_tokens=2)
BROKEN = Prompt(text="broken", schema={"type": "no such type"}, max_tokens=16)

SCRIPT = [
    *({"match": f"number {n}\n", "answer": {"color": [shade]}} for n, shade in enumerate(SHADES)),
    {"match": FREE.text, "answer": {"color": ["rust"], "sleeve length": ["long sleeve"]}, "delay_s": 0.1},
    *({"match": title, "answer": {"color": [title.split()[0]], "size": ["M"]}} for title in TITLES),
    {"match": "Cut off", "answer": {"color": ["much too long"]}, "fail": "truncate"},
    {"match": "broken", "fail": "engine"},
]
"""What the engine `scripted` is told to answer to these prompts."""


class GeneratorContract:
    """A subclass gives the fixtures ``engine``, open for all its tests, and ``fresh``, one that a test may close."""

    async def test_answers_come_in_the_order_of_the_prompts(self, engine: Generator) -> None:
        answers = [json.loads(c.text)["color"][0] for c in await engine.generate(SHADED)]
        assert answers == SHADES
        backwards = [json.loads(c.text)["color"][0] for c in await engine.generate(SHADED[::-1])]
        assert backwards == SHADES[::-1]

    async def test_an_answer_is_inside_its_schema_and_ended_by_itself(self, engine: Generator) -> None:
        (completion,) = await engine.generate([FREE])
        assert completion.finish_reason == "stop"
        Draft202012Validator(FREE.schema).validate(json.loads(completion.text))
        assert parse(completion, FREE)["color"]

    async def test_there_is_no_white_space_between_tokens(self, engine: Generator) -> None:
        for completion in await engine.generate([FREE, *SHADED]):
            assert re.fullmatch(r"\S+", _STRING.sub("0", completion.text)), completion.text

    async def test_where_a_prompt_has_spans_every_value_is_copied_from_one(self, engine: Generator) -> None:
        copied = 0
        for prompt, completion in zip(COPIED, await engine.generate(COPIED), strict=True):
            Draft202012Validator(prompt.schema).validate(json.loads(completion.text))
            for values in json.loads(completion.text).values():
                for value in values:
                    copied += 1
                    assert any(value in span for span in prompt.spans), (value, prompt.spans)
        assert copied

    async def test_a_truncated_answer_says_so(self, engine: Generator) -> None:
        cut, whole = await engine.generate([CUT, SHADED[0]])
        assert (cut.finish_reason, whole.finish_reason) == ("length", "stop")
        assert 0 < cut.completion_tokens <= CUT.max_tokens
        with pytest.raises(CompletionInvalid, match="cut off"):
            parse(cut, CUT)

    async def test_tokens_are_counted_for_each_prompt(self, engine: Generator) -> None:
        longer = Prompt(text=SHADED[0].text + " and" * 20, schema=SHADED[0].schema, max_tokens=96)
        short, long = await engine.generate([SHADED[0], longer])
        assert short.prompt_tokens > 0
        assert long.prompt_tokens >= short.prompt_tokens + 20
        assert short.completion_tokens > 0
        for completion in (short, long):
            assert 0 <= completion.cached_tokens <= completion.prompt_tokens

    async def test_the_same_question_has_the_same_answer(self, engine: Generator) -> None:
        first, second = await engine.generate([FREE]), await engine.generate([FREE])
        assert first[0].text == second[0].text

    async def test_concurrent_callers_get_their_own_answers(self, engine: Generator) -> None:
        calls = [engine.generate([SHADED[n], SHADED[n - 1]]) for n in range(len(SHADED))]
        for n, completions in enumerate(await asyncio.gather(*calls)):
            assert [json.loads(c.text)["color"][0] for c in completions] == [SHADES[n], SHADES[n - 1]]

    async def test_the_event_loop_stays_free(self, engine: Generator) -> None:
        answering, ticks = asyncio.create_task(engine.generate([FREE])), 0
        while not answering.done():
            await asyncio.sleep(0.001)
            ticks += 1
        assert answering.result()
        assert ticks > 1  # an engine that blocks lets the loop come round once, when it is done

    async def test_failure_is_an_engine_error_and_the_engine_goes_on(self, engine: Generator) -> None:
        with pytest.raises(EngineError) as caught:
            await engine.generate([SHADED[1], BROKEN])
        assert caught.value.retryable
        (completion,) = await engine.generate([SHADED[1]])
        assert json.loads(completion.text)["color"][0] == SHADES[1]

    async def test_nothing_asked_is_nothing_answered(self, engine: Generator) -> None:
        assert list(await engine.generate([])) == []

    async def test_the_card_names_and_pins_what_is_served(self, engine: Generator) -> None:
        card = engine.card()
        assert card == engine.card()
        assert card.model
        assert card.adapter
        assert card.licence
        assert re.match(r"[0-9a-f]{64}", card.digest)

    async def test_closing_waits_and_may_be_repeated(self, fresh: Generator) -> None:
        answering = asyncio.create_task(fresh.generate([SHADED[2]]))
        await asyncio.sleep(0)
        await fresh.close()
        await fresh.close()
        (completion,) = await answering
        assert json.loads(completion.text)["color"][0] == SHADES[2]


class TestScriptedEngine(GeneratorContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Generator:
        script = tmp_path / "script.jsonl"
        script.write_text("\n".join(map(json.dumps, SCRIPT)), encoding="utf-8")
        return open_generator(Settings(engine="scripted", script=script))

    @pytest.fixture
    def fresh(self, engine: Generator) -> Generator:
        return engine


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The packaged base without an adapter: the contract holds whatever the weights."""
    return Settings(engine="local", model="tagwright", adapter="none", home=HOME, threads=1, slots=4)


@pytest.fixture(scope="session")
def local(settings: Settings) -> Iterator[Generator]:
    opened = open_generator(settings)
    yield opened
    asyncio.run(opened.close())


class TestLocalEngine(GeneratorContract):
    @pytest.fixture
    def engine(self, local: Generator) -> Generator:
        return local

    @pytest.fixture
    async def fresh(self, settings: Settings) -> AsyncIterator[Generator]:
        opened = open_generator(settings)
        yield opened
        await opened.close()

    async def test_the_head_that_prompts_share_is_read_once(self, local: LocalEngine) -> None:
        head = "Garden Tools|category,brand,material,feature,power source,compatible with,finish,shape\nT:"
        first, second = (
            only("green", text=f"{head}{title}\n=") for title in ("Cordless hedge trimmer", "Steel rake, ash handle")
        )
        (cold,) = await local.generate([first])
        (warm,) = await local.generate([second])
        assert cold.cached_tokens < 4  # no other prompt of this file begins with these words
        assert warm.cached_tokens >= 15
        assert warm.cached_tokens < warm.prompt_tokens

    async def test_a_prompt_over_the_context_is_refused(self, local: LocalEngine) -> None:
        with pytest.raises(EngineError):
            await local.generate([only("green", text="rake " * 2000)])

    async def test_a_closed_engine_says_so(self, fresh: LocalEngine) -> None:
        await fresh.close()
        with pytest.raises(EngineError, match="closed"):
            await fresh.generate([SHADED[0]])
