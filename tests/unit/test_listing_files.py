"""Files as people export them: encodings, delimiters, headers in nine languages, broken rows."""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.listing_columns import role, roles
from app.adapters.listing_files import Row, read_json, read_json_lines, read_listings, read_stream
from app.adapters.listing_tables import read_delimited, read_workbook
from app.adapters.text_encoding import decode, detect
from app.domain.errors import InvalidFile, InvalidListing
from app.domain.listing import Listing


def listings(rows: Sequence[Row]) -> list[Listing]:
    """Return the listings of rows that must all be good."""
    assert [row.error for row in rows if row.error] == []
    return [row.listing for row in rows if row.listing is not None]


def titles(data: bytes) -> list[str]:
    return [listing.title for listing in listings(list(read_delimited(data)))]


# --- encodings -------------------------------------------------------------------------------------------------------

GERMAN = "title;description\nGürtel für Männer, Größe 90;Weiß, 100 % Ökoleder\n"
FRENCH = "titre,description\nRobe d'été à fleurs,Légère – parfaite pour l’été\n"
SPANISH = "título;descripción\nZapatillas niño;Tallas 28 a 35\n"
CURLY = "title,description\nMen’s “classic” shirt,It’s a men’s shirt\n"
CHINESE = "标题,描述\n女士真皮高跟鞋 红色,牛皮鞋面，不含金属装饰\n"
SHORT_CHINESE = "title\n红色女鞋\n"
JAPANESE = "商品名,説明\nレディース トートバッグ 帆布,軽量で毎日の通勤にぴったり\n"
UPPER_GERMAN = "TITEL\nGRÖßE ÄÖÜ\n"


@pytest.mark.parametrize("text", [GERMAN, FRENCH, SPANISH, CHINESE, SHORT_CHINESE, JAPANESE, "title\nplain\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_text_is_read_in_the_unicode_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text.removeprefix("\ufeff") == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((text, "cp1252") for text in (GERMAN, FRENCH, SPANISH, CURLY, UPPER_GERMAN)),
        *((text, "cp1252") for text in ("titre\nà\n", "title\n15½” TV\n")),
        *((text, "gb18030") for text in (CHINESE, SHORT_CHINESE, "品牌\n云栖牌 ②\n")),
        *((text, "cp932") for text in (JAPANESE, "商品名\nミナトヤ バッグ\n")),
    ],
)
def test_legacy_code_pages_are_told_apart(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    assert detect(data) == encoding
    assert decode(data).text == text


def test_a_broken_byte_in_utf8_damages_its_row_and_not_the_file() -> None:
    lines = ["title"] + [f"Größe {n} für Männer, weiß" for n in range(9)]
    data = "\n".join(lines).encode().replace("Größe 4".encode(), b"Gr\xf6\xdfe 4")
    rows = list(read_delimited(data))
    assert [row.number for row in rows if row.notes] == [6]
    assert rows[0].listing == Listing(title="Größe 0 für Männer, weiß")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidFile, match="no text"):
        decode(bytes(range(256)))


def test_an_encoding_that_is_given_is_taken_or_refused() -> None:
    assert decode("é".encode("latin-1"), "latin-1").text == "é"
    with pytest.raises(InvalidFile, match="not utf-8"):
        decode(b"\xe9", "utf-8")
    with pytest.raises(InvalidFile, match="no encoding is called"):
        decode(b"x", "utf-7000")
    with pytest.raises(InvalidFile, match="not punycode"):
        decode(b"\xff\xff", "punycode")


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


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_json_lines_name_bad_lines() -> None:
    data = b'\xef\xbb\xbf{"title": "one"}\n\n{"title": \n["no object"]\n{"title": "Gr\xf6\xdfe"}\n{"name": "six"}\r\n'
    rows = list(read_json_lines(data))
    assert [(row.number, row.listing.title if row.listing else str(row.error)) for row in rows] == [
        (1, "one"),
        (3, "the line is no JSON: Expecting value: line 1 column 11 (char 10)"),
        (4, 'a listing is an object such as {"title": "..."}'),
        (5, "the line is not UTF-8"),
        (6, "six"),
    ]


def test_json_lines_in_utf16_are_read() -> None:
    rows = list(read_json_lines('{"title": "Größe"}\n{"title": "红色"}\n'.encode("utf-16")))
    assert [listing.title for listing in listings(rows)] == ["Größe", "红色"]


