"""What counts as right, on cases judged by hand and against a literal reading of the definitions."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InputError
from app.domain.listing import Listing
from eval.harness.answers import GivenTag
from eval.harness.evaluate import chosen
from eval.harness.gold import Gold, GoldListing
from eval.harness.protocols import judge_category, judge_sets, judge_slots, judge_tags, tally
from eval.harness.result import Outcomes
from eval.harness.scores import precision, recall


def outcomes(judged: list) -> dict[str, str]:
    """Return attribute -> outcome, for listings with one slot an attribute."""
    return {one.attribute: one.outcome for one in judged}


@pytest.mark.parametrize(
    ("gold", "predicted", "known", "expected"),
    [
        ({"Color": ["Blue"]}, {"Color": ["Blue"]}, (), {"Color": "vc"}),
        ({"Color": ["Blue", "Navy"]}, {"Color": ["Navy", "Red"]}, (), {"Color": "vc"}),
        ({"Color": ["Blue"]}, {"Color": ["Red", "Blue"]}, (), {"Color": "vw"}),
        ({"Color": ["Blue"]}, {"Color": ["blue"]}, (), {"Color": "vw"}),
        ({"Color": None}, {"Color": ["Blue"]}, (), {"Color": "nv"}),
        ({"Color": None}, {}, (), {"Color": "nn"}),
        ({"Color": None}, {"Color": ["n/a"]}, (), {"Color": "nn"}),
        ({"Color": ["Blue"]}, {"Color": ["n/a"]}, (), {"Color": "vn"}),
        ({"Color": ["Blue"]}, {"Size": ["L"]}, (), {"Color": "vn"}),
        ({"Color": ["Blue"]}, {"Color": []}, (), {"Color": "vn"}),
        (
            {"Color": ["Blue"]},
            {"Color": ["Blue"], "Size": ["L"]},
            ("Color", "Size", "Heel"),
            {"Color": "vc", "Size": "nv", "Heel": "nn"},
        ),
    ],
)
def test_slots(gold: dict, predicted: dict, known: tuple[str, ...], expected: dict[str, str]) -> None:
    assert outcomes(judge_slots(gold, predicted, known)) == expected


def test_sets_judge_every_pair() -> None:
    judged = judge_sets({"Color": ["Blue", "Red"], "Size": None}, {"Color": ["blue ", "Green"], "Size": ["L"]})
    assert [(one.attribute, one.outcome, one.gold, one.given) for one in judged] == [
        ("Color", "vc", "blue", "blue"),
        ("Color", "vn", "red", None),
        ("Color", "nv", None, "green"),
        ("Size", "nv", None, "l"),
    ]
    assert tally(judged) == {"Color": Outcomes(vc=1, vn=1, nv=1), "Size": Outcomes(nv=1)}


def tags(*ids: str) -> list[GivenTag]:
    """Return given tags, ids alone."""
    return [GivenTag(id=one, attribute=one.partition(":")[0]) for one in ids]


def test_tags_are_judged_once_each_and_within_scope() -> None:
    gold = frozenset({"color:navy", "color:red", "brand:nike"})
    given = tags("color:navy", "color:navy", "color:blue", "gender:men")
    assert Counter(one.outcome for one in judge_tags(gold, given)) == {"vc": 1, "vn": 2, "nv": 2}
    assert Counter(one.outcome for one in judge_tags(gold, given, frozenset({"color"}))) == {"vc": 1, "vn": 1, "nv": 1}


@pytest.mark.parametrize(
    ("gold", "given", "outcome"),
    [
        ({"category:shoes", "color:red"}, ["color:red", "category:shoes"], "vc"),
        ({"category:shoes", "category:boots"}, ["category:boots"], "vc"),
        ({"category:shoes"}, ["category:boots"], "vw"),
        ({"category:shoes"}, ["color:red"], "vn"),
        ({"color:red"}, ["category:shoes"], "nv"),
    ],
)
def test_category(gold: set[str], given: list[str], outcome: str) -> None:
    assert [one.outcome for one in judge_category(frozenset(gold), tags(*given))] == [outcome]


VALUES = st.sampled_from(["Blue", "blue", "Red", "L", " Red"])
ATTRIBUTES = st.sampled_from(["Color", "Size", "Fit"])
GOLD = st.dictionaries(ATTRIBUTES, st.none() | st.lists(VALUES, max_size=3))
PREDICTED = st.dictionaries(ATTRIBUTES, st.lists(VALUES, max_size=3))


@given(GOLD, PREDICTED, st.frozensets(ATTRIBUTES))
def test_slots_are_what_the_paper_defines(
    gold: dict[str, list[str] | None], predicted: dict[str, list[str]], known: frozenset[str]
) -> None:
    """VC, VW, NV, VN, NN by the paper's wording, slot by slot; P and R from their formulas."""
    vc = vw = nv = vn = nn = 0
    for attribute in set(gold) | known:
        stated = gold.get(attribute) or []
        answer = predicted[attribute][0] if predicted.get(attribute) else None
        if stated and answer is not None and answer in stated:
            vc += 1
        elif stated and answer is not None:
            vw += 1
        elif stated:
            vn += 1
        elif answer is not None:
            nv += 1
        else:
            nn += 1
    counted = Counter(one.outcome for one in judge_slots(gold, predicted, known))
    assert counted == Counter({"vc": vc, "vw": vw, "nv": nv, "vn": vn, "nn": nn}) + Counter()
    sums = np.array([vc, vw, nv, vn, nn], float)
    assert np.nan_to_num(precision(sums)) == (vc / (nv + vc + vw) if nv + vc + vw else 0)
    assert np.nan_to_num(recall(sums)) == (vc / (vn + vc + vw) if vn + vc + vw else 0)


@given(GOLD, PREDICTED)
def test_sets_are_sets(gold: dict[str, list[str] | None], predicted: dict[str, list[str]]) -> None:
    wanted = {(a, v.strip().lower()) for a, values in gold.items() for v in values or ()}
    made = {(a, v.strip().lower()) for a, values in predicted.items() for v in values}
    found = Counter(one.outcome for one in judge_sets(gold, predicted))
    assert (found["vc"], found["nv"], found["vn"]) == (len(wanted & made), len(made - wanted), len(wanted - made))


def gold_file(tmp_path, **fields) -> Gold:
    """Return a gold file of one listing."""
    item = GoldListing(id="1", listing=Listing(title="Red shoe"), lang="en", **fields)
    return Gold(path=tmp_path / "g.jsonl", sha256="", listings=(item,))


def test_protocols_are_those_that_gold_supports(tmp_path) -> None:
    surface = gold_file(tmp_path, values={"Color": ["Red"]})
    tagged = gold_file(tmp_path, tags=frozenset({"color:red"}))
    assert chosen(surface, ()) == ("slots", "sets")
    assert chosen(tagged, ()) == ("tags",)
    assert chosen(gold_file(tmp_path, tags=frozenset({"category:shoes"})), ()) == ("tags", "category")
    with pytest.raises(InputError, match="cannot be judged by strict") as caught:
        chosen(surface, ("strict",))
    assert caught.value.hint == "this gold supports slots, sets"
    with pytest.raises(InputError, match="different answers"):
        chosen(gold_file(tmp_path, values={}, tags=frozenset({"color:red"})), ())
