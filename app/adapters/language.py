"""Language identification: py3langid (BSD-3) by the letters, and the taxonomy's labels by the words.

Titles are short and full of names and English words: "Nike Sneaker Gr. 41 schwarz". What py3langid says of so few
letters is seldom wrong about the script and often about the language; a word that labels have in German alone decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from copy import copy
from functools import cached_property, partial
from itertools import chain, islice
from typing import Any

from app.domain.taxonomy import Taxonomy

_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST_LABELS = 200_000
"""Labels whose words are learnt; those of the default taxonomy are a third of that."""
_NAMES = "brand"
"""The attribute whose labels are of no language."""
Words = Mapping[str, frozenset[str]]
"""A word, lower case -> the languages (ISO 639-1) whose labels have it."""


class Py3LangId:
    """See ports.LanguageIdentifier.

    One of the taxonomy's languages is expected; only a long text is said to be in another one.
    """

    SURE, LONG = 0.95, 60
    WORD, NATIVE = 4.0, 6.0
    """What a word counts, in nats beside py3langid's probability, and one that no English label has: sellers borrow
    English words, and seldom others. Chosen on train titles (eval/LOG.md, 25)."""

    def __init__(self, expected: frozenset[str], words: Callable[[], Words] = dict) -> None:
        """``words`` is called once, for the first text: reading all labels takes a while."""
        self._expected = expected
        self._read_words = words

    def identify(self, text: str) -> tuple[str, float]:
        """Return (ISO 639-1 code, probability 0..1)."""
        lowered = text.lower()
        if len(text) >= self.LONG:
            code, probability = self._whole.classify(lowered)
            if code not in self._expected and probability >= self.SURE:
                return str(code), float(probability)
        scores = {str(code): math.log(max(float(share), 1e-9)) for code, share in self._narrow.rank(lowered)}
        for word in _WORD.findall(lowered):
            languages = self._words.get(word, frozenset())
            weight = self.WORD if "en" in languages else self.NATIVE
            for code in languages:
                scores[code] += weight
        best = max(scores, key=scores.__getitem__)
        return best, 1 / sum(math.exp(score - scores[best]) for score in scores.values())

    @cached_property
    def _words(self) -> Words:
        return self._read_words()

    @cached_property
    def _whole(self) -> Any:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    @cached_property
    def _narrow(self) -> Any:
        identifier = copy(self._whole)  # shares the tables, which take half a second to unpack
        identifier.set_languages(sorted(self._expected))
        return identifier


def open_identifier(taxonomy: Taxonomy) -> Py3LangId:
    """Return what tells the languages of a taxonomy apart."""
    return Py3LangId(frozenset(locale.split("-")[0] for locale in taxonomy.locales), partial(words_of, taxonomy))


def words_of(taxonomy: Taxonomy) -> Words:
    """Return the languages of the words of a taxonomy's labels."""
    concepts = (c for c in chain(taxonomy.attributes.values(), taxonomy.concepts.values()) if c.attribute != _NAMES)
    labels = islice((label for concept in concepts for label in concept.labels), _MOST_LABELS)
    found: dict[str, frozenset[str]] = {}
    kept: dict[frozenset[str], frozenset[str]] = {}
    for label in labels:
        language = label.locale.split("-")[0]
        for word in _WORD.findall(label.text.lower()):
            known = found.get(word, frozenset())
            if language not in known:
                joined = known | {language}
                found[word] = kept.setdefault(joined, joined)  # a few hundred sets, not one a word
    return found
