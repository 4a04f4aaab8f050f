"""A listing in the making: what the product is, what was said of it, and texts with spans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.domain.taxonomy import Concept
from app.training.generator.example import Span
from app.training.generator.nouns import Noun


class Piece(NamedTuple):
    """A stretch of text; ``attribute`` is empty where it states nothing that the product is."""

    text: str
    attribute: str = ""
    concept: str | None = None
    item: int = 0
    inner: tuple[tuple[int, int, Concept], ...] = ()
    """Values that stand inside it ("midi" in "midi dress"): (start, end, value)."""


@dataclass(kw_only=True)
class Item:
    """One product of the listing: its category, its noun, and the values it has so far."""

    category: Concept
    noun: Noun
    values: dict[str, list[Concept]] = field(default_factory=dict)


@dataclass(kw_only=True)
class Draft:
    """What is known of the listing: one item, or two in a set."""

    group: str
    items: list[Item]
    brand: Piece
    stated: set[str] = field(default_factory=set)
    """Attributes that a text names by now."""
    denied: dict[str, list[Concept]] = field(default_factory=dict)
    """Values that it says the product has not: no later text may give them."""
    amounts: dict[str, Piece] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)
    """By which of its labels a value was called last."""
    shoe_size: str = ""


def assemble(pieces: Iterable[Piece], field_name: str, start: int = 0) -> tuple[str, list[Span]]:
    """Return the text of the pieces and the spans in it, from ``start`` on; doubled blanks are closed up."""
    text = ""
    spans: list[Span] = []
    for piece in pieces:
        words = piece.text
        if not piece.attribute and (not text or text.endswith((" ", "\n"))):
            words = words.lstrip(" ")
        if not text and not piece.attribute:
            words = words.lstrip(" ,-|/")
        if words.startswith(",") and not piece.attribute:
            text = text.rstrip(" ")
        at = start + len(text)
        if piece.attribute:
            stated = [(0, len(words), piece.attribute, piece.concept)]
            stated += [(s, e, value.attribute, value.id) for s, e, value in piece.inner]
            spans += [
                Span(field=field_name, start=at + s, end=at + e, attribute=a, concept=c, item=piece.item)
                for s, e, a, c in stated
            ]
        text += words
    return text.rstrip(" "), spans


def recased(pieces: Sequence[Piece], style: str) -> list[Piece]:
    """Return the pieces in another case: `upper`, `lower`, `capital` (every word), or as they are."""
    change = _CASES.get(style)
    return list(pieces) if change is None else [_recased(piece, change(piece.text)) for piece in pieces]


def _recased(piece: Piece, text: str) -> Piece:
    return piece._replace(text=text, inner=piece.inner if len(text) == len(piece.text) else ())


_CASES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "capital": lambda text: " ".join(w.capitalize() if w.islower() and len(w) > 2 else w for w in text.split(" ")),
}
