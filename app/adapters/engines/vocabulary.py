"""Cuts a base's vocabulary down to what a shop in the taxonomy's languages needs.

Gemma knows 262,144 tokens for 140 languages. Its output layer is read whole for every token decoded: 94 of 157 MB, most
of it for words that no listing here can hold. What is left out is spelled with smaller tokens, in the end with bytes:
nothing becomes unreadable, other scripts only longer. eval/LOG.md has what it gains and costs.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.adapters.engines.gguf_files import copy_metadata, finish

LATIN_TOKENS = 100_000
"""Of Latin letters and of none, tokens among the so many commonest stay: a token's number is its rank as a merge."""
_TOKENS, _TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"
_PER_TOKEN = (_TOKENS, _TYPES, "tokenizer.ggml.scores")
_NORMAL, _CONTROL = 1, 3
_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA")


def cut_vocabulary(base: Path, out: Path) -> None:
    """Write a GGUF base with the kept tokens alone; rows of the embedding are copied as they are.

    Only SentencePiece's tokenizer can spell by bytes what it lacks: a base with another one is copied whole.
    """
    import gguf

    reader = gguf.GGUFReader(base)
    if reader.fields["tokenizer.ggml.model"].contents() != "llama":
        shutil.copyfile(base, out)
        return
    columns = {name: reader.fields[name].contents() for name in _PER_TOKEN}
    kept = kept_tokens(columns[_TOKENS], columns[_TYPES])
    writer = gguf.GGUFWriter(out, reader.fields["general.architecture"].contents())
    changed: dict[str, Any] = {name: [column[i] for i in kept] for name, column in columns.items()}
    number = {int(old): new for new, old in enumerate(kept)}
    for name, field in reader.fields.items():
        if name.startswith("tokenizer.ggml.") and name.endswith("_token_id"):
            changed[name] = number[field.contents()]
    copy_metadata(reader, writer, changed)
    for tensor in reader.tensors:
        data = np.asarray(tensor.data)
        rows = data[kept] if tensor.name in ("token_embd.weight", "output.weight") else data
        writer.add_tensor(tensor.name, rows, raw_dtype=tensor.tensor_type)
    finish(writer)


def kept_tokens(tokens: Sequence[str], types: Sequence[int]) -> NDArray[np.int64]:
    """Return the numbers of the tokens to keep, in order.

    With a token stays whatever it is merged from: parts are commoner than the whole and of the same scripts.
    """
    return np.array([i for i, (token, kind) in enumerate(zip(tokens, types, strict=True)) if _keeps(i, token, kind)])


def _keeps(number: int, token: str, kind: int) -> bool:
    if kind == _CONTROL:
        return not token.startswith("<unused")
    if kind != _NORMAL or len(token) == 1:
        return True
    scripts = {unicodedata.name(c, "?").split()[0] for c in token if c.isalpha()}
    if scripts and scripts.issubset(_EAST_ASIAN):
        return True
    return number < LATIN_TOKENS and scripts.issubset(("LATIN", *_EAST_ASIAN))
