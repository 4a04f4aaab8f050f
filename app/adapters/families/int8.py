"""Weights as int8: a quarter of float32 on disk, opened as float32.

Every row of a matrix has a scale of its own, the largest weight being 127 (symmetric, per channel: Krishnamoorthi,
"Quantizing deep convolutional networks for efficient inference", arXiv 1806.08342). Biases, norms and other vectors
are a thousandth of a network, and stay float16.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

_SCALE = ".scale"


def quantised(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return matrices (R, C) as int8 with their scales (R), and all else as float16."""
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if tensor.ndim == 2:
            scale = tensor.float().abs().amax(1).clamp(min=1e-12) / 127
            found[name] = (tensor / scale[:, None]).round().to(torch.int8)
            found[name + _SCALE] = scale
        else:
            found[name] = tensor.to(torch.float16).contiguous()
    return found


def restored(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return float32 tensors, of int8 ones as of others."""
    return {
        name: tensor * tensors[name + _SCALE][:, None] if tensor.dtype == torch.int8 else tensor.float()
        for name, tensor in tensors.items()
        if not (name.endswith(_SCALE) and tensors[name.removesuffix(_SCALE)].dtype == torch.int8)
    }
