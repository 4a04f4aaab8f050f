"""Finds texts that differ from a query by a few letters, without comparing it with every text.

Every text is cut into overlapping runs of three characters. An edit destroys at most three of them (a swap of
neighbours four), so a text within k edits still shares one of any 3k + 1 runs of the query; the rarest are looked up
(the prefix filter of Chaudhuri, Ganti and Kaushik, "A primitive operator for similarity joins", ICDE 2006). Texts are
numbered by length, so one slice of each list holds those of a fitting length, and a signature of the characters that
occur rules out most of the rest before any text is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BUCKETS = 1 << 20
_A, _B, _C = np.uint32(2654435761), np.uint32(2246822519), np.uint32(3266489917)
_BLANK = 32
_LONGEST = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class GramIndex:
    """Texts by their runs of three characters; text i is the i-th by length."""

    bounds: NDArray[np.uint32]
    """(buckets + 1): where each bucket's list begins in ``postings``."""
    postings: NDArray[np.uint32]
    """Numbers of texts, ascending in every bucket."""
    signatures: NDArray[np.uint64]
    """(texts): a bit for each character that occurs, by a hash of 64 values."""
    shorter: NDArray[np.uint32]
    """(257): how many texts have fewer characters than the position says."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> GramIndex:
        """Return the index of texts that are sorted by length."""
        lengths = np.fromiter((len(text) for text in texts), np.int64, len(texts))
        codes = _codes("".join(f" {text} " for text in texts))
        owners = np.repeat(np.arange(len(texts), dtype=np.uint32), lengths + 2)
        grams, whole = _grams(codes), codes[1:-1] != _BLANK
        whole &= owners[:-2] == owners[2:]
        grams, of = grams[whole], owners[:-2][whole]
        bounds = np.zeros(_BUCKETS + 1, np.uint32)
        bounds[1:] = np.cumsum(np.bincount(grams, minlength=_BUCKETS))
        signatures = np.zeros(len(texts), np.uint64)
        np.bitwise_or.at(signatures, owners, _bits(codes))
        return cls(
            bounds=bounds,
            postings=of[np.argsort(grams, kind="stable")],
            signatures=signatures,
            shorter=np.searchsorted(lengths, np.arange(_LONGEST + 2)).astype(np.uint32),
        )

    def near(self, text: str, edits: int, most: int) -> NDArray[np.uint32]:
        """Return the numbers of texts that may be within so many edits, at most ``most``, those likest first.

        Texts whose words are in another order are among them.
        """
        codes = _codes(f" {text} ")
        grams = _grams(codes)[codes[1:-1] != _BLANK]
        begins, ends = self.bounds[grams], self.bounds[grams + 1]
        needed = 3 * edits + 1
        if len(grams) > needed:
            rarest = np.argpartition(ends - begins, needed)[:needed]
            begins, ends = begins[rarest], ends[rarest]
        shortest = self.shorter[min(max(0, len(text) - edits), _LONGEST + 1)]
        longest = self.shorter[min(len(text) + edits + 1, _LONGEST + 1)]
        parts = []
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            posting = self.postings[begin:end]
            low, high = posting.searchsorted((shortest, longest))
            parts.append(posting[low:high])
        found = np.concatenate(parts) if parts else np.empty(0, np.uint32)
        signature = np.bitwise_or.reduce(_bits(codes))
        found = found[np.bitwise_count(self.signatures[found] ^ signature) <= 2 * edits]
        numbers, shared = np.unique(found, return_counts=True)
        if len(numbers) > most:
            numbers = numbers[np.argpartition(-shared, most)[:most]]
        return numbers


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _grams(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the bucket of each run of three characters; the caller leaves out runs across a blank."""
    mixed: NDArray[np.uint32] = (codes[:-2] * _A) ^ (codes[1:-1] * _B) ^ (codes[2:] * _C)
    mixed ^= mixed >> np.uint32(15)
    mixed *= _A
    mixed ^= mixed >> np.uint32(13)
    mixed &= np.uint32(_BUCKETS - 1)
    return mixed


def _bits(codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
    bit = np.uint64(1) << ((codes * _A) >> np.uint32(26)).astype(np.uint64)
    return np.where(codes == _BLANK, np.uint64(0), bit)
