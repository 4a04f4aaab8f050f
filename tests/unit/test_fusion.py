"""Family `fusion`: what its parts say together, and the rule that is fitted on what none of them has seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.adapters.families.card import CARD, read_card
from app.adapters.families.extractor import Ranked
from app.adapters.families.fusion import chosen, pooled
from app.bootstrap_extractors import open_family
from app.domain.errors import InvalidFile, WeightsMismatch
from app.domain.listing import Listing
from app.domain.tags import Extraction
from app.pipeline.extractor import AskedAttribute, Question
from app.training.families import dictionary
from app.training.families.fusion import Recipe, fit, train
from app.training.families.gold import GoldListing
from tests.families import recipe, write_set

TAGGER: Ranked = {"Color": [("Navy", 0.6), ("Navy Blue", 0.3)], "Brand": [("K2", 0.9)]}
OTHER: Ranked = {"Color": [("Navy Blue", 0.8)], "Size": [("M", 0.5)]}


@pytest.mark.parametrize(
    ("weights", "least", "several", "expected"),
    [
        ((0.5, 0.5), 0.3, False, {"Color": ["Navy Blue"], "Brand": ["K2"]}),
        ((0.5, 0.5), 0.3, True, {"Color": ["Navy Blue", "Navy"], "Brand": ["K2"]}),
        ((0.5, 0.5), 0.25, False, {"Color": ["Navy Blue"], "Brand": ["K2"], "Size": ["M"]}),
        ((1.0, 0.0), 0.3, False, {"Color": ["Navy"], "Brand": ["K2"]}),
        ((0.0, 1.0), 0.6, False, {"Color": ["Navy Blue"]}),
        ((0.5, 0.5), 0.95, True, {}),
    ],
)
def test_values_are_pooled_and_taken_from_a_score_on(
    weights: tuple[float, ...], least: float, several: bool, expected: dict[str, list[str]]
) -> None:
    assert chosen(pooled([TAGGER, OTHER], weights), least, several=several) == expected


def case(right: str, tagger: str, other: str) -> tuple[GoldListing, tuple[Ranked, ...]]:
    item = GoldListing(listing=Listing(title="Tea"), category="Tea", gold={"Brand": (right,)})
    return item, ({"Brand": [(tagger, 0.7)]}, {"Brand": [(other, 0.6)]})


def test_the_part_that_is_right_more_often_counts_more() -> None:
    cases = [case("Numi", "Yogi", "Numi")] * 8 + [case("Yogi", "Yogi", "Numi")] * 2
    made = Recipe(family="fusion", name="x", set="tea", parts=["a", "b"])
    assert fit(cases, made, lambda category: ("Brand",)).weights[1] > 0.5
    alike = [case("Numi", "Numi", "Numi")] * 4
    assert fit(alike, made, lambda category: ("Brand",)).weights == (0.5, 0.5)


@pytest.fixture
def made(tmp_path: Path) -> dict[str, Any]:
    """Two dictionaries on the small set, and the recipe of their fusion."""
    data, out = write_set(tmp_path / "data"), tmp_path / "models"
    for name, least in (("often", 0.5), ("sure", 0.9)):
        dictionary.train({**recipe("dictionary", data, out, least=least), "name": name})
    return recipe("fusion", data, out, parts=["often", "sure"], items=["Item"])


async def test_a_fusion_is_trained_opened_and_asked(made: dict[str, Any]) -> None:
    folder = train(made)
    model = open_family(folder)
    names = tuple(AskedAttribute(name=name) for name in ("Brand", "Color"))
    question = Question(listing=Listing(title="Alba Rosa Shirt, Navy Blue"), category="Shirt", attributes=names)
    answer = (await model.extract_many([question]))[0]
    assert isinstance(answer, Extraction)
    assert answer.predicted == {"Brand": ["Alba Rosa"], "Color": ["Navy Blue"]}
    card = read_card(folder)
    assert set(card.scores["parts"]) == {"often", "sure"}
    assert card.scores["held_out"]["listings"] == card.data[0]["listings"]
    assert "part-0-often/dictionary.json" in card.files
    assert "by the weighted mean of their probabilities" in (folder / "README.md").read_text(encoding="utf-8")
    (folder / "part-0-often" / "dictionary.json").write_text("{}", encoding="utf-8")
    with pytest.raises(WeightsMismatch, match=r"part-0-often/dictionary\.json"):
        open_family(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"family": "linear"}, "models of family linear say nothing of listings they have not seen"),
        ({"data": [{"set": "small", "sha256": "another"}]}, "was trained on other listings of small"),
    ],
)
def test_a_part_that_has_seen_what_it_would_be_asked_is_refused(
    made: dict[str, Any], monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], message: str
) -> None:
    path = Path(made["out"]) / "sure" / CARD
    opened = {name: open_family(Path(made["out"]) / name) for name in ("often", "sure")}
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **change}), encoding="utf-8")
    opened["sure"].card = read_card(path.parent)
    monkeypatch.setattr("app.training.families.fusion.open_family", lambda folder: opened[folder.name])
    with pytest.raises(InvalidFile, match=message):
        train(made)


def test_parts_that_share_too_few_held_out_listings_are_refused(
    made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.training.families.fusion.LEAST_SHARED", 100)
    with pytest.raises(InvalidFile, match="only 36 listings of train were held out of all parts"):
        train(made)
