"""Scores how values are written under value formats: `python -m eval.normalization GOLD.jsonl [--train TRAIN.jsonl]`.

GOLD has for every value its normalised form (`gold` and `gold_normalized`). A slot, one attribute of one listing, is
right when the set of values is exactly the gold one, case included. Doing nothing is printed beside it. --train names
gold from which names and classes are learned (value formats with `learned`); without it they stay as they are.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from app.adapters.format_files import read_formats
from app.adapters.rule_files import read_rules
from app.bootstrap import RULES, data_folder
from app.domain.errors import InvalidFile
from app.pipeline.quantities.quantity_values import QuantityReader
from app.pipeline.quantities.units import Units
from app.pipeline.quantities.value_forms import ValueWriter, taught
from eval.metrics import Counts, paired_bootstrap

LEFT_OUT = "Product Type"
"""Its normalised form is a classification of the product, no way of writing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """The values of one attribute of one listing, as sellers write them and as they are wanted."""

    listing: str
    category: str
    attribute: str
    raw: tuple[str, ...]
    wanted: tuple[str, ...]


Write = Callable[[Slot], Sequence[str]]


def read_slots(path: Path) -> list[Slot]:
    """Return the annotated slots of a gold file; InvalidFile where it has no normalised gold."""
    return list(_slots(path))


def _slots(path: Path) -> Iterator[Slot]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row: dict[str, Any] = json.loads(line)
        if "gold_normalized" not in row:
            raise InvalidFile(f"{path}, line {number}: no gold_normalized", hint="wdc-pave has it")
        for attribute, raw in row["gold"].items():
            if raw and attribute != LEFT_OUT:
                yield Slot(
                    listing=row["id"], category=row["category"], attribute=attribute,
                    raw=tuple(raw), wanted=tuple(row["gold_normalized"][attribute]),
                )  # fmt: skip


def writers(slots: Sequence[Slot], formats: Path) -> Iterator[tuple[str, Write]]:
    """Yield (name, how it writes a slot): doing nothing, the formats alone, and with what they learn from ``slots``."""
    rules = read_rules(data_folder("taxonomy") / RULES)
    units, reader = Units(rules.quantities), QuantityReader(rules, "en")
    known = read_formats(formats, units)
    yield "nothing", attrgetter("raw")
    yield "formats", _writing(ValueWriter(known, reader, units))
    if slots:
        learned = taught(known, ((s.attribute, s.category, s.raw, s.wanted) for s in slots))
        yield "+ train", _writing(ValueWriter(learned, reader, units))


def _writing(writer: ValueWriter) -> Write:
    return lambda slot: [one.text for one in writer.write(slot.attribute, slot.category, slot.raw)]


def right(slot: Slot, write: Write) -> bool:
    """Say whether a slot is written as wanted: the same set of values."""
    return set(write(slot)) == set(slot.wanted)


def by_listing(slots: Sequence[Slot], write: Write) -> list[Counts]:
    """Count right slots per listing, the unit that is resampled."""
    counted: dict[str, Counts] = {}
    for slot in slots:
        counted[slot.listing] = counted.get(slot.listing, Counts()) + Counts(int(right(slot, write)), 1, 1)
    return list(counted.values())


def report(slots: Sequence[Slot], ways: Sequence[tuple[str, Write]]) -> Iterator[str]:
    """Yield a table: slots right per attribute and in all, in per cent, with 95 % intervals (bootstrap) for all."""
    names = [name for name, _ in ways]
    yield f"{'attribute':<28}{'slots':>6}" + "".join(f"{name:>10}" for name in names)
    for attribute, size in Counter(slot.attribute for slot in slots).most_common():
        of = [slot for slot in slots if slot.attribute == attribute]
        shares = (100 * sum(right(slot, write) for slot in of) / size for _, write in ways)
        yield f"{attribute:<28}{size:>6}" + "".join(f"{share:>10.1f}" for share in shares)
    counts = {name: by_listing(slots, write) for name, write in ways}
    for name in names:
        zero = [Counts()] * len(counts[name])
        share, low, high = (100 * x for x in paired_bootstrap(counts[name], zero, attrgetter("recall")))
        gained = (100 * x for x in paired_bootstrap(counts[name], counts[names[0]], attrgetter("recall")))
        difference = "" if name == names[0] else "   over nothing {:+.1f} [{:+.1f}, {:+.1f}]".format(*gained)
        yield f"all, {name:<23}{len(slots):>6}{share:>10.1f} [{low:.1f}, {high:.1f}]{difference}"


def wrong(slots: Sequence[Slot], write: Write) -> Iterator[str]:
    """Yield the slots that are not written as wanted."""
    for slot in slots:
        if not right(slot, write):
            yield f"{slot.listing} {slot.attribute}: {slot.raw} -> {tuple(write(slot))}, wanted {slot.wanted}"


def main() -> None:
    """Print the table of a gold file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--train", type=Path, help="gold that names and classes are learned from")
    parser.add_argument("--formats", type=Path, default=Path(__file__).parent / "formats" / "wdc-pave.yaml")
    parser.add_argument("--wrong", action="store_true", help="print the slots that are wrong as well")
    options = parser.parse_args()
    slots = read_slots(options.gold)
    ways = list(writers(read_slots(options.train) if options.train else [], options.formats))
    print("\n".join(report(slots, ways)))
    if options.wrong:
        print("\n".join(wrong(slots, ways[-1][1])))


if __name__ == "__main__":
    main()
