"""A listing with its accepted tags: what every format of products is written from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.listing import Listing
from app.domain.tags import Decision, Quantity
from app.domain.taxonomy import CATEGORY, Concept, Taxonomy
from app.pipeline.implications import TREE, Implications, implied
from app.pipeline.localize import quantity_text
from app.pipeline.text import clean


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A tag as an answer holds it; ``labels`` stand in where the taxonomy in use lacks the concept."""

    attribute: str
    id: str
    raw: str
    decision: Decision
    labels: Mapping[str, str] = field(default_factory=dict)
    quantity: Quantity | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A value of a product, with its label in the product's language."""

    attribute: str
    id: str
    label: str
    attribute_label: str
    quantity: Quantity | None = None
    why: str | None = None
    """The reason, where it was implied by another value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """What is exported of a listing. Texts are plain: no markup, no control characters."""

    listing: Listing
    title: str
    description: str
    lang: str
    """The taxonomy's locale that labels are in."""
    values: tuple[Value, ...]
    """Without the category; in the order of the answer, implied ones last."""
    category: tuple[str, ...] = ()
    """Ids from the root down to the category; empty where there is none."""
    category_labels: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The listing's id, or nothing."""
        return self.listing.id or ""

    def of(self, attribute: str) -> tuple[Value, ...]:
        """Return the values of one attribute."""
        return tuple(value for value in self.values if value.attribute == attribute)


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be written as it is, or at all, and in which column."""

    column: str
    message: str


@dataclass(kw_only=True)
class Report:
    """What became of the products: nothing is left out in silence."""

    say: Callable[[str], None]
    products: int = 0
    failed: int = 0
    notes: int = 0
    to_review: int = 0
    """Tags that were left out since no one has decided on them."""
    unused: Counter[str] = field(default_factory=Counter)
    """Attribute -> values that the format has no column for."""

    def note(self, place: str, notes: Sequence[Note]) -> None:
        """Tell what was odd about a product."""
        self.notes += len(notes)
        for note in notes:
            self.say(f"{place}: {note.column}: {note.message}")

    def line(self) -> str:
        """Return the summary."""
        parts = [f"{self.products} products written, {self.failed} failed, {self.notes} notes"]
        if self.to_review:
            parts.append(f"{self.to_review} tags to review left out")
        if self.unused:
            named = ", ".join(f"{attribute} {count}" for attribute, count in self.unused.most_common())
            parts.append(f"no column in this format for {named}")
        return "; ".join(parts)


def make_product(
    listing: Listing, tags: Sequence[Given], lang: str, taxonomy: Taxonomy, implications: Implications | None = None
) -> tuple[Product, tuple[Note, ...]]:
    """Return the product of a listing and its tags, of which the accepted ones count.

    ``lang`` is a locale of the taxonomy. With ``implications`` what rules say follows is added; what only the tree
    says is not, since a broader value beside a narrower one tells no one anything.
    """
    notes: list[Note] = []
    accepted = [tag for tag in tags if tag.decision is Decision.ACCEPT]
    category = next((tag.id for tag in accepted if tag.attribute == CATEGORY), None)
    values = [_value(tag, lang, taxonomy, notes) for tag in accepted if tag.attribute != CATEGORY]
    if implications is not None:
        for one in implied([tag.id for tag in accepted], taxonomy, implications):
            if one.rule != TREE and one.attribute != CATEGORY:
                concept = taxonomy.concepts[one.id]
                values.append(
                    Value(
                        attribute=one.attribute,
                        id=one.id,
                        label=_label(concept, lang),
                        attribute_label=_attribute_label(one.attribute, lang, taxonomy),
                        why=f"{one.why} ({one.chain[-2]})",
                    )
                )
    path: tuple[str, ...] = ()
    if category is not None and category not in taxonomy.concepts:
        notes.append(Note(CATEGORY, f"{category} is not in {taxonomy.name} {taxonomy.version} and was left out"))
    elif category is not None:
        path = taxonomy.path(category)
    product = Product(
        listing=listing,
        title=plain(listing.title),
        description=plain(listing.description),
        lang=lang,
        values=tuple(values),
        category=path,
        category_labels=tuple(_label(taxonomy.concepts[one], lang) for one in path),
    )
    return product, tuple(notes)


def plain(text: str) -> str:
    """Return a text without markup and control characters, on one line."""
    return " ".join(clean(text).text.split())


def _value(tag: Given, lang: str, taxonomy: Taxonomy, notes: list[Note]) -> Value:
    concept = taxonomy.concepts.get(tag.id)
    if tag.quantity is not None:
        label = quantity_text(tag.quantity)
    elif concept is not None:
        label = _label(concept, lang)
    else:
        label = tag.labels.get(lang) or tag.labels.get("en") or tag.raw
        notes.append(Note(tag.attribute, f"{tag.id} is not in {taxonomy.name} {taxonomy.version}: {label!r} was taken"))
    return Value(
        attribute=tag.attribute,
        id=tag.id,
        label=plain(label),
        attribute_label=_attribute_label(tag.attribute, lang, taxonomy),
        quantity=tag.quantity,
    )


def _label(concept: Concept, lang: str) -> str:
    return concept.label(lang) or concept.label("en") or concept.id


def _attribute_label(attribute: str, lang: str, taxonomy: Taxonomy) -> str:
    concept = taxonomy.attributes.get(attribute)
    return _label(concept, lang) if concept else attribute
