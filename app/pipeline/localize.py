"""Labels on the way out: canonical ids are stored, labels are looked up for the locales asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.errors import UnknownLocale
from app.domain.tags import Quantity, Tag, Warning
from app.domain.taxonomy import Concept, Taxonomy

_TAG = re.compile(r"^[A-Za-z]{2,3}(?:[-_](?:[A-Za-z]{4}|[A-Za-z]{2}|\d{3}))*\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Locales:
    """The locales asked for, each with the one of the taxonomy that answers it."""

    pairs: tuple[tuple[str, str], ...]
    warnings: tuple[Warning, ...] = ()


def resolve(asked: Sequence[str] | None, taxonomy: Taxonomy) -> Locales:
    """Return for each locale the nearest of the taxonomy (de-AT -> de -> en) and say where that is another.

    None asks for all. UnknownLocale for what is no language tag.
    """
    if asked is None:
        return Locales(pairs=tuple((locale, locale) for locale in taxonomy.locales))
    pairs: list[tuple[str, str]] = []
    warnings: list[Warning] = []
    for locale in dict.fromkeys(asked):
        if not _TAG.match(locale):
            raise UnknownLocale(f"{locale!r} is no locale", field="locales", hint="use tags such as en, de or pt-BR")
        served = _nearest(locale.replace("_", "-"), taxonomy)
        pairs.append((locale, served))
        if served.casefold() != locale.replace("_", "-").casefold():
            message = f"no labels in {locale}: those in {served} were given"
            warnings.append(Warning(code="locale-fallback", field="locales", message=message))
    return Locales(pairs=tuple(pairs), warnings=tuple(warnings))


def labels(tag: Tag, locales: Locales, taxonomy: Taxonomy) -> dict[str, str]:
    """Return the label of a tag in each locale asked for; a quantity reads the same in all."""
    if tag.quantity is not None:
        text = quantity_label(tag)
        return {asked: text for asked, _ in locales.pairs}
    return concept_labels(taxonomy.concept(tag.id), locales)


def concept_labels(concept: Concept, locales: Locales) -> dict[str, str]:
    """Return the prefLabel of a concept in each locale asked for."""
    english = concept.label("en") or concept.id
    return {asked: concept.label(served) or english for asked, served in locales.pairs}


def quantity_label(tag: Tag) -> str:
    """Return a quantity as people write it: "330 ml", "2 – 4 kg"."""
    return tag.raw if tag.quantity is None else quantity_text(tag.quantity)


def quantity_text(quantity: Quantity) -> str:
    """Return a number with its unit, or a range of them."""
    upper = f" – {quantity.upper:g}" if quantity.upper is not None else ""
    unit = "" if quantity.unit == "count" else f" {quantity.unit}"
    return f"{quantity.value:g}{upper}{unit}"


def _nearest(locale: str, taxonomy: Taxonomy) -> str:
    known = {have.casefold(): have for have in taxonomy.locales}
    parts = locale.casefold().split("-")
    for length in range(len(parts), 0, -1):
        if found := known.get("-".join(parts[:length])):
            return found
    # "pt" and "zh" are answered by the only one of their language that there is
    return next((have for have in taxonomy.locales if have.split("-")[0] == parts[0]), "en")
