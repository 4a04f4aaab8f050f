"""Hard cases, each in a stated share of listings: what a text names and the product is not, and sets of two items."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum

from app.domain.taxonomy import Concept, Taxonomy
from app.training.generator.draft import Draft, Piece
from app.training.generator.filling import Filler
from app.training.generator.template import Slot, Template


class Case(StrEnum):
    """A kind of difficulty."""

    NEGATION = "negation"
    """What it has not: "without zipper"."""
    COMPATIBILITY = "compatibility"
    """What it fits, a device or another maker's machine."""
    SET = "set"
    """Two items, each with its colour."""
    COMPOSITION = "composition"
    """"80 % cotton, 20 % polyester"."""
    LOOKALIKE = "lookalike"
    """"Leather look", "cotton candy style"."""
    EXCLUDED = "excluded"
    """What is shown and not included, or sold separately."""
    PAIRING = "pairing"
    """What it goes with, other colours it comes in."""
    COLOURFUL_BRAND = "colourful_brand"
    """A brand whose name holds a colour."""
    CODE_SWITCHING = "code_switching"
    """Words of English in another language."""


SHARES = {
    Case.NEGATION: 0.15,
    Case.COMPATIBILITY: 0.25,
    Case.SET: 0.1,
    Case.COMPOSITION: 0.3,
    Case.LOOKALIKE: 0.12,
    Case.EXCLUDED: 0.08,
    Case.PAIRING: 0.1,
    Case.COLOURFUL_BRAND: 0.05,
    Case.CODE_SWITCHING: 0.1,
}
"""Share of listings that are drawn to hold a case. Where the category has nothing to say for it they hold none: of all
listings 14 % hold a negation, 5 % each a composition, a compatibility, a set, a lookalike or a colourful brand."""
_SWITCHING = {"de": 0.14, "id": 0.14, "en": 0.0}
_SWITCHED = ("feature", "style", "color", "fit", "pattern")
"""Attributes whose values sellers write in English in any language."""
_PERCENT = ((50, 50), (60, 40), (65, 35), (70, 30), (80, 20), (90, 10), (95, 5), (98, 2))


