"""Engine `transformers`: any causal or T5 checkpoint in this process, decoding under outlines.

The reference for the other engines, and what evaluates models that no server loads (encoder-decoders). Greedy.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

from app.adapters.engines.checkpoints import Checkpoint, load_checkpoint
from app.adapters.engines.constraint import SchemaCompiler
from app.domain.errors import EngineError, SettingsError, TagwrightError
from app.pipeline.ports import Completion, ModelCard, Prompt
from app.settings import Settings


class TransformersEngine:
    """A Hugging Face model in this process; see ports.Generator. Decodes a batch at a time, in a thread of its own."""

    def __init__(self, checkpoint: Checkpoint, *, batch: int) -> None:
        self._card = checkpoint.card
        self._model: Any = checkpoint.model
        self._tokenizer = checkpoint.tokenizer
        self._batch_size = batch
        if self._tokenizer.eos_token_id is None:
            raise SettingsError(f"{self._card.model}: the tokenizer has no end token", field="TAGWRIGHT_MODEL")
        if self._tokenizer.pad_token_id is None:
            self._tokenizer.pad_token_id = self._tokenizer.eos_token_id
        self._compiler = SchemaCompiler(self._model, self._tokenizer)
        self._is_encoder_decoder: bool = self._model.config.is_encoder_decoder
        # A causal model goes on where its prompt ends: padding comes before it.
        self._tokenizer.padding_side = "right" if self._is_encoder_decoder else "left"
        # The checkpoint's own habits (sampling, beams, penalties) would not be greedy.
        self._model.generation_config = GenerationConfig(
            do_sample=False,
            eos_token_id=self._tokenizer.eos_token_id,
            pad_token_id=self._tokenizer.pad_token_id,
            decoder_start_token_id=self._model.generation_config.decoder_start_token_id,
        )
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transformers")

    async def generate(self, prompts: Sequence[Prompt]) -> Sequence[Completion]:
        """Answer every prompt, in order. When the caller gives up, decoding stops at the next token."""
        given_up = threading.Event()
        try:
            answer = asyncio.get_running_loop().run_in_executor(self._thread, self._answer, prompts, given_up)
        except RuntimeError as exc:  # the thread is gone
            raise EngineError("the engine is closed") from exc
        try:
            return await answer
        except asyncio.CancelledError:
            given_up.set()
            raise

    def card(self) -> ModelCard:
        """Say what is served."""
        return self._card

    async def close(self) -> None:
        """Wait for what is being decoded, then let the model go."""
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)
        self._model = None

    def _answer(self, prompts: Sequence[Prompt], given_up: threading.Event) -> list[Completion]:
        completions: list[Completion] = []
        try:
            for start in range(0, len(prompts), self._batch_size):
                completions += self._batch(prompts[start : start + self._batch_size], given_up)
        except TagwrightError:
            raise
        except Exception as exc:  # torch and transformers raise whatever they like
            raise EngineError(f"the model failed: {exc}") from exc
        return completions

    def _batch(self, prompts: Sequence[Prompt], given_up: threading.Event) -> list[Completion]:
        """Decode one batch. Shapes: ids and mask (B, T), output (B, T + new) or, of encoder-decoders, (B, 1 + new)."""
        encoded = self._tokenizer([prompt.text for prompt in prompts], padding=True, return_tensors="pt")
        ids, mask = encoded["input_ids"].to(self._model.device), encoded["attention_mask"].to(self._model.device)
        budget = max(prompt.max_tokens for prompt in prompts)
        constraint = self._compiler.constrain(prompts)
        self._check_length(ids.shape[1] + budget)

        def stop(ids: Any, _: Any, **__: Any) -> Any:
            return torch.full((len(ids),), given_up.is_set(), device=ids.device)

        with torch.inference_mode():
            output = self._model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=budget,
                logits_processor=LogitsProcessorList([constraint]),
                stopping_criteria=StoppingCriteriaList([stop]),
            )
        answers = output[:, 1 if self._is_encoder_decoder else ids.shape[1] :].tolist()
        rows = enumerate(zip(prompts, mask.sum(dim=1).tolist(), answers, strict=True))
        return [self._completion(*each, whole=row not in constraint.stuck) for row, each in rows]

    def _completion(self, prompt: Prompt, read: int, tokens: Sequence[int], *, whole: bool) -> Completion:
        """Return an answer; the end token counts as one decoded. ``tokens`` may go on with padding after it."""
        tokens = tokens[: prompt.max_tokens]
        end: int = self._tokenizer.eos_token_id
        stopped = end in tokens
        spoken = tokens[: tokens.index(end)] if stopped else tokens
        return Completion(
            text=self._compiler.decode(spoken),
            finish_reason="stop" if stopped and whole else "length",
            prompt_tokens=read,
            completion_tokens=len(spoken) + stopped,
        )

    def _check_length(self, length: int) -> None:
        """Refuse what has no positions left (a T5 has relative ones, without limit)."""
        most = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        if most is not None and length > most:
            raise EngineError(f"prompt and answer take {length} tokens, the model has {most} positions")


def open_engine(settings: Settings) -> TransformersEngine:
    """Return the engine with the checkpoint and adapter that the settings name."""
    torch.set_num_threads(settings.threads)
    checkpoint = load_checkpoint(settings.model, settings.adapter, settings.home)
    return TransformersEngine(checkpoint, batch=settings.slots)
