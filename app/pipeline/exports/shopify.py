"""Rows of Shopify's product CSV: a product a row, and a further row for each further size.

Category metafields (`Color (product.metafields.shopify.color-pattern)`) take the handles of Shopify's standard values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.taxonomy import Taxonomy
from app.pipeline.exports.columns import Column, fill
from app.pipeline.exports.google_merchant import GoogleMerchant, google_category
from app.pipeline.exports.product import Note, Product

CATEGORY_URI = "gid://shopify/TaxonomyCategory/"
FIRST = (
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Option1 Name",
    "Option1 Value",
)
GOOGLE = "Google Shopping / Google Product Category"
GOOGLE_COLUMNS = {
    "gender": "Google Shopping / Gender",
    "age_group": "Google Shopping / Age Group",
    "condition": "Google Shopping / Condition",
}
_NO_OPTION = ("Title", "Default Title")
"""What Shopify itself writes for a product without options."""
_NOT_IN_HANDLE = re.compile(r"[^\w]+")


@dataclass(frozen=True, kw_only=True)
class Shopify:
    """The data of taxonomy/exports-*/shopify.yaml."""

    columns: Sequence[Column]
    """Category metafields."""
    options: Sequence[str]
    """Attributes whose values are the variants of a product; the first that has values."""
    categories: Mapping[str, str]
    """Category -> id in Shopify's taxonomy."""
    google: GoogleMerchant

    def header(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return (*FIRST, "Image Src", GOOGLE, *GOOGLE_COLUMNS.values(), *(column.name for column in self.columns))

    def rows(self, product: Product, body: str, taxonomy: Taxonomy) -> tuple[list[dict[str, str]], list[Note]]:
        """Return the rows of a product; ``body`` is its description as safe HTML."""
        notes: list[Note] = []
        brand = product.of("brand")
        first = {
            "Handle": handle(product.id or product.title),
            "Title": product.title,
            "Body (HTML)": body,
            "Vendor": brand[0].label if brand else "",
            "Product Category": self._category(product, taxonomy, notes),
            "Type": product.category_labels[-1] if product.category_labels else "",
            "Tags": ", ".join(_tags(product)),
            "Image Src": next(iter(product.listing.images), ""),
            GOOGLE: google_category(product, taxonomy, notes),
        }
        named = [
            (column, GOOGLE_COLUMNS[column.name]) for column in self.google.columns if column.name in GOOGLE_COLUMNS
        ]
        for column, name in (*named, *((column, column.name) for column in self.columns)):
            cell = fill(column, product, taxonomy)
            first[name] = cell.text
            notes += cell.notes
        option, sizes = self._options(product)
        rows = [first | {"Option1 Name": option, "Option1 Value": sizes[0]}]
        rows += [{"Handle": first["Handle"], "Option1 Value": size} for size in sizes[1:]]
        rows += [{"Handle": first["Handle"], "Image Src": image} for image in product.listing.images[1:]]
        return rows, notes

    def _category(self, product: Product, taxonomy: Taxonomy, notes: list[Note]) -> str:
        for one in reversed(product.category):
            uris = taxonomy.concepts[one].exact_match
            named = next((uri.removeprefix(CATEGORY_URI) for uri in uris if uri.startswith(CATEGORY_URI)), None)
            found = named or self.categories.get(one)
            if found:
                if one != product.category[-1]:
                    message = f"{product.category[-1]} has no Shopify category: that of {one} was taken"
                    notes.append(Note("Product Category", message))
                return found
        if product.category:
            notes.append(Note("Product Category", f"{product.category[-1]} has no Shopify category"))
        return ""

    def _options(self, product: Product) -> tuple[str, list[str]]:
        for attribute in self.options:
            values = [value for value in product.of(attribute) if value.why is None]
            if values:
                return values[0].attribute_label, list(dict.fromkeys(value.label for value in values))
        return _NO_OPTION[0], [_NO_OPTION[1]]


def handle(text: str) -> str:
    """Return a text as the part of a URL by which Shopify knows a product; a handle stays as it is."""
    return _NOT_IN_HANDLE.sub("-", text.lower()).strip("-")[:255] or "product"


def _tags(product: Product) -> list[str]:
    """Return Shopify's free tags: all values, so none is lost that has no column. A comma would end a tag."""
    named = (
        f"{value.attribute_label}: {value.label}" if value.quantity is not None else value.label
        for value in product.values
    )
    return list(dict.fromkeys(name.replace(",", " ") for name in named))
