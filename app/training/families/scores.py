"""How well a predictor does on held-out listings of train: what a card states and what training stops by.

The definitions (slots, strict, sets) are those of eval/harness/protocols.py, which judges: training may not import it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.adapters.families.extractor import Predictor, Values
from app.training.families.gold import GoldListing

Known = Callable[[str], Sequence[str]]


def held_out_scores(predictor: Predictor, held: Sequence[GoldListing], known: Known) -> dict[str, float]:
    """Return F1 in per cent of a predictor on listings it was not trained on."""
    values = predictor.predict([item.listing for item in held], [item.category for item in held])
    return f1(list(zip(held, values, strict=True)), known)


def f1(answers: Sequence[tuple[GoldListing, Values]], known: Known) -> dict[str, float]:
    """Return micro F1 by slots, strict and sets, in per cent, and how many listings were counted."""
    sums: dict[str, list[int]] = {"slots": [0, 0], "strict": [0, 0], "sets": [0, 0]}
    for item, values in answers:
        gold = {a: vs for a, vs in item.gold.items() if vs}
        made = {a: vs for a, vs in values.items() if vs and a in known(item.category)}
        right = sum(vs[0] in gold.get(a, ()) for a, vs in made.items())
        _add(sums["slots"], right, len(gold) + sum(a in item.gold for a in made))
        _add(sums["strict"], right, len(gold) + len(made))
        wanted = {(a, v.strip().casefold()) for a, vs in gold.items() for v in vs}
        pairs = {(a, v.strip().casefold()) for a, vs in made.items() for v in vs}
        _add(sums["sets"], len(wanted & pairs), len(wanted) + len(pairs))
    scores = {name: round(200 * right / total, 2) if total else 0.0 for name, (right, total) in sums.items()}
    return {**scores, "listings": len(answers)}


def _add(into: list[int], right: int, total: int) -> None:
    into[0] += right
    into[1] += total