def test_the_request_form_is_read_and_gold_is_not() -> None:
    row = {
        "id": 7,
        "title": "Loafer",
        "description": None,
        "reviews": ["good", ""],
        "attributes": {"Size": 40.0, "Colors": ["red", "blue"], "none": None},
        "gold": {"Color": ["black"]},
        "dataset": "x",
        "category": "Shoes",
        "price": 12.5,
        "variants": [{"sku": 1}],
    }
    read = next(read_json_lines(json.dumps(row).encode()))
    assert read.listing == Listing(
        id="7",
        title="Loafer",
        reviews=("good",),
        attributes=(("Size", "40"), ("Colors", "red, blue"), ("category", "Shoes"), ("price", "12.5")),
    )
    assert read.notes == ("'variants' was not read: it is neither text nor a field",)
    plain = next(read_json_lines(json.dumps(row).encode(), attributes=False)).listing
    assert plain is not None
    assert plain.attributes == (("Size", "40"), ("Colors", "red, blue"))


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"title": ["a"]}, "title"),
        ({"title": "a", "description": {"en": "x"}}, "description"),
        ({"title": "a", "reviews": [{"text": "x"}]}, "reviews"),
        ({"title": "a", "attributes": [1]}, "attributes"),
        ({"title": "a", "attributes": {"b": {"c": 1}}}, "attributes.b"),
        ({"title": " "}, "title"),
        ({}, "title"),
    ],
)
def test_wrong_types_name_their_field(row: dict[str, Any], field: str) -> None:
    error = next(read_json_lines(json.dumps(row).encode())).error
    assert isinstance(error, InvalidListing)
    assert error.field == field


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"title": "one"}, [("item 1", "one")]),
        ([{"title": "one"}, {"title": "two"}], [("item 1", "one"), ("item 2", "two")]),
        ({"listings": [{"title": "one"}], "locales": ["en"]}, [("item 1", "one")]),
        ([], []),
        ([1], [("item 1", None)]),
    ],
)
def test_json_documents(document: Any, expected: list[tuple[str, str | None]]) -> None:
    rows = read_json(json.dumps(document).encode())
    assert [(row.place, row.listing.title if row.listing else None) for row in rows] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red shoe\n\n  Blue hat \n", ["Red shoe", "Blue hat"]),
        ("[Sale] Red shoe\n[New] Blue hat\n", ["[Sale] Red shoe", "[New] Blue hat"]),
        ('{"title": "one"}\n{"title": "two"}\n', ["one", "two"]),
        ('{\n  "title": "one"\n}\n', ["one"]),
        ('[{"title": "one"},\n {"title": "two"}]', ["one", "two"]),
        ("", []),
    ],
)
def test_streams_are_json_or_titles(text: str, expected: list[str]) -> None:
    rows = list(read_stream(text.encode(), lang="en"))
    assert [(x.title, x.lang) for x in listings(rows)] == [(title, "en") for title in expected]


# --- workbooks and files ---------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "title\nshoe\n"),
        ("a.TSV", "id\ttitle\n1\tshoe\n"),
        ("a.jsonl", '{"title": "shoe"}'),
        ("a.ndjson", '{"title": "shoe"}'),
        ("a.json", '[{"title": "shoe"}]'),
        ("a.txt", "shoe\n"),
    ],
)
def test_the_suffix_names_the_format(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    read = listings(list(read_listings(tmp_path / name, lang="en")))
    assert [(listing.title, listing.lang) for listing in read] == [("shoe", "en")]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile) as caught:
        list(read_listings(Path("Red shoe for men")))
    assert caught.value.hint == 'to tag a title, write: tagwright tag --title "Red shoe for men"'
    with pytest.raises(InvalidFile) as caught:
        list(read_listings(tmp_path / "none.csv"))
    assert caught.value.hint is None
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(InvalidFile, match="unknown format"):
        list(read_listings(tmp_path / "a.pdf"))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidFile, match="cannot be read"):
        list(read_listings(tmp_path / "folder.csv"))
    (tmp_path / "a.csv").write_text("title\nshoe\n", encoding="utf-8")
    with pytest.raises(InvalidFile, match="only .xlsx"):
        list(read_listings(tmp_path / "a.csv", sheet="First"))
