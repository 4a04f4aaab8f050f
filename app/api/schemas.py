"""What callers send: strict wire models. Wrong types are refused here; long texts are cut by the pipeline."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError, ValidationError

from app.adapters.listing_rows import scalar
from app.domain.listing import Listing
from app.pipeline.extractor import MOST_ATTRIBUTES as MOST_ASKED
from app.pipeline.extractor import AskedAttribute, Question
from app.pipeline.intake import LIMITS, MOST_ATTRIBUTES, MOST_REVIEWS

ID_LIMIT, ID_LIMIT_BYTES = 256, 512
"""Characters, and bytes in UTF-8 (what the store's index takes), of a listing's id."""
ID_PATTERN = r"^(?!\.{1,2}$)[^\u0000-\u001f\u007f-\u009f]+$"
MOST_LOCALES = 64
LANGUAGE_TAG = "^[A-Za-z]{2,3}([-_]([A-Za-z]{4}|[A-Za-z]{2}|[0-9]{3}))*$"


def checked_id(listing_id: str) -> str:
    """Return a listing's id; ValueError for one that cannot be stored, shown or put into a URL."""
    if not 1 <= len(listing_id) <= ID_LIMIT:
        raise ValueError(f"an id has 1 to {ID_LIMIT} characters")
    if len(listing_id.encode("utf-8", "surrogatepass")) > ID_LIMIT_BYTES:
        raise ValueError(f"an id has at most {ID_LIMIT_BYTES} bytes in UTF-8")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in listing_id):
        raise ValueError("an id has no control characters")
    if listing_id in (".", ".."):
        raise ValueError("no URL can name this id")  # RFC 3986: clients take dots out of a path
    return listing_id


def _attribute_value(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        # One sentence instead of one error for each member of the union.
        message = "Input should be a string, a number or a list of strings"
        raise PydanticCustomError("attribute_value", message) from None


class Wire(BaseModel):
    """Base of what is read from the wire: nothing is coerced, nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


AttributeValue = Annotated[str | int | float | list[str], WrapValidator(_attribute_value)]
ListingId = Annotated[
    str,
    AfterValidator(checked_id),
    Field(
        description=f"The shop's own id: 1 to {ID_LIMIT} characters ({ID_LIMIT_BYTES} bytes), no control characters",
        json_schema_extra={"minLength": 1, "maxLength": ID_LIMIT, "pattern": ID_PATTERN},
    ),
]
Locales = Annotated[
    list[str],
    Field(
        max_length=MOST_LOCALES,
        fail_fast=True,
        description="Languages of the labels (BCP 47); all that the taxonomy has when left out",
        json_schema_extra={"items": {"type": "string", "pattern": LANGUAGE_TAG}},
        examples=[["en", "de", "zh-CN"]],
    ),
]


class ListingIn(Wire):
    """A product listing, in any language."""

    title: str = Field(
        description=f"The product's name as the shop shows it; {LIMITS['title']:,} characters are read",
        json_schema_extra={"minLength": 1, "pattern": r"\S"},
    )
    description: str | None = Field(
        default=None, description=f"Text, HTML or Markdown; {LIMITS['description']:,} characters are read"
    )
    reviews: list[str] | None = Field(
        default=None,
        fail_fast=True,
        description=f"Customer reviews; {MOST_REVIEWS} are read, {LIMITS['reviews']:,} characters of each",
    )
    attributes: dict[str, AttributeValue] | None = Field(
        default=None, description=f"What the seller said, by the seller's own names; {MOST_ATTRIBUTES} are read"
    )
    images: list[str] | None = Field(default=None, fail_fast=True, description="URLs of images")
    lang: str | None = Field(
        default=None,
        description="The listing's language (BCP 47); identified when left out",
        json_schema_extra={"anyOf": [{"type": "string", "pattern": "^[A-Za-z]{2,3}$"}, {"type": "null"}]},
    )
    id: ListingId | None = Field(default=None, description="With an id the tags are kept and can be asked for again")

    def listing(self) -> Listing:
        """Return the domain's listing."""
        return Listing(
            title=self.title,
            description=self.description or "",
            reviews=tuple(self.reviews or ()),
            attributes=tuple(_pairs(self.attributes or {})),
            images=tuple(self.images or ()),
            lang=self.lang,
            id=self.id,
        )


class TagRequest(ListingIn):
    """One listing to tag."""

    locales: Locales | None = None


class BatchRequest(Wire):
    """Listings to tag at once. Each is looked at by itself: a wrong one does not stop the others."""

    listings: list[Any] = Field(description="1 to 64 listings (TagRequest)", json_schema_extra={"minItems": 1})
    locales: Locales | None = Field(default=None, description="For listings that name none themselves")


class AskedIn(Wire):
    """An attribute of the caller's own."""

    name: str = Field(json_schema_extra={"minLength": 1, "maxLength": 80, "pattern": r"\S"})
    description: str = ""
    examples: list[str] = Field(default_factory=list, fail_fast=True)


class ExtractRequest(Wire):
    """A listing, and the attributes whose values are wanted."""

    listing: ListingIn
    attributes: list[AskedIn] = Field(
        description=f"1 to {MOST_ASKED}, by distinct names",
        json_schema_extra={"minItems": 1, "maxItems": MOST_ASKED},
    )
    category: str | None = Field(default=None, description="The kind of product that the attributes belong to")

    def question(self) -> Question:
        """Return the domain's question; InvalidSchema for attributes that cannot be asked for."""
        asked = tuple(
            AskedAttribute(name=one.name, description=one.description, examples=tuple(one.examples))
            for one in self.attributes
        )
        return Question(listing=self.listing.listing(), category=self.category or "", attributes=asked)


def _pairs(attributes: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, text) as the readers of files do: a list is one text, for evidence points into a name's text."""
    for name, value in attributes.items():
        text = ", ".join(one for one in value if one.strip()) if isinstance(value, list) else scalar(name, value)
        if text.strip():
            yield name, text
