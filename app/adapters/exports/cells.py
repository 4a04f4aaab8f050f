"""Cells of delimited text that a spreadsheet takes for text.

A cell that begins with = + - @ is a formula to Excel, LibreOffice and Google Sheets, quoted or not (CWE-1236), and a
seller's title may begin so on purpose. Such a cell gets an apostrophe before it, as OWASP advises, and a note; plain
numbers stay as they are.
"""

from __future__ import annotations

import re

from app.pipeline.exports.product import Note

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")
_LINE_END = re.compile(r"\r\n?")
"""csv quotes no lone carriage return, and readers take it for the end of a row."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def safe_cells(row: dict[str, str]) -> tuple[dict[str, str], list[Note]]:
    """Return the cells, none of them a formula, and what was changed."""
    safe, notes = {}, []
    for column, text in row.items():
        text = _CONTROL.sub("", _LINE_END.sub("\n", text))
        if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
            notes.append(Note(column, f"begins like a formula ({text[:20]!r}): an apostrophe was put before it"))
            text = "'" + text
        safe[column] = text
    return safe, notes
