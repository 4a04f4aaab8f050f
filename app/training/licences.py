"""Licences of the data sets that models are trained on, as cards state them."""

from __future__ import annotations

from collections.abc import Mapping

LICENCES: Mapping[str, str] = {
    "oa-mine": "Apache-2.0",
    "ae-110k": "academic research only",
    "ae-110k-triples": "academic research only",
    "ebay-de": "internal evaluation only",
    "fashion-en": "unclear",
}
"""Licence of a set's source; none is stated for the others."""


def licence_of(name: str) -> str:
    """Return the licence of a data set's source."""
    return LICENCES.get(name, "none stated")
