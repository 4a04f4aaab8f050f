"""Categories that a title implies without naming them."""

from pathlib import Path

import pytest

from app.adapters.rule_files import FILES, read_rules
from app.bootstrap import data_folder
from app.domain.errors import InvalidRules
from app.domain.tags import Method
from tests.unit.rule_data import category, find


@pytest.mark.parametrize(
    ("lang", "title", "expected", "spans"),
    [
        ("de", "Nike Air Max 2090 schwarz Größe 44", "category:sneakers", ["Air Max"]),
        ("en", "GELLYTE III OG lichen green", "category:sneakers", ["GELLYTE"]),
        ("en", "Gel-Kayano 28 black", "category:running_shoes", ["Gel-Kayano"]),
        ("id", "Makita DTD153Z 18V biru", "category:power_tools", ["Makita DTD"]),
        ("de", "adidas Country OG Gr. 44 2/3 blau", "category:sneakers", ["adidas", "44 2/3"]),
        ("zh-CN", "透明的拼接鞋面", "category:shoes", ["鞋面"]),
        ("en", "Superga 2750 plum", None, []),
        ("de", "adidas blau, Rarität", None, []),
        ("en", "Relax Maxi plum", None, []),
        ("de", "Ersatz für Air Max 90", None, []),
        ("de", "Schnürsenkel weiß Air Jordan 1", None, []),
    ],
)
def test_category_and_its_evidence(lang: str, title: str, expected: str | None, spans: list[str]) -> None:
    findings = find(lang, title)
    assert category(findings) == expected
    for guess in findings.categories:
        assert guess.match.method is Method.KNOWN_FOR
        found = [title[e.start : e.end] for e in guess.evidence]
        assert all(span in text for span, text in zip(spans, found, strict=True)), found


def test_a_category_that_is_named_wins() -> None:
    findings = find("de", "Nike Air Max 90 Sandalen Gr. 40")
    assert [(guess.concept_id, guess.match.method) for guess in findings.categories] == [
        ("category:sandals", Method.EXACT)
    ]
    described = find("en", "Air Max 270", description="Socks with a low cut.")
    assert category(described) == "category:socks"


@pytest.mark.parametrize(
    "text",
    [
        "{lines: {}, makers: []}",
        "{lines: {}, makers: [], unless: [], words: []}",
        "{lines: {}, makers: [{category: category:sneakers, brand: brand:nike}], unless: []}",
        "{lines: {category:sneakers: [air max], category:boots: [Air Max]}, makers: [], unless: []}",
        "{lines: {category:sneakers: [574]}, makers: [], unless: []}",
    ],
)
def test_a_file_that_is_wrong_says_so(tmp_path: Path, text: str) -> None:
    source = max(data_folder("taxonomy").glob("rules-*"))
    for name in FILES:
        (tmp_path / f"{name}.yaml").write_bytes((source / f"{name}.yaml").read_bytes())
    (tmp_path / "known_for.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRules):
        read_rules(tmp_path)
