"""SKOS as JSON-LD 1.1 (W3C Recommendation, 2020), a node a line; labels are language maps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Any

from app.pipeline.exports.skos import PREFIXES, Node, Text

_MAPS = ("skos:prefLabel", "skos:altLabel", "tagwright:ambiguousLabel")
_LINKS = (
    *("dcterms:isPartOf", "dcterms:isReplacedBy", "tagwright:relevant", "tagwright:valuesFrom"),
    *(f"skos:{name}" for name in ("inScheme", "topConceptOf", "broader", "narrower", "exactMatch", "closeMatch")),
)
CONTEXT = (
    dict(PREFIXES)
    | {name: {"@id": name, "@container": "@language"} for name in _MAPS}
    | {name: {"@id": name, "@type": "@id"} for name in _LINKS}
)


def write(nodes: Iterable[Node], out: IO[str]) -> int:
    """Write nodes; return the number of triples."""
    out.write(f'{{"@context": {json.dumps(CONTEXT)},\n"@graph": [')
    triples = 0
    for number, node in enumerate(nodes):
        out.write(",\n" if number else "\n")
        out.write(json.dumps(_object(node), ensure_ascii=False))
        triples += 1 + len(node.properties)
    out.write("\n]}\n")
    return triples


def _object(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {"@id": node.uri, "@type": node.type}
    for predicate, value in node.properties:
        if isinstance(value, Text) and value.lang is not None:
            _add(made.setdefault(predicate, {}), value.lang, value.value)
        else:
            _add(made, predicate, value if isinstance(value, bool) else value.value)
    return made


def _add(place: dict[str, Any], key: str, value: Any) -> None:
    """Put a value under a key: alone, or in a list with those that are there."""
    if key not in place:
        place[key] = value
    elif isinstance(place[key], list):
        place[key].append(value)
    else:
        place[key] = [place[key], value]
