"""Google's files in miniature, whose locales differ in version and tree; the categories are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.importing import labels, read, told, write_files

EN, DE = "taxonomy-with-ids.en-US.txt", "taxonomy-with-ids.de-DE.txt"
ENGLISH = """\
# Google_Product_Taxonomy_Version: 2031-05-01
1 - Animals
3 - Animals > Birds
30 - Animals > Birds > Nests
5 - Garden
"""
GERMAN = """\
# Google_Product_Taxonomy_Version: 2031-05-01
1 - Tiere
3 - Tiere > Vögel
30 - Tiere > Vögel > Nester
5 - Garten
"""
FILES = {EN: ENGLISH, DE: GERMAN}


def test_ids_labels_and_tree(tmp_path: Path) -> None:
    draft, source = read(write_files(tmp_path, FILES), expect="google")
    assert (source.version, source.locales, draft.problems) == ("2031-05-01", ("en", "de"), [])
    assert labels(draft, "de") == {
        "category:1": ["Tiere"],
        "category:3": ["Vögel"],
        "category:30": ["Nester"],
        "category:5": ["Garten"],
    }
    nests = draft.nodes[draft.ids.index("category:30")]
    assert (nests.broader, nests.google) == ("3", 30)
    assert nests.exact == ("https://www.google.com/basepages/producttype/taxonomy-with-ids.en-US.txt#30",)


@pytest.mark.parametrize(
    ("file", "old", "new", "problems"),
    [
        (DE, "2031-05-01", "2025-01-01", {("other-version", DE, 1, "")}),
        (
            EN,
            "30 - Animals > Birds > Nests\n",
            "",
            {("not-in-base", DE, 4, "30"), ("missing-label", DE, 4, "category:30")},
        ),
        (DE, "30 - Tiere > Vögel > Nester\n", "", {("missing-label", EN, 4, "category:30")}),
        (DE, "30 - Tiere > Vögel > Nester", "30 - Garten > Nester", {("other-path", DE, 4, "30")}),
        (DE, "30 - Tiere > Vögel > Nester", "30 - Tiere > Fische > Nester", {("missing-parent", DE, 4, "30")}),
        (DE, "5 - Garten", "5 - Tiere", {("path-twice", DE, 5, "5")}),
        (DE, "5 - Garten", "5 - Garten\n5 - Hof", {("id-twice", DE, 6, "5")}),
        (DE, "5 - Garten", "5 - Garten\nHof", {("unreadable", DE, 6, "")}),
        (DE, "5 - Garten", "5 - Garten\n0 - Hof", {("unreadable", DE, 6, "")}),
        (DE, "Vögel\n", "Vögel \n", set()),
        (DE, "Vögel\n", "Vögel  klein\n", {("blanks", DE, 3, "3"), ("missing-parent", DE, 4, "30")}),
    ],
)
def test_a_defect_is_reported_with_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, problems: set[tuple[str, str, int, str]]
) -> None:
    assert FILES[file].count(old) == 1
    draft, _ = read(write_files(tmp_path, FILES | {file: FILES[file].replace(old, new)}))
    assert set(map(told, draft.problems)) == problems


def test_a_single_file_is_enough(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    assert read(tmp_path / DE, expect="google")[1].locales == ("de",)
    (tmp_path / "unnamed.txt").write_text(ENGLISH, encoding="utf-8")
    assert read(tmp_path / "unnamed.txt")[1].locales == ("en",)


def test_regions_that_say_nothing_go_and_others_stay(tmp_path: Path) -> None:
    files = {
        f"taxonomy-with-ids.{tag}.txt": "1 - X\n" for tag in ("en-US", "en-GB", "de-DE", "de-CH", "pt-BR", "cs-CZ")
    }
    assert read(write_files(tmp_path, files))[1].locales == ("en", "cs", "de", "de-CH", "en-GB", "pt-BR")
