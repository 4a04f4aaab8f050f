"""What calibration files may hold."""

import json
from pathlib import Path

import pytest

from app.adapters.calibration_files import FORMAT, read_calibration
from app.bootstrap import open_calibration
from app.domain.errors import SettingsError
from app.domain.tags import Evidence, Match, Method, Source
from app.settings import Settings

TABLE = {"rule": 0.9, "rule/exact/title/color": 0.95, "rule/exact/title/color@id": 0.8}
TITLE = (Evidence(field="title", start=0, end=4),)
EXACT = Match(method=Method.EXACT, score=100, label="biru", locale="id")


@pytest.mark.parametrize("extra", [{}, {"format": 1}, {"format": FORMAT, "fitted": {"tags": 3}}])
def test_both_formats_are_read(tmp_path: Path, extra: dict[str, object]) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps({"table": TABLE, "accept": 0.92, "review": 0.5, **extra}), encoding="utf-8")
    found = read_calibration(path)
    assert (found.accept, found.review, len(found.version)) == (0.92, 0.5, 12)
    assert [found.confidence("color", Source.RULE, EXACT, TITLE, lang) for lang in ("id", "de", "")] == [
        0.8,
        0.95,
        0.95,
    ]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (json.dumps({"format": FORMAT + 1, "table": TABLE, "accept": 1, "review": 1}), "format"),
        (json.dumps({"table": TABLE, "accept": 1}), "calibration"),
        (json.dumps({"table": {"rule": "often"}, "accept": 1, "review": 1}), "calibration"),
        ("[]", "calibration"),
        ("{", "calibration"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: str, field: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_calibration(path)
    assert caught.value.field == field
    assert caught.value.hint


def test_the_shipped_one_is_read() -> None:
    calibration = open_calibration(Settings())
    assert calibration.version != "none"
    assert {kind.split("/")[0] for kind in calibration.table} == {"rule", "model", "rule+model"}
