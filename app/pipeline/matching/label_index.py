"""All labels of a taxonomy, folded, for lookups that do not depend on how many there are.

The arrays can be built in memory or mapped from files (adapters/compiled.py), so that processes share one copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from mmap import mmap
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from app.domain.taxonomy import Concept, Taxonomy
from app.pipeline.matching.gram_index import GramIndex
from app.pipeline.text import fold_value, is_cjk

_COMPARED_ONE_BY_ONE = 2000
"""Labels of a scope: up to so many, comparing with all of them is faster than looking for candidates."""
_CANDIDATES = 48
_SCANNED = 20_000
"""Places at which a piece is found, before a search for more gives up."""
_PREFERRED, _STANDALONE = 1, 2


class Entry(NamedTuple):
    """A label as the index has it: which concept's, and what decides between labels."""

    concept_id: str
    attribute: str
    locale: str
    preferred: bool
    standalone: bool
    place: int
    """Of the label among its concept's."""


def distance(label: Entry, lang: str) -> int:
    """Return 0 for a label of a language (ISO 639-1), 1 for an English one, 2 for any other."""
    if label.locale.partition("-")[0] == lang:
        return 0
    return 1 if label.locale == "en" else 2


@dataclass(frozen=True, kw_only=True)
class LabelArrays:
    """Keys are the distinct folded labels, by length; labels stand in the order of their keys."""

    trie: Any
    """marisa_trie.Trie of the keys."""
    key_of: NDArray[np.uint32]
    """(keys): the key that the trie's number stands for."""
    texts: bytes | mmap
    """The keys in UTF-8, a line feed before each and at the end."""
    text_at: NDArray[np.uint32]
    """(keys + 1): where each begins, its line feed left out."""
    label_at: NDArray[np.uint32]
    """(keys + 1): its first label."""
    concept: NDArray[np.uint32]
    place: NDArray[np.uint16]
    locale: NDArray[np.uint8]
    attribute: NDArray[np.uint16]
    flags: NDArray[np.uint8]
    grams: GramIndex
    concept_ids: Sequence[str]
    attributes: Sequence[str]
    locales: Sequence[str]

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> LabelArrays:
        """Return the arrays of concepts; those out of use are left out."""
        import marisa_trie

        ids: list[str] = []
        attributes: dict[str, int] = {}
        locales: dict[str, int] = {}
        rows: dict[str, list[tuple[int, int, int, int, int]]] = {}
        for concept in concepts:
            if not concept.usable:
                continue
            attribute = attributes.setdefault(concept.attribute, len(attributes))
            for place, label in enumerate(concept.labels):
                flags = _PREFERRED * label.preferred + _STANDALONE * label.standalone
                locale = locales.setdefault(label.locale, len(locales))
                rows.setdefault(fold_value(label.text), []).append((len(ids), place, locale, attribute, flags))
            ids.append(concept.id)
        rows.pop("", None)
        keys = sorted(rows, key=lambda key: (len(key), key))
        trie = marisa_trie.Trie(keys)
        key_of = np.empty(len(keys), np.uint32)
        key_of[np.fromiter(map(trie.get, keys), np.int64, len(keys))] = np.arange(len(keys))
        table = np.array([row for key in keys for row in rows[key]], np.uint32).reshape(-1, 5).T
        return cls(
            trie=trie,
            key_of=key_of,
            texts="".join(f"\n{key}" for key in [*keys, ""]).encode(),
            text_at=_offsets([len(key.encode()) + 1 for key in keys], first=1),
            label_at=_offsets([len(rows[key]) for key in keys]),
            concept=table[0],
            place=table[1].astype(np.uint16),
            locale=table[2].astype(np.uint8),
            attribute=table[3].astype(np.uint16),
            flags=table[4].astype(np.uint8),
            grams=GramIndex.of(keys),
            concept_ids=ids,
            attributes=tuple(attributes),
            locales=tuple(locales),
        )


def _offsets(lengths: list[int], first: int = 0) -> NDArray[np.uint32]:
    return np.cumsum([first, *lengths]).astype(np.uint32)


class Labels(Protocol):
    """What finds labels by their text; texts are folded (`fold_value`) by the caller."""

    def equal(self, folded: str, attribute: str | None = None) -> list[Entry]:
        """Return the labels that are exactly this text."""
        ...

    def alike(self, folded: str, attribute: str | None, cutoff: float, limit: int = 12) -> list[tuple[int, float]]:
        """Return (key, score) of the labels that resemble a text by at least ``cutoff`` of 100, best first."""
        ...

    def entries(self, key: int, attribute: str | None = None) -> list[Entry]:
        """Return the labels of a key: those of one attribute, or all."""
        ...

    def holding(self, folded: str, attribute: str | None) -> Iterator[tuple[str, list[Entry]]]:
        """Yield (text, its labels) of the labels that hold a text as a piece, the shortest first."""
        ...

    def text(self, key: int) -> str:
        """Return the folded label of a key."""
        ...


