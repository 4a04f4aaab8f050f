"""The grammars under which engines decode, in llguidance's dialect of Lark. None allows white space between tokens:
a schema that does lets a model fill its budget with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.pipeline.ports import Prompt

_CHUNK = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff_]+|.", re.DOTALL)
"""A word of a script with blanks between words, or a single character of anything else."""


def grammar_of(prompt: Prompt, *, lead: str = "") -> str:
    """Return the grammar of a prompt's answer: its schema, and its spans where it has any.

    ``lead`` may stand before the answer: a tokenizer that puts a blank before every text has taught its model so.
    """
    rules = _copying(prompt.schema, prompt.spans) if prompt.spans else _free(prompt.schema)
    start = f"start: {_quoted(lead)}? answer" if lead else "start: answer"
    return "\n".join(["%llguidance {}", start, *rules])


def _free(schema: Mapping[str, Any]) -> list[str]:
    """Return rules for any answer of a schema; properties come in the schema's order."""
    compact = {"x-guidance": {"whitespace_flexible": False}, **schema}
    return [f"answer: %json {json.dumps(compact, ensure_ascii=False)}"]


def _copying(schema: Mapping[str, Any], spans: Sequence[str]) -> list[str]:
    """Return rules for an object of arrays of strings, each string a run of whole words out of one of the spans."""
    names = list(schema["properties"])
    rules = ['answer: "{}" | "{" p0 "}"']
    for number, name in enumerate(names):
        limit = schema["properties"][name]["maxItems"]
        member = f"{_quoted(json.dumps(name, ensure_ascii=False) + ':')} values{limit}"
        if number + 1 < len(names):
            rules.append(f'p{number}: {member} ("," p{number + 1})? | p{number + 1}')
        else:
            rules.append(f"p{number}: {member}")
    longest = min(property_["items"]["maxLength"] for property_ in schema["properties"].values())
    for limit in {property_["maxItems"] for property_ in schema["properties"].values()}:
        more = f' ("," string){{0,{limit - 1}}}' if limit > 1 else ""
        rules.append(f'values{limit}: "[" string{more} "]"')
    rules.append(f"string: {' | '.join(f'QUOTE SPAN{n} QUOTE' for n in range(len(spans)))}")
    rules.append(f"QUOTE: {_quoted(chr(34))}")
    for number, span in enumerate(spans):
        chunks = [json.dumps(chunk, ensure_ascii=False)[1:-1] for chunk in _CHUNK.findall(span)]
        run = json.dumps({"substring_chunks": chunks}, ensure_ascii=False)
        # no run is empty, starts with a blank or is longer than the schema allows
        rules.append(f"SPAN{number}: %regex {run} & /(?s:[^ ].{{0,{longest - 1}}})/")
    return rules


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
