"""Ids out of a source's keys: the same key gives the same id whenever it is imported.

Where two keys give one id, the key that needed no change keeps it and the others get the source's number, or a digest
of the key, behind it. So an id never depends on the order of the source.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_NOT_IN_WORD = re.compile(r"[^a-z0-9_]")
_NOT_IN_NAME = re.compile(r"[^a-z0-9_.+-]")


class Wanted(NamedTuple):
    """A key of the source, the text its id is made of, and its number there."""

    key: str
    name: str
    tail: str


def assign(
    wanted: Iterable[Wanted], *, word: bool, reserved: frozenset[str] = frozenset()
) -> tuple[Mapping[str, str], tuple[tuple[str, ...], ...]]:
    """Return key -> id part, unique, and the groups of keys that would have had the same.

    ``word``: letters, digits and `_` only (attributes), else `.`, `+` and `-` too. No key gets a ``reserved`` part.
    """
    groups: dict[str, list[Wanted]] = defaultdict(list)
    for each in wanted:
        groups[_slug(each, word=word)].append(each)
    ids: dict[str, str] = {}
    taken = set(groups)
    for slug, group in groups.items():
        exact = [each for each in group if each.name == slug]
        for each in group:
            if slug not in reserved and (len(group) == 1 or exact == [each]):
                ids[each.key] = slug
                continue
            told = f"{slug}_{_part(each.tail, word=word) or _digest(each.key)}"
            if told in taken:
                told = f"{slug}_{_digest(each.key)}"
            taken.add(told)
            ids[each.key] = told
    return ids, tuple(tuple(each.key for each in group) for group in groups.values() if len(group) > 1)


def _slug(wanted: Wanted, *, word: bool) -> str:
    return _part(wanted.name, word=word) or f"x{_digest(wanted.key)}"


def _part(text: str, *, word: bool) -> str:
    """Return what an id may hold of a text; "" where no letter or digit is left."""
    part = (_NOT_IN_WORD if word else _NOT_IN_NAME).sub("_", text.lower()).lstrip("_.+-")
    return part if any(char != "_" for char in part) else ""


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]
