"""A whole evaluation of a handful of listings, every figure worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.adapters.schema_files import Schema
from app.domain.errors import InvalidFile
from app.domain.listing import Listing
from app.domain.tags import Evidence
from app.domain.taxonomy import Taxonomy
from app.pipeline.extractor import AskedAttribute
from eval.harness.answers import Answer, GivenTag
from eval.harness.compare import compare
from eval.harness.evaluate import Aim, Origin, evaluate, seen_in
from eval.harness.gold import Gold, GoldListing
from eval.harness.result import Environment, Group, Outcomes, Result, read_result, to_json
from eval.harness.scores import bucket
from tests.unit.test_eval_gold import write

ENVIRONMENT = Environment(
    created="2026-11-24T16:00:00+00:00",
    app="1",
    revision="abc",
    python="3.11",
    packages={},
    machine="",
    cpus=2,
    versions={},
    settings={},
)
ORIGIN = Origin(environment=ENVIRONMENT)
SCHEMA = Schema(
    categories={
        "Shoes": (
            AskedAttribute(name="Color", examples=("Red", "Blue", "Black")),
            AskedAttribute(name="Gender", examples=("Men", "Women")),
        )
    }
)


def surface(number: str, title: str, lang: str = "en", **gold: list[str] | None) -> GoldListing:
    """Return a listing with surface gold."""
    return GoldListing(id=number, listing=Listing(title=title), lang=lang, category="Shoes", values=gold)


def gold_file(*items: GoldListing, schema: Schema | None = SCHEMA) -> Gold:
    return Gold(path=Path("set/dev.jsonl"), sha256="5ha", listings=items, schema=schema)


SURFACE = gold_file(
    surface("1", "Red shoe", Color=["Red"], Gender=None),
    surface("2", "Men's blue shoe", Color=["Blue"], Gender=["Men"]),
    surface("3", "Schwarzer Schuh", "de", Color=["Black"]),
)
ANSWERS = [
    Answer(predicted={"Color": ["Red"], "Gender": ["Women"]}),
    Answer(predicted={"Color": ["Black"], "Gender": ["Men"]}),
    Answer(error="the model is away"),
]


@pytest.fixture
def result(small: Taxonomy) -> Result:
    """The evaluation of ANSWERS."""
    aim = Aim(protocols=("slots", "strict", "sets"), seen=lambda attribute, value: value.casefold() == "red")
    return evaluate(SURFACE, ANSWERS, aim, ORIGIN, small)


def outcomes(groups: tuple[Group, ...]) -> dict[str, Outcomes]:
    """Return groups' outcomes by name."""
    return {group.name: group.score.outcomes for group in groups}


def test_scores_by_hand(result: Result) -> None:
    slots = result.protocols["slots"]
    assert slots.micro.outcomes == Outcomes(vc=2, vw=1, nv=1, vn=1)
    assert (slots.micro.precision.value, slots.micro.recall.value, slots.micro.f1.value) == (2 / 4, 2 / 4, 0.5)
    assert slots.micro.accuracy.value == 2 / 5
    assert slots.exact.value == 0
    # colour: P 1/2, R 1/3, F1 2/5; gender: P 1/2, R 1, F1 2/3
    assert slots.macro.attributes == 2
    assert slots.macro.precision.value == pytest.approx(0.5)
    assert slots.macro.recall.value == pytest.approx((1 / 3 + 1) / 2)
    assert slots.macro.f1.value == pytest.approx((2 / 5 + 2 / 3) / 2)
    assert result.protocols["strict"].micro.outcomes == Outcomes(vc=2, vw=1, nv=1, vn=1, nn=1)
    assert result.protocols["sets"].micro.outcomes == Outcomes(vc=2, nv=2, vn=2)
    assert result.protocols["sets"].micro.accuracy.value == 2 / 6


def test_groups_add_up(result: Result) -> None:
    by = result.protocols["slots"].by
    assert outcomes(by["attribute"]) == {"Color": Outcomes(vc=1, vw=1, vn=1), "Gender": Outcomes(vc=1, nv=1)}
    assert outcomes(by["language"]) == {"en": Outcomes(vc=2, vw=1, nv=1), "de": Outcomes(vn=1)}
    assert outcomes(by["category"]) == {"Shoes": Outcomes(vc=2, vw=1, nv=1, vn=1)}
    assert outcomes(by["value"]) == {"seen": Outcomes(vc=1), "unseen": Outcomes(vc=1, vw=1, nv=1, vn=1)}
    assert outcomes(by["length"]) == {"0-40": Outcomes(vc=2, vw=1, nv=1, vn=1)}
    assert [group.listings for group in by["attribute"]] == [3, 2]


@pytest.mark.parametrize(
    ("length", "name"), [(0, "0-40"), (40, "0-40"), (41, "41-80"), (400, "161-400"), (401, "401+")]
)
def test_buckets_of_length(length: int, name: str) -> None:
    assert bucket(length) == name


