"""Numbers as people write them: "1.000,5", "1,000.5", full-width digits, "42 2/3"."""

from __future__ import annotations

import re
import unicodedata

NUMBER = r"(?:\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)(?!\d)"
FRACTION = r"(?: ?(?:1/2|1/3|2/3|½|⅓|⅔)(?!\d))?"
_FRACTIONS = {"1/2": 0.5, "½": 0.5, "1/3": 0.33, "⅓": 0.33, "2/3": 0.67, "⅔": 0.67}
_GROUPED = re.compile(r"[1-9]\d{0,2}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*(?:[.,]\d{1,2})?")
_MOST_DIGITS = 12


def plain(text: str) -> str:
    """Return the text in compatibility form where that keeps every character in its place; case stays."""
    return text if text.isascii() else "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def read_number(text: str, decimal: str) -> float | None:
    """Return the value of a text that `NUMBER` (and `FRACTION`) matches; ``decimal`` is the language's decimal mark.

    "1.000" is a thousand in German and one in English; "1.50" is one and a half in both. None for what has too many
    digits to be a quantity.
    """
    if sum(c.isdecimal() for c in text) > _MOST_DIGITS:
        return None
    fraction = next((mark for mark in _FRACTIONS if text.endswith(mark)), "")
    text = text.removesuffix(fraction).rstrip()
    grouped = _GROUPED.fullmatch(text)
    if grouped and (grouped["mark"] != decimal or text.count(decimal) > 1):
        text = text.replace(grouped["mark"], "")
    return float(text.replace(",", ".")) + _FRACTIONS.get(fraction, 0.0)
