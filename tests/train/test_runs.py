"""Training runs of a tiny model on a tiny gold set: early stopping, folds, search, a kill, and what is written."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from safetensors.numpy import load_file

from app.adapters.engines.checkpoints import load_checkpoint
from app.adapters.engines.transformers import TransformersEngine
from app.adapters.prompt_files import read_prompt
from app.bootstrap import prompt_file
from app.domain.errors import SettingsError
from app.settings import Settings
from app.training.finetune import train
from app.training.loop import Progress

pytestmark = pytest.mark.train
COLORS = ["rust", "navy", "ivory", "teal", "plum", "sand"]
KINDS = ["dress", "belt", "shirt", "scarf"]
PAIRS = [(color, kind) for color in COLORS for kind in KINDS]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of gold with one set; one row of train stands in dev."""
    folder = tmp_path_factory.mktemp("data") / "tiny"
    folder.mkdir()
    rows = [
        {
            "id": f"tiny/{number}",
            "lang": "en",
            "title": f"Joanie {color} {kind}",
            "category": "Clothes",
            "gold": {"color": [color], "kind": [kind]},
        }
        for number, (color, kind) in enumerate(PAIRS)
    ]
    for split, chosen in (("train", rows), ("dev", [{**rows[5], "title": rows[5]["title"].upper()}])):
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, chosen)) + "\n", encoding="utf-8")
    schema = {"categories": {"Clothes": [{"name": "color"}, {"name": "kind"}]}}
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    return folder.parent


def write(path: Path, base: Path, data: Path, **changes: Any) -> Path:
    recipe = {
        "name": "tiny-1",
        "base": str(base),
        "prompt": "title-1",
        "data": str(data),
        "gold": [{"set": "tiny", "partly": 0.0, "swap": 0.3}],
        "rank": 4,
        "alpha": 8,
        "dropout": 0.1,
        "weight_decay": 0.01,
        "learning_rate": 0.02,
        "epochs": 2,
        "batch": 4,
        "save_every": 3,
        "out": str(path.parent / "out"),
        **changes,
    }
    path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return path


def ignore(_: Progress) -> None:
    pass


