"""Attributes of a Google Merchant Center product feed (product data specification, 2026).

A supplemental feed: id, texts and what tags say. Price, link and availability come from the shop's primary feed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.taxonomy import Taxonomy
from app.pipeline.exports.columns import Column, cut, fill
from app.pipeline.exports.product import Note, Product
from app.pipeline.exports.skos import GOOGLE

FIRST = ("id", "title", "description", "google_product_category", "product_type")


@dataclass(frozen=True, kw_only=True)
class GoogleMerchant:
    """The data of taxonomy/exports-*/google_merchant.yaml."""

    columns: Sequence[Column]
    lengths: Mapping[str, int]
    """Most characters of id, title, description and product_type."""

    def header(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return (*FIRST, *(column.name for column in self.columns))

    def row(self, product: Product, taxonomy: Taxonomy) -> tuple[dict[str, str], list[Note]]:
        """Return the cells of a product by column; an empty one says nothing."""
        notes: list[Note] = []
        texts = {"id": product.id, "title": product.title, "description": product.description}
        texts["product_type"] = " > ".join(product.category_labels)
        row = {name: cut(name, text, self.lengths[name], notes) for name, text in texts.items()}
        if not product.id:
            notes.append(Note("id", "the listing has none, and Google needs one"))
        row["google_product_category"] = google_category(product, taxonomy, notes)
        for column in self.columns:
            cell = fill(column, product, taxonomy)
            row[column.name] = cell.text
            notes += cell.notes
        return row, notes


def google_category(product: Product, taxonomy: Taxonomy, notes: list[Note]) -> str:
    """Return the id of the nearest Google category at or above a product's category, or nothing."""
    for one in reversed(product.category):
        concept = taxonomy.concepts[one]
        named = next((uri for uri in concept.exact_match if uri.startswith(GOOGLE)), None)
        number = str(concept.google_id) if concept.google_id is not None else named and named.removeprefix(GOOGLE)
        if number:
            if one != product.category[-1]:
                message = f"{product.category[-1]} has no Google category: that of {one} was taken"
                notes.append(Note("google_product_category", message))
            return number
    said = f"{product.category[-1]} has no Google category" if product.category else "no category was accepted"
    notes.append(Note("google_product_category", said))
    return ""
