"""Names the encoding of a text file that does not say it.

Spreadsheets write CSV in the machine's legacy code page: Western cp1252, Chinese gb18030 (GBK), Japanese cp932.
UTF-8 has a structure that other text does not hit by accident, so it is tried first. The East Asian encodings accept
almost any bytes; they are believed only where the pairs of bytes fall where real text falls: GB 2312's level 1 (3,755
common hanzi, lead bytes B0-D7) with its symbols, or JIS X 0208's kana. In Western text high bytes stand alone between
ASCII letters.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from app.domain.errors import InvalidFile

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with UTF-16's mark, so it comes first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GB_PAIR = re.compile(rb"[\x81-\xfe][\x30-\x7e\x80-\xfe]")
_GB_COMMON = re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]")
_JIS_PAIR = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]")
_JIS_KANA = re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]|\x81\x5b")
_COMMON_SHARE = 0.6
"""Running Chinese text has over 0.9, traditional characters in GBK about half, Western text nearly none."""
_KANA_SHARE = 0.15
_GOOD_PER_BAD = 10
"""A file with so many right UTF-8 sequences for one broken is damaged UTF-8, not another encoding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """A text, the encoding it was read in, and whether bytes had to be replaced by U+FFFD."""

    text: str
    encoding: str
    damaged: bool = False


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Return the text; InvalidFile when no encoding fits, or when the one given does not."""
    name = encoding or detect(data)
    if name is None:
        raise InvalidFile("this is no text in a known encoding", hint="save the file as CSV UTF-8, or give --encoding")
    try:
        return Decoded(text=data.decode(name), encoding=name)
    except LookupError as exc:
        raise InvalidFile(f"no encoding is called {name!r}", field="encoding") from exc
    except UnicodeError as exc:
        if encoding is not None:
            raise InvalidFile(f"the file is not {encoding}: {exc}", field="encoding") from exc
        return Decoded(text=data.decode(name, "replace"), encoding=name, damaged=True)


def detect(data: bytes) -> str | None:
    """Return the name of a codec, or None for bytes that are no text."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    if b"\0" in data:
        return _wide(data)
    if _fits(data, "utf-8") or _nearly_utf8(data):
        return "utf-8"
    if _fits(data, "cp932") and _share(_JIS_KANA, _JIS_PAIR, data) >= _KANA_SHARE:
        return "cp932"
    if _fits(data, "gb18030") and _share(_GB_COMMON, _GB_PAIR, data) >= _COMMON_SHARE:
        return "gb18030"
    return "cp1252" if _fits(data, "cp1252") else None


def _wide(data: bytes) -> str | None:
    """Tell UTF-16 without a mark by the side on which the zeros of ASCII characters stand."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    return name if min(even, odd) * 10 <= max(even, odd) and _fits(data, name) else None


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _nearly_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for char in text if char > "\x7f") - bad
    return good >= _GOOD_PER_BAD * bad


def _share(common: re.Pattern[bytes], pair: re.Pattern[bytes], data: bytes) -> float:
    pairs = pair.findall(data)
    return sum(1 for found in pairs if common.fullmatch(found)) / len(pairs) if pairs else 0.0
