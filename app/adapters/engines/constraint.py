"""Constrained decoding with outlines: every row of a batch under its own JSON schema.

Outlines' default backend builds the whole automaton of a schema over the vocabulary first; with optional properties,
values of up to 80 characters and 262,144 tokens that does not fit in memory. Its llguidance backend computes the tokens
allowed as it goes, and is what llama.cpp uses in the engine `local`, so both decode under one grammar.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from outlines.backends.llguidance import LLGuidanceBackend
from outlines.models import Transformers
from outlines.processors import OutlinesLogitsProcessor
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from app.adapters.engines.grammar import grammar_of
from app.domain.errors import EngineError, SettingsError
from app.pipeline.ports import Prompt

_SAMPLE = '{"a":["b","c"],"d":[]}'


class SchemaCompiler:
    """Turns the schemas of prompts into constraints for one model; the last ``keep`` grammars stay compiled."""

    def __init__(self, model: Any, tokenizer: Any, *, keep: int = 256) -> None:
        try:
            backend = LLGuidanceBackend(Transformers(model, _readable(tokenizer)))
        except Exception as exc:  # the binding raises bare exceptions
            raise SettingsError(f"the tokenizer cannot be constrained: {exc}", field="TAGWRIGHT_MODEL") from exc
        self._engine = backend.llg
        self._tokenizer = backend.llg_tokenizer
        self._lead = self._lead_of(tokenizer)
        self._keep = keep
        self._compiled: OrderedDict[str, Any] = OrderedDict()

    def constrain(self, prompts: Sequence[Prompt]) -> RowConstraint:
        """Return a processor for one generation, row by row; EngineError for a schema that cannot be compiled."""
        matchers = [self._matcher(grammar_of(prompt, lead=self._lead)) for prompt in prompts]
        return RowConstraint(matchers, end=self._tokenizer.eos_token, vocabulary=self._tokenizer.vocab_size)

    def __len__(self) -> int:
        """Return how many grammars are kept."""
        return len(self._compiled)

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the answer that tokens spell, as the constraint read them (without the tokenizer's leading blank)."""
        text: str = self._tokenizer.decode_str(list(tokens))
        return text.removeprefix(self._lead)

    def _matcher(self, grammar: str) -> Any:
        matcher = self._compiled.get(grammar)
        if matcher is None:
            specification = self._engine.grammar_from("lark", grammar)
            matcher = self._engine.LLMatcher(self._tokenizer, specification, log_level=0)
            if matcher.is_error():
                reason = matcher.get_error().splitlines()[0]
                raise EngineError(f"the schema cannot be compiled: {reason}")
            self._compiled[grammar] = matcher
            while len(self._compiled) > self._keep:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(grammar)
        return matcher.deep_copy()

    def _lead_of(self, tokenizer: Any) -> str:
        """Return what the tokenizer puts before every text, a blank or nothing; SettingsError if JSON is beyond it."""
        spelled = self._tokenizer.decode_str(tokenizer(_SAMPLE, add_special_tokens=False).input_ids)
        if spelled.removeprefix(" ") != _SAMPLE:
            hint = "train one whose vocabulary has braces, or add them: T5's first ones lack them"
            message = f"the tokenizer cannot write JSON: {_SAMPLE} becomes {spelled}"
            raise SettingsError(message, field="TAGWRIGHT_MODEL", hint=hint)
        return " " if spelled.startswith(" ") else ""


def _readable(tokenizer: Any) -> Any:
    """Return the tokenizer as llguidance 1 reads it: the decoder that T5's have, Metaspace, has to be spelled out."""
    raw = json.loads(tokenizer.backend_tokenizer.to_str())
    if (raw["decoder"] or {}).get("type") != "Metaspace":
        return tokenizer
    blank = {"type": "Replace", "pattern": {"String": raw["decoder"]["replacement"]}, "content": " "}
    raw["decoder"] = {"type": "Sequence", "decoders": [blank, {"type": "ByteFallback"}, {"type": "Fuse"}]}
    spelled = Tokenizer.from_str(json.dumps(raw, ensure_ascii=False))
    return PreTrainedTokenizerFast(
        tokenizer_object=spelled, eos_token=tokenizer.eos_token, pad_token=tokenizer.pad_token
    )


class RowConstraint(OutlinesLogitsProcessor):  # type: ignore[misc]
    """Allows, in each row of a batch, the tokens that its own grammar allows next. Used for one generation only."""

    def __init__(self, matchers: Sequence[Any], *, end: int, vocabulary: int) -> None:
        super().__init__("torch")
        self._matchers: list[Any] = list(matchers)
        self._end = end
        self._vocabulary = vocabulary
        self._started = False
        self.stuck: set[int] = set()
        """Rows that were ended early, because the vocabulary has no token that goes on with the answer (T5's lack many
        characters): their text is no whole answer."""

    def process_logits(self, input_ids: Any, logits: Any) -> Any:
        """Return the logits with what is not allowed at -inf. Shapes: input_ids (B, T), logits (B, V).

        A row that has ended is left alone: only padding follows.
        """
        for row, matcher in enumerate(self._matchers):
            if matcher is None:
                continue
            last = int(input_ids[row, -1])
            if self._started and last == self._end:
                self._matchers[row] = None
            elif (self._started and not matcher.consume_token(last)) or not self._mask(matcher, logits[row]):
                self._matchers[row] = None
                self.stuck.add(row)
                logits[row] = -torch.inf
                logits[row, self._end] = 0.0
        self._started = True
        return logits

    def _mask(self, matcher: Any, logits: Any) -> bool:
        """Set what is not allowed in a row's logits (V) to -inf; return whether anything is allowed."""
        bits = np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8)
        allowed = np.unpackbits(bits, bitorder="little")[: min(self._vocabulary, len(logits))]
        mask = torch.from_numpy(allowed == 0).to(logits.device)
        logits[: len(mask)].masked_fill_(mask, -torch.inf)
        logits[len(mask) :] = -torch.inf
        return bool(allowed.any())
