"""What stands in a dev file is not trained on."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.domain.errors import LeakedData
from app.training.leaks import DevTitles, check_split, dev_titles, jaccard, leaks, refuse_leaks, without_leaks, words

LONG = "Nordvik Women's Hiking Boot Trailhawk Mid Waterproof Leather Brown Size 7.5 M"
DEV = [
    ("boots/1", LONG),
    ("tee/1", "Olive cotton t-shirt for men"),
    ("kleid/1", "Kleid Größe 38, dunkelblau"),
    ("zh/1", "藏青色长袖连衣裙女秋季新款"),
]
CASES = [
    (LONG, "boots/1", 1.0),
    ("NORDVIK women's hiking boot Trailhawk mid waterproof leather, brown, size 7.5 m!", "boots/1", None),
    (LONG.replace("Brown", "Black"), None, 0.0),  # 12 of 14 words are shared: another listing
    (LONG.replace("Brown ", ""), "boots/1", 13 / 14),
    ("T-shirt for men, olive cotton", "tee/1", 1.0),
    ("Olive cotton t-shirt for women", None, 0.0),
    ("KLEID GRÖSSE 38 dunkelblau", "kleid/1", None),
    ("秋季新款藏青色长袖连衣裙女", "zh/1", 1.0),  # the same characters in another order
    ("藏青色短袖连衣裙女夏季新品", None, 0.0),
    ("", None, 0.0),
]


@pytest.mark.parametrize(("title", "dev_id", "likeness"), CASES)
def test_a_title_that_dev_holds_is_found(title: str, dev_id: str | None, likeness: float | None) -> None:
    found = DevTitles(DEV).likest(title)
    assert (found[0] if found else None) == dev_id
    if found and likeness is not None:
        assert found[1] == pytest.approx(likeness)


def test_the_index_finds_what_comparing_all_with_all_finds() -> None:
    rng = random.Random(3)
    alphabet = [f"w{number}" for number in range(40)]
    dev = [(str(n), " ".join(rng.sample(alphabet, rng.randint(1, 14)))) for n in range(150)]
    titles = [" ".join(rng.sample(alphabet, rng.randint(1, 14))) for _ in range(150)]
    titles += [" ".join(title.split()[1:]) for _, title in dev]
    index = DevTitles(dev)
    expected = [any(jaccard(words(t), words(other)) >= 0.9 for _, other in dev) for t in titles]
    assert [index.likest(title) is not None for title in titles] == expected
    assert 20 < sum(expected) < 200


def test_training_on_dev_is_refused_and_names_the_rows() -> None:
    titles = ["Espresso cups, set of 6", "olive cotton T-SHIRT for men"]
    with pytest.raises(LeakedData) as caught:
        refuse_leaks(titles, DevTitles(DEV), source="own.jsonl")
    assert "1 of 2 training listings of own.jsonl" in caught.value.message
    assert "row 2 'olive cotton T-SHIRT for men' is tee/1" in caught.value.message
    assert (caught.value.field, bool(caught.value.hint)) == ("data", True)
    refuse_leaks(titles[:1], DevTitles(DEV), source="own.jsonl")


def test_duplicates_are_left_out_and_counted() -> None:
    titles = [LONG, "Espresso cups, set of 6", LONG.replace("Brown ", ""), "Olive cotton t-shirt for men"]
    kept, counts = without_leaks(titles, DevTitles(DEV))
    assert kept == [1]
    assert counts == {"listings": 4, "in_dev": 2, "near_dev": 1, "kept": 1}


@pytest.mark.parametrize("split", ["dev", "test", "validation", "dev.jsonl", ""])
def test_only_the_split_train_is_trained_on(split: str) -> None:
    with pytest.raises(LeakedData, match="^tee/dev/1: .* only 'train'"):
        check_split(split, source="tee/dev/1")
    check_split("train", source="tee/train/1")


def test_every_dev_file_of_the_folder_counts(tmp_path: Path) -> None:
    """Sets share sources: a listing of one may stand in the dev file of another."""
    write(tmp_path / "one", "dev", ["Red wool scarf"])
    write(tmp_path / "two", "dev", ["Blue wool hat"])
    write(tmp_path / "two", "train", ["Green wool socks"])
    dev = dev_titles(tmp_path)
    assert len(dev) == 2
    found = leaks(["red wool scarf", "Green wool socks", "blue wool HAT"], dev)
    assert [(leak.row, leak.dev_id) for leak in found] == [(0, "one/dev/0"), (2, "two/dev/0")]


def write(folder: Path, split: str, titles: Sequence[str]) -> None:
    folder.mkdir(exist_ok=True)
    lines = [json.dumps({"id": f"{folder.name}/{split}/{n}", "title": t}) for n, t in enumerate(titles)]
    (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
