"""A product listing as the caller sent it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One listing, text untouched: evidence offsets point into these strings (code points)."""

    title: str
    description: str = ""
    reviews: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    """Seller attributes as (name, value) pairs, in the order sent."""
    images: tuple[str, ...] = ()
    lang: str | None = None
    id: str | None = None

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield (field name, text) of everything that is read.

        Names are ``title``, ``description``, ``reviews[0]``..., ``attributes.NAME``: the names that
        evidence carries.
        """
        yield "title", self.title
        if self.description:
            yield "description", self.description
        for name, value in self.attributes:
            yield f"attributes.{name}", value
        for number, review in enumerate(self.reviews):
            yield f"reviews[{number}]", review
