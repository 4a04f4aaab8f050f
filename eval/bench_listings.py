"""Distinct listings for measuring: the project's own gold listings, made unique by a model number."""

from __future__ import annotations

import random
import re

from app.domain.listing import Listing
from eval.harness.gold import FOLDER, read_gold


def bench_listings(count: int, *, description: int, seed: int) -> list[Listing]:
    """Return ``count`` listings in all languages, each with a description of so many characters (0: title only).

    Descriptions are sentences of listings in the same language, so their tokens are those of real text.
    """
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    gold = read_gold(FOLDER / "listings.jsonl").listings
    sentences: dict[str, list[str]] = {}
    for item in gold:
        found = re.findall(r"[^.。!！?？]+[.。!！?？]", item.listing.description)
        sentences.setdefault(item.lang, []).extend(sentence.strip() for sentence in found)
    made = []
    for number in range(count):
        item = gold[number % len(gold)]
        pool = sentences[item.lang]
        text = item.listing.description
        while len(text) < description:
            text += f" {rng.choice(pool)}"
        title = f"{rng.choice('ABCDEFGH')}{rng.randrange(10**6)} {item.listing.title}"
        made.append(Listing(title=title, description=text[:description]))
    return made
