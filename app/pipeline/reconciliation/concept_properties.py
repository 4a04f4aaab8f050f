"""The properties of a concept: what a table can be extended with, and what a hint can be compared with.

Values are as the reconciliation specification writes them: a text, a number, or another concept by id and name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.taxonomy import CATEGORY, Concept, Taxonomy
from app.pipeline.reconciliation.naming import ATTRIBUTE, Names
from app.pipeline.text import fold_label

_STEP = re.compile(r"[>›»]")
"""Between the steps of a path; a slash is part of many a category's name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A concept, and the language in which its properties are wanted."""

    concept: Concept
    locale: str
    names: Names

    @property
    def taxonomy(self) -> Taxonomy:
        """Where the concept is from."""
        return self.names.taxonomy


Values = Callable[[Asked], Iterator[dict[str, Any]]]
Fits = Callable[[Asked, str], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """A property; one that only hints have has no ``values``, one that only tables have no ``fits``."""

    id: str
    name: str
    description: str
    values: Values | None = None
    fits: Fits | None = None
    of: str | None = None
    """The type of the concepts that are its values."""
    only: str | None = None
    """The one type that has it."""


def path_steps(text: str) -> list[str]:
    """Return the names in a path: Apparel > Dresses."""
    return [step.strip() for step in _STEP.split(text) if step.strip()]


def _concepts(ids: tuple[str, ...], asked: Asked) -> Iterator[dict[str, Any]]:
    for one in ids:
        yield {"id": one, "name": asked.names.of(one, asked.locale)}


def _labels(asked: Asked, *, preferred: bool) -> Iterator[dict[str, Any]]:
    for label in asked.concept.labels:
        if label.locale == asked.locale and label.preferred is preferred:
            yield {"str": label.text}


def _broader(asked: Asked) -> Iterator[dict[str, Any]]:
    yield from _concepts(asked.names.path(asked.concept.id)[-2:-1], asked)


def _narrower(asked: Asked) -> Iterator[dict[str, Any]]:
    yield from _concepts(tuple(one.id for one in asked.taxonomy.children(asked.concept.id)), asked)


def _path(asked: Asked) -> Iterator[dict[str, Any]]:
    yield {"str": " > ".join(asked.names.of(one, asked.locale) for one in asked.names.path(asked.concept.id))}


def _attribute(asked: Asked) -> Iterator[dict[str, Any]]:
    named = asked.names.type(asked.concept.attribute, asked.locale)
    yield {"id": named.id, "name": named.name}


def _relevant(asked: Asked) -> Iterator[dict[str, Any]]:
    if asked.concept.attribute == CATEGORY:
        known = tuple(one for one in asked.taxonomy.relevant(asked.concept.id) if one in asked.taxonomy.attributes)
        yield from _concepts(known, asked)


def _google_id(asked: Asked) -> Iterator[dict[str, Any]]:
    if asked.concept.google_id is not None:
        yield {"int": asked.concept.google_id}


def _exact_match(asked: Asked) -> Iterator[dict[str, Any]]:
    for uri in asked.concept.exact_match:
        yield {"str": uri}


def _is_named(asked: Asked, text: str) -> bool:
    return fold_label(text) in asked.names.folded(asked.concept.id)


def _is_below(asked: Asked, text: str) -> bool:
    folded = fold_label(text)
    return any(folded in asked.names.folded(one) for one in asked.names.path(asked.concept.id)[:-1])


def is_on_path(asked: Asked, text: str) -> bool:
    """Say whether all the steps named are on the way down to the concept, in this order."""
    way = iter(asked.names.path(asked.concept.id))
    steps = [fold_label(step) for step in path_steps(text)]
    return all(any(step in asked.names.folded(one) for one in way) for step in steps)


def _is_of_attribute(asked: Asked, text: str) -> bool:
    mine = asked.concept.attribute
    if fold_label(text) in (fold_label(mine), fold_label(asked.names.type(mine, asked.locale).name)):
        return True
    return mine in asked.taxonomy.attributes and fold_label(text) in asked.names.folded(mine)


def _has_google_id(asked: Asked, text: str) -> bool:
    return text.strip() == str(asked.concept.google_id)


def _has_exact_match(asked: Asked, text: str) -> bool:
    return text.strip() in asked.concept.exact_match


def _belongs_to(asked: Asked, category_id: str) -> bool:
    """Say whether a value can be one of the category's, or a category lies within it; takes an id."""
    if asked.concept.attribute == CATEGORY:
        return category_id in asked.names.path(asked.concept.id)
    wanted = asked.concept.id if asked.concept.attribute == ATTRIBUTE else asked.concept.attribute
    relevant = asked.taxonomy.relevant(category_id)
    return wanted in relevant or any(asked.taxonomy.values_of(one) == wanted for one in relevant)


def _preferred(asked: Asked) -> Iterator[dict[str, Any]]:
    return _labels(asked, preferred=True)


def _alternative(asked: Asked) -> Iterator[dict[str, Any]]:
    return _labels(asked, preferred=False)


_ALL = (
    Property(
        id="label",
        name="Label",
        description="the name in one language",
        values=_preferred,
        fits=_is_named,
    ),
    Property(
        id="altLabels", name="Other labels", description="synonyms in one language", values=_alternative, fits=_is_named
    ),
    Property(id="broader", name="Broader", description="the concept above", values=_broader, fits=_is_below),
    Property(id="narrower", name="Narrower", description="the concepts directly below", values=_narrower),
    Property(
        id="path",
        name="Path",
        description="names from the root down, as in Apparel > Dresses",
        values=_path,
        fits=is_on_path,
    ),
    Property(
        id="attribute",
        name="Attribute",
        description="what it is a value of",
        values=_attribute,
        fits=_is_of_attribute,
        of=ATTRIBUTE,
    ),
    Property(
        id="relevant",
        name="Relevant attributes",
        description="the attributes that listings of a category can have",
        values=_relevant,
        of=ATTRIBUTE,
        only=CATEGORY,
    ),
    Property(
        id="google_id",
        name="Google category id",
        description="the number in Google's product taxonomy",
        values=_google_id,
        fits=_has_google_id,
        only=CATEGORY,
    ),
    Property(
        id="exact_match",
        name="Exact match",
        description="the same concept elsewhere, by URI (skos:exactMatch)",
        values=_exact_match,
        fits=_has_exact_match,
    ),
    Property(
        id="category",
        name="Category",
        description="a category, by id or name, whose listings can have the value",
        fits=_belongs_to,
    ),
    Property(id="lang", name="Language", description="the language of the text, as in de or zh-CN"),
)
PROPERTIES: Mapping[str, Property] = {one.id: one for one in _ALL}
