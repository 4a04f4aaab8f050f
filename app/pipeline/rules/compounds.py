"""Takes closed compounds apart: "Damenlederschuhe" names a category, a gender and a material; so does 女凉鞋.

The head of a German compound stands last. A compound counts only when every part of it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from app.domain.tags import Method
from app.domain.taxonomy import CATEGORY, Concept, Label, Taxonomy
from app.pipeline.rules.document import Field
from app.pipeline.rules.matcher import Hit
from app.pipeline.rules.ruleset import Compounds
from app.pipeline.text import fold_label

_SHORTEST_WORD = 7
_SHORTEST_HEAD = 4
_SHORTEST_PART = 4
_SHORTEST_UNKNOWN = 4
_SHORTEST_HEAD_OF_UNKNOWN = 6
"""Letters of a head whose first part nobody knows: "Fingerhut" is no hat."""

Piece = tuple[str, int, int]
"""A part of a word: text, start, end."""


class Splitter:
    """Finds categories and values inside the words of one language."""

    def __init__(self, taxonomy: Taxonomy, locale: str, rules: Compounds) -> None:
        self._rules = rules
        self._heads: dict[str, list[tuple[Concept, Label]]] = {}
        self._parts: dict[str, list[tuple[Concept, Label]]] = {}
        self._tails: set[str] = set()
        """Heads that are too ambiguous by themselves, but not inside a word that is a category's label as a whole."""
        for concept in taxonomy.concepts.values():
            for label in concept.labels:
                if label.locale == locale and concept.usable:
                    self._learn(concept, label)
        for text, concept_id in rules.parts.items():
            # the data's own entries replace what labels say
            known = taxonomy.concepts.get(concept_id)
            self._parts[text] = [(known, Label(text=text, locale=locale))] if known else []

    def _learn(self, concept: Concept, label: Label) -> None:
        text = fold_label(label.text)
        if not text.isalpha():
            return
        if not label.standalone:
            self._tails.update([text] if concept.attribute == CATEGORY else ())
            return
        if concept.attribute == CATEGORY and len(text) >= _SHORTEST_HEAD:
            self._heads.setdefault(text, []).append((concept, label))
        elif concept.attribute in self._rules.attributes and len(text) >= _SHORTEST_PART:
            self._parts.setdefault(text, []).append((concept, label))

    def find(self, field: Field, hits: Sequence[Hit]) -> Iterator[Hit]:
        """Yield what the field's words are made of; a word that is a category's label keeps that category."""
        for start, end in field.words:
            word = field.text[start:end]
            if len(word) < _SHORTEST_WORD or not word.isalpha():
                continue
            over = [hit for hit in hits if hit.start < end and start < hit.end]
            taken = {hit.attribute for hit in over}
            if CATEGORY in taken:
                yield from (hit for hit in self._qualifiers(word, start) if hit.attribute not in taken)
            elif not over:
                yield from self._split(word, start)

    def _qualifiers(self, word: str, start: int) -> list[Hit]:
        """Return the values in a word whose category is known: the leather of a Lederarmband."""
        for cut in range(1, len(word) - _SHORTEST_HEAD + 1):
            known = word[cut:] in self._heads or word[cut:] in self._tails
            parts = self._chain(word, 0, cut) if known else None
            if parts is not None:
                return [*chain.from_iterable(self._part(piece, start) for piece in parts)]
        return []

    def _split(self, word: str, start: int) -> list[Hit]:
        for ending in ("", *self._rules.endings):
            body = word.removesuffix(ending)
            if ending and (len(body) == len(word) or body not in self._heads):
                continue
            if ending:
                return self._head(body, 0, start)
            for cut in range(1, len(word) - _SHORTEST_HEAD + 1):
                parts = self._chain(word, 0, cut) if word[cut:] in self._heads else None
                if parts is not None:
                    return [*chain.from_iterable(self._part(p, start) for p in parts), *self._head(word, cut, start)]
        return self._unknown(word, start)

    def _unknown(self, word: str, start: int) -> list[Hit]:
        """Return the category at the end of a word whose beginning is unknown: only a guess."""
        for cut in range(_SHORTEST_UNKNOWN, len(word) - _SHORTEST_HEAD_OF_UNKNOWN + 1):
            if word[cut:] in self._heads:
                return self._head(word, cut, start, sure=False)
        return []

    def _chain(self, word: str, begin: int, end: int) -> list[Piece] | None:
        """Return the parts that make up ``word[begin:end]``, links between them left out; None when one is unknown."""
        if begin == end:
            return []
        for cut in range(end, begin, -1):
            if word[begin:cut] not in self._parts:
                continue
            for link in ("", *self._rules.links):
                after = cut + len(link)
                rest = self._chain(word, after, end) if word.startswith(link, cut) and after <= end else None
                if rest is not None:
                    return [(word[begin:cut], begin, cut), *rest]
        return None

    def _part(self, piece: Piece, start: int) -> list[Hit]:
        text, low, high = piece
        return [
            Hit(start + low, start + high, concept.id, concept.attribute, label, Method.RULE)
            for concept, label in self._parts[text]
        ]

    def _head(self, word: str, cut: int, start: int, *, sure: bool = True) -> list[Hit]:
        return [
            Hit(start + cut, start + len(word), concept.id, CATEGORY, label, Method.RULE, sure)
            for concept, label in self._heads[word[cut:]]
        ]


def beside(field: Field, hits: Sequence[Hit], rules: Compounds, taxonomy: Taxonomy, locale: str) -> Iterator[Hit]:
    """Yield single characters beside or at the beginning of a category: 男鞋, 夏季女凉鞋, 连衣裙女."""
    text = field.text
    covered = {at for hit in hits if hit.attribute != CATEGORY for at in range(hit.start, hit.end)}
    for hit in hits:
        for at in (hit.start - 1, hit.start, hit.end) if hit.attribute == CATEGORY else ():
            if not 0 <= at < len(text) or at in covered or text[at] not in rules.beside:
                continue
            followed = text[at + 1 : at + 2]
            concept = taxonomy.concepts.get(rules.beside[text[at]])
            if concept is not None and not (followed and followed in rules.beside_not):
                covered.add(at)
                label = Label(text=text[at], locale=locale)
                yield Hit(at, at + 1, concept.id, concept.attribute, label, Method.RULE)
