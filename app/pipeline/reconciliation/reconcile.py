"""Reconciliation: the concepts that a cell of a table may mean, best first, and whether the best one is sure.

The questions are those of the Reconciliation Service API (W3C Entity Reconciliation Community Group); how they are
written on the wire is the API's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from app.domain.errors import InvalidQuery
from app.domain.tags import Method
from app.pipeline.matching.lookup import Found, LabelSearch
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.reconciliation.concept_properties import Asked, path_steps
from app.pipeline.reconciliation.hints import Hint, Hints, Test
from app.pipeline.reconciliation.naming import ATTRIBUTE, Named, Names
from app.pipeline.text import fold_label, is_cjk

MOST_CANDIDATES = 100
LONGEST = 200
"""Characters of a text that can mean a concept: no label is as long."""
MARGIN = 6.0
"""Points by which the best candidate must beat a rival to be sure."""
HINT_COST = 15.0
"""Points that a hint costs a candidate that does not fit it: more than any margin."""
ALIAS_COST, ENGLISH_COST, FOREIGN_COST = 1.0, 2.0, 3.0
"""Points: a synonym is a little less than the name, another language a little less than the one asked in."""
_LOOKS_LIKE_ID = re.compile("[:/_]")
_WHOLE, _PIECE = ("exact", "alias"), ("prefix", "substring")
_SEEN_FOR_HINTS, _SEEN_FOR_RIVALS = 50, 5
"""Candidates looked at where hints may move one up, and where only the second best has to be known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A cell to reconcile; ``field`` is its place in the request, for errors."""

    text: str
    locale: str
    """Of the text and of the names in the answer; one of the taxonomy's."""
    field: str = "query"
    by_id: bool = False
    """The text is an id and nothing else."""
    types: tuple[str, ...] = ()
    type_strict: Literal["any", "all", "should"] = "any"
    limit: int = 10
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class Feature:
    """Why a candidate got its score; the specification knows numbers and truth values only."""

    id: str
    value: bool | float


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A concept that a query may mean; the fields are those of the specification. ``score`` is 0..100."""

    id: str
    name: str
    description: str
    type: tuple[Named, ...]
    score: float
    match: bool
    features: tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class _Scored:
    found: Found
    similarity: float
    score: float
    fits: tuple[tuple[str, bool], ...]
    """(hint, whether it fits)"""


class Reconciler:
    """Answers queries; safe to use from several threads."""

    def __init__(self, names: Names, search: LabelSearch, normalizer: Normalizer) -> None:
        self.taxonomy = names.taxonomy
        self.names = names
        self._search = search
        self._normalizer = normalizer
        self._hints = Hints(names, search, normalizer)

    def check(self, query: Query) -> None:
        """Raise InvalidQuery for a type or a property that there is not."""
        for type_id in query.types:
            if not self.names.has(type_id):
                message = f"there is no type {type_id[:80]!r}"
                raise InvalidQuery(message, field=f"{query.field}.type", hint="see /reconcile/suggest/type")
        for hint in query.hints:
            self._hints.check(hint)

    def match(self, query: Query) -> list[Candidate]:
        """Return the candidates, best first. ``match`` is true of the first one at most.

        It is so where the normaliser accepts it as exact, alias or fuzzy, nothing else is as near, and all hints fit.
        """
        query = _last_step(query)
        locale = self._hints.locale(query.hints, query.locale)
        scopes, tests = self._scopes(query, locale), self._tests(query, locale)
        room = max(query.limit, _SEEN_FOR_HINTS if tests else _SEEN_FOR_RIVALS)
        found = list(self._found(query, scopes, locale, room))
        ranked = self._ranked(found, tests, locale)
        accepted = self._accepted(query.text, ranked, locale)
        if accepted is not None and accepted.method == "fuzzy":
            # what was found by a piece of its label may be a typo of it: how near it is counts, not how long the piece
            found = [accepted, *(one for one in found if one.concept.id != accepted.concept.id)]
            ranked = self._ranked(found, tests, locale)
        sure = accepted is not None and self._is_sure(ranked, accepted)
        return [self._candidate(one, locale, query.types, sure and one is ranked[0]) for one in ranked[: query.limit]]

    def _ranked(self, found: Iterable[Found], tests: tuple[Test, ...], locale: str) -> list[_Scored]:
        scored = (self._score(one, tests, locale) for one in found)
        return sorted((one for one in scored if one is not None), key=lambda one: -one.score)

    def _scopes(self, query: Query, locale: str) -> tuple[str | None, ...]:
        """Return the attributes to search in, None for all of them together."""
        types = tuple(dict.fromkeys(self.taxonomy.values_of(one) for one in query.types))
        if query.type_strict == "all" and len(types) > 1:
            return ()  # a concept has one type
        if not types:
            return tuple(dict.fromkeys(self._hints.attributes(query.hints, locale))) or (None,)
        return (*types, None) if query.type_strict == "should" else types

    def _tests(self, query: Query, locale: str) -> tuple[Test, ...]:
        tests = self._hints.tests(query.hints, locale)
        if not query.types or query.type_strict != "should":
            return tests
        types = {self.taxonomy.values_of(one) for one in query.types}
        return (*tests, Test("type", lambda asked: asked.concept.attribute in types, required=False))

    def _found(self, query: Query, scopes: tuple[str | None, ...], locale: str, room: int) -> Iterator[Found]:
        by_id = self._by_id(query.text.strip(), scopes)
        seen: set[str] = set()
        # a cell that says 42 is a size before it is the id of anything
        if by_id is not None and (query.by_id or _LOOKS_LIKE_ID.search(query.text)):
            seen.add(by_id.concept.id)
            yield by_id
        if query.by_id or len(query.text) > LONGEST:
            return
        for scope in scopes:
            # a label that merely holds the value is a candidate where there is no better one: finding it takes longer
            near = self._search.find(query.text, attribute=scope, lang=locale, limit=room, pieces=False)
            for found in near or self._search.find(query.text, attribute=scope, lang=locale, limit=room):
                if found.concept.id not in seen:
                    seen.add(found.concept.id)
                    yield found

    def _by_id(self, text: str, scopes: tuple[str | None, ...]) -> Found | None:
        """Return the concept of this id, or the one that took the place of a retired one."""
        concept = self.taxonomy.concepts.get(text) or self.taxonomy.attributes.get(text)
        if concept is not None and concept.retired and concept.successor is not None:
            concept = self.taxonomy.concepts.get(concept.successor, concept)
        if concept is None or not (None in scopes or concept.attribute in scopes):
            return None
        return Found(concept=concept, method="id", score=100.0, label=concept.id, locale="")

    def _score(self, found: Found, tests: tuple[Test, ...], locale: str) -> _Scored | None:
        """Return a candidate's points, or None where a required hint excludes it."""
        cost, fits = _language_cost(found.locale, locale), []
        if tests:
            asked = Asked(found.concept, locale, self.names)
            for test in tests:
                fit = test.fits(asked)
                if test.required and not fit:
                    return None
                cost += 0.0 if fit else HINT_COST
                fits.append((test.pid, fit))
        if found.method == "alias":
            cost += ALIAS_COST
        similarity = _similarity(found)
        return _Scored(found, similarity, round(max(0.0, similarity - cost), 1), tuple(fits))

    def _accepted(self, text: str, ranked: list[_Scored], locale: str) -> Found | None:
        """Return the candidate that the normaliser accepts as exact, alias or fuzzy; it knows no hints."""
        if not ranked or ranked[0].found.method == "semantic":
            return None
        best = ranked[0].found
        if best.method == "id":
            return best
        if best.concept.attribute == ATTRIBUTE:  # the normaliser knows values and categories
            return best if best.method in _WHOLE else None
        answer = self._normalizer.match(text, best.concept.attribute, locale.partition("-")[0], meaning=False)
        if answer is None:
            return None
        concept_id, match = answer
        if match.method in (Method.EXACT, Method.ALIAS):
            # of two concepts with one label, hints may have chosen the other
            return best if best.method in _WHOLE else None
        known = next((one.found for one in ranked if one.found.concept.id == concept_id), None)
        if known is None or match.method is not Method.FUZZY or _is_part(match.label, text):
            return None
        return replace(known, method="fuzzy", score=match.score, label=match.label, locale=match.locale)

    def _is_sure(self, ranked: list[_Scored], accepted: Found) -> bool:
        """Say whether what the normaliser accepts is the best here too, fits all hints and has no rival."""
        best = ranked[0]
        if best.found.concept.id != accepted.concept.id or best.found.concept.retired:
            return False
        if not all(fit for _, fit in best.fits):
            return False
        return accepted.method == "id" or not any(self._rivals(best, other) for other in ranked[1:_SEEN_FOR_RIVALS])

    def _rivals(self, best: _Scored, other: _Scored) -> bool:
        """Say whether another candidate is too near for the best one to be sure."""
        one, two = best.found.concept, other.found.concept
        if best.found.method == "fuzzy":
            return not self.names.taxonomy.related(one.id, two.id) and best.score - other.score < MARGIN
        # the name of a color and a synonym of a flavor are as good as each other
        return best.score - other.score <= (0.0 if one.attribute == two.attribute else ALIAS_COST)

    def _candidate(self, scored: _Scored, locale: str, types: tuple[str, ...], sure: bool) -> Candidate:
        found, concept = scored.found, scored.found.concept
        name, description = self.names.of(concept.id, locale), self.names.place(concept.id, locale)
        features = [Feature("similarity", scored.similarity), Feature(f"method:{found.method}", True)]
        if found.locale:
            features.append(Feature(f"locale:{found.locale}", True))
            if found.label != name:
                description = f"{description} · found as “{found.label}” ({found.method}, {found.locale})"
        features.extend(Feature(f"hint:{pid}", fit) for pid, fit in scored.fits)
        # the type asked for first, where the concept is a value of it by way of another attribute
        shared = (
            one for one in types if one != concept.attribute and self.taxonomy.values_of(one) == concept.attribute
        )
        return Candidate(
            id=concept.id,
            name=name,
            description=description,
            type=tuple(self.names.type(one, locale) for one in (*shared, concept.attribute)),
            score=scored.score,
            match=sure,
            features=tuple(features),
        )


def _last_step(query: Query) -> Query:
    """Return a cell that holds a whole path ("Apparel > Dresses") as its last name, with the path for a hint."""
    steps = path_steps(query.text)
    if len(steps) < 2:
        return query
    return replace(query, text=steps[-1], hints=(*query.hints, Hint(pid="path", values=(query.text,))))


def _similarity(found: Found) -> float:
    """Return how alike text and label are, 0..100; for a piece what a near spelling of that length would have."""
    share = found.score / 100
    return round(200 * share / (1 + share) if found.method in _PIECE else found.score, 1)


def _language_cost(found: str, asked: str) -> float:
    if not found or found.partition("-")[0] == asked.partition("-")[0]:
        return 0.0
    return ENGLISH_COST if found.partition("-")[0] == "en" else FOREIGN_COST


def _is_part(label: str, text: str) -> bool:
    """Say whether a label is whole words within a longer text: "navy blue" in "dusty navy blue" is no typo of it."""
    inner, outer = fold_label(label), fold_label(text)
    if inner == outer:
        return False
    return inner in outer if is_cjk(inner) else f" {inner} " in f" {outer} "
