"""SKOS as Turtle (W3C Recommendation, 2014), written node by node.

Not rdflib's serialiser: it holds and sorts the whole graph, 1.3 kB a triple, more than a gigabyte for a million labels.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from typing import IO

from app.pipeline.exports.skos import PREFIXES, Node, Text, Uri


def write(nodes: Iterable[Node], out: IO[str]) -> int:
    """Write nodes; return the number of triples."""
    for prefix, uri in PREFIXES.items():
        out.write(f"@prefix {prefix}: <{uri}> .\n")
    triples = 0
    for node in nodes:
        out.write(f"\n<{node.uri}> a {node.type}")
        for predicate, said in groupby(node.properties, key=lambda each: each[0]):
            objects = [_term(value) for _, value in said]
            out.write(f" ;\n    {predicate} {', '.join(objects)}")
            triples += len(objects)
        out.write(" .\n")
        triples += 1
    return triples


def _term(value: Text | Uri | bool) -> str:
    if isinstance(value, Uri):
        return f"<{value.value}>"
    if isinstance(value, bool):
        return "true" if value else "false"
    # the escapes of JSON are a part of Turtle's
    text = json.dumps(value.value, ensure_ascii=False)
    return f"{text}@{value.lang}" if value.lang else text
