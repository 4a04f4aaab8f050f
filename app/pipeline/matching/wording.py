"""How people word values, language by language: what taxonomy/rules-*/values.yaml says, with the cues of contexts.yaml.

Everything is folded (app.pipeline.text.fold_value) when it is read, as values are before they are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.pipeline.matching.ages import Ages

ANY = "*"
"""Stands for every attribute."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What one language does to a label when it becomes a value: words around it, endings, compounds."""

    head: str = "last"
    """Where the word stands that says what a thing is: "first" or "last"."""
    fillers: frozenset[str] = frozenset()
    """Words that leave a value what it is: "light", "premium", "for", "100"."""
    frames: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Attribute or `ANY` -> words (Chinese and Japanese: last characters) that only name the attribute: "coloured"."""
    prefixes: tuple[str, ...] = ()
    """Chinese and Japanese: characters before a value that leave it what it is."""
    numbers: tuple[tuple[str, ...], ...] = ()
    """Endings that stand for each other where a word changes its number, longest first."""
    genders: tuple[tuple[str, ...], ...] = ()
    """The same for gender and case: adjectives have them, and nouns would become other nouns."""
    spellings: Mapping[str, str] = field(default_factory=dict)
    """Letters that are also written otherwise: "ae" -> "a"."""
    parts: frozenset[str] = frozenset()
    """First parts of compounds that leave the head what it is: "natur"."""
    heads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Attribute -> heads that say what it is, whatever stands before: "blau" at the end of a German word."""
    doubled: str = ""
    """What stands for the word before it said once more: Indonesian "abu2"."""
    links: tuple[str, ...] = ()
    """Words between two that sellers leave out: "zapatillas (de) running"."""
    joiners: frozenset[str] = frozenset()
    """Words between two values: "and"."""
    names: frozenset[str] = frozenset()
    """Phrases that hold a label and mean something else: "cotton candy"."""
    negations: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    """Words that deny what comes after them, and what comes before."""
    imitations: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    """Words that say of what comes after them, or before, that it only looks like it."""

    def frame(self, attribute: str) -> tuple[str, ...]:
        """Return the words that only name an attribute."""
        return self.frames.get(attribute, ()) + self.frames.get(ANY, ())

    def only_fills(self, word: str, attribute: str) -> bool:
        """Say whether a word only fills a value: Spanish "tela" is no canvas, as it is in Italian."""
        return word in self.fillers or word in self.frame(attribute)


@dataclass(frozen=True, kw_only=True)
class Wordings:
    """The wording of every language; English words are understood in all of them."""

    languages: Mapping[str, Wording] = field(default_factory=dict)
    """By ISO 639-1 code."""
    nouns: frozenset[str] = frozenset()
    """Attributes whose values are nouns: another gender is another thing (Spanish "plata", "plato")."""
    imitated: frozenset[str] = frozenset()
    """Attributes that "look" and the like deny: a leather look is no leather, but a silver look is silver."""
    phrased: frozenset[str] = frozenset()
    """Attributes whose values are told by phrases, which the encoder understands: "manga larga abullonada"."""
    ages: Ages = field(default_factory=Ages)

    def of(self, lang: str) -> Wording:
        """Return the wording of a language."""
        return self.languages.get(lang, _NEUTRAL)


_NEUTRAL = Wording()
