"""Mappings between taxonomies as files: what people publish and review.

    # mapping.yaml                                        mapping.csv
    - from: color:marine                                  from,to,relation,reason
      to: color:navy           # a list: split            color:marine,color:navy,exact,the same shade
      relation: exact          # the default              color:gold,color:gold_tone|color:yellow,,split
      reason: the same shade                              color:none,,,nothing stands for it

A ``.jsonl`` file has one such mapping a line. ``to: null``, in CSV an empty cell, says that nothing stands for it.
``relation`` is what the target is to the source: exact, broader, narrower or related.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml

from app.adapters.taxonomy_files import load_marked
from app.adapters.whole_files import replacing
from app.domain.errors import InvalidFile
from app.domain.mapping import Mapped, Origin, Relation

F = TypeVar("F")

_COLUMNS = ("from", "to", "relation", "reason")
_SEPARATOR = "|"
_Row = tuple[int, Any]
"""(line, what stands there)."""


def read_mapping(path: Path) -> tuple[Mapped, ...]:
    """Return the rows of a mapping; InvalidFile names the line that cannot be one."""
    read = _form(path, _READERS)
    try:
        rows = list(read(path.read_bytes().decode("utf-8-sig")))
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be read: {exc.strerror}", field="mapping") from exc
    except (ValueError, TypeError, yaml.YAMLError, csv.Error) as exc:
        raise InvalidFile(f"{path} cannot be read as a mapping: {' '.join(str(exc).split())}", field="mapping") from exc
    first: dict[str, int] = {}
    mapped = []
    for line, raw in rows:
        try:
            row = _mapped(raw)
        except (KeyError, TypeError, ValueError) as exc:
            raise InvalidFile(f"{path} line {line}: {exc.args[0]}", field="mapping", hint=_HINT) from exc
        if row.source in first:
            raise InvalidFile(
                f"{path} line {line}: {row.source} is mapped in line {first[row.source]}", field="mapping"
            )
        first[row.source] = line
        mapped.append(row)
    return tuple(mapped)


def write_mapping(path: Path, rows: Iterable[Mapped]) -> None:
    """Write rows in the form that the file's ending names; `read_mapping` reads them."""
    write = _form(path, _WRITERS)
    text = write([_raw(row) for row in rows])
    try:
        with replacing(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be written: {exc.strerror}", field="mapping") from exc


_HINT = "a mapping has from, to, and where wanted relation (exact, broader, narrower, related) and reason"


def _mapped(raw: Any) -> Mapped:
    if not isinstance(raw, dict):
        raise TypeError(f"{raw!r} is no mapping")
    unknown = [key for key in raw if key not in _COLUMNS]
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}")
    if "to" not in raw:
        raise ValueError("`to` is missing; say null where nothing stands for it")
    source, to = raw.get("from"), raw["to"]
    targets = [] if to is None else to if isinstance(to, list) else [to]
    if not all(isinstance(one, str) and one for one in (source, *targets)):
        raise ValueError(f"`from` and `to` are ids, not {source!r} and {to!r}")
    relation = raw.get("relation") or Relation.EXACT
    if relation not in list(Relation):
        raise ValueError(f"relation is {', '.join(Relation)}, not {relation!r}")
    return Mapped(
        source=str(source),
        targets=tuple(dict.fromkeys(targets)),
        origin=Origin.PUBLISHED,
        relation=Relation(relation),
        reason=str(raw.get("reason") or ""),
    )


def _raw(row: Mapped) -> dict[str, Any]:
    to = row.targets[0] if len(row.targets) == 1 else list(row.targets) or None
    why = ": ".join(part for part in (row.origin.value, row.reason) if part)
    if row.candidates:
        why += f" ({', '.join(row.candidates)})"
    return {"from": row.source, "to": to, "relation": row.relation.value, "reason": why}


def _read_yaml(text: str) -> Iterator[_Row]:
    marked = load_marked(text.encode())
    for key, line in marked.twice:
        raise ValueError(f"line {line}: the key {key} stands twice")
    for raw, lines in zip(marked.rows, marked.lines, strict=True):
        yield lines[""], raw


def _read_csv(text: str) -> Iterator[_Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    for row in reader:
        if None in row or None in row.values():
            raise ValueError(f"line {reader.line_num}: not as many cells as the header has columns")
        cells: dict[str, Any] = dict(row)
        if "to" in cells:
            cells["to"] = [part.strip() for part in cells["to"].split(_SEPARATOR)] if cells["to"].strip() else None
        yield reader.line_num, cells


def _read_jsonl(text: str) -> Iterator[_Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as exc:
                raise ValueError(f"line {number}: {exc}") from exc


def _write_yaml(rows: list[dict[str, Any]]) -> str:
    return yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=120)


def _write_csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        to = row["to"]
        writer.writerow(row | {"to": _SEPARATOR.join(to) if isinstance(to, list) else to or ""})
    return out.getvalue()


def _write_jsonl(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


_READERS: dict[str, Callable[[str], Iterator[_Row]]] = {".yaml": _read_yaml, ".csv": _read_csv, ".jsonl": _read_jsonl}
_WRITERS: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    ".yaml": _write_yaml,
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
}


def _form(path: Path, forms: dict[str, F]) -> F:
    found = forms.get(path.suffix.lower())
    if found is None:
        raise InvalidFile(f"{path} is no mapping: its name must end in {', '.join(forms)}", field="mapping")
    return found
