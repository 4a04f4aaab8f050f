"""Hints of reconciliation: what the other columns of a row say about the concept that one cell means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.domain.errors import InvalidQuery, UnknownLocale
from app.domain.tags import Method
from app.domain.taxonomy import CATEGORY
from app.pipeline.localize import resolve
from app.pipeline.matching.lookup import LabelSearch
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.reconciliation.concept_properties import PROPERTIES, Asked, is_on_path, path_steps
from app.pipeline.reconciliation.naming import ATTRIBUTE, Names

LANG = "lang"
_KEPT, _NAMESAKES = 4096, 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Hint:
    """A value in another column of the row. A ``required`` one excludes what does not fit it."""

    pid: str
    values: tuple[str, ...]
    quantifier: Literal["any", "all", "none"] = "any"
    required: bool = False
    field: str = "properties"
    """Its place in the request, for errors."""


@dataclass(frozen=True, slots=True)
class Test:
    """A hint that was understood: what a candidate has to be."""

    pid: str
    fits: Callable[[Asked], bool]
    required: bool


class Hints:
    """Understands hints; a cell that says nothing (blank, no language, no known category) is left out."""

    def __init__(self, names: Names, search: LabelSearch, normalizer: Normalizer) -> None:
        self._names = names
        self._taxonomy = names.taxonomy
        self._search = search
        self._normalizer = normalizer
        self._categories = lru_cache(maxsize=_KEPT)(self._find_categories)

    def check(self, hint: Hint) -> None:
        """Raise InvalidQuery for a property that no hint can have."""
        known = PROPERTIES.get(hint.pid)
        if known is None or (known.fits is None and known.id != LANG):
            usable = ", ".join(one.id for one in PROPERTIES.values() if one.fits or one.id == LANG)
            raise InvalidQuery(f"no hint is read from {hint.pid[:80]!r}", field=hint.field, hint=f"use {usable}")

    def locale(self, hints: Sequence[Hint], otherwise: str) -> str:
        """Return the language that the row itself states."""
        for hint in hints:
            if hint.pid == LANG and hint.values:
                try:
                    return resolve(hint.values[:1], self._taxonomy).pairs[0][1]
                except UnknownLocale:
                    continue
        return otherwise

    def attributes(self, hints: Sequence[Hint], locale: str) -> Iterator[str]:
        """Yield the attributes that the row names: as good as types."""
        for hint in hints:
            for text in hint.values if hint.pid == ATTRIBUTE and hint.quantifier == "any" else ():
                if self._names.has(text.strip()):
                    yield self._taxonomy.values_of(text.strip())
                    continue
                hits = self._search.find(text, attribute=ATTRIBUTE, lang=locale, limit=1)
                if hits and hits[0].method in ("exact", "alias"):
                    yield self._taxonomy.values_of(hits[0].concept.id)

    def tests(self, hints: Sequence[Hint], locale: str) -> tuple[Test, ...]:
        """Return what the row asks of a candidate."""
        return tuple(test for hint in hints if (test := self._test(hint, locale)) is not None)

    def _test(self, hint: Hint, locale: str) -> Test | None:
        known = PROPERTIES[hint.pid].fits
        texts = tuple(text for text in hint.values if text.strip())
        if hint.pid == CATEGORY:
            texts = tuple(found for text in texts for found in self._categories(text, locale))
        if known is None or not texts:
            return None
        among, wanted = all if hint.quantifier == "all" else any, hint.quantifier != "none"
        return Test(hint.pid, lambda asked: among(known(asked, text) for text in texts) is wanted, hint.required)

    def _find_categories(self, text: str, locale: str) -> tuple[str, ...]:
        """Return the categories of an id, a name or a path ("Apparel > Dresses"): several may have one name."""
        known = self._taxonomy.concepts.get(text.strip())
        if known is not None and known.attribute == CATEGORY:
            return (known.id,)
        last = (path_steps(text) or [text])[-1]
        hits = self._search.find(last, attribute=CATEGORY, lang=locale, limit=_NAMESAKES)
        whole = (hit.concept for hit in hits if hit.method in ("exact", "alias"))
        if found := tuple(one.id for one in whole if is_on_path(Asked(one, locale, self._names), text)):
            return found
        near = self._normalizer.match(text, CATEGORY, locale.partition("-")[0])
        return (near[0],) if near is not None and near[1].method is not Method.SEMANTIC else ()
