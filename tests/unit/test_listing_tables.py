"""Tables as people export them: delimiters, headers in nine languages, broken rows, workbooks."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.listing_columns import role, roles
from app.adapters.listing_rows import Row
from app.adapters.listing_tables import read_delimited, read_workbook
from app.domain.errors import InvalidFile, InvalidListing
from app.domain.listing import Listing


def listings(rows: Sequence[Row]) -> list[Listing]:
    """Return the listings of rows that must all be good."""
    assert [row.error for row in rows if row.error] == []
    return [row.listing for row in rows if row.listing is not None]


def titles(data: bytes) -> list[str]:
    return [listing.title for listing in listings(list(read_delimited(data)))]


# --- headers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *((name, "title") for name in ("Title", "PRODUCT NAME", "item_name", "productTitle", "Titel", "Artikelname")),
        *((name, "title") for name in ("Nom du produit", "TÍTULO", "titulo", "Nombre del producto")),
        *((name, "title") for name in ("Nome prodotto", "Nome do produto", "Nama Produk")),
        *((name, "title") for name in ("商品名", "タイトル", "标题", "標題", "商品名称")),
        *((name, "description") for name in ("Body (HTML)", "Beschreibung*", "bullet_point3", "商品説明")),
        *((name, "description") for name in ("Descripción", "Descrizione", "descrição", "Deskripsi")),
        *((name, "description") for name in ("商品描述", "Description [fr]")),
        *((name, "reviews") for name in ("Review 2", "Kundenbewertungen", "Avis", "ulasan", "レビュー", "评价")),
        *((name, "lang") for name in ("Language", "Sprache", "langue", "idioma", "lingua", "bahasa", "言語", "语言")),
        *((name, "id") for name in ("ID", "SKU", "Artikelnummer", "référence", "货号", "商品コード")),
        *((name, "brand") for name in ("Vendor", "Marke", "marque", "MARCA", "merek", "ブランド", "品牌：")),
        *((name, "attribute") for name in ("Farbe", "price", "Titelbild", "型号", "")),
        *((name, "ignored") for name in ("gold", "dataset", "locales")),
    ],
)
def test_header_names_are_fields(name: str, field: str) -> None:
    assert role(name)[0] == field


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Name", "Title"), ("attribute", "title")),
        (("SKU", "Handle", "ID"), ("attribute", "attribute", "id")),
        (("Short description", "Description"), ("description", "description")),
        (("Marke", "brand"), ("attribute", "brand")),
    ],
)
def test_of_two_columns_for_one_field_the_surer_name_wins(names: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert roles(names) == expected


def test_columns_become_fields_and_seller_attributes() -> None:
    data = (
        "Artikelnummer;Titel;Kurzbeschreibung;Beschreibung;Marke;Farbe;Farbe;;Bewertung 1;Bewertung 2;Bilder;Sprache\n"
        "0042;Sneaker;kurz;lang;Nike;blau;rot;x;gut;;https://a.example/1,2.jpg, https://a.example/2.jpg;de-DE\n"
    )
    assert listings(list(read_delimited(data.encode()))) == [
        Listing(
            id="0042",
            title="Sneaker",
            description="kurz\nlang",
            reviews=("gut",),
            attributes=(("brand", "Nike"), ("Farbe", "blau"), ("Farbe 2", "rot"), ("column 8", "x")),
            images=("https://a.example/1,2.jpg", "https://a.example/2.jpg"),
            lang="de-DE",
        )
    ]


# --- delimited text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("id,title\n1,Red shoe\n", ["Red shoe"]),
        ("id;title\n1;Red shoe, size 5\n", ["Red shoe, size 5"]),
        ("id\ttitle\n1\tRed shoe; size 5\n", ["Red shoe; size 5"]),
        ("id|title\n1|Red shoe\n", ["Red shoe"]),
        ("title;Maße, außen\nTisch;80,5\n", ["Tisch"]),
        ("title\nRed shoe, size 5; new\n", ["Red shoe, size 5; new"]),
        ("sep=;\ntitle;x\nRed, shoe;1\n", ["Red, shoe"]),
        ("\n\ntitle,x\r\nRed shoe,1\r\n", ["Red shoe"]),
        ('title,x\n"Sofa, ""Oslo"" 3""",1\n', ['Sofa, "Oslo" 3"']),
        ('title,x\n15" laptop,1\n', ['15" laptop']),
        ('title,x\n"two\nlines",1\nnext,2\n', ["two\nlines", "next"]),
        ("title,x\n,\n   ,\nRed,\n", ["Red"]),
    ],
)
def test_delimiters_quotes_and_blank_lines(data: str, expected: list[str]) -> None:
    assert titles(data.encode()) == expected


