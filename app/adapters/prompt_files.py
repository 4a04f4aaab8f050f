"""Reads versioned prompts from prompts/*.yaml."""

from __future__ import annotations

import hashlib
from collections.abc import Set
from pathlib import Path
from string import Template
from typing import Any

import yaml

from app.domain.errors import SettingsError
from app.pipeline.categories.model import ChoicePrompt
from app.pipeline.prompting import FIELDS, PromptTemplate

_KEYS = {"version", "head", "fields", "tail", "limits", "answer"}
_OPTIONAL = {"copies", "preface", "demonstrations", "separator", "context_tokens"}
"""Mostly for models that are shown what to do instead of being tuned."""
_CHOICE_KEYS = {"version", "tuned", "instructed", "title_limit", "max_tokens"}


def read_prompt(path: Path) -> PromptTemplate:
    """Return the prompt in a file; SettingsError for unknown or missing keys."""
    raw, data = _read(path, _KEYS, _OPTIONAL)
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
        **{name: raw[name] for name in _OPTIONAL if name in raw},
    )


def read_choice_prompt(path: Path, form: str) -> ChoicePrompt:
    """Return the prompt of a category choice in one of its forms; SettingsError for unknown or missing keys."""
    raw, _ = _read(path, _CHOICE_KEYS)
    return ChoicePrompt(
        version=raw["version"],
        template=Template(raw[form]),
        title_limit=raw["title_limit"],
        max_tokens=raw["max_tokens"],
    )


def _read(path: Path, keys: set[str], optional: Set[str] = frozenset()) -> tuple[dict[str, Any], bytes]:
    try:
        data = path.read_bytes()
        raw = yaml.safe_load(data)
    except (OSError, yaml.YAMLError) as exc:
        raise SettingsError(f"prompt {path} cannot be read: {exc}") from exc
    if not isinstance(raw, dict) or set(raw) - optional != keys:
        raise SettingsError(f"prompt {path}: expected exactly the keys {', '.join(sorted(keys))}")
    return raw, data
