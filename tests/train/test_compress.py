"""Span taggers made smaller: what stays as it was, what is refused, and a student of a teacher."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel

from app.adapters.families.card import read_card
from app.adapters.families.int8 import quantised, restored
from app.adapters.families.readers import EncoderReader
from app.adapters.families.tagger import load_tagger
from app.adapters.families.tagging import Read
from app.bootstrap_extractors import open_family
from app.cli import tagwright
from app.commands import compression
from app.domain.errors import InvalidFile
from app.domain.listing import Listing
from app.training.compress.folder import compress
from app.training.families import tagger
from app.training.families.gold import read_train
from tests.families import recipe, rows, write_set

pytestmark = pytest.mark.train
UNHEARD_OF = "quixotry"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A tagger over a random BERT of three layers that knows the set's words, single letters and an unheard-of word."""
    folder = tmp_path_factory.mktemp("encoder")
    split = pre_tokenizers.BertPreTokenizer()
    words = {w.lower() for row in rows() for w, _ in split.pre_tokenize_str(row["title"])}
    letters = [c for letter in "abcdefghijklmnopqrstuvwxyz" for c in (letter, f"##{letter}")]
    pieces = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", *letters, "the", "##ml", *sorted(words), UNHEARD_OF]
    vocabulary = {piece: n for n, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), split
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    size = {"hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 128}
    BertModel(BertConfig(vocab_size=len(vocabulary), **size), add_pooling_layer=False).save_pretrained(folder)
    return tagger.train(recipe("ner", data, folder / "models", encoder=str(folder), **_options(epochs=10)))


def _options(**more: Any) -> dict[str, Any]:
    return {"folds": 6, "batch": 8, "learning_rate": 1e-3, "head_rate": 3e-3, **more}


def _answers(folder: Path) -> list[dict[str, list[str]]]:
    model = load_tagger(folder, "ner")
    return model.predict([Listing(title=row["title"]) for row in rows()], [row["category"] for row in rows()])


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_int8_is_within_half_a_step_of_every_weight() -> None:
    torch.manual_seed(0)
    matrix = torch.randn(5, 300) * torch.tensor([1e-3, 0.1, 1.0, 10.0, 0.0])[:, None]
    stored = quantised({"w": matrix, "b": torch.ones(3)})
    opened = restored(stored)
    assert (stored["w"].dtype, stored["b"].dtype) == (torch.int8, torch.float16)
    assert set(opened) == {"w", "b"}
    assert {tensor.dtype for tensor in opened.values()} == {torch.float32}
    assert ((opened["w"] - matrix).abs() <= matrix.abs().amax(1, keepdim=True) / 254 + 1e-9).all()


def test_cut_and_quantised_it_answers_as_before(trained: Path, data: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    options = ["--pieces", "0", "--data", str(data)]
    done = CliRunner().invoke(tagwright, ["model", "compress", str(trained), str(small), *options])
    assert done.exit_code == 0
    assert done.output == f"model: {small} ({_size(small) / 1e6:.1f} MB of {_size(trained) / 1e6:.1f})\n"
    assert _size(small) < 0.6 * _size(trained)  # that is float16
    assert _answers(small) == _answers(trained)
    vocabulary = Tokenizer.from_file(str(small / "tokenizer.json"))
    assert [vocabulary.token_to_id(piece) is not None for piece in ("nordwind", "##z", UNHEARD_OF, "[unused0]")] == [
        True,
        True,
        False,
        False,
    ]
    card, before = read_card(small), read_card(trained)
    assert card.recipe["compressed"] == {"of": "ner-small", "pieces": 0, "stored": "int8"}
    assert card.scores["held_out"] == before.scores["held_out"]
    assert card.scores["uncompressed"] == before.scores


def test_words_of_train_are_read_as_before_and_others_are_spelled(trained: Path, data: Path, tmp_path: Path) -> None:
    small = compress(trained, tmp_path / "small", data=data, pieces=0, stored="float16")
    old, new = (load_tagger(folder, "ner").networks[0].reader for folder in (trained, small))
    assert isinstance(old, EncoderReader)
    assert isinstance(new, EncoderReader)
    title = rows()[0]["title"]
    pieces = [reader.tokenizer.encode(title, add_special_tokens=False).tokens for reader in (old, new)]
    assert pieces[0] == pieces[1]
    assert old.tokenizer.encode(UNHEARD_OF, add_special_tokens=False).tokens == [UNHEARD_OF]
    spelled = new.tokenizer.encode(UNHEARD_OF, add_special_tokens=False).tokens
    assert spelled == ["q", *(f"##{letter}" for letter in UNHEARD_OF[1:])]


def test_linear_layers_compute_in_int8(trained: Path) -> None:
    network = load_tagger(trained, "ner").networks[0]
    read = [Read.of(Listing(title=rows()[0]["title"]), "Shirt")]
    with torch.inference_mode():
        exact, fast = (each(read).spans.softmax(1) for each in (network, compression.int8_linear(network)))
    assert 0 < float((exact - fast).abs().max()) < 0.2


def test_a_student_has_fewer_layers_and_the_answers_of_its_teacher(trained: Path, data: Path, tmp_path: Path) -> None:
    small = {"layers": 2, "pieces": 0, "stored": "int8"}
    config = recipe("ner", data, tmp_path, start=str(trained), teacher=[str(trained)], taught=0.7, swap=0.5, **small)
    folder = tagger.train({**config, **_options(epochs=6), "name": "student"})
    network = load_tagger(folder, "ner").networks[0]
    assert len(network.reader.encoder.encoder.layer) == 2
    same = sum(one == other for one, other in zip(_answers(folder), _answers(trained), strict=True))
    assert same > 0.8 * len(rows())
    card = read_card(folder)
    assert (card.recipe["teacher"], card.recipe["start"]) == (["ner-small"], "ner-small")
    assert "held_out_seen_by" not in card.scores  # the teacher left out the same part
    assert len(card.data) == 1
    assert open_family(folder).card.name == "student"


def test_a_teacher_that_saw_what_is_held_out_is_named(trained: Path, data: Path, tmp_path: Path) -> None:
    config = recipe("bilstm", data, tmp_path, teacher=[str(trained)], epochs=1, batch=8, folds=5)
    assert read_card(tagger.train(config)).scores["held_out_seen_by"] == ["ner-small"]


def test_only_span_taggers_on_the_gold_they_were_trained_on(trained: Path, data: Path, tmp_path: Path) -> None:
    other = write_set(tmp_path / "other")
    path = other / "small" / "train.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows()[1:]), encoding="utf-8")
    with pytest.raises(InvalidFile, match="was trained on another small/train.jsonl"):
        compress(trained, tmp_path / "small", data=other)
    with pytest.raises(InvalidFile, match="there is a model at"):
        compress(trained, trained, data=data)
    bilstm = tagger.train(recipe("bilstm", data, tmp_path, epochs=1, batch=8))
    with pytest.raises(InvalidFile, match="only a pretrained encoder has word pieces"):
        compress(bilstm, tmp_path / "small", data=data, pieces=10)
    with pytest.raises(InvalidFile, match="only a pretrained encoder has layers"):
        tagger.train({**recipe("bilstm", data, tmp_path, layers=1, epochs=1), "name": "fewer"})


def test_the_table_has_every_variant(trained: Path, data: Path) -> None:
    arguments = ["model", "measure", "small", str(trained), "--data", str(data), "--pieces", "0"]
    head, *lines = CliRunner().invoke(tagwright, arguments).output.splitlines()
    assert tuple(head.split()[:4]) == compression.HEAD[:4]
    assert [line.split("  ")[0] for line in lines] == [
        "ner-small, as stored",
        "int8 weights",
        "int8 weights, known and 0 commonest pieces",
        "int8 weights, known and 0 commonest pieces, computed in int8",
    ]
    held = len(read_train(data, "small").listings[::6])
    listings, slots = lines[0].removeprefix("ner-small, as stored").split()[:2]
    assert int(listings) == held
    assert float(slots) == pytest.approx(read_card(trained).scores["held_out"]["slots"], abs=0.05)
    with pytest.raises(InvalidFile, match="gold data is missing"):
        compression.dev(data, "small")