class Cases:
    """Makes the hard cases of one locale's listings."""

    def __init__(self, taxonomy: Taxonomy, filler: Filler, rng: random.Random) -> None:
        self._taxonomy, self._filler, self._rng = taxonomy, filler, rng
        self._words = filler.words
        self.held: set[Case] = set()
        """Cases that the listing in the making holds by now."""
        self.needed: list[list[Piece]] = []

    def drawn(self, draft: Draft) -> list[Case]:
        """Return the cases that a new listing is to hold; a set's second item is added here."""
        self.held, self.needed = set(), []
        chance = self._rng.random
        cases = [case for case, share in SHARES.items() if chance() < self._share(case, share)]
        if Case.SET in cases and not self._second(draft):
            cases.remove(Case.SET)
        if Case.COLOURFUL_BRAND in cases:
            self.held.add(Case.COLOURFUL_BRAND)
        return cases

    def title(self, draft: Draft, cases: Sequence[Case]) -> list[Piece] | None:
        """Return the title of a set; None where an ordinary one is to be made."""
        if Case.SET not in cases:
            return None
        for template in self._rng.sample(self._words.sets, len(self._words.sets)):
            pieces = self._filler.fill(template, draft, running=False)
            if pieces is not None:
                self.held.add(Case.SET)
                return pieces
        del draft.items[1:]
        return None

    def title_tail(self, draft: Draft, cases: Sequence[Case]) -> list[Piece]:
        """Return what follows the title: half of the cases that may stand there do."""
        tails: list[Piece] = []
        for case, templates in (
            (Case.NEGATION, self._words.negation.get("titles", ())),
            (Case.COMPATIBILITY, self._words.compatibility.get("titles", ())),
            (Case.COMPOSITION, self._words.composition_titles),
        ):
            if case in cases and not tails and self._rng.random() < 0.5:
                tails += self._made(case, templates, draft) or []
        if Case.CODE_SWITCHING in cases and self._filler.locale != "en":
            tails += self._switched(draft)
        return tails

    def sentences(self, draft: Draft, cases: Sequence[Case]) -> list[list[Piece]]:
        """Return the sentences of the cases that the title does not hold yet."""
        told = {
            Case.NEGATION: self._words.negation["sentences"],
            Case.COMPATIBILITY: self._words.compatibility["sentences"],
            Case.COMPOSITION: self._words.composition,
            Case.EXCLUDED: self._words.excluded["sentences"],
            Case.PAIRING: self._words.pairing,
        }
        for case, templates in told.items():
            if case in cases and case not in self.held and (pieces := self._made(case, templates, draft)):
                self.needed.append(pieces)
        if Case.LOOKALIKE in cases and (pieces := self._lookalike(draft)):
            self.needed.append(pieces)
        return list(self.needed)

    def _share(self, case: Case, share: float) -> float:
        return _SWITCHING.get(self._filler.locale, 0.06) if case is Case.CODE_SWITCHING else share

    def _second(self, draft: Draft) -> bool:
        """Add a second item of the same kind of shop; False where a set of two makes no sense."""
        first = draft.items[0].category
        if "color" not in self._filler.plausible.values(first.id) or draft.group in ("tech", "food"):
            return False
        near = [
            c
            for c in self._taxonomy.children(first.broader or "")
            if c.id != first.id and not self._taxonomy.children(c.id)
        ]
        near = [c for c in near if "color" in self._filler.plausible.values(c.id)]
        if not near:
            return False
        draft.items.append(self._filler.item(self._rng.choice(near)))
        return True

    def _made(self, case: Case, templates: Sequence[Template], draft: Draft) -> list[Piece] | None:
        for template in self._rng.sample(templates, len(templates)):
            if case is Case.COMPOSITION:
                pieces = self._composition(template, draft)
            else:
                pieces = self._filler.fill(template, draft, running=True)
            if pieces is not None:
                self.held.add(case)
                return pieces
        return None

    def _composition(self, template: Template, draft: Draft) -> list[Piece] | None:
        """Return a sentence with two fibres; both are the product's material."""
        item = draft.items[0]
        first = self._filler.own("material", item, draft)
        if first is None or first.id not in self._filler.plausible.fibres or len(draft.items) > 1:
            return None
        denied = draft.denied.get("material", ())
        others = [c for c in self._taxonomy.values("material") if c.id in self._filler.plausible.fibres]
        others = [c for c in others if c not in denied and not self._filler.related(c, first)]
        if not others:
            return None
        second = self._rng.choice(others)
        item.values["material"].append(second)
        p, q = self._rng.choice(_PERCENT)
        words = {
            "p": Piece(str(p)),
            "q": Piece(str(q)),
            "fibre": Piece(self._filler.first_word(first), "material", first.id),
        }
        stated = [Piece(self._filler.first_word(second), "material", second.id)]
        pieces: list[Piece] = []
        for part in template:
            if isinstance(part, str):
                pieces.append(Piece(part))
            elif isinstance(part, Slot):
                pieces += stated if part.item else [words[part.name]]
        return pieces

    def _lookalike(self, draft: Draft) -> list[Piece] | None:
        pool = self._words.lookalikes.get(draft.group, ())
        materials = self._filler.plausible.values(draft.items[0].category.id).get("material", ())
        own = [c for item in draft.items for c in item.values.get("material", ())]
        free: list[tuple[str, Concept | None]] = []
        for entry in pool:
            concept = self._taxonomy.concepts.get(f"material:{entry.not_}") if entry.not_ else None
            if entry.not_ and (concept is None or concept not in materials):
                continue
            if concept is None or not any(self._filler.related(concept, other) for other in own):
                free.append((entry.text, concept))
        if not free:
            return None
        text, concept = self._rng.choice(free)
        if concept is not None:
            draft.denied.setdefault("material", []).append(concept)
        self.held.add(Case.LOOKALIKE)
        stop = "。" if self._filler.locale in ("ja", "zh-CN") else "."
        return [Piece(text + stop)]

    def _switched(self, draft: Draft) -> list[Piece]:
        """Return an English value of the product, or English words that sellers put in any title."""
        item = draft.items[0]
        values = self._filler.plausible.values(item.category.id)
        attributes = [a for a in _SWITCHED if a in values and a not in draft.stated]
        self.held.add(Case.CODE_SWITCHING)
        if attributes and self._rng.random() < 0.7 and len(draft.items) == 1:
            attribute = self._rng.choice(attributes)
            concept = self._filler.own(attribute, item, draft)
            label = concept.label("en") if concept else None
            if concept and label:
                return [Piece(" "), Piece(label, attribute, concept.id)]
        return [Piece(f" {self._rng.choice(self._words.foreign)}")]
