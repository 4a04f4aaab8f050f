"""Weights as int8: a quarter of float32 on disk, opened as float32; on a CPU linear layers can also compute in int8.

Every row of a matrix has a scale of its own, the largest weight being 127 (symmetric, per channel: Krishnamoorthi,
"Quantizing deep convolutional networks for efficient inference", arXiv 1806.08342). Biases, norms and other vectors
are a thousandth of a network, and stay float16.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import torch
from torch import Tensor, nn

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


def int8_linear(network: nn.Module) -> nn.Module:
    """Return a copy whose linear layers multiply in int8; activations are quantised as they come, row by row.

    torch calls this interface deprecated in favour of torchao. On a CPU without VNNI the product that torchao takes
    instead (`torch._int_mm`) is far slower than float32, so that this one is used while the pinned torch has it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic

        fast: nn.Module = quantize_dynamic(network.eval(), {nn.Linear: per_channel_dynamic_qconfig})
    return fast
