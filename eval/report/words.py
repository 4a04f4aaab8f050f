"""Plain words and figures: what a person without our terms reads in place of names and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from eval.harness.result import Estimate, Mistake

NARROW = "\N{NARROW NO-BREAK SPACE}"
DASH = "\N{EN DASH}"
OTHERS = "…"
"""Rarer values together, in a confusion matrix."""

LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "pt-BR": "Portuguese (Brazil)",
    "zh": "Chinese",
    "zh-CN": "Chinese (simplified)",
    "zh-TW": "Chinese (traditional)",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """How a protocol is spoken of."""

    title: str
    one: str
    many: str
    """What is right or wrong under it."""


PROTOCOLS = {
    "slots": Wording(title="First value of each annotated attribute", one="value", many="values"),
    "strict": Wording(title="First value of every attribute", one="value", many="values"),
    "sets": Wording(title="All values", one="value", many="values"),
    "tags": Wording(title="Tags", one="tag", many="tags"),
    "category": Wording(title="Category", one="category", many="categories"),
}

KINDS = {
    "attribute": "attribute",
    "language": "language",
    "category": "category",
    "value": "known and new values",
    "length": "length of the text",
}
"""Kinds of parts, in the order they are reported in."""

HEADS = {**KINDS, "value": "value", "length": "length"}
HEADS_MANY = {"attribute": "attributes", "language": "languages", "category": "categories"}

GROUPS = {
    "seen": "known: stands in the training gold",
    "unseen": "new: does not stand there",
    "(none)": "no category",
}

SOURCES = {"rule": "a rule", "model": "the model", "rule+model": "a rule and the model"}
METHODS = {
    "exact": "it is the preferred name",
    "alias": "it is a known synonym",
    "fuzzy": "it is spelt nearly alike",
    "semantic": "it means nearly the same",
    "rule": "a rule says so",
    "quantity": "it is a quantity with a unit",
}


VERDICTS = {"better": "▲ better", "worse": "▼ worse", "same": "= same"}
MEASURES = {
    "precision": "Right (precision)",
    "recall": "Found (recall)",
    "f1": "Both (F1)",
    "accuracy": "Accuracy",
    "macro f1": "F1, mean of attributes",
}


def percent(share: float) -> str:
    """Return a share as per cent with one decimal."""
    return f"{100 * share:.1f}{NARROW}%"


def percent_mark(share: float) -> str:
    """Return a share as the mark of an axis has it."""
    return f"{100 * share:g}{NARROW}%"


def points(share: float) -> str:
    """Return a difference of shares in points, with its sign."""
    told = f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}")
    return "0.0" if told[1:] == "0.0" else told


def points_mark(share: float) -> str:
    """Return a difference as the mark of an axis has it."""
    return f"{100 * share:+g}".replace("-", "\N{MINUS SIGN}") if share else "0"


def chance(p: float) -> str:
    """Return a p value as it is usually written."""
    return f"{p:.3f}" if p >= 0.001 else "<0.001"


def interval(one: Estimate, sign: bool = False) -> str:
    """Return the ends of an interval in per cent; "" where there is none, or where all draws agree."""
    if one.low is None or one.high is None or one.low == one.high:
        return ""
    if sign:
        return f"{points(one.low)} to {points(one.high)}"
    return f"{100 * one.low:.1f}{DASH}{100 * one.high:.1f}"


def count(number: float) -> str:
    """Return a whole number with separators of thousands."""
    return f"{number:,.0f}"


def plural(number: int, one: str, many: str) -> str:
    """Return a number with the form of a noun that goes with it."""
    return f"{count(number)} {one if number == 1 else many}"


def listed(names: Iterable[str]) -> str:
    """Return names as a sentence has them: a, b and c."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def language(code: str) -> str:
    """Return the English name of a language, its tag where it has none here."""
    return LANGUAGES.get(code, code)


def attribute(name: str) -> str:
    """Return an attribute as a heading: pack_quantity is Pack quantity."""
    spaced = name.replace("_", " ")
    return spaced[:1].upper() + spaced[1:]


def value(name: str, of: str) -> str:
    """Return a value of an attribute: the concept color:light_blue is light blue; surface values stay as they are."""
    prefix, colon, slug = name.partition(":")
    return slug.replace("_", " ") if colon and prefix == of else name


def label(name: str, of: str, none: str) -> str:
    """Return a row or column of a confusion matrix; ``none`` where it stands for no value."""
    return "rarer values" if name == OTHERS else value(name, of) or none


def field(name: str) -> str:
    """Return a field of a listing (see Listing.fields): reviews[0] is Review 1, attributes.Farbe is Seller's Farbe."""
    kind, _, key = name.partition(".")
    if kind == "attributes":
        return f"Seller's {key}"
    kind, _, number = name.removesuffix("]").partition("[")
    return f"Review {int(number) + 1}" if number.isdigit() else attribute(name)


def part(name: str, kind: str) -> str:
    """Return the name of a part of some kind."""
    if kind == "language":
        return language(name)
    if kind == "attribute":
        return attribute(name)
    if kind == "category":
        return GROUPS.get(name) or attribute(value(name, "category"))
    if kind == "length":
        return name.replace("-", DASH).replace("+", " or more") + " characters"
    return GROUPS.get(name, name)


def mistake_kind(one: Mistake) -> str:
    """Return what sort of mistake it is."""
    if one.given is None:
        return "missed"
    return "wrong" if one.gold else "too much"


def moment(created: str) -> str:
    """Return an ISO 8601 moment as people write it, in UTC."""
    at = datetime.fromisoformat(created)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