def test_a_run_writes_adapter_card_and_losses(causal: Path, data: Path, tmp_path: Path) -> None:
    folder = train(write(tmp_path / "r.yaml", causal, data, quantisation="q8_0"), ignore)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert (card["name"], card["family"], card["prompt"], card["quantisation"]) == (
        "tiny-1",
        "causal",
        "title-1",
        "q8_0",
    )
    (data_set,) = card["data"]
    assert (data_set["set"], data_set["licence"], data_set["split"]) == ("tiny", "none stated", "train")
    assert {name: data_set[name] for name in ("listings", "in_dev", "near_dev", "kept")} == {
        "listings": 24,
        "in_dev": 1,
        "near_dev": 0,
        "kept": 23,
    }
    assert card["dev"] == "not seen"
    assert (card["epochs"], card["steps"]) == (2, 12)
    assert card["tokens"] > 500
    assert all(card["versions"][name][0].isdigit() for name in ("torch", "transformers", "peft"))
    losses = [json.loads(line) for line in (folder / "losses.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["step"] for row in losses] == list(range(12))
    assert losses[-1]["loss"] < losses[0]["loss"]
    assert (folder / "adapter_model.safetensors").is_file()


def test_an_adapter_of_a_folder_is_served_under_its_own_prompt(causal: Path, data: Path, tmp_path: Path) -> None:
    import asyncio

    folder = train(write(tmp_path / "r.yaml", causal, data, epochs=1), ignore)
    settings = Settings(engine="transformers", model=str(causal), adapter=str(folder), home=tmp_path)
    assert prompt_file(settings).name == "title-1.yaml"
    prompt = read_prompt(prompt_file(settings)).render("Clothes", ["color", "kind"], {"title": "Joanie plum belt"})
    assert prompt.text == "Clothes\nJoanie plum belt\n="

    async def answer() -> str:
        engine = TransformersEngine(load_checkpoint(str(causal), str(folder), tmp_path), batch=2)
        (completion,) = await engine.generate([prompt])
        await engine.close()
        return completion.text

    assert json.loads(asyncio.run(answer())).keys() <= {"color", "kind"}


@pytest.mark.parametrize(("watched", "listings"), [("held-out", None), ("dev", 1)])
def test_early_stopping_keeps_the_best_epoch(
    causal: Path, data: Path, tmp_path: Path, watched: str, listings: int | None
) -> None:
    """A learning rate that makes things worse stops the run long before its 30 epochs."""
    stop = {"on": watched, "share": 0.2, "patience": 2}
    folder = train(write(tmp_path / "r.yaml", causal, data, epochs=30, learning_rate=1.5, stop=stop), ignore)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    rows = [json.loads(line) for line in (folder / "losses.jsonl").read_text(encoding="utf-8").splitlines()]
    held = [row["held_out"]["loss"] for row in rows if "held_out" in row]
    assert card["epochs"] == len(held) < 30
    assert held.index(min(held)) == len(held) - 3
    assert card["scores"]["held_out"]["loss"] == min(held)
    assert card["dev"] == ("watched for early stopping" if watched == "dev" else "not seen")
    assert card["scores"]["held_out"]["listings"] == (listings or card["scores"]["held_out"]["listings"])
    best = load_file(tmp_path / "out" / "best.safetensors")
    written = load_file(folder / "adapter_model.safetensors")
    assert all((written[name] == value.astype("float16")).all() for name, value in best.items())


def test_a_killed_run_ends_where_an_undisturbed_one_does(causal: Path, data: Path, tmp_path: Path) -> None:
    """SIGKILL after seven steps, with dropout, swapped values and AdamW's state in the game."""
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    whole = train(write(tmp_path / "whole" / "r.yaml", causal, data), ignore)
    config = write(tmp_path / "cut" / "r.yaml", causal, data)
    code = (
        "import os, signal, sys; from pathlib import Path; from app.training.finetune import train\n"
        "train(Path(sys.argv[1]), lambda p: os.kill(os.getpid(), signal.SIGKILL) if p.step == 7 else None)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(config)], env={**os.environ, "HF_HUB_OFFLINE": "1"})
    assert killed.returncode == -signal.SIGKILL
    seen: list[Progress] = []
    cut = train(config, seen.append)
    assert [progress.step for progress in seen] == list(range(6, 12))
    one, other = (load_file(folder / "adapter_model.safetensors") for folder in (whole, cut))
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert value == pytest.approx(other[name], abs=2e-3), name
    lines = (cut / "losses.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == list(range(12))


def test_a_checkpoint_of_another_recipe_is_refused(causal: Path, data: Path, tmp_path: Path) -> None:
    train(write(tmp_path / "r.yaml", causal, data), ignore)
    with pytest.raises(SettingsError, match="of another recipe") as caught:
        train(write(tmp_path / "r.yaml", causal, data, rank=2), ignore)
    assert caught.value.field == "out"


def test_every_listing_is_held_out_once(causal: Path, data: Path, tmp_path: Path) -> None:
    folder = train(write(tmp_path / "r.yaml", causal, data, folds=3, epochs=1), ignore)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    validated = card["scores"]["cross_validation"]
    folds = [json.loads((tmp_path / "out" / f"fold-{n}" / "held_out.json").read_text()) for n in (1, 2, 3)]
    assert sum(one["listings"] for one in folds) == 23
    assert validated["loss"]["mean"] == pytest.approx(sum(one["loss"] for one in folds) / 3)
    assert all(math.isfinite(one["loss"]) and 0 <= one["answers"] <= 1 for one in folds)


@pytest.mark.parametrize(
    ("method", "space"),
    [
        ("grid", {"rank": [2, 4], "learning_rate": [0.001, 0.03]}),
        ("random", {"learning_rate": {"low": 0.001, "high": 0.1, "log": True}}),
        ("tpe", {"rank": {"low": 2, "high": 8}, "dropout": [0.0, 0.2]}),
    ],
)
def test_a_search_takes_the_best_of_its_trials(
    causal: Path, data: Path, tmp_path: Path, method: str, space: dict[str, Any]
) -> None:
    pytest.importorskip("optuna")
    search = {"method": method, "trials": 4, "space": space, "share": 0.2}
    config = write(tmp_path / "r.yaml", causal, data, epochs=1, search=search)
    folder = train(config, ignore)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    found = card["scores"]["search"]
    assert len(found["tried"]) == 4
    best = min(found["tried"], key=lambda one: one["loss"])
    assert found["best"] == best["settings"]
    assert {name: card["recipe"][name] for name in best["settings"]} == best["settings"]
    steps: list[Progress] = []
    train(config, steps.append)  # everything is there: nothing is trained again
    assert steps == []


@pytest.mark.parametrize(
    ("space", "field"),
    [
        ({"out": ["x", "y"]}, "search.space.out"),
        ({"rank": {"low": 2, "high": 4}}, "search.space.rank"),
        ({"rank": [0]}, "search.space.rank"),
    ],
)
def test_a_search_over_what_cannot_be_set_is_refused(
    causal: Path, data: Path, tmp_path: Path, space: dict[str, Any], field: str
) -> None:
    pytest.importorskip("optuna")
    search = {"method": "grid", "trials": 1, "space": space}
    with pytest.raises(SettingsError) as caught:
        train(write(tmp_path / "r.yaml", causal, data, search=search), ignore)
    assert caught.value.field == field


def test_a_small_t5_learns_its_listings(seq2seq: Path, data: Path, tmp_path: Path) -> None:
    changes = {"family": "t5", "epochs": 12, "learning_rate": 0.01, "stop": {"on": "dev", "patience": 12}}
    folder = train(write(tmp_path / "r.yaml", seq2seq, data, **changes), ignore)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    rows = [json.loads(line) for line in (folder / "losses.jsonl").read_text(encoding="utf-8").splitlines()]
    trained = [row["loss"] for row in rows if "loss" in row]
    assert card["family"] == "t5"
    assert sum(trained[-6:]) < 0.5 * sum(trained[:6])
    assert load_checkpoint(str(folder), "none", tmp_path).model.config.is_encoder_decoder


@pytest.mark.parametrize(("family", "wanted"), [("causal", "its family is `t5`"), ("t5", "its family is `causal`")])
def test_a_base_of_the_other_kind_is_refused(
    causal: Path, seq2seq: Path, data: Path, tmp_path: Path, family: str, wanted: str
) -> None:
    base = seq2seq if family == "causal" else causal
    with pytest.raises(SettingsError, match=wanted):
        train(write(tmp_path / "r.yaml", base, data, family=family), ignore)
