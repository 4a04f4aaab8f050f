"""Engine `local`: llama.cpp in process, on the CPU.

Decodes under a grammar made from the JSON schema, reuses the prefix that prompts share (one slot per listing in
flight, the slot with the most similar prompt is taken), batches the slots' tokens into one pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.adapters.engines.grammar import grammar_of
from app.adapters.engines.weights import Weights, pull
from app.domain.errors import EngineError
from app.pipeline.ports import Completion, ModelCard, Prompt
from app.settings import Settings

BATCH_TOKENS = 256
"""Prompt tokens read in one pass."""
_JSON_STARTS = frozenset('{["-0123456789tfn')


class LocalEngine:
    """A GGUF model in this process; see ports.Generator."""

    def __init__(self, weights: Weights, *, threads: int, slots: int, context_tokens: int = 1024) -> None:
        try:
            import xllamacpp
        except ImportError as exc:
            raise EngineError("llama.cpp cannot be loaded on this machine", hint="pip install xllamacpp") from exc

        params = xllamacpp.CommonParams()
        params.model.path = str(weights.path)
        params.n_parallel = slots
        params.n_ctx = context_tokens * slots
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.n_gpu_layers = 0
        params.warmup = False
        params.verbosity = -1
        params.endpoint_slots = False
        # Slots keep their prompts; copies beside them cost memory, and time on every request.
        params.cache_ram_mib = 0
        params.n_ctx_checkpoints = 0
        params.swa_full = True
        # Logits of a whole batch are held: a float for each token of the vocabulary, for each token of it.
        params.n_batch = BATCH_TOKENS
        params.n_ubatch = BATCH_TOKENS
        self._card = weights.card
        self._server: Any = None
        try:
            self._server = xllamacpp.Server(params)
        except Exception as exc:  # the binding raises bare exceptions
            raise EngineError(f"llama.cpp could not load {weights.path}: {exc}") from exc
        self._threads = ThreadPoolExecutor(max_workers=slots, thread_name_prefix="llama")

    async def generate(self, prompts: Sequence[Prompt]) -> Sequence[Completion]:
        """Answer every prompt; more prompts than slots wait their turn."""
        loop = asyncio.get_running_loop()
        try:
            answers = [loop.run_in_executor(self._threads, self._complete, prompt) for prompt in prompts]
        except RuntimeError as exc:  # the threads are gone
            raise EngineError("the engine is closed") from exc
        return await asyncio.gather(*answers)

    def card(self) -> ModelCard:
        """Say what is served."""
        return self._card

    async def close(self) -> None:
        """Wait for what is being decoded, then let the model go."""
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        self._server = None

    def _complete(self, prompt: Prompt) -> Completion:
        try:
            answer: Mapping[str, Any] = self._server.handle_completions(
                {
                    "prompt": prompt.text,
                    "n_predict": prompt.max_tokens,
                    "temperature": 0,
                    "cache_prompt": True,
                    "grammar": grammar_of(prompt),
                }
            )
        except Exception as exc:  # the binding raises bare exceptions
            raise EngineError(f"llama.cpp failed: {exc}") from exc
        if "choices" not in answer:
            raise EngineError(f"llama.cpp refused: {answer}")
        choice, usage = answer["choices"][0], answer["usage"]
        if choice["text"][:1] not in _JSON_STARTS:
            # A grammar that it cannot compile it logs and leaves out; the answer is then free text.
            raise EngineError("llama.cpp did not decode under the schema: it may be unusable or too complex")
        return Completion(
            text=choice["text"],
            finish_reason=choice["finish_reason"],
            prompt_tokens=usage["prompt_tokens"],
            completion_tokens=usage["completion_tokens"],
            cached_tokens=usage["prompt_tokens_details"]["cached_tokens"],
        )


def open_engine(settings: Settings) -> LocalEngine:
    """Return the engine with the weights that the settings name, made when they are missing."""
    weights = pull(settings.model, settings.adapter, settings.home)
    return LocalEngine(weights, threads=settings.threads, slots=settings.slots, context_tokens=settings.context_tokens)
