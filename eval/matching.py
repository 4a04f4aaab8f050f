"""Does the normaliser map values onto the right concepts, and leave alone what means none of them?

`python -m eval.matching [--pairs PAIRS.jsonl] [--strangers WORDS.txt] [--against FOLDER]`: hand-checked (value,
language) pairs against the default taxonomy; and real words that no product taxonomy has, with no attribute to narrow
it down, against FOLDER. Of both it prints what is right, and every wrong match that was accepted.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from app.bootstrap import open_normalizer
from app.pipeline.matching.normalize import Normalizer
from app.settings import load_settings

GOLD = Path(__file__).parent / "gold"


def on_pairs(normalizer: Normalizer, path: Path) -> None:
    """Print how many pairs are right per language, and what is wrong.

    ``or_nothing`` in a row: only a broader concept is there, and to leave the value unmatched is right as well.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    right, of, wrong, missed = Counter[str](), Counter[str](), [], []
    for row in rows:
        found = normalizer.match(row["value"], row["attribute"], row["lang"].partition("-")[0])
        given, expected = found and found[0], row["expected"]
        of[row["lang"]] += 1
        if given in expected or (given is None and (not expected or row.get("or_nothing"))):
            right[row["lang"]] += 1
        else:
            line = f"{row['lang']} {row['attribute']}: {row['value']!r}"
            if found is None:
                missed.append(f"{line} missed, should be {expected[0]}")
            else:
                how = f"{found[1].method} {found[1].score:g} {found[1].label!r}"
                wrong.append(f"{line} is not {given} ({how}) but {' or '.join(expected) or 'nothing'}")
    total = right.total()
    share = 100 * total / len(rows)
    print(f"{path.name}: {total} of {len(rows)} right, {share:.1f} %; {len(wrong)} wrong matches accepted")
    print("  " + "  ".join(f"{lang} {right[lang]}/{count}" for lang, count in of.items()))
    print(*(f"  {line}" for line in (*wrong, *missed)), sep="\n")


def on_strangers(normalizer: Normalizer, path: Path) -> None:
    """Print how many words that are in no taxonomy are taken for one that is."""
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]
    taken = []
    for word, lang, *_ in lines:
        found = normalizer.match(word, None, lang.partition("-")[0])
        if found is not None:
            taken.append(
                f"{lang} {word!r} taken for {found[1].label!r} ({found[1].locale}, {found[1].score:g}, {found[0]})"
            )
    rate = 100 * len(taken) / len(lines)
    print(
        f"{path.name}: {len(taken)} of {len(lines)} words taken for a label of {normalizer.taxonomy.name}, {rate:.2f} %"
    )
    print(*(f"  {line}" for line in taken), sep="\n")


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description="Right and wrong matches of the normaliser.")
    parser.add_argument("--pairs", type=Path, default=GOLD / "normalisation.jsonl")
    parser.add_argument("--strangers", type=Path, default=GOLD / "strangers.txt")
    parser.add_argument("--against", type=Path, help="Taxonomy folder for the strangers; the default one when left out")
    arguments = parser.parse_args()
    on_pairs(open_normalizer(load_settings()), arguments.pairs)
    on_strangers(open_normalizer(load_settings(taxonomy=arguments.against)), arguments.strangers)


if __name__ == "__main__":
    main()
