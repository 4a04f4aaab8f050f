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

_BUCKETS, _SHIFT = 1 << 20, np.uint32(32 - 20)
_A, _B, _C = np.uint32(2654435761), np.uint32(2246822519), np.uint32(3266489917)
_BLANK = 32
_ONE = np.uint32(1)
_LONGEST = 255
_NONE = np.empty(0, np.uint32)


@dataclass(frozen=True, kw_only=True, slots=True)
class GramIndex:
    """Texts by their runs of three characters; text i is the i-th by length."""

    bounds: NDArray[np.uint32]
    """(buckets + 1): where each bucket's list begins in ``postings``."""
    postings: NDArray[np.uint32]
    """Numbers of texts, ascending in every bucket."""
    signatures: NDArray[np.uint32]
    """For each of the postings, a bit for each character of its text, by a hash of 32 values. Repeated beside every
    posting, since one array per text would be read all over memory."""
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
        signatures = np.zeros(len(texts), np.uint32)
        np.bitwise_or.at(signatures, owners, _bits(codes))
        postings = of[np.argsort(grams, kind="stable")]
        return cls(
            bounds=bounds,
            postings=postings,
            signatures=signatures[postings],
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
        # of the lists' own type: for another one, searchsorted would copy every list
        fitting = self.shorter[[min(max(0, size), _LONGEST + 1) for size in (len(text) - edits, len(text) + edits + 1)]]
        numbers, signatures = [_NONE], [_NONE]
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            low, high = self.postings[begin:end].searchsorted(fitting).tolist()
            if low < high:
                numbers.append(self.postings[begin + low : begin + high])
                signatures.append(self.signatures[begin + low : begin + high])
        differing = np.bitwise_count(np.concatenate(signatures) ^ np.bitwise_or.reduce(_bits(codes)))
        return _commonest(np.concatenate(numbers)[differing <= 2 * edits], most)


def _commonest(numbers: NDArray[np.uint32], most: int) -> NDArray[np.uint32]:
    """Return the distinct numbers, at most so many: those that occur most often."""
    if not len(numbers):
        return numbers
    numbers.sort()  # with what follows, np.unique's counts in half the time
    new = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=new[1:])
    first = np.flatnonzero(new)
    if len(first) <= most:
        return numbers[first]
    times = np.empty(len(first), np.int64)
    np.subtract(first[1:], first[:-1], out=times[:-1])
    times[-1] = len(numbers) - first[-1]
    return numbers[first[np.argpartition(-times, most)[:most]]]


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _grams(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the bucket of each run of three characters; the caller leaves out runs across a blank."""
    mixed = (codes[:-2] * _A) ^ (codes[1:-1] * _B) ^ (codes[2:] * _C)
    grams: NDArray[np.uint32] = (mixed * _A) >> _SHIFT
    return grams


def _bits(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    bits: NDArray[np.uint32] = np.left_shift(_ONE, (codes * _A) >> np.uint32(27))
    bits[codes == _BLANK] = 0
    return bits
