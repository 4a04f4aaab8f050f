"""Shopify's files, in miniature and with every defect that is looked for; the names are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import InputError, InvalidFile
from tests.unit.importing import labels, read, told, write_files

ATTRIBUTES = """\
---
base_attributes:
- id: 7
  name: Colour
  description: The main colour
  friendly_id: colour
  values:
  - colour__sea_green
  - colour__no
- id: 8
  name: Cup/Mug size
  friendly_id: cup/mug_size
  values:
  - cup/mug_size__3/4
extended_attributes:
- name: Frame colour
  friendly_id: frame_colour
  values_from: colour
"""
VALUES = """\
---
- id: 1
  name: Sea green
  friendly_id: colour__sea_green
- id: 2
  name: No
  friendly_id: colour__no
- id: 3
  name: '3/4'
  friendly_id: cup/mug_size__3/4
"""
CATEGORIES = """\
---
- id: zz
  name: Things
  children:
  - zz-1
  attributes: []
- id: zz-1
  name: Mugs
  children: []
  attributes:
  - colour
  - frame_colour
"""
GERMAN = """\
# generated
de:
  values:
    colour__sea_green:
      name: "Meergr\\u00fcn"
      context: Colour
    colour__no:
      name: |
        Keine
        Farbe
    cup/mug_size__3/4:
      name: 3/4