def test_a_confusion_matrix_of_closed_attributes(result: Result) -> None:
    color, gender = result.protocols["slots"].confusions
    assert (color.attribute, color.labels) == ("Color", ("Black", "Red", "Blue", ""))
    assert color.counts == ((0, 0, 0, 1), (0, 1, 0, 0), (1, 0, 0, 0), (0, 0, 0, 0))
    assert (gender.labels, gender.counts) == (("Men", "Women", ""), ((1, 0, 0), (0, 0, 0), (0, 1, 0)))


def test_an_attribute_with_values_outside_the_list_is_not_closed(small: Taxonomy) -> None:
    open_gold = gold_file(surface("1", "Teal shoe", Color=["Teal"]), surface("2", "Red, blue", Color=["Red", "Blue"]))
    answers = [Answer(predicted={})] * 2
    found = evaluate(open_gold, answers, Aim(protocols=("slots",)), ORIGIN, small)
    assert found.protocols["slots"].confusions == ()


def test_mistakes_come_with_gold_and_evidence(result: Result) -> None:
    told = {(m.listing, m.attribute): m for m in result.mistakes}
    assert {key: (m.gold, m.given) for key, m in told.items()} == {
        ("1", "Gender"): ((), "women"),
        ("2", "Color"): (("blue",), "black"),
        ("3", "Color"): (("black",), None),
    }
    assert result.mistakes[-1].given is None
    assert result.protocols["sets"].name == result.mistakes[0].protocol


def test_fairness_counts_persons_without_a_reason(result: Result) -> None:
    assert result.fairness is not None
    assert {one.language: (one.wrong.value, one.missed.value) for one in result.fairness.languages} == {
        "en": (0.5, pytest.approx(1 / 3)),
        "de": (0.0, 1.0),
    }
    (gender,) = result.fairness.unfounded
    assert (gender.attribute, gender.given, gender.without_evidence, gender.wrong) == ("gender", 2, 1, 1)
    assert gender.listings == ("1",)


def test_what_failed_is_counted_and_kept(result: Result) -> None:
    assert (result.subject.failed, result.subject.languages) == (1, {"en": 2, "de": 1})
    assert result.subject.gold == "set/dev.jsonl"
    assert [one.error for one in result.listings] == [None, None, "the model is away"]
    assert result.listings[1].outcomes["slots"] == {"Color": Outcomes(vw=1), "Gender": Outcomes(vc=1)}