class LabelIndex:
    """Finds labels that equal, resemble or hold a text. Texts are folded (`fold_value`) by the caller."""

    def __init__(self, arrays: LabelArrays) -> None:
        self._arrays = arrays
        self._get = arrays.trie.get
        # memory views give Python's own integers, several times faster than numpy's scalars
        self._key_of: memoryview[int] = arrays.key_of.data
        self._label_at: memoryview[int] = arrays.label_at.data
        self._text_at: memoryview[int] = arrays.text_at.data
        self._concept: memoryview[int] = arrays.concept.data
        self._attribute: memoryview[int] = arrays.attribute.data
        self._locale: memoryview[int] = arrays.locale.data
        self._flags: memoryview[int] = arrays.flags.data
        self._place: memoryview[int] = arrays.place.data
        self._numbers = {name: number for number, name in enumerate(arrays.attributes)}
        self._one_by_one = lru_cache(maxsize=1024)(self._texts_of)

    @classmethod
    def of(cls, taxonomy: Taxonomy) -> LabelIndex:
        """Return the index of a taxonomy's attributes and concepts, in memory."""
        return cls(LabelArrays.of((*taxonomy.attributes.values(), *taxonomy.concepts.values())))

    def key(self, folded: str) -> int | None:
        """Return the number of the label that is exactly this text."""
        number = self._get(folded)
        return None if number is None else self._key_of[number]

    def equal(self, folded: str, attribute: str | None = None) -> list[Entry]:
        """Return the labels that are exactly this text."""
        key = self.key(folded)
        return [] if key is None else self.entries(key, attribute)

    def alike(self, folded: str, attribute: str | None, cutoff: float, limit: int = 12) -> list[tuple[int, float]]:
        """Return (key, score) of the labels that resemble a text by at least ``cutoff`` of 100, best first.

        The measure is RapidFuzz's ratio, of the words as they stand or sorted, whichever is more; within one script.
        """
        number = None if attribute is None else self._numbers.get(attribute, -1)
        if number == -1:
            return []
        if number is not None and len(self._keys_by_attribute[number]) <= _COMPARED_ONE_BY_ONE:
            texts = self._one_by_one(number)
        else:
            texts = self._candidates(folded, number, cutoff)
        scorers = (fuzz.ratio, fuzz.token_sort_ratio) if " " in folded else (fuzz.ratio,)
        scores: dict[int, float] = {}
        cjk = is_cjk(folded)
        for scorer in scorers:
            for text, score, key in process.extract(folded, texts, scorer=scorer, score_cutoff=cutoff, limit=limit):
                if is_cjk(text) == cjk:
                    scores[key] = max(score, scores.get(key, 0.0))
        return sorted(scores.items(), key=lambda item: -item[1])[:limit]

    def holding(self, folded: str, attribute: str | None) -> Iterator[tuple[str, list[Entry]]]:
        """Yield (text, its labels) of the labels that hold a text as a piece, the shortest first."""
        number = None if attribute is None else self._numbers.get(attribute, -1)
        if number is not None and (number < 0 or len(self._keys_by_attribute[number]) <= _COMPARED_ONE_BY_ONE):
            texts = self._one_by_one(number) if number >= 0 else {}
            yield from ((text, self.entries(key, attribute)) for key, text in texts.items() if folded in text)
            return
        for key in self._scan(folded.encode()):
            entries = self.entries(key, attribute)
            if entries:
                yield self.text(key), entries

    def entries(self, key: int, attribute: str | None = None) -> list[Entry]:
        """Return the labels of a key: those of one attribute, or all."""
        first, end = self._label_at[key], self._label_at[key + 1]
        if attribute is None:
            return [self._entry(at) for at in range(first, end)]
        number = self._numbers.get(attribute, -1)
        return [self._entry(at) for at in range(first, end) if self._attribute[at] == number]

    def _entry(self, at: int) -> Entry:
        arrays, flags = self._arrays, self._flags[at]
        return Entry(
            arrays.concept_ids[self._concept[at]],
            arrays.attributes[self._attribute[at]],
            arrays.locales[self._locale[at]],
            flags & _PREFERRED > 0,
            flags & _STANDALONE > 0,
            self._place[at],
        )

    def text(self, key: int) -> str:
        """Return the folded label of a key."""
        return self._arrays.texts[self._text_at[key] : self._text_at[key + 1] - 1].decode()

    def __len__(self) -> int:
        """Return the number of labels."""
        return len(self._arrays.concept)

    def _candidates(self, folded: str, attribute: int | None, cutoff: float) -> dict[int, str]:
        # a ratio of c: at most (1 - c) of both lengths are insertions and deletions, two of which change a letter
        edits = max(1, min(2 if len(folded) < 16 else 3, round((100 - cutoff) / 100 * len(folded))))
        keys = self._arrays.grams.near(folded, edits, _CANDIDATES)
        if attribute is not None:
            scope = self._keys_by_attribute[attribute]
            at = scope.searchsorted(keys)
            keys = keys[scope[np.minimum(at, len(scope) - 1)] == keys]
        return {key: self.text(key) for key in keys.tolist()}

    def _scan(self, piece: bytes) -> Iterator[int]:
        """Yield the keys that hold a piece, each once."""
        found, last = -1, -1
        for _ in range(_SCANNED):
            found = self._arrays.texts.find(piece, found + 1)
            if found < 0:
                return
            key = int(self._arrays.text_at.searchsorted(found, "right")) - 1
            if key != last:
                yield key
            last = key

    def _texts_of(self, attribute: int) -> dict[int, str]:
        return {key: self.text(key) for key in self._keys_by_attribute[attribute].tolist()}

    @cached_property
    def _keys_by_attribute(self) -> list[NDArray[np.uint32]]:
        """The keys that have a label of each attribute, ascending."""
        arrays = self._arrays
        keys = np.repeat(np.arange(len(arrays.key_of), dtype=np.uint32), np.diff(arrays.label_at))
        order = np.argsort(arrays.attribute, kind="stable")
        bounds = np.searchsorted(arrays.attribute[order], np.arange(len(arrays.attributes) + 1))
        return [np.unique(keys[order[low:high]]) for low, high in pairwise(bounds)]
