"""Shares of right tags by kind (fuse.kinds), each drawn towards the share of the next wider kind.

The levels: source, match method, place of the evidence, attribute, and the listing's language. Empirical Bayes in its
simplest form: a kind's share is that of its own tags and of some pseudo-tags as right as the wider kind's. A kind seen
too seldom is not in the table, so the next wider one answers for it. Languages ask for more on both counts: of fewer
tags than `LANGUAGE_LEAST` their shares were worse out of fold than their attribute's (eval.calibrate prints both).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.pipeline.fuse import LANGUAGE_MARK

SMOOTHING, LANGUAGE_SMOOTHING = 4.0, 20.0
"""Pseudo-tags at the wider kind's share."""
LEAST, LANGUAGE_LEAST = 8, 15
"""A kind seen less often is answered by the wider one."""

Judged = tuple[tuple[str, ...], bool]
"""The kinds of a tag, and whether it is right."""


def counted(graded: Sequence[Judged], *, languages: bool = False) -> dict[str, float]:
    """Return the share of right tags by kind, widest kinds first; without ``languages`` that level is left out."""
    seen: dict[str, list[bool]] = {}
    parents: dict[str, str | None] = {}
    for of, right in graded:
        for kind, parent in zip(of, (*of[1:], None), strict=True):
            if languages or LANGUAGE_MARK not in kind:
                seen.setdefault(kind, []).append(right)
                parents[kind] = parent
    table: dict[str, float] = {}
    overall = sum(right for _, right in graded) / len(graded)
    for kind in sorted(seen, key=lambda k: (k.count("/"), LANGUAGE_MARK in k)):
        least, smoothing = (LANGUAGE_LEAST, LANGUAGE_SMOOTHING) if LANGUAGE_MARK in kind else (LEAST, SMOOTHING)
        parent = parents[kind]
        if parent is None or len(seen[kind]) >= least:
            expected = _inherited(table, parents, parent, overall)
            if parent in table and len(seen[kind]) == len(seen[parent]):
                table[kind] = expected  # the same tags: counted once more they would claim certainty
            else:
                table[kind] = (sum(seen[kind]) + smoothing * expected) / (len(seen[kind]) + smoothing)
    return table


def _inherited(
    table: Mapping[str, float], parents: Mapping[str, str | None], kind: str | None, overall: float
) -> float:
    while kind is not None and kind not in table:
        kind = parents[kind]
    return table[kind] if kind is not None else overall
