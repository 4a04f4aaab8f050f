"""schema.org JSON-LD: one graph of all products, or a document a line where the file is .jsonl.

`<`, `>` and `&` are escaped, so each document may stand inside <script type="application/ld+json"> as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Any

from app.adapters.exports import ListingExport
from app.adapters.exports.mappings import read_schema_org
from app.pipeline.exports.product import Product
from app.pipeline.exports.schema_org import CONTEXT
from app.pipeline.exports.skos import default_base

_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def write(products: Iterable[Product], out: IO[str], export: ListingExport) -> None:
    """Write the documents."""
    schema = read_schema_org(export.mappings, export.base or default_base(export.taxonomy))
    lines = export.suffix == ".jsonl"
    if not lines:
        out.write(f'{{"@context": "{CONTEXT}", "@graph": [')
    for number, product in enumerate(products):
        made, notes = schema.product(product, export.taxonomy)
        export.report.note(export.place(product), notes)
        if lines:
            out.write(_json({"@context": CONTEXT} | made) + "\n")
        else:
            out.write((",\n" if number else "\n") + _json(made))
    if not lines:
        out.write("\n]}\n")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).translate(_ESCAPED)
