"""The grammar under which engines decode: a JSON schema, with no white space between tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def compact_grammar(schema: Mapping[str, Any], *, lead: str = "") -> str:
    """Return a grammar (llguidance's dialect of Lark) of a JSON schema that allows no white space between tokens.

    Properties come in the schema's order. A schema that allows white space lets a model fill its budget with it.
    ``lead`` may stand before the answer: a tokenizer that puts a blank before every text has taught its model so.
    """
    compact = {"x-guidance": {"whitespace_flexible": False}, **schema}
    answer = f"%json {json.dumps(compact, ensure_ascii=False)}"
    start = f"{json.dumps(lead)}? answer\nanswer: {answer}" if lead else answer
    return f"%llguidance {{}}\nstart: {start}"
