"""Numbers as people write them: "1.000,5", "1,000.5", full-width digits, "42 2/3", "7-1/2"."""

from __future__ import annotations

import re
import unicodedata
from math import gcd

NUMBER = r"(?:\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)(?!\d)"
FRACTION = r"(?: ?(?:1/2|1/3|2/3|½|⅓|⅔)(?!\d))?"
_FRACTIONS = {"1/2": 0.5, "½": 0.5, "1/3": 0.333, "⅓": 0.333, "2/3": 0.667, "⅔": 0.667}
_GROUPED = re.compile(r"[1-9]\d{0,2}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*(?:[.,]\d{1,2})?")
_MOST_DIGITS = 12
_VULGAR = "[¼½¾⅐-⅞]"
MIXED = (
    rf"(?:\d{{1,5}}(?: - |[ -]))?\d{{1,2}}/(?:2|3|4|5|6|8|10|12|16|32|64)(?![\d/])"
    rf"|(?:\d{{1,5}} ?)?{_VULGAR}"
    rf"|[1-9]\d{{0,2}}(?: \d{{3}}){{1,3}}(?:,\d{{1,2}})?(?!\d)"
    rf"|{NUMBER}|(?<![\w.,\"'])\.\d{{1,4}}(?!\d)"
)
"""A number in the value of an attribute: also any common fraction ("4 5/8", "3-1/2"), ".5" and "1 000"."""
_PARTS = re.compile(
    rf"(?:(?P<whole>\d+)(?: - |[ -]|(?={_VULGAR})))?(?:(?P<over>\d+)/(?P<under>\d+)|(?P<vulgar>{_VULGAR}))"
)


def plain(text: str) -> str:
    """Return the text in compatibility form where that keeps every character in its place; case stays."""
    return text if text.isascii() else "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def read_number(text: str, decimal: str) -> float | None:
    """Return the value of a text that `NUMBER` (and `FRACTION`) matches; ``decimal`` is the language's decimal mark.

    "1.000" is a thousand in German and one in English; "1.50" is one and a half in both. None for what has too many
    digits to be a quantity, or marks that make no number of it.
    """
    if sum(c.isdecimal() for c in text) > _MOST_DIGITS:
        return None
    fraction = next((mark for mark in _FRACTIONS if text.endswith(mark)), "")
    text = text.removesuffix(fraction).rstrip()
    grouped = _GROUPED.fullmatch(text)
    if grouped and (grouped["mark"] != decimal or text.count(decimal) > 1):
        text = text.replace(grouped["mark"], "")
    text = text.replace(",", ".")
    if text.count(".") > 1:
        return None  # "0.000.0" is no number
    return float(text) + _FRACTIONS.get(fraction, 0.0)


def read_mixed(text: str, decimal: str) -> float | None:
    """Return the value of a text that `MIXED` matches, fractions exactly.

    None for what is no number of that kind after all: "8/16" is a list (a fraction would be reduced), "1 000" a
    thousand only where a comma is the decimal mark, and too many digits are no quantity.
    """
    if mixed := _PARTS.fullmatch(text):
        whole = int(mixed["whole"] or 0)
        if mixed["vulgar"]:
            return whole + unicodedata.numeric(mixed["vulgar"])
        over, under = int(mixed["over"]), int(mixed["under"])
        return whole + over / under if 0 < over < under and gcd(over, under) == 1 else None
    if " " in text and decimal != ",":
        return None
    return read_number(("0" if text.startswith(".") else "") + text.replace(" ", ""), decimal)
