"""Writers of other people's formats, one file each, imported when chosen.

Of a taxonomy: `write(nodes, out) -> triples`. Of listings: `write(products, out, export)`.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.taxonomy import Taxonomy
from app.pipeline.exports.product import Product, Report

TAXONOMY_FORMATS = {
    "skos-turtle": "app.adapters.exports.skos_turtle:write",
    "skos-jsonld": "app.adapters.exports.skos_jsonld:write",
}
LISTING_FORMATS = {
    "google-merchant": "app.adapters.exports.google_merchant:write",
    "shopify-csv": "app.adapters.exports.shopify_csv:write",
    "schema-org": "app.adapters.exports.schema_org:write",
}


@dataclass(frozen=True, kw_only=True)
class ListingExport:
    """What a writer of products works with."""

    taxonomy: Taxonomy
    mappings: Path
    """The folder taxonomy/exports-*."""
    suffix: str
    """Of the output file, in lower case: it chooses between the forms of a format."""
    report: Report
    base: str | None = None
    """What concept ids are put after to make URIs."""

    def place(self, product: Product) -> str:
        """Say which product a note is about."""
        return product.id or product.title[:40]


def load(place: str) -> Any:
    """Return what "module:name" names."""
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)
