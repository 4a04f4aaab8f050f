"""Families that need torch, trained on a small set with a random encoder."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel

from app.adapters.families.card import family_folder
from app.adapters.families.readers import EncoderReader
from app.adapters.families.tagger import load_tagger, viterbi
from app.bootstrap_extractors import open_family
from app.domain.listing import Listing
from app.domain.tags import Extraction
from app.pipeline.extractor import AskedAttribute, Question
from app.training.families import tagger
from app.training.families.encoders import ENCODERS
from app.training.families.trainers import TRAINERS, family_of
from eval.harness.protocols import judge_slots, tally
from eval.harness.scores import f1, matrix
from tests.families import ATTRIBUTES, recipe, rows, write_set

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers whose words are those of the set, with no knowledge at all."""
    folder = tmp_path_factory.mktemp("encoder")
    split = pre_tokenizers.BertPreTokenizer()
    words = {w.lower() for row in rows() for w, _ in split.pre_tokenize_str(row["title"])}
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted(words), "##ml"]
    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), split
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


CONFIGURATIONS: list[tuple[str, dict[str, Any]]] = [
    ("bilstm", {"epochs": 25, "batch": 8, "head_rate": 0.01, "members": 2}),
    ("bilstm", {"epochs": 25, "batch": 8, "head_rate": 0.01, "several": True, "metric": "sets"}),
    ("ner", {"epochs": 15, "batch": 8, "learning_rate": 1e-3, "head_rate": 3e-3}),
    ("encoder", {"epochs": 40, "batch": 4, "learning_rate": 2e-3, "head_rate": 1e-2}),
]


@pytest.mark.parametrize(("family", "options"), CONFIGURATIONS)
async def test_a_family_is_trained_opened_and_asked(
    tmp_path: Path, encoder: Path, family: str, options: dict[str, Any]
) -> None:
    data = write_set(tmp_path / "data")
    module, function = TRAINERS[family].split(":")
    given = {} if family == "bilstm" else {"encoder": str(encoder)}
    config = recipe(family, data, tmp_path / "models", folds=6, **given, **options)
    folder = getattr(importlib.import_module(module), function)(config)
    model = open_family(folder)
    questions = [
        Question(
            listing=Listing(title=row["title"]),
            category=row["category"],
            attributes=tuple(AskedAttribute(name=name) for name in ATTRIBUTES[row["category"]]),
        )
        for row in rows()
    ]
    answers = [answer.predicted for answer in await model.extract_many(questions) if isinstance(answer, Extraction)]
    judged = [judge_slots(row["gold"], a, ATTRIBUTES[row["category"]]) for row, a in zip(rows(), answers, strict=True)]
    _, counts = matrix([tally(of) for of in judged])
    assert f1(counts.sum((0, 1))) > 0.8  # of these listings, one in six was held out
    alone = (await model.extract_many(questions[:1]))[0]
    assert isinstance(alone, Extraction)
    assert alone.predicted == answers[0]  # padding to a longer title changes nothing
    assert model.card.scores["held_out"]["slots"] > 30


RECIPES = [path for path in sorted(Path("app/training/recipes").glob("*.yaml")) if family_of(path) in TRAINERS]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_recipes_that_ship_are_whole(path: Path) -> None:
    module = importlib.import_module(TRAINERS[family_of(path)].split(":")[0])
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "set" not in content:  # for any set: `train --set`
        content |= {"set": "oa-mine", "name": path.stem}
    read = module.Recipe(**content)
    assert (read.name, str(read.data), str(read.out)) == (path.stem, "../shared/data", ".tagwright/models")
    assert getattr(read, "encoder", "minilm") in ENCODERS


def test_weights_that_torch_saved_are_those_of_safetensors(tmp_path: Path, encoder: Path) -> None:
    first = EncoderReader.new(encoder)
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((encoder / name).read_bytes())
    torch.save(first.encoder.state_dict(), tmp_path / "pytorch_model.bin")
    second = dict(EncoderReader.new(tmp_path).named_parameters())
    assert all(torch.equal(parameter, second[name]) for name, parameter in first.named_parameters())


def test_inside_follows_begin_of_its_own_attribute_only() -> None:
    # O, B-0, I-0, B-1, I-1: greedily the second word would be I-1 after B-0
    scores = torch.log_softmax(torch.tensor([[0.0, 5, 0, 4, 0], [0.0, 0, 1, 0, 3], [5.0, 0, 0, 0, 0]]), -1)
    assert viterbi(scores) == [3, 4, 0]
    # and no text begins inside a value
    assert viterbi(torch.log_softmax(torch.tensor([[0.0, 0, 9, 0, 0]]), -1))[0] != 2


def test_a_run_that_was_broken_off_goes_on_after_its_last_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_set(tmp_path / "data")
    config = recipe("bilstm", data, tmp_path / "models", members=2, epochs=1, batch=8)
    train_member, trained = tagger.train_member, []

    def cut_off(*arguments: Any) -> None:
        trained.append(arguments[-1])
        if len(trained) == 2:
            raise KeyboardInterrupt
        train_member(*arguments)

    monkeypatch.setattr(tagger, "train_member", cut_off)
    with pytest.raises(KeyboardInterrupt):
        tagger.train(config)
    assert not (tmp_path / "models" / "bilstm-small").exists()
    folder = tagger.train(config)
    assert trained == [0, 1, 1]
    assert len(load_tagger(folder, "bilstm").networks) == 2
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["bilstm-small"]


async def test_the_tagger_that_ships_is_asked_by_its_name() -> None:
    folder = family_folder("ner-oa-mine-student")
    assert folder is not None
    model = open_family(folder)
    asked = tuple(AskedAttribute(name=name) for name in ("Brand", "Scent", "Volume", "Pack size", "Age"))
    title = "Brook & Fern Lavender Conditioner for Dry Hair, 12 fl oz (Pack of 2)"
    [answer] = await model.extract_many(
        [Question(listing=Listing(title=title), category="Conditioner", attributes=asked)]
    )
    await model.close()
    assert isinstance(answer, Extraction)
    assert answer.predicted == {
        "Brand": ["Brook & Fern"],
        "Scent": ["Lavender"],
        "Volume": ["12 fl oz"],
        "Pack size": ["Pack of 2"],
    }
