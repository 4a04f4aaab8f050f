"""Distillation of any teacher into an adapter: its answers as a set to train on, which a recipe's ``gold`` then names.

    tagwright extract LISTINGS.jsonl ANSWERS.jsonl --schema SCHEMA.json --model TEACHER
    python -m app.training.compress.answers LISTINGS.jsonl ANSWERS.jsonl SCHEMA.json DATA/SET

Sequence-level distillation (Kim, Rush: arXiv 1606.07947): the student learns the teacher's one answer. Listings may be
any whose licence allows it (`python -m app.training.generator` draws some); what stands in a dev set is left out when
the recipe is run, as of any gold. A value that is not in the text was made up, and is dropped.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.adapters.whole_files import making_folder
from app.domain.errors import InvalidFile


def as_set(listings: Path, answers: Path, schema: Path, out: Path) -> int:
    """Make the folder of a set (train.jsonl, schema.json); return how many listings it has.

    A listing that the teacher failed on is left out; InvalidFile where it was not asked about one.
    """
    if out.exists():
        raise InvalidFile(f"there is a set at {out} already", field="out")
    given = {row["id"]: row for row in _rows(answers)}
    made = []
    for row in _rows(listings):
        if row["id"] not in given:
            raise InvalidFile(f"{answers} has no answer on {row['id']!r}", field="answers")
        if (answer := given[row["id"]].get("predicted")) is not None:
            made.append(_gold(row, answer, out.name))
    with making_folder(out) as part:
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made)
        (part / "train.jsonl").write_text(lines, encoding="utf-8")
        shutil.copyfile(schema, part / "schema.json")
        part.chmod(0o755)
    return len(made)


def _gold(row: Mapping[str, Any], answer: Mapping[str, Sequence[str]], name: str) -> dict[str, Any]:
    text = f"{row['title']}\n{row.get('description') or ''}"
    stated = {attribute: [v for v in values if v in text] for attribute, values in answer.items()}
    return {
        "id": f"{name}/train/{row['id']}",
        "dataset": name,
        "lang": row.get("lang") or "",
        "title": row["title"],
        "description": row.get("description"),
        "category": row.get("category"),
        "gold": {attribute: values for attribute, values in stated.items() if values},
    }


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)
    except (OSError, ValueError) as exc:
        raise InvalidFile(f"{path} cannot be read as JSON lines: {exc}") from exc


def main(arguments: Sequence[str]) -> None:
    """Make the set, and say how many listings it has."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("listings", "answers", "schema", "out"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args(arguments)
    number = as_set(options.listings, options.answers, options.schema, options.out)
    print(f"{options.out}: {number} listings")


if __name__ == "__main__":
    main(sys.argv[1:])
