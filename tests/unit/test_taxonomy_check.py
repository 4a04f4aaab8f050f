"""Every rule of `tagwright taxonomy check`, broken once in a small taxonomy that is otherwise sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.adapters.taxonomy_check import TaxonomyProblem, check_taxonomy
from app.adapters.taxonomy_files import read_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from app.domain.errors import InvalidTaxonomy

MANIFEST = """\
name: small
version: "1"
locales: [en, de, id, zh-CN]
sources: ["Written for this test"]
"""
ATTRIBUTES = """\
- id: color
  kind: closed
  en: [Color]
  de: [Farbe]
  id-ID: [Warna]
  zh-CN: [颜色]
- id: weight
  kind: quantity
  dimension: mass
  en: [Weight]
  de: [Gewicht]
  id-ID: [Berat]
  zh-CN: [重量]
"""
COLOR = """\
- id: color:blue
  en: [Blue, ~sky]
  de: [Blau, blaue]
  id-ID: [Biru]
  zh-CN: [蓝色, ~蓝]
- id: color:navy
  broader: color:blue
  en: [Navy, navy blue]
  de: [Marineblau]
  id-ID: [Biru dongker]
  zh-CN: [藏青色]
- id: color:khaki
  same: all
  en: [Khaki]
  zh-CN: [卡其色]
- id: color:marine
  retired: true
  successor: color:navy
  en: [Marine]
  same: [de]
  de: [Marine]
  id-ID: [Biru laut]
  zh-CN: [海军蓝]
"""
SHOES = """\
- id: category:shoes
  google: 187
  attributes: [color, weight]
  en: [Shoes]
  de: [Schuhe]
  id-ID: [Sepatu]
  zh-CN: [鞋子]
- id: category:boots
  broader: category:shoes
  google: 187
  en: [Boots]
  de: [Stiefel]
  id-ID: [Sepatu bot]
  zh-CN: [靴子]
"""
FILES = {
    "manifest.yaml": MANIFEST,
    "attributes.yaml": ATTRIBUTES,
    "values/color.yaml": COLOR,
    "categories/shoes.yaml": SHOES,
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the taxonomy with one piece of one file replaced; return its folder."""

    def make(file: str = "", old: str = "", new: str = "") -> Path:
        for name, text in FILES.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            assert name != file or text.count(old) >= 1
            path.write_text(text.replace(old, new, 1) if name == file else text, encoding="utf-8")
        return tmp_path

    return make


def problems(folder: Path) -> list[tuple[str, int, str, str]]:
    return [(p.file, p.line, p.id, p.message) for p in check_taxonomy(folder).problems]


def test_a_sound_taxonomy_has_no_problem_and_is_counted(write: Write) -> None:
    folder = write()
    report = check_taxonomy(folder)
    assert report.problems == ()
    assert report.counts == {"verticals": 1, "categories": 2, "attributes": 2, "values": 4}
    # khaki's English label counts in the locales that take it over
    assert report.labels == {"en": 10, "de": 9, "id": 8, "zh-CN": 9}
    assert len(read_taxonomy(folder).concepts) == 6


