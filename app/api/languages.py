"""The language that a caller reads: Accept-Language (RFC 9110, section 12.5.4)."""

from __future__ import annotations

from app.domain.errors import UnknownLocale
from app.domain.taxonomy import Taxonomy
from app.pipeline.localize import resolve

FALLBACK = "en"
_MOST = 20
"""Languages of one header that are looked at."""


def preferred_locale(header: str | None, taxonomy: Taxonomy) -> str:
    """Return the locale of the taxonomy that suits best; English where none does or the header says nothing."""
    for tag in _tags(header or ""):
        try:
            served = resolve([tag], taxonomy).pairs[0][1]
        except UnknownLocale:
            continue
        if served.partition("-")[0].casefold() == tag.partition("-")[0].casefold():
            return served
    return FALLBACK


def _tags(header: str) -> list[str]:
    """Return the language tags, the most wanted first; those with a weight of nought are not wanted."""
    weighted: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST]:
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        if quality > 0:
            weighted.append((quality, tag.strip()))
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]
