"""schema.org's Product, as plain JSON types for JSON-LD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.taxonomy import Taxonomy
from app.pipeline.exports.columns import Column, fill
from app.pipeline.exports.product import Note, Product, Value
from app.pipeline.exports.skos import concept_uri

CONTEXT = "https://schema.org"


@dataclass(frozen=True, kw_only=True)
class SchemaOrg:
    """The data of taxonomy/exports-*/schema_org.yaml."""

    columns: Sequence[Column]
    """Properties of Product that hold texts or URIs: color, material, pattern, size, itemCondition."""
    gender: Column
    ages: Mapping[str, tuple[float, float | None]]
    """Age group -> least and greatest age in years; None: no end."""
    units: Mapping[str, str]
    """Unit -> its UN/CEFACT code (Recommendation 20)."""
    base: str
    """What concept ids are put after to make URIs."""

    def product(self, product: Product, taxonomy: Taxonomy) -> tuple[dict[str, Any], list[Note]]:
        """Return a Product; properties that say nothing are left out."""
        notes: list[Note] = []
        brand = product.of("brand")
        made: dict[str, Any] = {
            "@type": "Product",
            "productID": product.id,
            "name": product.title,
            "description": product.description,
            "image": list(product.listing.images),
            "category": " > ".join(product.category_labels),
            "brand": {"@type": "Brand", "name": brand[0].label} if brand else None,
        }
        for column in self.columns:
            cell = fill(column, product, taxonomy)
            made[column.name] = cell.parts[0] if len(cell.parts) == 1 else list(cell.parts)
            notes += cell.notes
        made["audience"] = self._audience(product, taxonomy, notes)
        made["additionalProperty"] = [self._property(value, taxonomy) for value in product.values]
        return {name: value for name, value in made.items() if value not in ("", None, [], {})}, notes

    def _audience(self, product: Product, taxonomy: Taxonomy, notes: list[Note]) -> dict[str, Any]:
        cell = fill(self.gender, product, taxonomy)
        notes += cell.notes
        audience: dict[str, Any] = {"suggestedGender": cell.text} if cell.text else {}
        spans = []
        for value in product.of("age_group"):
            if value.id in self.ages:
                spans.append(self.ages[value.id])
            else:
                notes.append(Note("audience", f"no ages are known of {value.id}"))
        if spans:
            audience["suggestedMinAge"] = min(least for least, _ in spans)
            ends = [most for _, most in spans]
            if None not in ends:
                audience["suggestedMaxAge"] = max(most for most in ends if most is not None)
        return {"@type": "PeopleAudience"} | audience if audience else {}

    def _property(self, value: Value, taxonomy: Taxonomy) -> dict[str, Any]:
        made: dict[str, Any] = {"@type": "PropertyValue", "propertyID": value.attribute, "name": value.attribute_label}
        quantity = value.quantity
        if quantity is None:
            made["value"] = value.label
            if value.id in taxonomy.concepts:
                made["valueReference"] = {
                    "@type": "DefinedTerm",
                    "@id": concept_uri(self.base, value.id),
                    "termCode": value.id,
                    "name": value.label,
                    "inDefinedTermSet": concept_uri(self.base, value.attribute),
                }
        else:
            if quantity.upper is None:
                made["value"] = quantity.value
            else:
                made |= {"minValue": quantity.value, "maxValue": quantity.upper}
            if quantity.unit in self.units:
                made["unitCode"] = self.units[quantity.unit]
            made["unitText"] = quantity.unit
        if value.why is not None:
            made["description"] = value.why
        return made
