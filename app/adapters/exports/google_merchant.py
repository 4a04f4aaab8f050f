"""A Google Merchant Center feed: tab-delimited text, or RSS 2.0 with the namespace `g:` where the file is .xml."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import IO
from xml.etree import ElementTree

from app.adapters.exports import ListingExport
from app.adapters.exports.cells import safe_cells
from app.adapters.exports.mappings import read_google
from app.pipeline.exports.columns import unused
from app.pipeline.exports.google_merchant import GoogleMerchant
from app.pipeline.exports.product import Product

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'
    "<title>Product attributes</title>\n<link/>\n<description>Attributes of products, by Tagwright</description>\n"
)
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(products: Iterable[Product], out: IO[str], export: ListingExport) -> None:
    """Write the feed."""
    google = read_google(export.mappings)
    (_write_xml if export.suffix == ".xml" else _write_tsv)(products, out, export, google)


def _write_tsv(products: Iterable[Product], out: IO[str], export: ListingExport, google: GoogleMerchant) -> None:
    writer = csv.DictWriter(out, google.header(), delimiter="\t", lineterminator="\n")
    writer.writeheader()
    for product in products:
        cells, notes = safe_cells(_row(product, export, google))
        export.report.note(export.place(product), notes)
        writer.writerow(cells)


def _write_xml(products: Iterable[Product], out: IO[str], export: ListingExport, google: GoogleMerchant) -> None:
    out.write(_HEAD)
    for product in products:
        item = ElementTree.Element("item")
        for name, text in _row(product, export, google).items():
            if text:
                ElementTree.SubElement(item, f"g:{name}").text = _NOT_XML.sub("", text)
        out.write(ElementTree.tostring(item, encoding="unicode") + "\n")
    out.write("</channel>\n</rss>\n")


def _row(product: Product, export: ListingExport, google: GoogleMerchant) -> dict[str, str]:
    row, notes = google.row(product, export.taxonomy)
    export.report.note(export.place(product), notes)
    export.report.unused.update(unused(product, google.columns))
    return row
