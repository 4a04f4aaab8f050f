"""Tables of concepts with the documented header, as spreadsheets write them; the concepts are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import InvalidFile
from app.domain.taxonomy import Kind
from tests.unit.importing import labels, read, told

TABLE = """\
id,attribute,broader,label:en,alt:en,label:de,google,exact,attributes,kind,dimension,values_from
finish,attribute,,Finish,,Oberfläche,,,,open,,
weight,attribute,,Weight,,Gewicht,,,,quantity,mass,
matt,finish,,Matt,dull|~flat,Matt,,https://other.example/m|urn:m,,,,
finish:velvet,finish,matt,"Velvet matt, soft",,Samtmatt,,,,,,
lamps,category,,Lamps,,Lampen,594,,finish|weight,,,
desk,,lamps,"Desk
lamps",,Tischlampen,,,,,,
"""


def written(folder: Path, text: str, name: str = "shop.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_documented_columns_are_read(tmp_path: Path) -> None:
    draft, source = read(written(tmp_path, TABLE), expect="table")
    assert (source.name, source.locales) == ("shop", ("en", "de"))
    nodes = dict(zip(draft.ids, draft.nodes, strict=True))
    assert set(nodes) == {"finish", "weight", "finish:matt", "finish:velvet", "category:lamps", "category:desk"}
    assert (nodes["finish"].kind, nodes["weight"].kind, nodes["weight"].dimension) == (Kind.OPEN, Kind.QUANTITY, "mass")
    assert nodes["finish:matt"].exact == ("https://other.example/m", "urn:m")
    assert nodes["finish:velvet"].broader == nodes["finish:matt"].key
    assert (nodes["category:lamps"].google, nodes["category:lamps"].relevant) == (594, ("finish", "weight"))
    assert nodes["category:desk"].broader == "lamps"
    english = labels(draft, "en")
    assert english["finish:matt"] == ["Matt", "dull", "~flat"]
    assert english["category:desk"] == ["Desk lamps"]
    assert [problem.kind for problem in draft.problems] == ["blanks"]  # the line break in a cell


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace(",", ";").replace("matt; soft", "matt, soft"),
        TABLE.replace(",", "\t").replace("matt\t soft", "matt, soft"),
        "\ufeff" + TABLE,
        TABLE.replace("\n", "\r\n"),
    ],
)
def test_delimiter_and_line_ends_are_recognised(tmp_path: Path, text: str) -> None:
    draft, _ = read(written(tmp_path, text))
    assert labels(draft, "de")["finish:velvet"] == ["Samtmatt"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("finish,attribute,,Finish,,Oberfläche,,,,open,,\n", "", ("implied-attribute", "shop.csv", 3, "finish")),
        ("matt,finish,,Matt", ",finish,,Matt", ("no-id", "shop.csv", 4, "")),
        ("finish:velvet", "matt", ("id-twice", "shop.csv", 5, "finish:matt")),
        ("finish,matt,", "finish,mat,", ("unknown-broader", "shop.csv", 5, "finish:velvet")),
        ("desk,,lamps", "desk,,desk", ("cycle", "shop.csv", 7, "category:desk")),
        ("594", "5O4", ("bad-cell", "shop.csv", 6, "lamps")),
        ("open", "opn", ("bad-cell", "shop.csv", 2, "finish")),
        ("finish|weight", "finish|wight", ("unknown-attribute", "shop.csv", 6, "category:lamps")),
        ("Lampen,594,,finish|weight,,,", "Lampen,594,,finish|weight,,,,x", ("extra-cells", "shop.csv", 6, "")),
        ("google", "googel", ("unknown-column", "shop.csv", 1, "")),
        ("label:de", "label:de!", ("unknown-column", "shop.csv", 1, "")),
        ("Samtmatt", "", ("missing-label", "shop.csv", 5, "finish:velvet")),
        ('"Desk\nlamps"', '"Desk" lamps', ("unreadable", "shop.csv", 7, "")),
    ],
)
def test_a_defect_is_reported_with_file_and_line(
    tmp_path: Path, old: str, new: str, problem: tuple[str, str, int, str]
) -> None:
    assert TABLE.count(old) >= 1
    draft, _ = read(written(tmp_path, TABLE.replace(old, new, 1)))
    assert problem in map(told, draft.problems)


def test_a_table_without_ids_is_no_taxonomy(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="no known taxonomy format"):
        read(written(tmp_path, "name,label:en\nx,X\n"))