"""
FILES = {
    "data/attributes.yml": ATTRIBUTES,
    "data/values.yml": VALUES,
    "data/categories/zz_things.yml": CATEGORIES,
    "data/localizations/values/de.yml": GERMAN,
    "data/localizations/categories/de.yml": "de:\n  categories:\n    zz: {name: Dinge}\n    zz-1: {name: Becher}\n",
    "VERSION": "2031-01\n",
    "LICENSE": "A licence\n\nof two lines\n",
}
A, V, C, L = (
    "data/attributes.yml",
    "data/values.yml",
    "data/categories/zz_things.yml",
    "data/localizations/values/de.yml",
)


def test_ids_come_from_the_sources_own_and_links_hold(tmp_path: Path) -> None:
    draft, source = read(write_files(tmp_path, FILES), expect="shopify")
    assert (source.name, source.version, source.locales) == ("shopify", "2031-01", ("en", "de"))
    nodes = dict(zip(draft.ids, draft.nodes, strict=True))
    assert set(nodes) == {
        "colour",
        "cup_mug_size",
        "frame_colour",
        "colour:sea_green",
        "colour:no",
        "cup_mug_size:3_4",
        "category:zz",
        "category:zz-1",
    }
    assert nodes["colour:sea_green"].exact == ("gid://shopify/TaxonomyValue/1",)
    assert nodes["category:zz-1"].exact == ("gid://shopify/TaxonomyCategory/zz-1",)
    assert nodes["cup_mug_size"].exact == ("gid://shopify/TaxonomyAttribute/8",)
    assert nodes["frame_colour"].values_from == "colour"
    assert nodes["category:zz-1"].broader == "zz"
    assert nodes["category:zz-1"].relevant == ("colour", "frame_colour")


def test_labels_are_texts_whatever_yaml_makes_of_them(tmp_path: Path) -> None:
    draft, _ = read(write_files(tmp_path, FILES))
    assert labels(draft, "en")["colour:no"] == ["No"]
    german = labels(draft, "de")
    assert german["colour:sea_green"] == ["Meergrün"]
    assert german["colour:no"] == ["Keine Farbe"]
    assert german["cup_mug_size:3_4"] == ["3/4"]
    assert german["category:zz-1"] == ["Becher"]
    (written,) = draft.labels["de"].of(draft.ids.index("colour:sea_green"))
    assert (written.place.file, written.place.line) == (L, 5)


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (A, "  - colour__no\n", "", ("unlisted-value", V, 5, "colour__no")),
        (A, "  - cup/mug_size__3/4\n", "  - cup/mug_size__3/4\n  - colour__no\n", ("shared-value", V, 5, "colour__no")),
        (A, "  - colour__no\n", "  - colour__no\n  - colour__on\n", ("unknown-value", V, 0, "colour__on")),
        (A, "friendly_id: frame_colour", "friendly_id: cup_mug/size", ("id-collision", A, 10, "cup_mug_size_8")),
        (A, "values_from: colour", "values_from: colr", ("unknown-attribute", A, 16, "frame_colour")),
        (V, "  friendly_id: colour__no\n", "", ("no-id", V, 5, "")),
        (V, "colour__no", "colour__sea_green", ("id-twice", V, 5, "colour__sea_green")),
        (V, "- id: 3", "- id: *three", ("unreadable", V, 8, "")),
        (V, "name: Sea green", "name: ~", ("empty-label", V, 3, "colour__sea_green")),
        (C, "  - zz-1\n", "  - zz-1\n  - zz-9\n", ("unknown-child", C, 4, "zz-9")),
        (C, "  - zz-1\n", "", ("unlisted-child", C, 6, "zz-1")),
        (C, "  children: []", "  children: [zz-1]", ("two-parents", C, 7, "zz-1")),
        (C, "  - frame_colour", "  - frame_color", ("unknown-attribute", C, 7, "category:zz-1")),
        (C, "- id: zz-1", "- id: zz", ("id-twice", C, 7, "zz")),
        (L, "    colour__no:", "    colour__non:", ("unknown-concept", L, 8, "colour__non")),
        (L, "    colour__no:", "    colour__sea_green:", ("id-twice", L, 7, "colour__sea_green")),
        (L, "    colour__no:", "    colour__non:", ("missing-label", V, 5, "colour:no")),
        (L, "de:\n", "at:\n", ("locale-differs", L, 4, "colour__sea_green")),
        (L, '"Meergr', '" Meergr', ("blanks", L, 5, "colour__sea_green")),
        (L, '"Meergr', '"~Meergr', ("tilde", L, 5, "colour__sea_green")),
        (L, "name: 3/4", "name: 海", ("single-character", L, 12, "cup/mug_size__3/4")),
        (L, "    colour__no:", "  : [", ("unreadable", L, 7, "")),
    ],
)
def test_a_defect_is_reported_with_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, problem: tuple[str, str, int, str]
) -> None:
    assert FILES[file].count(old) >= 1
    sound, _ = read(write_files(tmp_path / "sound", FILES))
    draft, _ = read(write_files(tmp_path / "broken", FILES | {file: FILES[file].replace(old, new, 1)}))
    assert problem not in map(told, sound.problems)
    assert problem in map(told, draft.problems)


def test_a_collision_keeps_the_id_of_the_key_that_is_one_and_does_not_depend_on_order(tmp_path: Path) -> None:
    changed = ATTRIBUTES.replace("friendly_id: frame_colour", "friendly_id: cup_mug_size")
    draft, _ = read(write_files(tmp_path, FILES | {A: changed}))
    ids = {node.key: concept for node, concept in zip(draft.nodes, draft.ids, strict=True)}
    assert (ids["cup/mug_size"], ids["cup_mug_size"]) == ("cup_mug_size_8", "cup_mug_size")
    assert ids["cup/mug_size__3/4"] == "cup_mug_size_8:3_4"


def test_what_is_not_taken_is_counted(tmp_path: Path) -> None:
    draft, _ = read(write_files(tmp_path, FILES))
    assert [(each.what, each.place.file, each.count) for each in draft.not_taken] == [
        ("description", A, 1),
        ("context", L, 1),
    ]


def test_locales_can_be_chosen_and_english_always_comes(tmp_path: Path) -> None:
    write_files(
        tmp_path, FILES | {"data/localizations/values/bg-BG.yml": "bg-BG:\n  values:\n    colour__no: {name: Не}\n"}
    )
    assert read(tmp_path)[1].locales == ("en", "bg", "de")
    draft, source = read(tmp_path, locales=("bg-BG",))
    assert source.locales == ("en", "bg")
    assert labels(draft, "bg")["colour:no"] == ["Не"]
    with pytest.raises(InputError, match="no locale fr") as caught:
        read(tmp_path, locales=("fr",))
    assert caught.value.hint == "it has en, bg, de"


def test_what_is_no_taxonomy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="no known taxonomy format"):
        read(write_files(tmp_path, {"attributes.yml": ATTRIBUTES}))
