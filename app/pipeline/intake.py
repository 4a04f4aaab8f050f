"""From a listing to what may be read of it: limits, cleaning, language. Bad input is named here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.errors import InvalidListing
from app.domain.listing import Listing
from app.domain.tags import Warning
from app.pipeline.ports import LanguageIdentifier
from app.pipeline.text import MappedText, clean

LIMITS = {"title": 500, "description": 10_000, "attributes": 500, "reviews": 2_000}
"""Characters of each text that are read; the rest is cut, and the answer says so."""
MOST_REVIEWS, MOST_ATTRIBUTES = 20, 60
_LANG = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*\Z")
_SCRIPTS = (
    (re.compile(r"[\u3040-\u309f\u30a0-\u30fa]"), "ja"),
    (re.compile(r"[\uac00-\ud7af]"), "ko"),
    (re.compile(r"[\u0e00-\u0e7f]"), "th"),
    (re.compile(r"[\u3400-\u9fff]"), "zh"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """The cleaned texts by evidence field, in reading order, and the listing's language (ISO 639-1)."""

    texts: Mapping[str, MappedText]
    lang: str
    warnings: tuple[Warning, ...]


def take_in(listing: Listing, identifier: LanguageIdentifier, supported: frozenset[str]) -> Intake:
    """Return what may be read of a listing; InvalidListing for a title that says nothing or a broken language."""
    warnings: list[Warning] = []
    texts = {name: text for name, text in _texts(listing, warnings) if text.text.strip()}
    if "title" not in texts:
        raise InvalidListing("the title is empty", field="title", hint="give the product's name as the shop shows it")
    lang = _given_language(listing.lang) or _identify(texts, identifier)
    if lang not in supported:
        warnings.append(
            Warning(
                code="unsupported-language",
                field="lang",
                message=f"no labels are known in {lang!r}: only names and English words can be found",
            )
        )
    return Intake(texts=texts, lang=lang, warnings=tuple(warnings))


def _texts(listing: Listing, warnings: list[Warning]) -> Iterator[tuple[str, MappedText]]:
    counts = {"reviews": 0, "attributes": 0}
    for name, source in listing.fields():
        kind = re.split(r"[.\[]", name, maxsplit=1)[0]
        if kind in counts:
            counts[kind] += 1
        limit = LIMITS[kind]
        if len(source) > limit:
            warnings.append(_cut(name, f"only the first {limit} characters were read"))
            source = source[:limit]
        if counts["reviews"] <= MOST_REVIEWS and counts["attributes"] <= MOST_ATTRIBUTES:
            yield name, clean(source)
    for kind, most in (("reviews", MOST_REVIEWS), ("attributes", MOST_ATTRIBUTES)):
        if counts[kind] > most:
            warnings.append(_cut(kind, f"only the first {most} were read"))


def _cut(field: str, message: str) -> Warning:
    return Warning(code="cut", field=field, message=message)


def _given_language(lang: str | None) -> str | None:
    if lang is None:
        return None
    if not _LANG.match(lang):
        raise InvalidListing(f"{lang!r} is no language tag", field="lang", hint="use a BCP 47 tag such as de or pt-BR")
    return re.split("[-_]", lang)[0].lower()


def _identify(texts: Mapping[str, MappedText], identifier: LanguageIdentifier) -> str:
    sample = texts["title"].text
    if "description" in texts:
        sample += " " + texts["description"].text[:300]
    for script, lang in _SCRIPTS:
        if len(script.findall(sample)) >= 2:
            return lang
    return identifier.identify(sample)[0]
