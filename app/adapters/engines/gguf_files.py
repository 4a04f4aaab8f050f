"""What reading and writing of GGUF files share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LAYOUT_KEYS = {"general.architecture", "general.file_type", "general.quantization_version"}


def copy_metadata(reader: Any, writer: Any, changed: Mapping[str, Any]) -> None:
    """Copy the metadata of a file that is read to one that is written, some of it changed."""
    import gguf

    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in _LAYOUT_KEYS:
            continue
        is_array = field.types[0] == gguf.GGUFValueType.ARRAY
        value = changed[field.name] if field.name in changed else field.contents()
        writer.add_key_value(field.name, value, field.types[0], field.types[-1] if is_array else None)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def finish(writer: Any) -> None:
    """Write what was added to the file, and close it."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
