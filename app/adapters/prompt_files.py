"""Reads versioned prompts from prompts/*.yaml."""

from __future__ import annotations

import hashlib
from pathlib import Path
from string import Template

import yaml

from app.domain.errors import SettingsError
from app.pipeline.prompting import FIELDS, PromptTemplate

_KEYS = {"version", "head", "fields", "tail", "limits", "answer"}


def read_prompt(path: Path) -> PromptTemplate:
    """Return the prompt in a file; SettingsError for unknown or missing keys."""
    try:
        data = path.read_bytes()
        raw = yaml.safe_load(data)
    except (OSError, yaml.YAMLError) as exc:
        raise SettingsError(f"prompt {path} cannot be read: {exc}") from exc
    if not isinstance(raw, dict) or set(raw) != _KEYS:
        raise SettingsError(f"prompt {path}: expected exactly the keys {', '.join(sorted(_KEYS))}")
    if set(raw["fields"]) != set(FIELDS) or set(raw["limits"]) != set(FIELDS):
        raise SettingsError(f"prompt {path}: fields and limits must name {', '.join(FIELDS)}")
    return PromptTemplate(
        version=raw["version"],
        head=Template(raw["head"]),
        fields={name: Template(text) for name, text in raw["fields"].items()},
        tail=raw["tail"],
        limits=raw["limits"],
        value_schema=raw["answer"]["values"],
        max_tokens=raw["answer"]["max_tokens"],
        tokens_per_attribute=raw["answer"]["tokens_per_attribute"],
        digest=hashlib.sha256(data).hexdigest(),
    )
