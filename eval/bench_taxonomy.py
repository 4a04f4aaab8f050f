"""Lookups in all of Shopify's labels, beside comparing with every label: `make bench-taxonomy`.

One core, one run. Queries, seed fixed, in eight languages: real values of the gold sets, labels with one and with two
typos, labels with their words swapped. Brute force is RapidFuzz's `process.extractOne` over the same labels, on 300 of
the queries; there the two are compared pair by pair.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process

from app.adapters.compiled import open_compiled
from app.pipeline.matching.label_index import LabelIndex
from app.pipeline.text import fold_value
from app.settings import load_settings

SHARED = Path(__file__).resolve().parents[2] / "shared"
ARCHIVE = SHARED / "taxonomies" / "shopify-product-taxonomy-2025-08.tar.xz"
LANGUAGES = ("en", "de", "fr", "es", "it", "id", "ja", "zh-CN")
QUERIES, COMPARED, LEAST_ALIKE = 5000, 300, 60.0
SCORERS = {"ratio": fuzz.ratio, "token_set_ratio": fuzz.token_set_ratio, "WRatio": fuzz.WRatio}


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A folded text, and the label that it was made of; None for a real value that is no label."""

    text: str
    kind: str
    meant: str | None


def queries(labels: dict[str, set[str]], real: dict[str, list[str]], known: Callable[[str], bool]) -> list[Query]:
    """Return the queries: an equal number of each kind and language, as far as there are real values in it."""
    draw = random.Random(20261124)
    made: list[Query] = []
    each = QUERIES // len(LANGUAGES) // 4
    for lang in LANGUAGES:
        pool = sorted(labels[lang])
        long = [label for label in pool if len(label) >= 8]
        several = [label for label in pool if " " in label] or long
        values = sorted(set(real.get(lang, ())))
        for value in draw.sample(values, min(each, len(values))):
            made.append(Query(text=value, kind="real value", meant=value if known(value) else None))
        for label in draw.sample(pool, 2 * each - min(each, len(values))):
            made.append(Query(text=typo(label, draw), kind="one typo", meant=label))
        for label in draw.sample(long, each):
            made.append(Query(text=typo(typo(label, draw), draw), kind="two typos", meant=label))
        for label in (draw.choice(several) for _ in range(each)):
            words = label.split()
            draw.shuffle(words)
            made.append(Query(text=" ".join(words), kind="words swapped", meant=label))
    return [query for query in made if fold_value(query.text)]


def typo(text: str, draw: random.Random) -> str:
    """Return a text with one letter left out, put in, replaced, or swapped with its neighbour."""
    at = draw.randrange(len(text))
    letters = "abcdefghijklmnopqrstuvwxyz" if text.isascii() else text.replace(" ", "")
    kind = draw.choice(("out", "in", "instead", "swap"))
    if kind == "out" and len(text) > 3:
        changed = text[:at] + text[at + 1 :]
    elif kind == "swap" and at + 1 < len(text):
        changed = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    else:
        changed = text[:at] + draw.choice(letters) + text[at + (kind == "instead") :]
    return fold_value(changed) or text


