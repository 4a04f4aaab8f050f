"""What an extractor can learn from gold without training: listings to show to a model, and values to look for."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from app.pipeline.ports import Encoder
from app.pipeline.prompting import Demonstration
from app.pipeline.text import fold_label


class Demonstrator:
    """Finds the listings of gold that are most like one: of its category, by the cosine of their titles.

    Liu et al.: What Makes Good In-Context Examples for GPT-3? (DeeLIO 2022).
    """

    def __init__(self, examples: Sequence[Demonstration], encoder: Encoder) -> None:
        self._encoder = encoder
        self._by_category: dict[str, list[Demonstration]] = defaultdict(list)
        for example in examples:
            self._by_category[example.category].append(example)
        self._vectors: dict[str, Any] = {}

    def like(self, category: str, title: str, most: int) -> tuple[Demonstration, ...]:
        """Return up to ``most`` demonstrations, the best one last: what a model read last it follows most.

        The listing itself is never shown, nor is one of another category: its attributes would be others.
        """
        examples = self._by_category.get(category, [])
        if not examples:
            return ()
        if category not in self._vectors:
            self._vectors[category] = self._encoder.encode([example.texts["title"] for example in examples])
        cosines = self._vectors[category] @ self._encoder.encode([title])[0]
        own = _words(title)
        ranked = sorted(range(len(examples)), key=lambda number: -float(cosines[number]))
        best = [examples[n] for n in ranked if _words(examples[n].texts["title"]) != own][:most]
        return tuple(reversed(best))


class ValueDictionary:
    """Values that gold has for an attribute of a category, where most of their mentions are values of it."""

    LEAST_SEEN = 3
    LEAST_PRECISION = 0.8
    """Share of the titles with these words in which they are the attribute's value."""

    def __init__(self, examples: Sequence[Demonstration]) -> None:
        tagged: Counter[tuple[str, str, str]] = Counter()
        for example in examples:
            tagged.update((example.category, a, v) for a, values in example.answer.items() for v in values)
        titles = defaultdict[str, list[str]](list)
        for example in examples:
            titles[example.category].append(example.texts["title"])
        self._values: dict[tuple[str, str], list[str]] = defaultdict(list)
        for (category, attribute, value), count in tagged.items():
            if count >= self.LEAST_SEEN:
                mentions = sum(bool(_place(value, title)) for title in titles[category])
                if mentions and count / mentions >= self.LEAST_PRECISION:
                    self._values[category, attribute].append(value)
        for values in self._values.values():
            values.sort(key=lambda value: (-len(value), value))

    def fill(
        self, category: str, attributes: Sequence[str], title: str, found: Mapping[str, Sequence[str]]
    ) -> dict[str, str]:
        """Return a value for attributes that have none: the longest that the title holds outside all others found."""
        taken = [place for values in found.values() for v in values if (place := _place(v, title))]
        filled: dict[str, str] = {}
        for attribute in attributes:
            if found.get(attribute):
                continue
            for value in self._values.get((category, attribute), ()):
                place = _place(value, title)
                if place and all(place.end() <= t.start() or place.start() >= t.end() for t in taken):
                    filled[attribute] = value
                    taken.append(place)
                    break
        return filled


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", fold_label(title))


def _place(value: str, title: str) -> re.Match[str] | None:
    """Return where a value stands as whole words; a Chinese one may stand anywhere."""
    before = r"(?<!\w)" if re.match(r"[^\W\u3040-\u30ff\u3400-\u9fff]", value) else ""
    after = r"(?!\w)" if re.search(r"[^\W\u3040-\u30ff\u3400-\u9fff]$", value) else ""
    return re.search(f"{before}{re.escape(value)}{after}", title)
