"""Shopify's product CSV, as `Products > Import` takes it; for new products, since an import sets the variants too."""

from __future__ import annotations

import csv
import html
import re
from collections import Counter
from collections.abc import Iterable
from typing import IO

import nh3

from app.adapters.exports import ListingExport
from app.adapters.exports.cells import safe_cells
from app.adapters.exports.mappings import read_shopify
from app.pipeline.exports.product import Note, Product

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")


def write(products: Iterable[Product], out: IO[str], export: ListingExport) -> None:
    """Write the CSV."""
    shopify = read_shopify(export.mappings)
    writer = csv.DictWriter(out, shopify.header(), restval="", lineterminator="\n")
    writer.writeheader()
    taken: Counter[str] = Counter()
    for product in products:
        rows, notes = shopify.rows(product, safe_html(product.listing.description), export.taxonomy)
        handle = rows[0]["Handle"]
        taken[handle] += 1
        if taken[handle] > 1:
            new = f"{handle}-{taken[handle]}"
            notes.append(Note("Handle", f"{handle!r} is taken by another product: {new!r} was taken"))
            taken[new] += 1
            handle = new
        for row in rows:
            cells, changed = safe_cells(row | {"Handle": handle})
            writer.writerow(cells)
            notes += changed
        export.report.note(export.place(product), notes)


def safe_html(description: str) -> str:
    """Return a description as HTML that can run nothing: markup is kept as far as it is harmless, text is escaped."""
    if _MARKUP.search(description):
        return nh3.clean(description)
    lines = [html.escape(line.strip(), quote=False) for line in description.splitlines() if line.strip()]
    return f"<p>{'<br>'.join(lines)}</p>" if lines else ""
