"""Engine `transformers`: counts, batching, adapters, digests and errors, on random models; see also the contract."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from jsonschema import Draft202012Validator
from transformers import AutoTokenizer

from app.adapters.engines.checkpoints import Checkpoint, load_checkpoint
from app.adapters.engines.constraint import SchemaCompiler
from app.adapters.engines.transformers import TransformersEngine, open_engine
from app.domain.errors import EngineError, SettingsError
from app.pipeline.ports import Completion, Prompt
from app.settings import Settings
from tests.train import tiny

pytestmark = pytest.mark.train

VALUES = {
    "type": "array",
    "minItems": 1,
    "maxItems": 2,
    "items": {"type": "string", "minLength": 1, "maxLength": 8},
}
TITLES = ["Kleid", "Joanie women's midi dress rust floral print, long sleeve, navy blue belt", "连衣裙 藏青色", "a"]


def asked(text: str, *attributes: str, max_tokens: int = 120) -> Prompt:
    schema = {
        "type": "object",
        "properties": dict.fromkeys(attributes, VALUES),
        "required": list(attributes),
        "additionalProperties": False,
    }
    return Prompt(text=f"T:{text}\n=", schema=schema, max_tokens=max_tokens)


PROMPTS = [
    asked(TITLES[0], "color"),
    asked(TITLES[1], "color", "sleeve length"),
    asked(TITLES[2], "材质"),
    asked(TITLES[3], "fit"),
]


@pytest.fixture(scope="module", params=["causal", "seq2seq"])
def folder(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.fixture(scope="module")
def checkpoint(folder: Path) -> Checkpoint:
    return load_checkpoint(str(folder), "none", folder / "home")


def answer(checkpoint: Checkpoint, prompts: list[Prompt], *, batch: int = 8) -> list[Completion]:
    async def ask() -> list[Completion]:
        engine = TransformersEngine(checkpoint, batch=batch)
        try:
            return list(await engine.generate(prompts))
        finally:
            await engine.close()

    return asyncio.run(ask())


def test_each_row_of_a_batch_keeps_to_its_own_schema(checkpoint: Checkpoint) -> None:
    completions = answer(checkpoint, PROMPTS)
    for prompt, completion in zip(PROMPTS, completions, strict=True):
        assert completion.finish_reason == "stop"
        Draft202012Validator(prompt.schema).validate(json.loads(completion.text))


def test_unconstrained_the_model_writes_no_json(checkpoint: Checkpoint) -> None:
    """What makes the test above worth something: the validity is the constraint's, not the weights'."""
    encoded = checkpoint.tokenizer(PROMPTS[0].text, return_tensors="pt")
    output = checkpoint.model.generate(
        input_ids=encoded.input_ids, attention_mask=encoded.attention_mask, max_new_tokens=60, do_sample=False
    )
    text = checkpoint.tokenizer.decode(output[0][encoded.input_ids.shape[1] :], skip_special_tokens=True)
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_a_character_that_the_vocabulary_lacks_cuts_that_answer_alone(seq2seq: Path, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(str(seq2seq), "none", tmp_path)
    unknown = asked("shoes", "꽃")
    before, cut, after = answer(checkpoint, [PROMPTS[0], unknown, PROMPTS[1]])
    assert cut.finish_reason == "length"
    assert cut.completion_tokens < 10
    assert [before, after] == answer(checkpoint, PROMPTS[:2])


def test_a_batch_answers_as_one_prompt_at_a_time_does(checkpoint: Checkpoint) -> None:
    """Padding and finished neighbours change nothing."""
    alone = [completion for prompt in PROMPTS for completion in answer(checkpoint, [prompt])]
    assert answer(checkpoint, PROMPTS) == alone
    assert answer(checkpoint, PROMPTS, batch=3) == alone
    assert len({completion.completion_tokens for completion in alone}) > 1


def test_prompt_tokens_are_those_of_the_prompt_without_padding(folder: Path, checkpoint: Checkpoint) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    read = [completion.prompt_tokens for completion in answer(checkpoint, PROMPTS)]
    assert read == [len(tokenizer(prompt.text).input_ids) for prompt in PROMPTS]


def test_a_small_budget_ends_an_answer_and_leaves_its_neighbours_alone(checkpoint: Checkpoint) -> None:
    whole, other = answer(checkpoint, [PROMPTS[1], PROMPTS[0]])
    few = asked(TITLES[1], "color", "sleeve length", max_tokens=5)
    cut, neighbour = answer(checkpoint, [few, PROMPTS[0]])
    assert (cut.finish_reason, cut.completion_tokens) == ("length", 5)
    assert whole.text.startswith(cut.text.rstrip("\N{REPLACEMENT CHARACTER}"))  # five tokens may end inside a character
    assert neighbour == other


def test_a_budget_just_large_enough_ends_by_itself(checkpoint: Checkpoint) -> None:
    (whole,) = answer(checkpoint, [PROMPTS[0]])
    exact = asked(TITLES[0], "color", max_tokens=whole.completion_tokens)
    short = asked(TITLES[0], "color", max_tokens=whole.completion_tokens - 1)
    assert answer(checkpoint, [exact, short])[0] == whole
    (missed,) = answer(checkpoint, [short])
    assert missed.finish_reason == "length"  # the end token counts: an answer whose end was not seen may go on
    assert missed.text == whole.text


def test_an_adapter_changes_weights_answers_and_card(folder: Path, checkpoint: Checkpoint, tmp_path: Path) -> None:
    laid = tiny.save_adapter(folder, tmp_path / "shoes-2")
    adapted = load_checkpoint(str(folder), str(laid), tmp_path)
    before, after = checkpoint.model.state_dict(), adapted.model.state_dict()
    assert set(before) == set(after)  # merged, nothing is left of PEFT's modules
    changed = {name.split(".")[-2] for name in before if not torch.equal(before[name], after[name])}
    assert changed == ({"q_proj", "v_proj"} if "self_attn" in " ".join(before) else {"q", "v"})
    assert adapted.card.adapter.startswith("shoes-2@")
    assert checkpoint.card.adapter == "none"
    assert adapted.card.digest != checkpoint.card.digest
    assert [c.text for c in answer(adapted, PROMPTS)] != [c.text for c in answer(checkpoint, PROMPTS)]


def test_an_adapter_of_another_model_is_refused(causal: Path, seq2seq: Path, tmp_path: Path) -> None:
    foreign = tiny.save_adapter(seq2seq, tmp_path / "foreign")
    with pytest.raises(SettingsError, match="foreign does not fit") as caught:
        load_checkpoint(str(causal), str(foreign), tmp_path)
    assert caught.value.field == "TAGWRIGHT_ADAPTER"


def test_an_adapter_that_fits_in_part_is_refused(causal: Path, tmp_path: Path) -> None:
    """Its configuration promises two layers, its file holds one: PEFT itself would warn and serve it."""
    partial = tiny.save_adapter(causal, tmp_path / "partial", layers=[0])
    config = json.loads((partial / "adapter_config.json").read_text())
    (partial / "adapter_config.json").write_text(json.dumps(config | {"layers_to_transform": [0, 1]}))
    with pytest.raises(SettingsError, match="partial does not fit"):
        load_checkpoint(str(causal), str(partial), tmp_path)


def test_the_digest_pins_the_files(causal: Path, tmp_path: Path) -> None:
    first = load_checkpoint(str(causal), "none", tmp_path).card
    assert first.model == causal.name
    copied = Path(shutil.copytree(causal, tmp_path / causal.name))
    assert load_checkpoint(str(copied), "default", tmp_path).card == first  # the shipped adapter is not for this model
    other = load_checkpoint(str(tiny.save_causal(tmp_path / "other", seed=1)), "none", tmp_path).card
    assert other.digest != first.digest


def _no_config(folder: Path) -> str:
    (folder / "config.json").unlink()
    return str(folder)


def _cut_weights(folder: Path) -> str:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    return str(folder)


def _unknown_architecture(folder: Path) -> str:
    (folder / "config.json").write_text(json.dumps({"model_type": "no-such-architecture"}))
    return str(folder)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda folder: str(folder / "missing"), SettingsError),
        (lambda _: "no-such-owner/no-such-model", SettingsError),  # the hub is not asked: tests are offline
        (lambda _: "what is this?", SettingsError),
        (_no_config, SettingsError),
        (_cut_weights, EngineError),
        (_unknown_architecture, EngineError),
    ],
    ids=["missing folder", "unknown name", "no name", "no config", "cut weights", "unknown architecture"],
)
def test_what_cannot_be_loaded_is_a_typed_error(
    causal: Path, tmp_path: Path, spoil: Callable[[Path], str], error: type[Exception]
) -> None:
    copied = Path(shutil.copytree(causal, tmp_path / "copied"))
    with pytest.raises(error):
        open_engine(Settings(engine="transformers", model=spoil(copied), adapter="none", home=tmp_path, threads=1))


def test_a_tokenizer_without_braces_is_refused_when_the_engine_opens(tmp_path: Path) -> None:
    """T5's own first vocabularies are like this."""
    folder = tiny.save_seq2seq(tmp_path / "no-braces", alphabet="abcdefghijklmnopqrstuvwxyz,:.\"'")
    checkpoint = load_checkpoint(str(folder), "none", tmp_path)
    with pytest.raises(SettingsError, match="cannot write JSON") as caught:
        TransformersEngine(checkpoint, batch=1)
    assert caught.value.hint


