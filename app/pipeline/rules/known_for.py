"""The category of a title that names none, by what product lines, parts and makers are known for ("Air Max 90").

It is asked only where no field names a category. Its matches have the method KNOWN_FOR, so that calibration counts it
apart from what a text says.
"""

from __future__ import annotations

from collections.abc import Iterator

from ahocorasick_rs import AhoCorasick

from app.domain.tags import Evidence, Match, Method
from app.domain.taxonomy import Taxonomy
from app.pipeline.rules.document import Field, stands_alone
from app.pipeline.rules.entries import BRAND
from app.pipeline.rules.head import CategoryGuess
from app.pipeline.rules.measures import SHOE
from app.pipeline.rules.reading import Reading
from app.pipeline.rules.ruleset import KnownFor, Language, Maker

SCORE = 0.6
"""Orders guesses; there is one of these at most."""
_SHOE_SIZE = "shoe_size"
Span = tuple[int, int]


class KnownCategories:
    """All lines and makers whose category a taxonomy has."""

    def __init__(self, taxonomy: Taxonomy, known: KnownFor) -> None:
        lines = {text: name for name, to in known.lines.items() if to in taxonomy.concepts for text in _written(name)}
        self._categories, self._names = known.lines, lines
        self._makers = [maker for maker in known.makers if maker.category in taxonomy.concepts]
        self._texts = [*lines, *(text for word in known.unless for text in _written(word) if text not in lines)]
        self._automaton = AhoCorasick(self._texts)

    def guess(self, title: Reading, language: Language, *, cjk: bool) -> CategoryGuess | None:
        """Return the category that a title implies; None where it is about something made for such a product."""
        found = list(self._find(title.field, cjk=cjk))
        if any(text not in self._names for _, text in found):
            return None
        for span, text in sorted(found, key=lambda one: (one[0][0], -one[0][1])):
            if not _after_preposition(title.field, span, language):
                name = self._names[text]
                return _guess(self._categories[name], name, title.field, [title.field.evidence(*span)])
        return next((guess for maker in self._makers if (guess := _by_maker(title, maker))), None)

    def _find(self, field: Field, *, cjk: bool) -> Iterator[tuple[Span, str]]:
        for index, start, end in self._automaton.find_matches_as_indexes(field.text, overlapping=True):
            if stands_alone(field.text, start, end, cjk=cjk) or _begins_code(field.text, start, end):
                yield (start, end), self._texts[index]


def _written(name: str) -> set[str]:
    return {name.replace(" ", joined) for joined in (" ", "-", "")}


def _begins_code(text: str, start: int, end: int) -> bool:
    """Say whether a name goes on as a model number: "Makita DTD153Z"."""
    alone = start == 0 or not text[start - 1].isalnum()
    return alone and " " in text[start:end] and text[end - 1].isalpha() and text[end : end + 1].isdecimal()


def _after_preposition(field: Field, span: Span, language: Language) -> bool:
    low, _ = field.clause(*span)
    return any(word in language.breaks for word in field.words_between(low, span[0]))


def _by_maker(title: Reading, maker: Maker) -> CategoryGuess | None:
    brands = [hit for hit in title.kept if hit.attribute == BRAND and hit.concept_id in maker.brands]
    stated = [title.field.evidence(hit.start, hit.end) for hit in title.kept if hit.attribute == maker.stated]
    if maker.stated == _SHOE_SIZE:
        sizes = (placed.measure for placed in title.measures if placed.measure.dimension == SHOE)
        stated += [title.field.evidence_of_cleaned(size.start, size.end) for size in sizes]
    if not stated or (maker.brands and not brands):
        return None
    spans = [title.field.evidence(hit.start, hit.end) for hit in brands]
    return _guess(maker.category, brands[0].label.text if brands else maker.stated, title.field, [*spans, stated[0]])


def _guess(category: str, label: str, field: Field, evidence: list[Evidence]) -> CategoryGuess:
    return CategoryGuess(
        concept_id=category,
        score=SCORE,
        evidence=tuple(evidence),
        label=label,
        match=Match(method=Method.KNOWN_FOR, score=100.0, label=label, locale=""),
    )