def test_bad_rows_are_named_by_line_and_the_rest_goes_on() -> None:
    data = 'id,title,color\n1,"a\nb",red\n2,too,many,cells\n3,few\n4,,blue\n5,empty at the end,red,,\n6,last,green\n'
    rows = list(read_delimited(data.encode()))
    assert [(row.place, row.listing.title if row.listing else None) for row in rows] == [
        ("line 2", "a\nb"),
        ("line 4", None),
        ("line 5", "few"),
        ("line 6", None),
        ("line 7", "empty at the end"),
        ("line 8", "last"),
    ]
    assert isinstance(rows[1].error, InvalidFile)
    assert "4 cells" in str(rows[1].error)
    assert "only 2 cells" in rows[2].notes[0]
    assert isinstance(rows[3].error, InvalidListing)
    assert (rows[3].error.field, rows[0].notes) == ("title", ())


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    data = 'title,color\ngood,red\n"open,blue\nnext,green\nlast,black\n'
    rows = list(read_delimited(data.encode()))
    assert [(row.number, row.listing.title if row.listing else str(row.error)) for row in rows] == [
        (2, "good"),
        (3, "a quotation mark is opened and never closed"),
        (4, "next"),
        (5, "last"),
    ]


def test_a_cell_over_the_limit_of_csv_is_one_bad_row() -> None:
    data = f"title,description\nbig,{'x' * 140_000}\nnext,small\n"
    rows = list(read_delimited(data.encode()))
    assert [(row.number, row.error is None) for row in rows] == [(2, False), (3, True)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "the file is empty"),
        ("\n  \n", "the file is empty"),
        ("color,size\nred,5\n", "no column is the title: the columns are color, size"),
        ('"title,color\nred,5\n', "never closed"),
    ],
)
def test_files_without_a_usable_header_are_refused(data: str, message: str) -> None:
    with pytest.raises(InvalidFile, match=message):
        list(read_delimited(data.encode()))


_cell = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\r\t"), max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(_cell.filter(str.strip), _cell, _cell), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8-sig", "utf-16"]),
)
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str, str]], delimiter: str, encoding: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([("title", "description", "Farbe"), *rows])
    read = listings(list(read_delimited(out.getvalue().encode(encoding))))
    assert read == [
        Listing(
            title=title,
            description=description if description.strip() else "",
            attributes=(("Farbe", color),) if color.strip() else (),
        )
        for title, description, color in rows
    ]


# --- workbooks -------------------------------------------------------------------------------------------------------


def workbook(*rows: Sequence[Any]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.title = "First"
    for row in rows:
        book.active.append(row)
    second = book.create_sheet("Zweite")
    second.append(["Titel"])
    second.append(["Hut"])
    return book


def as_bytes(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_by_sheet() -> None:
    data = as_bytes(
        workbook(
            [None],
            ["SKU", "Product name", "Size", "Since", None],
            [17.0, "Boot", 42, datetime.datetime(2026, 3, 1), None],  # noqa: DTZ001 - a workbook has no time zones
            [None, None, None, None, None],
            [18, None, 43, None, None],
            [19, "Shoe", 43.5, None, "beyond"],
        )
    )
    rows = list(read_workbook(data))
    assert rows[0].listing == Listing(id="17", title="Boot", attributes=(("Size", "42"), ("Since", "2026-03-01")))
    assert [(row.place, type(row.error)) for row in rows[1:]] == [("row 5", InvalidListing), ("row 6", InvalidFile)]
    assert [listing.title for listing in listings(list(read_workbook(data, sheet="Zweite")))] == ["Hut"]
    with pytest.raises(InvalidFile, match="no sheet 'Dritte': it has First, Zweite"):
        list(read_workbook(data, sheet="Dritte"))


@pytest.mark.parametrize("data", [b"", b"title\nshoe\n", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(InvalidFile, match="no Excel workbook"):
        list(read_workbook(data))


def test_a_workbook_cut_short_is_damaged_or_none() -> None:
    data = as_bytes(workbook(["title"], *([f"shoe {n}"] for n in range(2000))))
    for size in (len(data) // 2, len(data) - 30):
        with pytest.raises(InvalidFile):
            list(read_workbook(data[:size]))