def test_a_prompt_over_the_models_positions_is_refused(causal: Path, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(str(causal), "none", tmp_path)
    with pytest.raises(EngineError, match="512 positions"):
        answer(checkpoint, [asked("dress " * 400, "color")])


def test_the_newest_grammars_stay_compiled(checkpoint: Checkpoint) -> None:
    compiler = SchemaCompiler(checkpoint.model, checkpoint.tokenizer, keep=2)
    for attribute in ("color", "fit", "color", "size"):
        compiler.constrain([asked("a", attribute), asked("b", attribute)])
    assert len(compiler) == 2


def test_a_caller_who_gives_up_does_not_hold_up_the_next(causal: Path, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(str(causal), "none", tmp_path)
    steps = 0

    def count(*_: Any) -> None:
        nonlocal steps
        steps += 1

    checkpoint.model.register_forward_hook(count)
    long = Prompt(text="T:a\n=", schema={"type": "string", "minLength": 400}, max_tokens=480)

    async def impatient() -> Completion:
        engine = TransformersEngine(checkpoint, batch=1)
        answering = asyncio.create_task(engine.generate([long]))
        while steps < 3:
            await asyncio.sleep(0.001)
        answering.cancel()
        (completion,) = await engine.generate([asked("b", "fit", max_tokens=2)])
        await engine.close()
        return completion

    assert asyncio.run(impatient()).finish_reason == "length"
    assert steps < 200
