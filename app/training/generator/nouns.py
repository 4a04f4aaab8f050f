"""The nouns that name a category's products: with their gender where it is sure, and the values they state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.taxonomy import CATEGORY, Concept, Taxonomy
from app.training.generator.locale_file import read_data

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_CJK = ("ja", "zh-CN")
_LENIENT = ("sleeve_length", "garment_length", "neckline")
"""Attributes of which a prefLabel is read in a noun even where it could not stand by itself ("midi dress")."""
_VERBS = (
    *("porta", "guarda", "para", "corta", "saca", "lava", "salva", "segna", "asciuga", "copri", "apri", "scalda"),
    *("limpa", "abre", "seca", "rompe", "quita", "tira", "cubre", "mata", "lanza", "monta", "passa", "blocca"),
)
"""First parts of compounds whose last letters say nothing of their gender ("el portavelas")."""
_COMMON = 4
"""The first aliases name the product that most listings of a category sell; those behind name what goes with it too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Noun:
    """A product's noun."""

    text: str
    noun_class: str | None
    common: bool
    held: Sequence[tuple[int, int, Concept]] = ()
    """Values that the noun states: (start, end, value)."""


class Nouns:
    """Nouns of one locale, by category."""

    def __init__(self, taxonomy: Taxonomy, locale: str) -> None:
        self._taxonomy = taxonomy
        self._locale = locale
        self._nouns: dict[str, tuple[Noun, ...]] = {}
        self._labels: dict[str, Mapping[str, Concept]] = {}
        lexicon = read_data("lexicon.yaml").get(locale, {})
        self._classes = {head: noun_class for noun_class, heads in lexicon.items() for head in heads}

    def of(self, category: Concept) -> tuple[Noun, ...]:
        """Return the category's nouns; those that hold part of a word's value are left out where there are others."""
        if category.id not in self._nouns:
            labels = [label for label in category.labels if label.locale == self._locale and label.standalone]
            labels = labels or [label for label in category.labels if label.locale == self._locale]
            # the prefLabel is a storefront's name ("Mugs & Cups"): no seller writes it
            texts = [label.text for label in labels][1:] or [label.text for label in labels]
            made = [self._noun(text, category, number < _COMMON) for number, text in enumerate(texts)]
            self._nouns[category.id] = tuple(n for n in made if n) or (
                Noun(text=texts[0], noun_class=self._class(texts[0]), common=True),
            )
        return self._nouns[category.id]

    def _noun(self, text: str, category: Concept, common: bool) -> Noun | None:
        attributes = [a for a in self._taxonomy.relevant(category.id) if a not in ("brand", "size", CATEGORY)]
        held = list(self._held(text, attributes))
        if self._locale == "de" and any(self._first_part(word, attributes) for word in _WORD.findall(text)):
            return None  # "Lederhandschuhe": which letters state the value is not sure
        return Noun(text=text, noun_class=self._class(text), common=common, held=tuple(held))

    def _held(self, text: str, attributes: Sequence[str]) -> Iterator[tuple[int, int, Concept]]:
        folded = text.lower()  # casefold would move what stands behind an ß
        taken: list[tuple[int, int]] = []
        for start, end in self._windows(folded):
            if any(start < e and s < end for s, e in taken):
                continue
            for attribute in attributes:
                found = self._values(attribute).get(folded[start:end])
                if found is not None:
                    taken.append((start, end))
                    yield start, end, found
                    break

    def _windows(self, text: str) -> list[tuple[int, int]]:
        """Return stretches that may be a label, longest first: of words, or of two characters and more."""
        if self._locale in _CJK:
            size = len(text)
            return sorted(((i, j) for i in range(size) for j in range(i + 2, size + 1)), key=lambda w: w[0] - w[1])
        words = [found.span() for found in _WORD.finditer(text)]
        pairs = [(words[i][0], words[j][1]) for i in range(len(words)) for j in range(i, min(i + 4, len(words)))]
        return sorted(pairs, key=lambda window: window[0] - window[1])

    def _values(self, attribute: str) -> Mapping[str, Concept]:
        if attribute not in self._labels:
            known = self._taxonomy.values(attribute) if attribute in self._taxonomy.attributes else ()
            self._labels[attribute] = {
                label.text.lower(): concept
                for concept in known
                for label in concept.labels
                if label.locale == self._locale and (label.standalone or (attribute in _LENIENT and label.preferred))
            }
        return self._labels[attribute]

    def _first_part(self, word: str, attributes: Sequence[str]) -> bool:
        folded = word.lower()
        return any(
            len(text) > 3 and folded.startswith(text) and folded != text
            for attribute in attributes
            for text in self._values(attribute)
        )

    def _class(self, text: str) -> str | None:
        words = text.casefold().replace("-", " ").split(" ") if self._locale == "de" else text.casefold().split(" ")
        if self._locale == "de":
            return self._german(words[-1])
        if self._locale == "en":
            return "p" if words[-1].endswith("s") and not words[-1].endswith("ss") else "s"
        return self._romance(words[0]) if self._locale in ("fr", "es", "it", "pt-BR") else None

    def _german(self, head: str) -> str | None:
        ends = (head[i:] for i in range(len(head) - 1))
        return next((self._classes[end] for end in ends if end in self._classes), None)

    def _romance(self, head: str) -> str | None:
        if self._classes.get(head) == "other" or (self._locale != "fr" and head.startswith(_VERBS)):
            return None
        if head in self._classes:
            return f"{self._classes[head]}s"
        if self._locale == "fr":
            single = head[:-1] if head.endswith(("s", "x")) else ""
            return f"{self._classes[single]}p" if single in self._classes else None
        return self._by_ending(head)

    def _by_ending(self, head: str) -> str | None:
        """Spanish, Italian, Portuguese: -o is masculine, -a feminine, and their plurals where they are plain."""
        if self._locale == "it":
            return {"o": "ms", "a": "fs"}.get(head[-1:])
        for ending, noun_class in (("os", "mp"), ("as", "fp"), ("o", "ms"), ("a", "fs")):
            if head.endswith(ending):
                single = head[:-1] if len(ending) == 2 else head
                return None if self._classes.get(single) == "other" else noun_class
        single = head[:-2] if head.endswith("es") else head[:-1] if head.endswith("s") else ""
        return f"{self._classes[single]}p" if self._classes.get(single) in ("m", "f") else None