def real_values() -> dict[str, list[str]]:
    """Return folded gold values of the dev sets, by language."""
    found: dict[str, list[str]] = {}
    for path in sorted((SHARED / "data").glob("*/dev.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            lang = {"zh": "zh-CN"}.get(row["lang"], row["lang"])
            for values in row["gold"].values():
                found.setdefault(lang, []).extend(filter(None, map(fold_value, values or ())))
    return found


def exact(index: LabelIndex, texts: Sequence[str]) -> tuple[float, float]:
    """Return lookups a second: of a label as written, to its number; and to all its concepts."""
    plain = len(texts) / _best(lambda: [index.key(fold_value(text)) for text in texts])
    few = texts[:2000]
    whole = len(few) / _best(lambda: [index.equal(fold_value(text)) for text in few])
    return plain, whole


def fuzzy(index: LabelIndex, asked: Sequence[Query]) -> tuple[list[float], list[str | None]]:
    """Return seconds and the best label of each query."""
    times, best = [], []
    for query in asked:
        began = time.perf_counter()
        found = index.alike(query.text, None, LEAST_ALIKE, 5)
        times.append(time.perf_counter() - began)
        best.append(index.text(found[0][0]) if found else None)
    return times, best


def brute(labels: Sequence[str], asked: Sequence[Query], scorer: Callable[..., float]) -> tuple[float, list[str]]:
    """Return mean seconds and the best label of each query."""
    began = time.perf_counter()
    best = [process.extractOne(query.text, labels, scorer=scorer)[0] for query in asked]
    return (time.perf_counter() - began) / len(asked), best


def right(asked: Iterable[Query], best: Iterable[str | None], kind: str | None = None) -> str:
    """Return the share of queries with a known label that were answered with it."""
    pairs = [(q.meant == b) for q, b in zip(asked, best, strict=True) if q.meant and kind in (None, q.kind)]
    return f"{100 * sum(pairs) / len(pairs):.1f} % of {len(pairs)}" if pairs else "-"


def opened(folder: Path) -> str:
    """Return how long a fresh process takes to open the compiled taxonomy and find a label, and its memory."""
    code = (
        "import time, resource; from pathlib import Path; from app.adapters.compiled import open_compiled;"
        "began = time.perf_counter();"
        f"t, i = open_compiled(Path({str(folder)!r}), Path({str(load_settings().home)!r}));"
        "i.alike('stainles steel', None, 60.0); took = time.perf_counter() - began;"
        "print(f'{took:.2f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB')"
    )
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    """Run the benchmark and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "folder", type=Path, nargs="?", help="An imported taxonomy; Shopify's is imported when left out"
    )
    folder = parser.parse_args().folder or imported()
    taxonomy, index = open_compiled(folder, load_settings().home)
    assert isinstance(index, LabelIndex)
    by_language: dict[str, set[str]] = {lang: set() for lang in LANGUAGES}
    written: list[str] = []
    for label in (label for concept in taxonomy.concepts.values() for label in concept.labels):
        written.append(label.text)
        folded = fold_value(label.text)
        if label.locale in by_language and len(folded) >= (4 if label.locale in ("ja", "zh-CN") else 5):
            by_language[label.locale].add(folded)
    keys = sorted({fold_value(text) for text in written} - {""})
    asked = queries(by_language, real_values(), lambda text: index.key(text) is not None)
    print(
        f"{taxonomy.name} {taxonomy.version}: {len(written):,} labels, {len(keys):,} distinct; {len(asked):,} queries"
    )
    print(f"opened, first lookup done, memory   {opened(folder)}")
    plain, whole = exact(index, random.Random(1).sample(written, 50_000))
    print(f"exact lookups a second              {plain:,.0f} (with all concepts of the label {whole:,.0f})")
    fuzzy(index, asked)  # pages are read from disk once
    times, best = fuzzy(index, asked)
    centiles = statistics.quantiles(times, n=100)
    print(f"fuzzy, all queries                  median {_ms(centiles[49])}, p99 {_ms(centiles[98])}")
    print(f"top-1 of the index                  {right(asked, best)}")
    for kind in dict.fromkeys(query.kind for query in asked):
        print(f"  {kind:<33} {right(asked, best, kind)}")
    some = random.Random(2).sample(range(len(asked)), COMPARED)
    compared = [asked[i] for i in some]
    mine = statistics.fmean(times[i] for i in some)
    correct = right(compared, [best[i] for i in some])
    print(f"the same {COMPARED} queries: index          {_ms(mine)} each, top-1 {correct}")
    for name, scorer in SCORERS.items():
        seconds, answers = brute(keys, compared, scorer)
        faster, correct = seconds / mine, right(compared, answers)
        print(f"  brute force, {name:<20} {_ms(seconds)} each, {faster:,.0f} times, top-1 {correct}")
    print(f"peak memory of this process         {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def imported() -> Path:
    """Return Shopify's taxonomy as imported under the home folder; imports it when it is not there."""
    folder = load_settings().home / "imports" / "shopify"
    if not (folder / "manifest.yaml").is_file():
        if not ARCHIVE.is_file():
            sys.exit(f"{ARCHIVE} is missing: name an imported taxonomy instead")
        command = ["-m", "app.cli", "taxonomy", "import", str(ARCHIVE), str(folder), "--format", "shopify"]
        subprocess.run([sys.executable, *command], check=True)
    return folder


def _best(work: Callable[[], object]) -> float:
    """Return the least seconds of five runs."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.3f} ms"


if __name__ == "__main__":
    main()
