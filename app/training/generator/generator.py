"""Draws listings: the order in which a title, a description, seller attributes and reviews are made."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from app.domain.taxonomy import CATEGORY, Taxonomy
from app.training.generator.cases import Case, Cases
from app.training.generator.draft import Draft, Item, Piece, assemble, recased
from app.training.generator.example import ENTRY, PAIR, REVIEW, Example, Span, gold_of
from app.training.generator.filling import Filler
from app.training.generator.plausible import Plausible
from app.training.generator.template import Template

_DESCRIBED, _ATTRIBUTED, _REVIEWED = 0.7, 0.3, 0.15
_STYLES = (("", 0.68), ("capital", 0.16), ("lower", 0.1), ("upper", 0.06))
_TERSE = 0.9
"""How often a sentence is left out that says nothing that another has not said."""
_TRIES = 12
"""Templates drawn until one can be filled for the category."""


def open_generator(seed: int = 0) -> Generator:
    """Return a generator over the shipped taxonomy."""
    from app.adapters.taxonomy_files import read_taxonomy
    from app.bootstrap import TAXONOMY, data_folder

    return Generator(read_taxonomy(data_folder("taxonomy") / TAXONOMY), seed)


class Generator:
    """Draws listings from a taxonomy; the same seed gives the same listings, each locale by itself."""

    def __init__(self, taxonomy: Taxonomy, seed: int = 0) -> None:
        self._taxonomy = taxonomy
        self._plausible = Plausible(taxonomy)
        self._seed = seed
        self._drawers: dict[str, _Drawer] = {}

    @property
    def taxonomy(self) -> Taxonomy:
        """What it draws from."""
        return self._taxonomy

    @property
    def locales(self) -> tuple[str, ...]:
        """The locales that it can draw."""
        return self._taxonomy.locales

    def draw(self, count: int, locale: str | None = None) -> Iterator[Example]:
        """Yield ``count`` listings: of one locale, or of all in turn; gold is keyed by attribute id."""
        locales = [locale] if locale else list(self._taxonomy.locales)
        for number in range(count):
            yield self._drawer(locales[number % len(locales)]).listing()

    def _drawer(self, locale: str) -> _Drawer:
        if locale not in self._drawers:
            rng = random.Random(f"{self._seed}/{locale}")  # noqa: S311 - not for secrets
            self._drawers[locale] = _Drawer(self._taxonomy, locale, self._plausible, rng)
        return self._drawers[locale]


class _Drawer:
    """Draws the listings of one locale."""

    def __init__(self, taxonomy: Taxonomy, locale: str, plausible: Plausible, rng: random.Random) -> None:
        self._taxonomy, self._plausible, self._rng = taxonomy, plausible, rng
        self._filler = Filler(taxonomy, locale, plausible, rng)
        self._cases = Cases(taxonomy, self._filler, rng)

    def listing(self) -> Example:
        """Return the next listing."""
        draft = self._draft()
        cases = self._cases.drawn(draft)
        draft.brand = self._filler.brand(draft.items[0].category, colourful=Case.COLOURFUL_BRAND in cases)
        title, spans = self._title(draft, cases)
        description, more = assemble(self._description(draft, cases), "description")
        attributes, stated = self._attributes(draft)
        reviews, told = self._reviews(draft)
        spans = [*spans, *more, *stated, *told]
        texts = {"title": title, "description": description, "attributes": attributes, "reviews": reviews}
        category = draft.items[0].category
        relevant = [a for a in self._taxonomy.relevant(category.id) if a in self._taxonomy.attributes]
        names = set(relevant) | {CATEGORY}
        spans = [span for span in spans if span.attribute in names]
        return Example(
            category=category.label("en") or category.id,
            lang=self._filler.locale,
            texts=texts,
            asked=[CATEGORY, *relevant],
            gold=gold_of(texts, spans),
            spans=tuple(spans),
            cases=tuple(case.value for case in cases if case in self._cases.held),
        )

    def _draft(self) -> Draft:
        category = self._rng.choice(self._plausible.leaves)
        item: Item = self._filler.item(category)
        return Draft(group=self._plausible.group(category.id), items=[item], brand=Piece(""))

    def _title(self, draft: Draft, cases: Sequence[Case]) -> tuple[str, list[Span]]:
        pieces = self._cases.title(draft, cases)
        if pieces is None:
            titles = self._filler.words.titles
            special = titles.get(draft.group, ())
            pieces = self._filled(
                special if special and self._rng.random() < 0.6 else titles["any"], draft, running=False
            )
            pieces = pieces or self._filled(titles["any"][:1], draft, running=False) or [draft.brand]
        pieces = [*pieces, *self._cases.title_tail(draft, cases)]
        [style] = self._rng.choices([name for name, _ in _STYLES], [share for _, share in _STYLES])
        return assemble(recased(pieces, style), "title")

    def _description(self, draft: Draft, cases: Sequence[Case]) -> list[Piece]:
        """Return one to five sentences; none where there is none and no case needs any."""
        words = self._filler.words
        sentences = self._cases.sentences(draft, cases)
        said: set[str] = set()
        if self._rng.random() < _DESCRIBED:
            pool = [*words.sentences["any"], *words.sentences.get(draft.group, ())]
            for template in self._rng.sample(pool, min(len(pool), self._rng.choice((2, 3, 5, 8)))):
                pieces = self._filler.fill(template, draft, running=True)
                told = {piece.attribute for piece in pieces or () if piece.attribute} - {CATEGORY}
                if pieces and not (told and told <= said and self._rng.random() < _TERSE):
                    said |= told
                    sentences.append(pieces)
            fillers = [*words.fillers["any"], *words.fillers.get(draft.group, ())]
            sentences += [[Piece(text)] for text in self._rng.sample(fillers, self._rng.choice((0, 1, 1, 2)))]
        needed = len(self._cases.needed)
        sentences = sentences[:needed] + sentences[needed : max(5, needed)]
        self._rng.shuffle(sentences)
        glue = "\n" if self._rng.random() < 0.12 else words.space
        return [
            piece for number, s in enumerate(sentences) for piece in (*([Piece(glue)] if number else []), *_opened(s))
        ]

    def _attributes(self, draft: Draft) -> tuple[str, list[Span]]:
        """Return seller attributes as one text, with spans: values that the product has, now and then nonsense."""
        if self._rng.random() >= _ATTRIBUTED:
            return "", []
        item = draft.items[0]
        known = list(self._plausible.values(item.category.id))
        pieces: list[Piece] = []
        for attribute in self._rng.sample(known, min(len(known), self._rng.choice((1, 2, 3, 4)))):
            value = self._stated(attribute, item, draft)
            if value is not None:
                name = self._name(attribute)
                pieces += [Piece(ENTRY if pieces else ""), Piece(name + PAIR), value]
        return assemble(pieces, "attributes")

    def _stated(self, attribute: str, item: Item, draft: Draft) -> Piece | None:
        if attribute == "brand":
            return draft.brand
        if len(draft.items) > 1:
            return None  # of which item it would be, an entry does not say
        if self._rng.random() < 0.06 and attribute not in draft.stated:
            return Piece(self._rng.choice(("-", "n/a", "1", "?")))
        concept = self._filler.own(attribute, item, draft)
        if concept is None:
            return None
        return Piece(self._filler.word(concept), attribute, concept.id)

    def _name(self, attribute: str) -> str:
        labels = [x.text for x in self._taxonomy.attributes[attribute].labels if x.locale == self._filler.locale]
        return (labels[0] if self._rng.random() < 0.8 else self._rng.choice(labels)) if labels else attribute

    def _reviews(self, draft: Draft) -> tuple[str, list[Span]]:
        if self._rng.random() >= _REVIEWED or len(draft.items) > 1:
            return "", []
        pieces: list[Piece] = []
        for _ in range(self._rng.choice((1, 1, 2))):
            made = self._filled(self._filler.words.reviews["any"], draft, running=True)
            if made:
                pieces += [Piece(REVIEW if pieces else ""), *made]
        return assemble(pieces, "reviews")

    def _filled(self, templates: Sequence[Template], draft: Draft, *, running: bool) -> list[Piece] | None:
        for _ in range(_TRIES):
            pieces = self._filler.fill(self._rng.choice(templates), draft, running=running)
            if pieces is not None:
                return pieces
        return None


def _opened(pieces: Sequence[Piece]) -> list[Piece]:
    """Return a sentence that begins with a capital."""
    first, *rest = pieces
    return [first._replace(text=first.text[:1].upper() + first.text[1:]), *rest]
