"""The model card for people says what card.json says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.bootstrap_extractors import FAMILIES
from app.training.readme import README, write_readme

OPEN = {"set": "oa-mine", "split": "train", "listings": 1202, "licence": "Apache-2.0"}
CLOSED = {"set": "ebay-de", "split": "train", "listings": 2377, "kept": 2374, "licence": "internal evaluation only"}
FAMILY: dict[str, Any] = {
    "family": "ner",
    "name": "ner-x",
    "attributes": {"Sneaker": ["Abteilung", "Farbe"], "*": ["Package type", "Farbe"]},
    "data": [OPEN],
    "licence": "Apache-2.0 (all-MiniLM-L6-v2)",
    "scores": {"held_out": {"slots": 78.7, "strict": 76.6}, "least": 0.35},
}
ADAPTER: dict[str, Any] = {
    "family": "causal",
    "name": "ebay-de-1",
    "base": {"name": "gemma-3-270m", "licence": "Gemma Terms of Use"},
    "data": [OPEN, CLOSED, {"set": "written", "licence": "Apache-2.0", "a_epoch": 2}],
    "scores": {"held_out": None},
}


@pytest.mark.parametrize(
    ("card", "said", "unsaid"),
    [
        (FAMILY, "--schema SCHEMA --model FOLDER", "--adapter"),
        (FAMILY, "| oa-mine | train | 1202 | Apache-2.0 |", "restricts"),
        (FAMILY, "- held_out: slots 78.7, strict 76.6\n- least: 0.35", "None"),
        (FAMILY, "Attributes: Abteilung, Farbe, Package type.", "inferred where"),
        (FAMILY, "About people: Abteilung. These are given where the text words them", "About people: Abteilung, Pack"),
        ({**FAMILY, "family": "linear"}, "may be inferred where the text does not say so", "are copied"),
        (ADAPTER, "--schema SCHEMA --adapter FOLDER", "--model"),
        (ADAPTER, "| ebay-de | train | 2374 | internal evaluation only |\n| written | own | 2 |", "held_out"),
        (ADAPTER, "restricts its use (ebay-de: internal evaluation only)", "oa-mine: Apache"),
        (ADAPTER, "gemma-3-270m, Gemma Terms of Use", "Attributes:"),
    ],
)
def test_it_says_what_holds_of_the_model(tmp_path: Path, card: dict[str, Any], said: str, unsaid: str) -> None:
    write_readme(tmp_path, card)
    text = (tmp_path / README).read_text(encoding="utf-8")
    assert said in text
    assert unsaid not in text


@pytest.mark.parametrize("family", sorted({*FAMILIES, "causal", "t5"}))
def test_every_family_is_described(tmp_path: Path, family: str) -> None:
    write_readme(tmp_path, {**FAMILY, "family": family})
    assert f"Family `{family}`: " in (tmp_path / README).read_text(encoding="utf-8")