V, A, C, M = "values/color.yaml", "attributes.yaml", "categories/shoes.yaml", "manifest.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "concept", "message"),
    [
        (V, "id: color:navy", "id: color:blue", 6, "color:blue", "the id is taken: values/color.yaml line 1"),
        (V, "id: color:navy", "id: colour:navy", 6, "colour:navy", "the id must be color:NAME"),
        (V, "id: color:khaki", "id: Khaki", 12, "", "a concept needs an id in lower snake case, not 'Khaki'"),
        (V, "- id: color:khaki\n  same: all\n  en: [Khaki]\n  zh-CN: [卡其色]", "- text", 12, "", "not 'text'"),
        (V, "  de: [Marineblau]\n", "", 6, "color:navy", "no labels in de"),
        (V, "  id-ID: [Biru dongker]\n", "", 6, "color:navy", "no labels in id"),
        (V, "[Marineblau]", "[no]", 9, "color:navy", "labels must be texts (quote what YAML takes for else): de"),
        (V, "[Marineblau]", "Marineblau", 9, "color:navy", "labels must be texts (quote what YAML takes for else): de"),
        (V, "[Marineblau]", "[]", 9, "color:navy", "labels must be texts (quote what YAML takes for else): de"),
        (V, "[Marineblau]", "[navy]", 9, "color:navy", "de: 'navy' is the English label; add de to `same`"),
        (V, "[Biru dongker]", "[BIRÚ]", 10, "color:navy", "id: the label 'BIRÚ' is also one of color:blue"),
        (V, "[Biru dongker]", "[Biru, 海军]", 10, "color:navy", "id: '海军' is in another script"),
        (V, "[藏青色]", "[藏青色, 紺]", 11, "color:navy", "zh-CN: '紺' is a single character"),
        (V, "navy blue]", "navy (dark)]", 8, "color:navy", "en: 'navy (dark)' holds a parenthesis"),
        (V, "same: all", "same: 5", 13, "color:khaki", "`same` must be `all` or a list of locales, not 5"),
        (V, "same: [de]", "same: [dk]", 20, "color:marine", "`same` must be `all` or a list of locales, not ['dk']"),
        (V, "broader: color:blue", "broader: color:bleu", 7, "color:navy", "broader 'color:bleu' is no concept"),
        (V, "broader: color:blue", "broader: category:shoes", 7, "color:navy", "is no concept of color"),
        (V, "broader: color:blue", "broader: [color:blue]", 7, "color:navy", "broader ['color:blue'] is no concept"),
        (V, "broader: color:blue", "broader: color:marine", 7, "color:navy", "broader color:marine is retired"),
        (V, "broader: color:blue", "broader: color:navy", 7, "color:navy", "is its own ancestor"),
        (V, "  successor: color:navy\n", "", 17, "color:marine", "is retired and names no successor"),
        (V, "  retired: true\n", "", 17, "color:marine", "has a successor but is not retired"),
        (V, "retired: true", "retired: 2026", 17, "color:marine", "retired must be true or false"),
        (V, "successor: color:navy", "successor: color:x", 18, "color:marine", "'color:x' is no concept of color"),
        (V, "successor: color:navy", "successor: color:marine", 18, "color:marine", "is itself retired"),
        (V, "  broader: color:blue", "  google: 7", 7, "color:navy", "only categories have google"),
        (V, "  broader: color:blue", "  colour: x", 7, "color:navy", "unknown key 'colour'"),
        (V, "  de: [Marineblau]\n", "  de: [Marineblau]\n  de: [Navyblau]\n", 10, "", "the key de stands twice"),
        (V, "[Marineblau]", "[Marineblau", 0, "", "is no YAML list of concepts"),
        (A, "kind: quantity\n  dimension: mass", "kind: closed", None, "", ""),
        (A, "kind: closed", "kind: fixed", 2, "color", "kind must be closed, open, quantity, not 'fixed'"),
        (A, "dimension: mass", "dimension: weight", 9, "weight", "a quantity needs a dimension"),
        (A, "kind: closed", "kind: closed\n  dimension: mass", 3, "color", "only a quantity has a dimension"),
        (A, "id: weight", "id: attribute:weight", 7, "attribute:weight", "the id must be a single word"),
        (A, "kind: closed", "kind: quantity\n  dimension: mass", None, "color:blue", "'color' is no attribute"),
        (C, "[color, weight]", "[colour, weight]", 3, "category:shoes", "unknown attribute 'colour'"),
        (C, "[color, weight]", "color", 3, "category:shoes", "must be a list of ids, not 'color'"),
        (C, "google: 187", 'google: "187"', 2, "category:shoes", "google must be a positive whole number, not '187'"),
        (C, "google: 187", "google: 0", 2, "category:shoes", "google must be a positive whole number, not 0"),
        (C, "google: 187", "google: true", 2, "category:shoes", "google must be a positive whole number, not True"),
        (M, 'sources: ["Written for this test"]', "sources: []", 0, "", "sources must name where"),
        (M, 'version: "1"', "version: 1", 0, "", "version must be a text"),
        (M, "[en, de, id, zh-CN]", "[de, id, zh-CN]", 0, "", "locales must hold en"),
    ],
)
def test_each_broken_rule_is_named_with_file_line_and_id(
    write: Write, file: str, old: str, new: str, line: int | None, concept: str, message: str
) -> None:
    found = problems(write(file, old, new))
    if not message:
        assert found == []
        return
    named = [p for p in found if p[2] == concept and message in p[3]]
    assert named, found
    if line is not None:
        assert (named[0][0], named[0][1]) == (file, line)


def test_a_longer_cycle_is_found_at_each_of_its_concepts(write: Write) -> None:
    folder = write(V, "- id: color:blue\n", "- id: color:blue\n  broader: color:navy\n")
    assert [(p[2], p[3]) for p in problems(folder)] == [
        ("color:blue", "is its own ancestor"),
        ("color:navy", "is its own ancestor"),
    ]


def test_google_ids_are_unique_where_the_manifest_says_so(write: Write) -> None:
    folder = write(M, "name: small\n", "name: small\nunique_google_ids: true\n")
    assert problems(folder) == [
        (C, 10, "category:boots", "google 187 is also that of category:shoes: the manifest says none are")
    ]


def test_all_problems_are_named_in_the_order_of_the_files(write: Write) -> None:
    folder = write(V, "  de: [Marineblau]\n", "")
    (folder / C).write_text(SHOES.replace("[鞋子]", "[鞋]"), encoding="utf-8")
    (folder / M).write_text(MANIFEST.replace("name: small", "name: 5"), encoding="utf-8")
    assert [(p[0], p[1]) for p in problems(folder)] == [(M, 0), (V, 6), (C, 7)]


def test_a_file_of_values_without_its_attribute(write: Write) -> None:
    folder = write()
    (folder / "values" / "shape.yaml").write_text("- id: shape:round\n  same: all\n  en: [round]\n", encoding="utf-8")
    assert check_taxonomy(folder).problems == (
        TaxonomyProblem(
            file="values/shape.yaml",
            line=1,
            id="shape:round",
            message="'shape' is no attribute that has concepts: see attributes.yaml",
        ),
    )


@pytest.mark.parametrize(
    ("manifest", "message"), [(None, "is no taxonomy"), ("a: [", "is no YAML"), ("name: x", "lists no locales")]
)
def test_a_folder_without_a_manifest_is_no_taxonomy(tmp_path: Path, manifest: str | None, message: str) -> None:
    if manifest is not None:
        (tmp_path / "manifest.yaml").write_text(manifest, encoding="utf-8")
    with pytest.raises(InvalidTaxonomy, match=message):
        check_taxonomy(tmp_path)


def test_the_taxonomy_that_ships_is_sound() -> None:
    report = check_taxonomy(data_folder("taxonomy") / TAXONOMY)
    assert report.problems == ()
    assert set(report.labels) == {"en", "de", "fr", "es", "it", "pt-BR", "id", "ja", "zh-CN"}
    assert all(count > 0 for count in report.counts.values())
