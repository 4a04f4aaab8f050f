"""Synthetic listings: the taxonomy's labels in sentences of the project's own templates, with gold spans.

The point is not to teach labels (rules know them) but to teach the task in nine languages: copy what states a value of
an attribute asked for, in the words of the text; leave out what is negated, meant for another product or not asked for.
The shipped adapter was trained on these; what is trained from here on takes `app.training.generator`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.taxonomy import CATEGORY, Concept, Kind, Taxonomy
from app.training.generator.example import Example

__all__ = ["TEMPLATES", "Example", "Synthesizer"]

TEMPLATES = Path(__file__).with_name("templates.yaml")
_SLOT = re.compile(r"\{(\*|\w+)(:other)?\}")
_UNITS = {
    "mass": ["{} g", "{}g", "{} kg", "{} oz"],
    "volume": ["{} ml", "{}ml", "{} l"],
    "length": ["{} cm", "{}cm", "{} m", '{}"'],
    "data": ["{}GB", "{} GB", "{} TB"],
    "power": ["{}W", "{} W"],
    "count": ["{} pcs", "{}x", "{} Stk", "{} pack"],
}
_COLOR_MODIFIERS = {
    "en": ["dusty", "heather", "deep", "pale", "washed"],
    "de": ["zart", "kräftiges", "mattes"],
    "fr": [], "es": [], "it": [], "pt-BR": [], "id": [],
    "ja": ["くすみ", "ペール"],
    "zh-CN": ["雾霾", "奶油"],
}  # fmt: skip
_SYLLABLES = "ka lo mi ra ven tor sha bel nu qui zan dor fel hy pra lu ox tem ri vas el mo ni gar".split()  # noqa: SIM905 - one line


@dataclass
class _Draft:
    gold: dict[str, list[str]] = field(default_factory=dict)
    used: dict[str, Concept] = field(default_factory=dict)
    denied: dict[str, list[Concept]] = field(default_factory=dict)
    """What distractors named: the listing cannot have it after all."""

    def note(self, attribute: str, text: str) -> str:
        if text not in self.gold.setdefault(attribute, []):
            self.gold[attribute].append(text)
        return text


class Synthesizer:
    """Draws listings from a taxonomy; the same seed gives the same listings."""

    def __init__(self, taxonomy: Taxonomy, templates: Mapping[str, Any], seed: int) -> None:
        self._taxonomy = taxonomy
        self._templates = templates
        self._random = random.Random(seed)  # noqa: S311 - not for secrets
        self._leaves = [c for c in taxonomy.values(CATEGORY) if not taxonomy.children(c.id)]
        self._values = {a: tuple(taxonomy.values(a)) for a in taxonomy.attributes}

    def draw(self, count: int, *, plainly: bool = False) -> Iterator[Example]:
        """Yield ``count`` listings, languages in turn.

        ``plainly``: asked for all that they state, by English names; otherwise some for less, or in their language.
        """
        for number in range(count):
            locale = self._taxonomy.locales[number % len(self._taxonomy.locales)]
            yield self._listing(locale, plainly)

    def _listing(self, locale: str, plainly: bool) -> Example:
        pick, chance = self._random.choice, self._random.random
        category = pick(self._leaves)
        attributes = [a for a in self._taxonomy.relevant(category.id) if self._askable(a)]
        templates = self._templates[locale]
        title_draft, body_draft = _Draft(used={CATEGORY: category}), _Draft(used={CATEGORY: category})
        title = self._title(templates, locale, attributes, title_draft)
        body_draft.used.update(title_draft.used)
        description = self._description(templates, locale, attributes, body_draft) if chance() < 0.45 else ""
        review = self._fill(pick(templates["reviews"]), locale, attributes, body_draft) if chance() < 0.1 else None
        gold = self._merge(title_draft.gold, body_draft.gold)
        asked = self._asked(attributes, gold, locale, plainly)
        texts = {"title": title, "description": description, "reviews": review or ""}
        if chance() < 0.08:
            name = self._name(pick(attributes), locale)
            texts["attributes"] = f"{name}: {pick(['-', 'n/a', '1', 'see photo'])}"
        shown = pick(["", *[self._label(self._taxonomy.concepts[c], "en") for c in self._taxonomy.path(category.id)]])
        return Example(
            category=shown,
            lang=locale,
            texts=texts,
            asked=list(asked.values()),
            gold={asked[a]: values for a, values in gold.items() if a in asked},
        )

    def _askable(self, attribute: str) -> bool:
        return self._taxonomy.attributes[attribute].kind is not Kind.QUANTITY and bool(self._values[attribute])

    def _title(self, templates: Mapping[str, Any], locale: str, attributes: Sequence[str], draft: _Draft) -> str:
        pieces = list(self._random.choice(templates["titles"]))
        extra = [f"{{{a}}}" for a in attributes if not any(f"{{{a}}}" in p for p in pieces)]
        filled = []
        for piece in pieces:
            if piece == "{*}":
                chosen = self._random.sample(extra, min(len(extra), self._random.choice([0, 1, 1, 2, 3])))
                filled += [self._fill(slot, locale, attributes, draft) for slot in chosen]
            elif "{category}" in piece or "{brand}" in piece or self._random.random() < 0.5:
                filled.append(self._fill(piece, locale, attributes, draft))
        words = [piece for piece in filled if piece]
        if self._random.random() < 0.2:
            self._random.shuffle(words)
        joiner: str = self._random.choice(templates["joiner"])
        return joiner.join(words)

    def _description(self, templates: Mapping[str, Any], locale: str, attributes: Sequence[str], draft: _Draft) -> str:
        some = self._random.sample
        sentences = some(templates["sentences"], self._random.choice([1, 2, 3, 4]))
        sentences += some(templates["fillers"], self._random.choice([0, 1, 2]))
        sentences += some(templates["distractors"], self._random.choice([0, 0, 1, 2]))
        self._random.shuffle(sentences)
        filled = [self._fill(sentence, locale, attributes, draft) for sentence in sentences]
        return ("" if locale in ("ja", "zh-CN") else " ").join(sentence for sentence in filled if sentence)

    def _fill(self, piece: str, locale: str, attributes: Sequence[str], draft: _Draft) -> str | None:
        """Return the piece with its slots filled and noted as gold; None when a slot has no value here."""
        filled: list[tuple[str | None, str]] = []
        last = 0
        for slot in _SLOT.finditer(piece):
            value = self._slot(slot[1], bool(slot[2]), locale, attributes, draft)
            if value is None:
                return None
            filled += [(None, piece[last : slot.start()]), value]
            last = slot.end()
        filled.append((None, piece[last:]))
        return "".join(draft.note(attribute, text) if attribute else text for attribute, text in filled)

    def _slot(
        self, slot: str, other: bool, locale: str, attributes: Sequence[str], draft: _Draft
    ) -> tuple[str | None, str] | None:
        if slot == "noise":
            return None, self._random.choice(self._templates[locale]["noise"])
        if slot == "name":
            return None, self._made_up_name()
        if slot == "size":
            return self._size(draft)
        if slot != CATEGORY and slot not in attributes:
            return None
        if slot == "brand" and not other and self._random.random() < 0.6:
            return slot, draft.gold.get("brand", [self._made_up_name()])[0]
        concept = self._other(slot, draft) if other else self._own(slot, draft)
        return None if concept is None else (None if other else slot, self._surface(concept, slot, locale))

    def _own(self, slot: str, draft: _Draft) -> Concept | None:
        """Return the value that the listing has, the same one each time; None where every value was denied."""
        if slot not in draft.used:
            pool = [c for c in self._pool(slot) if c not in draft.denied.get(slot, ())]
            if not pool:
                return None
            draft.used[slot] = self._random.choice(pool)
        return draft.used[slot]

    def _other(self, slot: str, draft: _Draft) -> Concept | None:
        """Return a value that the listing has not; None where there is no other."""
        pool = [c for c in self._pool(slot) if c is not draft.used.get(slot)]
        if not pool:
            return None
        chosen = self._random.choice(pool)
        draft.denied.setdefault(slot, []).append(chosen)
        return chosen

    def _pool(self, slot: str) -> Sequence[Concept]:
        return self._leaves if slot == CATEGORY else self._values[slot]

    def _surface(self, concept: Concept, slot: str, locale: str) -> str:
        texts = [label.text for label in concept.labels if label.locale == locale]
        if slot == CATEGORY and len(texts) > 1:
            texts = texts[1:]  # prefLabels are a storefront's names ("Mugs & Cups"), no seller writes them
        # the prefLabel as often as all the others together: sellers use it most
        text = texts[0] if self._random.random() < 0.4 else self._random.choice(texts)
        if slot == "color" and _COLOR_MODIFIERS[locale] and self._random.random() < 0.12:
            blank = "" if locale in ("ja", "zh-CN") else " "
            text = self._random.choice(_COLOR_MODIFIERS[locale]) + blank + text.lower()
        return self._random.choice(
            [text, text, text, text.lower(), text.title() if locale == "en" else text, text.upper()]
        )

    def _size(self, draft: _Draft) -> tuple[None, str]:
        dimension = self._random.choice(list(_UNITS))
        number = self._random.choice([1, 2, 3, 5, 6, 10, 12, 50, 100, 128, 250, 500, 750])
        return None, self._random.choice(_UNITS[dimension]).format(number)

    def _made_up_name(self) -> str:
        name = "".join(self._random.choices(_SYLLABLES, k=self._random.choice([2, 2, 3]))).capitalize()
        style = self._random.random()
        if style < 0.15:
            return name.upper()
        if style < 0.3:
            return f"{name} {''.join(self._random.choices(_SYLLABLES, k=2)).capitalize()}"
        if style < 0.4:
            return f"{name[:2].upper()}-{self._random.randint(10, 9999)}"
        return name

    def _asked(self, attributes: Sequence[str], gold: Mapping[str, Any], locale: str, plainly: bool) -> dict[str, str]:
        """Return attribute id -> the name it is asked by: those with gold and some that the text does not state."""
        missing = [a for a in attributes if a not in gold]
        count = min(len(missing), self._random.choice([2, 4, 6, 10, 20]))
        chosen = set(gold) | set(self._random.sample(missing, count))
        if not plainly and self._random.random() < 0.25:
            chosen -= set(self._random.sample(sorted(gold), min(len(gold), 1)))
        chosen.add(CATEGORY)
        ordered = [CATEGORY, *[a for a in attributes if a in chosen]]
        local = not plainly and self._random.random() < 0.25
        return {a: self._name(a, locale) if local else self._name(a, "en").lower() for a in ordered}

    def _name(self, attribute: str, locale: str) -> str:
        if attribute == CATEGORY:
            return CATEGORY
        return self._label(self._taxonomy.attributes[attribute], locale)

    def _label(self, concept: Concept, locale: str) -> str:
        return concept.label(locale) or concept.id

    @staticmethod
    def _merge(*golds: Mapping[str, list[str]]) -> dict[str, list[str]]:
        merged: dict[str, list[str]] = {}
        for gold in golds:
            for attribute, texts in gold.items():
                known = {text.casefold() for text in merged.setdefault(attribute, [])}
                merged[attribute] += [text for text in texts if text.casefold() not in known]
        return merged
