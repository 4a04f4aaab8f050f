"""Scores tags against listings whose full tags are known: `python -m eval.tagging [GOLD.jsonl] [--errors]`.

A gold line is a listing (`title`, `description`, `attributes`, `reviews`, `lang`) with `tags`: the ids of all its tags,
the category (deepest node) among them. Every returned tag that is not gold is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.bootstrap import open_service
from app.domain.listing import Listing
from app.domain.tags import TagSet
from app.pipeline.fuse import Calibration
from app.pipeline.tagger import GenerativeTagger
from app.settings import load_settings
from eval.metrics import Counts, total

GOLD = Path(__file__).with_name("gold")


@dataclass(frozen=True, slots=True)
class GoldListing:
    """A listing and the ids of all its tags."""

    listing: Listing
    tags: frozenset[str]
    lang: str


def read_gold(path: Path) -> list[GoldListing]:
    """Return the listings of a gold file; the language is not given to the tagger, which must find it."""
    return [_gold(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _gold(row: dict[str, Any]) -> GoldListing:
    listing = Listing(
        title=row["title"],
        description=row.get("description") or "",
        reviews=tuple(row.get("reviews") or ()),
        attributes=tuple((row.get("attributes") or {}).items()),
    )
    return GoldListing(listing, frozenset(row["tags"]), row["lang"])


def count(gold: GoldListing, tags: TagSet) -> Counts:
    """Count one listing: each tag id once."""
    made = {tag.id for tag in tags.tags}
    return Counts(len(made & gold.tags), len(made), len(gold.tags))


async def tag_all(
    gold: Sequence[GoldListing], *, with_model: bool = True, calibration: Calibration | None = None
) -> list[TagSet]:
    """Tag gold listings by what is served, uncached; ``calibration`` replaces the one that ships."""
    service = await open_service(load_settings(), with_model=with_model, with_store=False)
    try:
        tagger = service.tagger
        if calibration is not None:
            tagger = GenerativeTagger(replace(tagger.parts, calibration=calibration))
        return list(await tagger.tag([item.listing for item in gold]))
    finally:
        await service.close()


def report(gold: Sequence[GoldListing], answers: Sequence[TagSet], *, errors: bool) -> str:
    """Return precision and recall, overall, by language and by attribute."""
    counts = [count(item, tags) for item, tags in zip(gold, answers, strict=True)]
    lines = [_line("all", total(counts))]
    for lang in dict.fromkeys(item.lang for item in gold):
        lines.append(_line(lang, total(c for c, item in zip(counts, gold, strict=True) if item.lang == lang)))
    lines += _by_attribute(gold, answers)
    if errors:
        lines += _errors(gold, answers)
    return "\n".join(lines)


def _by_attribute(gold: Sequence[GoldListing], answers: Sequence[TagSet]) -> list[str]:
    right: Counter[str] = Counter()
    made: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for item, tags in zip(gold, answers, strict=True):
        ids = {tag.id for tag in tags.tags}
        for counter, chosen in ((right, ids & item.tags), (made, ids), (wanted, item.tags)):
            counter.update(x.split(":")[0] for x in chosen)
    names = sorted(wanted | made, key=lambda name: -wanted[name])
    return [_line(f"  {name}", Counts(right[name], made[name], wanted[name])) for name in names]


def _errors(gold: Sequence[GoldListing], answers: Sequence[TagSet]) -> list[str]:
    lines: list[str] = []
    for item, tags in zip(gold, answers, strict=True):
        ids = {tag.id for tag in tags.tags}
        wrong = [f"+{t.id}({t.source},{t.match.method},{t.raw!r})" for t in tags.tags if t.id not in item.tags]
        wrong += [f"-{missing}" for missing in sorted(item.tags - ids)]
        if wrong or tags.partial:
            lines.append(
                f"{item.lang} {item.listing.title}\n    {'  '.join(wrong)}{' PARTIAL' if tags.partial else ''}"
            )
    return lines


def _line(name: str, counts: Counts) -> str:
    return (
        f"{name:<22} precision {100 * counts.precision:5.1f}  recall {100 * counts.recall:5.1f}  "
        f"({counts.right} right of {counts.predicted} given, {counts.gold} gold)"
    )


def main() -> None:
    """Print the scores of a gold file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path, nargs="?", default=GOLD / "listings.jsonl")
    parser.add_argument("--rules-only", action="store_true")
    parser.add_argument("--errors", action="store_true", help="show every wrong and every missing tag")
    options = parser.parse_args()
    gold = read_gold(options.gold)
    answers = asyncio.run(tag_all(gold, with_model=not options.rules_only))
    print(report(gold, answers, errors=options.errors))


if __name__ == "__main__":
    main()
