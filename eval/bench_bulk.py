"""Normalises a million values by one command: `python -m eval.bench_bulk [--taxonomy FOLDER] [--rows N]`.

The values are made from the taxonomy's own labels: as they are, in other case, with their words in another order, with
one or two typos, with a word too many, and words that no label has; how often each occurs follows Zipf's law.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from app.bootstrap import open_taxonomy
from app.domain.taxonomy import Taxonomy
from app.settings import load_settings

ROWS, DISTINCT, SEED = 1_000_000, 260_000, 20261124
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ja", "zh")
_SYLLABLES = ("ba", "ko", "ri", "mu", "ten", "lo", "sha", "vi", "gru", "el", "no", "pas", "qui", "dor")
_KINDS = {"label": 45, "case": 15, "order": 8, "typo": 14, "typos": 4, "more": 6, "unknown": 8}
"""Percent of the distinct values."""


def bulk(taxonomy: Path | None = None, rows: int = ROWS, distinct: int = DISTINCT) -> dict[str, Any]:
    """Run the command on made values and return its numbers, with its CPU time and its largest process's memory."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "values.csv", Path(folder) / "normalised.csv"
        write_values(source, open_taxonomy(load_settings(taxonomy=taxonomy)), rows, distinct)
        words = [sys.executable, "-m", "app.cli", "taxonomy", "normalize", str(source), str(target), "--json"]
        words += ["--taxonomy", str(taxonomy)] if taxonomy is not None else []
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE)
        numbers: dict[str, Any] = json.loads(done.stdout)
        with target.open(encoding="utf-8") as file:
            written = sum(1 for _ in csv.reader(file)) - 1
    if written != rows:
        raise RuntimeError(f"{written} rows were written instead of {rows}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # Linux counts in KiB
    return numbers | {"cpu_seconds": round(cpu, 1), "largest_process_mib": after.ru_maxrss // 1024}


def write_values(path: Path, taxonomy: Taxonomy, rows: int, distinct: int, seed: int = SEED) -> None:
    """Write rows of value, attribute and language; every distinct one stands there at least once."""
    rng = random.Random(seed)
    pool = list(_distinct(taxonomy, distinct, rng))
    rng.shuffle(pool)
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(pool))))
    drawn = [*pool, *rng.choices(pool, cum_weights=weights, k=max(0, rows - len(pool)))][:rows]
    rng.shuffle(drawn)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("value", "attribute", "lang"))
        writer.writerows(drawn)


def _distinct(taxonomy: Taxonomy, wanted: int, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    labels = [
        (label.text, concept.attribute, label.locale)
        for concept in taxonomy.concepts.values()
        for label in concept.labels
        if label.locale.partition("-")[0] in LANGUAGES
    ]
    kinds, weights = list(_KINDS), list(_KINDS.values())
    seen: set[tuple[str, str, str]] = set()
    while len(seen) < wanted:
        text, attribute, locale = rng.choice(labels)
        value = (_changed(text, rng.choices(kinds, weights)[0], rng), attribute, locale)
        if value not in seen:
            seen.add(value)
            yield value


def _changed(text: str, kind: str, rng: random.Random) -> str:
    words = text.split()
    if kind == "case":
        return rng.choice((str.upper, str.lower, str.title, str.swapcase))(text)
    if kind == "order":
        rng.shuffle(words)
        return " ".join(words)
    if kind in ("typo", "typos"):
        return _mistyped(_mistyped(text, rng), rng) if kind == "typos" else _mistyped(text, rng)
    if kind == "more":
        return f"{text} {_word(rng)}"
    return _word(rng) if kind == "unknown" else text


def _mistyped(text: str, rng: random.Random) -> str:
    at, other = rng.randrange(len(text)), rng.choice("abcdefghijklmnopqrstuvwxyz")
    changes = (
        text[:at] + text[at + 1 :],
        text[:at] + other + text[at:],
        text[:at] + other + text[at + 1 :],
        text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
    )
    return rng.choice(changes) or text


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 5)))


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser(description="A million values, normalised by one command.")
    parser.add_argument("--taxonomy", type=Path, help="Taxonomy folder; the default one when left out")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--distinct", type=int, default=DISTINCT)
    arguments = parser.parse_args()
    print(json.dumps(bulk(arguments.taxonomy, arguments.rows, arguments.distinct), indent=2))


if __name__ == "__main__":
    main()
