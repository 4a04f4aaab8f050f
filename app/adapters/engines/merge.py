"""Merges a LoRA adapter into a GGUF base and quantises the result, with numpy alone.

W' = W + (alpha / r) B A (Hu et al., arXiv 2106.09685). Linear layers and the embedding become Q4_0, which llama.cpp
repacks for the CPU at hand (eval/LOG.md has what that gains over the Q4_K_M that the base comes in), or Q8_0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.adapters.engines.gguf_files import copy_metadata, finish
from app.domain.errors import SettingsError

_GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_LORA = re.compile(r"layers\.(\d+)\.([a-z_]+\.[a-z_]+)\.lora_(A|B)\.weight$")


def merge(base: Path, adapter: Path | None, out: Path, quantisation: str = "q4_0") -> None:
    """Write the base with the adapter merged in. Shapes: A (r, in), B (out, r), W (out, in).

    ``quantisation`` is ``q4_0`` or ``q8_0`` (twice the size, no loss that shows).
    """
    import gguf
    from gguf.quants import dequantize, quantize

    reader = gguf.GGUFReader(base)
    architecture = reader.fields["general.architecture"].contents()
    deltas = _deltas(adapter) if adapter else {}
    heads = _rope_heads(reader, architecture)
    writer = gguf.GGUFWriter(out, architecture)
    copy_metadata(reader, writer, {})
    if quantisation not in ("q4_0", "q8_0"):
        raise SettingsError(f"weights cannot be quantised to {quantisation!r}: expected q4_0 or q8_0")
    wanted = gguf.GGMLQuantizationType[quantisation.upper()]
    for tensor in reader.tensors:
        shape = tuple(reversed(tensor.shape.tolist()))
        if tensor.tensor_type == gguf.GGMLQuantizationType.F32:
            writer.add_tensor(tensor.name, np.asarray(tensor.data))
            continue
        values = dequantize(tensor.data, tensor.tensor_type).reshape(shape).astype(np.float32)
        delta = deltas.pop(tensor.name, None)
        if delta is not None:
            values += _permute(delta, tensor.name, heads)
        writer.add_tensor(tensor.name, quantize(values, wanted), raw_dtype=wanted)
    if deltas:
        raise SettingsError(f"the adapter changes layers that the base lacks: {', '.join(sorted(deltas)[:3])}")
    finish(writer)


def _deltas(adapter: Path) -> dict[str, NDArray[np.float32]]:
    from safetensors.numpy import load_file

    config = json.loads((adapter / "adapter_config.json").read_text())
    scale = config["lora_alpha"] / config["r"]
    pairs: dict[str, dict[str, NDArray[np.float32]]] = {}
    for name, value in load_file(adapter / "adapter_model.safetensors").items():
        found = _LORA.search(name)
        if not found or found[2] not in _GGUF_NAMES:
            raise SettingsError(f"the adapter holds a tensor that is no LoRA of a linear layer: {name}")
        target = f"blk.{found[1]}.{_GGUF_NAMES[found[2]]}.weight"
        pairs.setdefault(target, {})[found[3]] = value.astype(np.float32)
    return {target: np.float32(scale) * (pair["B"] @ pair["A"]) for target, pair in pairs.items()}


def _rope_heads(reader: Any, architecture: str) -> Mapping[str, int]:
    """Return heads by tensor kind where GGUF stores rotary rows interleaved (llama only), else nothing."""
    if architecture != "llama":
        return {}
    heads = int(reader.fields["llama.attention.head_count"].contents())
    return {"attn_q": heads, "attn_k": int(reader.fields["llama.attention.head_count_kv"].contents())}


def _permute(delta: NDArray[np.float32], name: str, heads: Mapping[str, int]) -> NDArray[np.float32]:
    """Bring rows from Hugging Face's rotary order (two halves) into GGUF's (interleaved)."""
    count = heads.get(name.split(".")[-2])
    if count is None:
        return delta
    rows, columns = delta.shape
    return delta.reshape(count, 2, rows // count // 2, columns).swapaxes(1, 2).reshape(rows, columns)
