"""Encodings of files that do not say theirs."""

from __future__ import annotations

import pytest

from app.adapters.listing_tables import read_delimited
from app.adapters.text_encoding import decode, detect
from app.domain.errors import InvalidFile
from app.domain.listing import Listing

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
