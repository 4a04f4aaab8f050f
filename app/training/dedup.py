"""Leaves out listings that say what another says: exactly, or nearly (MinHash over token shingles, banded).

Broder, "On the resemblance and containment of documents", 1997; banding as in Leskovec et al., "Mining of Massive
Datasets", ch. 3. With 8 bands of 4 rows two listings of resemblance 0.8 meet in 98 of 100 cases, of 0.4 in 19; those
that meet are compared in full.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterable, Iterator

from app.training.generator.example import Example
from app.training.leaks import jaccard

_TOKEN = re.compile(r"[一-鿿぀-ヿ]|[^\W_]+")
"""Words; of Chinese and Japanese, characters."""
_BANDS, _ROWS = 8, 4
_PRIME = (1 << 61) - 1
_SEEDS = random.Random(17)  # noqa: S311 - not for secrets
_HASHES = [(_SEEDS.randrange(1, _PRIME), _SEEDS.randrange(_PRIME)) for _ in range(_BANDS * _ROWS)]


class Seen:
    """What was kept so far; other texts (a dev set's) can be put in first."""

    def __init__(self, resemblance: float = 0.8) -> None:
        self.resemblance = resemblance
        """Jaccard similarity of shingles from which two texts count as one."""
        self._exact: set[frozenset[int]] = set()
        self._kept: list[frozenset[int]] = []
        self._bands: dict[tuple[int, ...], list[int]] = {}

    def add(self, text: str) -> bool:
        """Keep the text and return True; False where the same or nearly the same was kept before."""
        shingles = shingles_of(text)
        if shingles in self._exact:
            return False
        bands = list(_bands(shingles))
        near = {number for band in bands for number in self._bands.get(band, ())}
        if any(jaccard(shingles, self._kept[number]) >= self.resemblance for number in near):
            return False
        for band in bands:
            self._bands.setdefault(band, []).append(len(self._kept))
        self._exact.add(shingles)
        self._kept.append(shingles)
        return True


def distinct(examples: Iterable[Example], seen: Seen | None = None) -> Iterator[Example]:
    """Yield the examples whose title and description are no copy, and nearly no copy, of one before."""
    seen = Seen() if seen is None else seen
    return (example for example in examples if seen.add(f"{example.texts['title']}\n{example.texts['description']}"))


def shingles_of(text: str) -> frozenset[int]:
    """Return hashes of the pairs of neighbouring tokens, case and punctuation aside; of one token, its own."""
    tokens = _TOKEN.findall(text.casefold())
    pairs = zip(tokens, tokens[1:], strict=False) if len(tokens) > 1 else ((token, "") for token in tokens)
    return frozenset(zlib.crc32(f"{first} {second}".encode()) for first, second in pairs)


def _bands(shingles: frozenset[int]) -> Iterator[tuple[int, ...]]:
    if not shingles:
        return
    least = [min((a * shingle + b) % _PRIME for shingle in shingles) for a, b in _HASHES]
    yield from ((band, *least[band * _ROWS : (band + 1) * _ROWS]) for band in range(_BANDS))