def test_a_result_is_read_back_as_it_was(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(to_json(result))
    assert read_result(path) == result
    path.write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(InvalidFile, match="no result of `tagwright eval --save`: environment"):
        read_result(path)


def given(concept_id: str, raw: str, confidence: float = 0.9, evidence: tuple[Evidence, ...] = ()) -> GivenTag:
    """Return a tag that a rule gave."""
    attribute = concept_id.partition(":")[0]
    return GivenTag(
        id=concept_id,
        attribute=attribute,
        raw=raw,
        confidence=confidence,
        source="rule",
        method="exact",
        evidence=evidence,
        kinds=(attribute,),
    )


def tagged(number: str, title: str, *tags: str, **wordings: tuple[str, ...]) -> GoldListing:
    words = {name.replace("_", ":", 1): found for name, found in wordings.items()}
    return GoldListing(id=number, listing=Listing(title=title), lang="en", tags=frozenset(tags), wordings=words)


TAGGED = gold_file(
    tagged("1", "Navy sneaker, cotton", "category:sneakers", "color:navy", "material:cotton"),
    tagged("2", "Rostrot shirt", "category:shirts", "color:rust", color_rust=("Rostrot",)),
    tagged("3", "Red leather shoe", "category:shoes", "color:red", "material:leather"),
    schema=None,
)
TAGS = [
    Answer(tags=(given("category:shoes", "sneaker"), given("color:navy", "Navy")), unmatched=(("material", "cotton"),)),
    Answer(tags=(given("category:shirts", "shirt"), given("color:red", "rostrot", 0.95))),
    Answer(tags=(given("category:shoes", "shoe"), given("color:red", "Red"), given("color:blue", "x", 0.2))),
]


@pytest.fixture
def of_tags(small: Taxonomy) -> Result:
    def normalise(wording: str, attribute: str, lang: str) -> str | None:
        return {"Rostrot": "color:red"}.get(wording)

    aim = Aim(protocols=("tags", "category"), folds=3)
    return evaluate(TAGGED, TAGS, aim, ORIGIN, small, normalise)


def test_extraction_and_normalisation_are_told_apart(of_tags: Result) -> None:
    found = of_tags.protocols["tags"].stages
    assert found is not None
    # leather of 3 was not read; cotton of 1 was read and mapped onto nothing; sneaker and Rostrot onto something else
    assert (found.known, found.right, found.unread, found.unmatched, found.mismapped) == (8, 4, 1, 1, 2)
    assert found.extraction.value == 7 / 8
    assert found.normalisation.value == 4 / 7
    assert found.oracle == 0.0


def test_categories_by_their_ancestors(of_tags: Result) -> None:
    category = of_tags.protocols["category"]
    assert category.micro.accuracy.value == pytest.approx(2 / 3)
    assert category.hierarchy is not None
    # right: shoes < sneakers; apparel < shirts; shoes. given: shoes; apparel, shirts; shoes. gold: 2, 2, 1 nodes
    assert category.hierarchy.precision.value == 4 / 4
    assert category.hierarchy.recall.value == 4 / 5
    assert of_tags.protocols["tags"].hierarchy is None


def test_tags_have_confidence_to_judge(of_tags: Result) -> None:
    tags = of_tags.protocols["tags"]
    assert tags.reliability is not None
    assert tags.reliability.tags == 7
    assert tags.selective is not None
    assert tags.selective.accuracy.value == 4 / 7
    assert tags.crossfit is not None
    assert tags.crossfit.folds == 3
    assert [matrix.attribute for matrix in tags.confusions] == ["category"]
    assert [group.name for group in tags.by["category"]] == ["category:shoes", "category:apparel"]


def test_confident_mistakes_come_first(of_tags: Result) -> None:
    assert [(m.given, m.confidence) for m in of_tags.mistakes[:2]] == [("color:red", 0.95), ("category:shoes", 0.9)]
    assert of_tags.mistakes[0].gold == ("color:rust",)


def test_frequent_confusions_come_before_rare_ones_and_do_not_fill_the_list(small: Taxonomy) -> None:
    many = gold_file(*(tagged(str(n), "Navy shoe", "color:navy") for n in range(9)), schema=None)
    answers = [Answer(tags=(given("color:blue", "Navy", 0.5),))] * 8 + [Answer(tags=(given("color:red", "x", 0.99),))]
    found = evaluate(many, answers, Aim(protocols=("tags",)), ORIGIN, small).mistakes
    assert [(m.given, m.times) for m in found] == [("color:blue", 8)] * 3 + [("color:red", 1)]


def test_a_comparison_finds_what_changed(small: Taxonomy) -> None:
    items = [surface(str(n), "Red shoe", "en" if n < 20 else "de", Color=["Red"], Gender=["Men"]) for n in range(40)]
    many = gold_file(*items)
    aim = Aim(protocols=("slots",))
    right, wrong = Answer(predicted={"Color": ["Red"], "Gender": ["Men"]}), Answer(predicted={"Color": ["Red"]})
    a = evaluate(many, [wrong] * 40, aim, ORIGIN, small)
    b = evaluate(many, [right] * 20 + [wrong] * 20, aim, ORIGIN, small)
    found = compare(a, b).protocols["slots"]
    assert {c.name: (c.a, c.b, c.verdict) for c in found.by["language"]} == {
        "de": (2 / 3, 2 / 3, "same"),
        "en": (2 / 3, 1.0, "better"),
    }
    assert {c.name: c.verdict for c in found.by["attribute"]} == {"Color": "same", "Gender": "better"}
    recall = {c.name: c for c in found.overall}["recall"]
    assert recall.difference.value == pytest.approx(0.25)
    assert recall.p_value == pytest.approx(1 / 2001)
    backwards = {c.name: c for c in compare(b, a).protocols["slots"].overall}["recall"]
    assert (backwards.difference.value, backwards.verdict) == (pytest.approx(-0.25), "worse")


def test_one_listing_is_no_reason_to_call_a_change_better(small: Taxonomy) -> None:
    many = gold_file(
        surface("0", "Red shoe", Gender=["Men"]), *(surface(str(n), "x", Color=["Red"]) for n in range(1, 30))
    )
    aim = Aim(protocols=("slots",))
    a, b = (
        evaluate(many, [Answer(predicted={"Gender": given, "Color": ["Red"]})] * 30, aim, ORIGIN, small)
        for given in ([], ["Men"])
    )
    gender = {c.name: c for c in compare(a, b).protocols["slots"].by["attribute"]}["Gender"]
    assert (gender.a, gender.b, gender.p_value, gender.verdict) == (0.0, 1.0, 1.0, "same")


def test_only_results_on_the_same_gold_are_compared(result: Result, of_tags: Result) -> None:
    other = replace(result, subject=replace(result.subject, gold_sha256="other"))
    with pytest.raises(InvalidFile, match="another version of it"):
        compare(result, other)
    with pytest.raises(InvalidFile, match="no protocol in common"):
        compare(result, of_tags)


def test_values_of_train_are_seen(tmp_path: Path) -> None:
    row = {"id": 1, "lang": "en", "title": "x", "gold": {"Color": [" Sky Blue"], "Size": None}}
    seen = seen_in(write(tmp_path / "train.jsonl", row))
    assert seen("Color", "sky blue")
    assert not seen("Size", "sky blue")
    tags = seen_in(write(tmp_path / "tags.jsonl", {"id": 1, "lang": "en", "title": "x", "tags": ["color:navy"]}))
    assert tags("color", "color:navy")
    assert not tags("color", "color:red")
