"""Fills templates: chooses values that make sense together and words for them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from app.domain.taxonomy import CATEGORY, Concept, Taxonomy
from app.training.generator.amounts import COUNTS, Amounts
from app.training.generator.draft import Draft, Item, Piece
from app.training.generator.locale_file import LocaleFile, read_locale
from app.training.generator.names import make_brand, make_model
from app.training.generator.nouns import Noun, Nouns
from app.training.generator.plausible import Plausible
from app.training.generator.template import Optional, Slot, Template
from app.training.generator.wording import INFLECTING, Wording

_KEPT = 0.6
"""How often a part that may be left out is there."""
_PREFERRED = 0.5
"""How often a value is called by its prefLabel rather than by an alias: sellers use it most."""
_LOYAL = 0.85
"""How often a listing calls a value again what it called it before."""
_BRAND_PREFERRED = 0.8
_COMMON = 0.75
"""How often a category is named by one of its first aliases."""
_EUROPEAN_SIZES = ("de", "fr", "es", "it", "id", "zh-CN")
_NUMBERED = ("tech", "play", "any")
_SHOE_SIZES = {"en": (5, 12), "zh-CN": (35, 44), "pt-BR": (33, 44)}


class Filler:
    """Fills one locale's templates."""

    def __init__(self, taxonomy: Taxonomy, locale: str, plausible: Plausible, rng: random.Random) -> None:
        self.words: LocaleFile = read_locale(locale)
        self.locale = locale
        self.plausible = plausible
        self.amounts = Amounts(locale, self.words, plausible)
        self._taxonomy = taxonomy
        self._rng = rng
        products = (x.text for c in plausible.leaves for x in c.labels if x.locale == locale)
        self._wording = Wording(locale, plausible, products)
        self._nouns = Nouns(taxonomy, locale)

    def item(self, category: Concept) -> Item:
        """Return a product of the category: its noun, and the values that the noun states."""
        nouns = self._nouns.of(category)
        common = [noun for noun in nouns if noun.common]
        noun = self._rng.choice(common if common and self._rng.random() < _COMMON else nouns)
        item = Item(category=category, noun=noun)
        for _, _, value in noun.held:
            item.values.setdefault(value.attribute, []).append(value)
        return item

    def brand(self, category: Concept, *, colourful: bool) -> Piece:
        """Return the maker's name: of the taxonomy, made up, or one that holds a colour."""
        known = self.plausible.values(category.id).get("brand", ())
        if colourful:
            return Piece(self._rng.choice(self.words.names["colourful"]), "brand")
        if known and self._rng.random() < 0.4:
            concept = self._rng.choice(known)
            return Piece(self.word(concept, running=False), "brand", concept.id)
        return Piece(make_brand(self._rng, self.locale), "brand")

    def fill(self, template: Template, draft: Draft, *, running: bool) -> list[Piece] | None:
        """Return the template's pieces; None where a slot that must be filled has no value.

        ``running``: inside a sentence, not a title.
        """
        return self._fill(template, draft, running, [])

    def _fill(self, template: Template, draft: Draft, running: bool, taken: list[Concept]) -> list[Piece] | None:
        made: list[Piece] = []
        for part in template:
            if isinstance(part, str):
                made.append(Piece(part))
            elif isinstance(part, Optional):
                if self._rng.random() < _KEPT:
                    made += self._fill(part.parts, draft, running, taken) or []
            else:
                pieces = self._slot(part, draft, running, taken)
                if pieces is None:
                    return None
                made += pieces
        return made

    def _slot(self, slot: Slot, draft: Draft, running: bool, taken: list[Concept]) -> list[Piece] | None:
        if slot.denied:
            return self._denied(slot, draft)
        if slot.name.startswith("="):
            return self._function_word(draft.items[0].noun, int(slot.name[1:]))
        item = draft.items[min(slot.item, len(draft.items) - 1)]
        match slot.name:
            case "item":
                return [self._noun_piece(item, slot.item, running)]
            case "brand":
                return [draft.brand]
            case "model":
                return [Piece(make_model(self._rng, numbered=draft.group in _NUMBERED))]
            case "noise":
                return [Piece(self._rng.choice(self.words.noise))]
            case "list":
                return self._list(draft)
            case "device":
                return self._device(draft)
            case "amount" | "pack":
                return self._some_amount(slot.name, draft)
        return self._value(slot, item, draft, running, taken)

    def _value(self, slot: Slot, item: Item, draft: Draft, running: bool, taken: list[Concept]) -> list[Piece] | None:
        attribute = slot.name
        if attribute == "size" and "shoe_size" in self._taxonomy.relevant(item.category.id):
            return self._shoe_size(draft)
        if attribute in self.amounts.of(item.category.id) and item.noun.common:
            return [self._amount(attribute, draft)]
        if not running and any(value.attribute == attribute for _, _, value in item.noun.held):
            return None  # the noun says it
        concept = self.own(attribute, item, draft, taken)
        if concept is None:
            return None
        text = self._agreed(concept, item.noun, running) if slot.agreed else self._said(concept, draft, running)
        if text is None:
            return None
        taken.append(concept)
        draft.stated.add(attribute)
        return [Piece(_capital(text) if slot.capital else text, attribute, concept.id, slot.item)]

    def _said(self, concept: Concept, draft: Draft, running: bool) -> str | None:
        """Return a word for the value: mostly the one that the listing used before."""
        texts = self._wording.plain(concept, running=running)
        if not texts:
            return None
        number = draft.said.get(concept.id)
        if number is None or number >= len(texts) or self._rng.random() > _LOYAL:
            number = 0 if self._rng.random() < _PREFERRED else self._rng.randrange(len(texts))
        draft.said[concept.id] = number
        return texts[number]

    def own(self, attribute: str, item: Item, draft: Draft, taken: Sequence[Concept] = ()) -> Concept | None:
        """Return a value that the product has, the same one each time but for attributes that may have two."""
        current = item.values.setdefault(attribute, [])
        free = [concept for concept in current if concept not in taken]
        if free and (attribute not in self.plausible.several or len(current) > 1 or self._rng.random() < 0.6):
            return self._rng.choice(free)
        if current and (attribute not in self.plausible.several or len(current) > 1):
            return None
        if not item.noun.common and attribute not in self.plausible.general:
            return None
        against = [*current, *draft.denied.get(attribute, ())]
        against += [c for other in draft.items if other is not item for c in other.values.get(attribute, ())]
        pool = self.plausible.values(item.category.id).get(attribute, ())
        pool = tuple(c for c in pool if not any(self.related(c, other) for other in against))
        if not pool:
            return None
        current.append(self._rng.choice(pool))
        return current[-1]

    def deny(self, attribute: str, draft: Draft) -> Concept | None:
        """Return a value that the listing's products have not, and keep it from them."""
        category = draft.items[0].category.id
        other = attribute in (CATEGORY, "color")  # of another product, or of another version of this one
        pool = self._others(attribute, draft) if other else self.plausible.deniable(attribute, category, self.locale)
        own = [c for item in draft.items for c in item.values.get(attribute, ())]
        free = [c for c in pool if not any(self.related(c, other) for other in own)]
        if not free:
            return None
        chosen = self._rng.choice(free)
        draft.denied.setdefault(attribute, []).append(chosen)
        return chosen

    def _others(self, attribute: str, draft: Draft) -> Sequence[Concept]:
        if attribute == CATEGORY:
            root = self._taxonomy.path(draft.items[0].category.id)[0]
            near = [c for c in self.plausible.leaves if self._taxonomy.path(c.id)[0] == root]
            return [c for c in near if all(c.id != item.category.id for item in draft.items)]
        return self.plausible.values(draft.items[0].category.id).get(attribute, ())

    def _denied(self, slot: Slot, draft: Draft) -> list[Piece] | None:
        if slot.name == "item":
            other = self.deny(CATEGORY, draft)
            nouns = [n for n in self._nouns.of(other) if not n.held and n.common] if other else []
            return [Piece(self._rng.choice(nouns).text)] if nouns else None
        if slot.name == "brand":
            fits = self.plausible.fits_others(draft.items[0].category.id)
            brands = [b for b in self._others("brand", draft) if b.id != draft.brand.concept] if fits else []
            return [Piece(self.word(self._rng.choice(brands)))] if brands else None
        concept = self.deny(slot.name, draft)
        texts = self._wording.plain(concept, running=True) if concept else ()
        return [Piece(_capital(texts[0]) if slot.capital else texts[0])] if texts else None

    def _function_word(self, noun: Noun, number: int) -> list[Piece] | None:
        forms = self.words.classes.get(noun.noun_class or "", ())
        return [Piece(forms[number])] if number < len(forms) else None

    def _noun_piece(self, item: Item, number: int, running: bool) -> Piece:
        text = item.noun.text
        if not running and self.locale not in ("ja", "zh-CN") and self._rng.random() < 0.7:
            text = text[:1].upper() + text[1:]
        inner = tuple(item.noun.held) if len(text) == len(item.noun.text) else ()
        return Piece(text, CATEGORY, item.category.id, number, inner)

    def _list(self, draft: Draft) -> list[Piece] | None:
        item = draft.items[0]
        free = [
            a for a in self.plausible.values(item.category.id) if a in self.plausible.listed and a not in draft.stated
        ]
        pieces: list[Piece] = []
        for attribute in self._rng.sample(free, min(len(free), self._rng.choice((1, 2, 2, 3)))):
            slot = Slot(name=attribute, agreed=self.locale in INFLECTING and self.locale != "de")
            made = self._value(slot, item, draft, False, [])
            if made:
                pieces += [Piece(self.words.list), *made] if pieces else made
        return pieces or None

    def _device(self, draft: Draft) -> list[Piece] | None:
        concept = self.own("compatible_with", draft.items[0], draft)
        if concept is None:
            return None
        named = self.plausible.devices.get(concept.id.split(":")[1])
        text = self._rng.choice(named) if named else self.word(concept, running=True)
        return [Piece(text, "compatible_with", concept.id)]

    def _some_amount(self, kind: str, draft: Draft) -> list[Piece] | None:
        known = [a for a in self.amounts.of(draft.items[0].category.id) if (a == COUNTS) == (kind == "pack")]
        if not known or not draft.items[0].noun.common:
            return None
        attribute = self._rng.choice(known)
        pieces = [self._amount(attribute, draft)]
        return [*pieces, Piece(" RAM")] if attribute == "memory" else pieces

    def _amount(self, attribute: str, draft: Draft) -> Piece:
        if attribute not in draft.amounts:
            amount = self._rng.choice(self.amounts.of(draft.items[0].category.id)[attribute])
            text, tag = self.amounts.write(attribute, amount, self._rng)
            draft.amounts[attribute] = Piece(text, attribute, tag)
        return draft.amounts[attribute]

    def _shoe_size(self, draft: Draft) -> list[Piece] | None:
        if self.locale == "ja":
            return None  # sizes are centimetres there: a measure, not a number
        draft.shoe_size = draft.shoe_size or str(self._rng.randint(*_SHOE_SIZES.get(self.locale, (36, 46))))
        tag = f"shoe_size:{draft.shoe_size}_eu" if self.locale in _EUROPEAN_SIZES else None
        return [Piece(draft.shoe_size, "shoe_size", tag)]

    def word(self, concept: Concept, *, running: bool = False) -> str:
        """Return what a seller may call the value."""
        texts = self._wording.plain(concept, running=running) or (concept.label("en") or concept.id,)
        preferred = _BRAND_PREFERRED if concept.attribute == "brand" else _PREFERRED
        return texts[0] if self._rng.random() < preferred else self._rng.choice(texts)

    def first_word(self, concept: Concept) -> str:
        """Return the value's first name, as it stands inside a sentence."""
        return (self._wording.plain(concept, running=True) or (concept.label("en") or concept.id,))[0]

    def _agreed(self, concept: Concept, noun: Noun, running: bool) -> str | None:
        texts = self._wording.agreed(concept, noun.noun_class, running=running or self._rng.random() < 0.7)
        if not texts:
            return None
        return texts[0] if self._rng.random() < _PREFERRED else self._rng.choice(texts)

    def related(self, one: Concept, other: Concept) -> bool:
        """Say whether one of two values includes the other."""
        return one.id in self._taxonomy.path(other.id) or other.id in self._taxonomy.path(one.id)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
