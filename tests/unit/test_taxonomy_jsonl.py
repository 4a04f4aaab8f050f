"""Taxonomy folders of jsonl: they read like YAML, and an import's own defects are excused, not those of structure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.adapters.taxonomy_check import check_taxonomy
from app.adapters.taxonomy_files import load_yaml, read_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from app.domain.errors import InvalidTaxonomy
from tests.unit.importing import write_files

LENIENT = "[missing, shared, english, parenthesis, script, single]"
MANIFEST = f'name: x\nversion: "1"\nlocales: [en, id, zh-CN]\nsources: [me]\nlenient: {LENIENT}\n'
FILES = {
    "manifest.yaml": MANIFEST,
    "attributes.jsonl": '{"id":"color","kind":"closed","en":["Color"]}\n'
    '{"id":"rim_color","kind":"closed","values_from":"color","en":["Rim color"]}\n',
    "values/color.jsonl": '{"id":"color:red","exact":["urn:x:1"],"en":["Red"],"id-ID":["Red"],"zh-CN":["红"]}\n\n'
    '{"id":"color:navy","broader":"color:red","en":["Navy (dark)"],"zh-CN":["红"]}\n',
    "categories/categories.jsonl": '{"id":"category:a","attributes":["rim_color"],"en":["红A"]}\n',
}


def test_jsonl_reads_as_yaml_does(tmp_path: Path) -> None:
    shipped = data_folder("taxonomy") / TAXONOMY
    for path in shipped.rglob("*.yaml"):
        made = tmp_path / path.relative_to(shipped)
        made.parent.mkdir(exist_ok=True)
        if path.name == "manifest.yaml":
            made.write_bytes(path.read_bytes())
            continue
        rows = load_yaml(path.read_bytes())
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        made.with_suffix(".jsonl").write_text(lines, encoding="utf-8")
    read, expected = read_taxonomy(tmp_path), read_taxonomy(shipped)
    assert read.concepts == expected.concepts
    assert read.attributes == expected.attributes
    assert read.digest != expected.digest
    assert check_taxonomy(tmp_path).problems == ()


def test_yaml_and_jsonl_may_stand_side_by_side(tmp_path: Path) -> None:
    write_files(tmp_path, FILES | {"values/color.yaml": "- {id: color:blue, en: [Blue]}\n"})
    (tmp_path / "attributes.yaml").write_text("- {id: size, kind: open, en: [Size]}\n", encoding="utf-8")
    taxonomy = read_taxonomy(tmp_path)
    assert set(taxonomy.concepts) == {"color:blue", "color:red", "color:navy", "category:a"}
    assert set(taxonomy.attributes) == {"size", "color", "rim_color"}
    assert [c.id for c in taxonomy.values("rim_color")] == [c.id for c in taxonomy.values("color")]
    assert taxonomy.concept("color:red").exact_match == ("urn:x:1",)
    assert taxonomy.concept("color:red").label("id") == "Red"


def test_what_the_manifest_excuses_is_counted(tmp_path: Path) -> None:
    report = check_taxonomy(write_files(tmp_path, FILES))
    assert report.problems == ()
    assert report.counts == {"verticals": 1, "categories": 1, "attributes": 2, "values": 2}
    assert report.excused == {
        "english": {"id": 1},
        "missing": {"id": 4, "zh-CN": 3},
        "parenthesis": {"en": 1},
        "script": {"en": 1},
        "shared": {"zh-CN": 1},
        "single": {"zh-CN": 2},
    }


def test_without_leniency_each_is_a_problem_at_its_line(tmp_path: Path) -> None:
    problems = check_taxonomy(
        write_files(tmp_path, FILES | {"manifest.yaml": MANIFEST.replace("lenient", "# lenient")})
    ).problems
    assert len(problems) == 13
    assert ("values/color.jsonl", 3, "color:navy", "no labels in id") in [
        (p.file, p.line, p.id, p.message) for p in problems
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"),
    [
        ("values/color.jsonl", "color:navy", "color:red", 3, "the id is taken: values/color.jsonl line 1"),
        ("values/color.jsonl", "color:navy", "Color:navy", 3, "a concept needs an id in lower snake case"),
        ("values/color.jsonl", '"broader":"color:red"', '"broader":"color:reed"', 3, "is no concept of color"),
        ("values/color.jsonl", '"broader":"color:red"', '"broader":"color:navy"', 3, "is its own ancestor"),
        ("values/color.jsonl", '"exact":["urn:x:1"]', '"exact":"urn:x:1"', 1, "exact must be a list of texts"),
        ("values/color.jsonl", '"zh-CN":["红"]}', '"zh-CN":["红"],"en":["R"]}', 1, "the key en stands twice"),
        ("values/color.jsonl", '"exact"', '"exakt"', 1, "unknown key 'exakt'"),
        ("values/color.jsonl", '"exact":["urn:x:1"]', '"values_from":"color"', 1, "only attributes have values_from"),
        ("values/color.jsonl", '"Navy (dark)"]', '"Navy (dark)"', 0, "is no JSON list of concepts: line 3:"),
        ("attributes.jsonl", '"values_from":"color"', '"values_from":"colour"', 2, "is no attribute that has values"),
        ("attributes.jsonl", '"values_from":"color"', '"values_from":"rim_color"', 2, "is no attribute that has"),
        ("attributes.jsonl", '"en":["Color"]', '"values_from":"rim_color","en":["Color"]', 1,
         "has values of its own and those of rim_color"),
        ("categories/categories.jsonl", "rim_color", "rim", 1, "unknown attribute 'rim'"),
        ("manifest.yaml", "[missing,", "[missed,", 0, "lenient must be a list of english, missing, no-english"),
    ],
)  # fmt: skip
def test_structure_is_excused_by_nothing(
    tmp_path: Path, file: str, old: str, new: str, line: int, message: str
) -> None:
    assert FILES[file].count(old) == 1 or "zh-CN" in old
    problems = check_taxonomy(write_files(tmp_path, broken(file, old, new))).problems
    assert any(p.file == file and p.line == line and message in p.message for p in problems)


def broken(file: str, old: str, new: str) -> Mapping[str, str]:
    return FILES | {file: FILES[file].replace(old, new, 1)}


def test_english_may_be_excused_too(tmp_path: Path) -> None:
    manifest = MANIFEST.replace("[en, id, zh-CN]", "[id, zh-CN]")
    files = {
        name: text.replace('"en":', '"id-ID":').replace('"id-ID":["Red"],"id-ID"', '"id-ID"')
        for name, text in FILES.items()
    }
    problems = check_taxonomy(write_files(tmp_path / "a", files | {"manifest.yaml": manifest})).problems
    assert [p.message for p in problems] == ["locales must hold en: labels fall back to it"]
    lenient = manifest.replace("single]", "single, no-english]")
    assert check_taxonomy(write_files(tmp_path / "b", files | {"manifest.yaml": lenient})).problems == ()


def test_a_line_that_is_no_json_is_named_when_reading(tmp_path: Path) -> None:
    write_files(tmp_path, broken("values/color.jsonl", '"Navy (dark)"]', '"Navy (dark)"'))
    with pytest.raises(InvalidTaxonomy, match=r"color\.jsonl"):
        read_taxonomy(tmp_path)
