"""Models and tokenizers as `transformers` loads them: packaged bases (GGUF, dequantised), folders, names on a hub."""

from __future__ import annotations

import hashlib
import re
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    GgufConfig,
    PreTrainedTokenizerFast,
)
from transformers.utils import cached_file

from app.adapters.engines.weights import BASES, Base, adapter_folder, base_file, check_adapter, choose, sha256
from app.domain.errors import EngineError, MissingExtra, SettingsError, TagwrightError
from app.pipeline.ports import ModelCard

_HUB_NAME = re.compile(r"[\w][\w.-]*(/[\w.-]+)?")
_SUFFIXES = {".json", ".safetensors", ".bin", ".model", ".txt"}
"""Files of a checkpoint that can change an answer: configurations, weights, tokenizers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A model (in evaluation mode, on its device) with its tokenizer."""

    tokenizer: Any
    model: Any
    card: ModelCard


def load_checkpoint(model: str, adapter: str, home: Path) -> Checkpoint:
    """Return a checkpoint with an adapter merged in.

    ``model`` is ``tagwright`` or a name of BASES (packaged), a folder, or a name on a hub. ``adapter`` is ``none``, a
    name that is shipped, or a folder in PEFT's format; ``default`` is the shipped one, on the packaged base that it was
    made for. Float32 on the CPU; on a GPU a checkpoint keeps its own type. Raises SettingsError for what does not exist
    or does not fit, MissingExtra, WeightsMismatch, EngineError for what cannot be loaded.
    """
    if model == "tagwright" or model in BASES:
        base, folder = choose(model, adapter)
        tokenizer, network = load_base(base, home / "models")
        name, licence, digests = base.name, base.licence, [base.sha256]
    else:
        folder = None if adapter == "default" else adapter_folder(adapter)
        source = _source(model)
        tokenizer, network = _load(model, source)
        name, licence, digests = source.name if Path(model).is_dir() else model, "unknown", list(_digests(source))
    if folder is not None:
        network = _lay_over(network, folder)
        digests.append(check_adapter(folder))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = network.to(device).eval()
    whole = hashlib.sha256(" ".join([str(network.dtype), *digests]).encode()).hexdigest()
    card = ModelCard(
        model=name,
        adapter=f"{folder.name}@{digests[-1][:12]}" if folder else "none",
        licence=licence,
        digest=whole,
    )
    return Checkpoint(tokenizer=tokenizer, model=network, card=card)


def load_base(base: Base, folder: Path) -> tuple[Any, Any]:
    """Return (tokenizer, float32 model) of a packaged base, dequantised.

    Its file and its tokenizer are kept in ``folder``. Raises MissingExtra and WeightsMismatch.
    """
    path = base_file(base, folder)
    return _gguf_tokenizer(path), load_gguf(path)


def load_folder(folder: Path) -> tuple[Any, Any]:
    """Return (tokenizer, model) of a checkpoint's folder; SettingsError and EngineError as in ``load_checkpoint``."""
    return _load(str(folder), _source(str(folder)))


def load_gguf(path: Path) -> Any:
    """Return the model in a GGUF file as float32, whatever the file's quantisation."""
    model = AutoModelForCausalLM.from_pretrained(
        path.parent,
        gguf_file=path.name,
        quantization_config=GgufConfig(gguf_file=path.name, dequantize=True),
        dtype=torch.float32,
    )
    model.hf_quantizer = None
    return model


def _gguf_tokenizer(path: Path) -> Any:
    """Return a GGUF file's tokenizer, kept beside it: converting 100,000 pieces takes a while."""
    kept = path.with_suffix(".tokenizer")
    if not kept.is_dir():
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            made = Path(scratch) / "tokenizer"
            AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name).save_pretrained(made)
            if not kept.is_dir():  # another process may have been faster
                made.rename(kept)
    return AutoTokenizer.from_pretrained(kept)


def _source(model: str) -> Path:
    """Return the folder of a checkpoint: the one named, or a hub's snapshot, with its configuration fetched."""
    path = Path(model)
    if path.is_dir():
        return path
    if not _HUB_NAME.fullmatch(model):
        raise SettingsError(f"no folder {model!r}, and no name on a hub either", field="TAGWRIGHT_MODEL")
    try:
        return Path(cached_file(model, "config.json")).parent
    except OSError as exc:
        raise SettingsError(f"no model {model!r}: {exc}", field="TAGWRIGHT_MODEL") from exc


def _load(model: str, source: Path) -> tuple[Any, Any]:
    if not (source / "config.json").is_file():
        raise SettingsError(f"{source} is no checkpoint: it has no config.json", field="TAGWRIGHT_MODEL")
    try:
        config = AutoConfig.from_pretrained(model)
        kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
        network = kind.from_pretrained(model, dtype="auto" if torch.cuda.is_available() else torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(model)
    except Exception as exc:  # anything: it depends on the checkpoint's own code path
        raise EngineError(f"{model} cannot be loaded: {exc}") from exc
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        message = f"{model}: only tokenizers with a tokenizer.json can be constrained"
        raise SettingsError(message, field="TAGWRIGHT_MODEL")
    return tokenizer, network


def _lay_over(network: Any, folder: Path) -> Any:
    """Return the network with a PEFT adapter merged into it."""
    try:
        from peft import PeftModel
    except ModuleNotFoundError as exc:
        raise MissingExtra("laying an adapter over a model needs peft", hint="pip install 'peft>=0.18,<1'") from exc
    try:
        with warnings.catch_warnings():
            # What fits in part only would be served in part.
            warnings.filterwarnings("error", message="Found missing adapter keys")
            return PeftModel.from_pretrained(network, folder).merge_and_unload()
    except TagwrightError:
        raise
    except Exception as exc:
        message = f"the adapter {folder.name} does not fit the model: {exc}"
        raise SettingsError(message, field="TAGWRIGHT_ADAPTER") from exc


def _digests(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.suffix in _SUFFIXES and path.is_file():
            with path.open("rb") as file:
                yield f"{path.name}:{sha256(file.read)}"
