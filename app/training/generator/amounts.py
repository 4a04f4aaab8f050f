"""Amounts that a category's products come in, as a locale's sellers write them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from app.training.generator.locale_file import LocaleFile, read_data
from app.training.generator.plausible import Plausible

COUNTS = "pack_quantity"
_DEFAULT = ("{n} {u}", "{n}{u}")


class Amounts:
    """Plausible quantities of one locale, by category."""

    def __init__(self, locale: str, words: LocaleFile, plausible: Plausible) -> None:
        data = read_data("amounts.yaml")
        self._imperial: Mapping[str, Mapping[str, Sequence[str]]] = data["us"] if locale == "en" else {}
        self._units: Mapping[str, tuple[str, float, str]] = data["units"]
        self._entries: Mapping[str, Mapping[str, Sequence[str]]] = {
            attribute: entries for attribute, entries in data.items() if attribute not in ("us", "units")
        }
        self._words, self._plausible = words, plausible
        self._known: dict[str, dict[str, Sequence[str]]] = {}

    def of(self, category: str) -> Mapping[str, Sequence[str]]:
        """Return attribute -> amounts ("500 g") of the attributes that have any for this category."""
        if category not in self._known:
            found: dict[str, Sequence[str]] = {}
            for attribute, entries in self._entries.items():
                imperial = self._plausible.nearest(category, self._imperial.get(attribute, {}))
                if amounts := [*self._plausible.nearest(category, entries), *imperial]:
                    found[attribute] = amounts
            self._known[category] = found
        return self._known[category]

    def write(self, attribute: str, amount: str, rng: random.Random) -> tuple[str, str]:
        """Return (text, id of the tag: ATTRIBUTE:NUMBER_UNIT in the base unit)."""
        number, _, unit = str(amount).partition(" ")
        _, factor, base = self._units[unit]
        form = rng.choice(self._words.amounts.get(unit) or _DEFAULT)
        text = form.format(n=number.replace(".", self._words.decimal), u=unit)
        return text, f"{attribute}:{float(number) * factor:g}_{base}".lower()
