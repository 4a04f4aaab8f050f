"""The guard: what falls is named, and what rules alone answer is what the baseline says."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from app.settings import load_settings
from eval.guard import BASELINE, fallen, figures, measure

KEPT = {"tags precision": {"value": 0.95, "tolerance": 0.005}, "tags recall": {"value": 0.84, "tolerance": 0.01}}


@pytest.mark.parametrize(
    ("found", "messages"),
    [
        ({"tags precision": 0.96, "tags recall": 0.9}, []),
        ({"tags precision": 0.945, "tags recall": 0.83}, []),
        (
            {"tags precision": 0.9449, "tags recall": 0.84},
            [
                "tags precision fell by 0.51 points to 94.49 %: the baseline is 95.00 %, tolerated are 0.50 points",
            ],
        ),
        ({"tags precision": 0.95}, ["tags recall was not measured"]),
    ],
)
def test_what_falls_is_named(found: dict[str, float], messages: list[str]) -> None:
    assert fallen(found, KEPT) == messages


def test_rules_alone_answer_as_the_baseline_says(home: Path) -> None:
    baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
    found = figures(asyncio.run(measure(load_settings(home=home), model=False)))
    assert set(found) == set(baseline["rules"]["figures"]) == set(baseline["served"]["figures"])
    assert fallen(found, baseline["rules"]["figures"]) == []
    assert all(0 < of["tolerance"] <= 0.02 < of["value"] for of in baseline["rules"]["figures"].values())


def test_a_figure_without_a_baseline_is_not_passed_over() -> None:
    (message,) = fallen({"tags precision": 0.9}, {"tags precision": {"tolerance": 0.01}})
    assert message.startswith("tags precision has no baseline yet")
