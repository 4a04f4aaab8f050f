"""Templates: text with slots.

`{color}` is a value of an attribute, `{item}` the product's noun, `{color2}` a value of a set's second item, `{color~}`
one that agrees with the noun, `{color^}` one with a capital, `{!color}` one that the product has not, `{=0}` the
locale's function word that agrees with the noun. A part in `[...]` is sometimes left out, and always where one of its
slots has no value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.errors import InvalidFile

_TOKEN = re.compile(
    r"\{(?P<denied>!?)(?P<name>=?\w+?)(?P<second>2?)(?P<agreed>~?)(?P<capital>\^?)\}|(?P<open>\[)|(?P<close>\])"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A place for a value."""

    name: str
    item: int = 0
    agreed: bool = False
    denied: bool = False
    capital: bool = False


@dataclass(frozen=True, slots=True)
class Optional:
    """Parts that may be left out together."""

    parts: Template


Template = tuple["str | Slot | Optional", ...]


def parse_template(text: str) -> Template:
    """Return the parts of a template; InvalidFile where its brackets do not match."""
    stack: list[list[str | Slot | Optional]] = [[]]
    last = 0
    for token in _TOKEN.finditer(text):
        if token.start() > last:
            stack[-1].append(text[last : token.start()])
        last = token.end()
        if token["open"]:
            stack.append([])
        elif token["close"]:
            if len(stack) < 2:
                raise InvalidFile(f"template {text!r}: a bracket closes that was not opened", field="template")
            inner = tuple(stack.pop())
            stack[-1].append(Optional(inner))
        else:
            stack[-1].append(_slot(token))
    if len(stack) != 1 or "{" in text[last:]:
        raise InvalidFile(f"template {text!r}: a bracket is not closed", field="template")
    if last < len(text):
        stack[-1].append(text[last:])
    return tuple(stack[0])


def _slot(token: re.Match[str]) -> Slot:
    return Slot(
        name=token["name"],
        item=int(bool(token["second"])),
        agreed=bool(token["agreed"]),
        denied=bool(token["denied"]),
        capital=bool(token["capital"]),
    )


def slots(template: Template) -> list[Slot]:
    """Return all slots of a template, those of optional parts included."""
    found: list[Slot] = []
    for part in template:
        if isinstance(part, Slot):
            found.append(part)
        elif isinstance(part, Optional):
            found += slots(part.parts)
    return found


def parse_all(node: Any) -> Any:
    """Return nested mappings and lists of templates with every text parsed."""
    if isinstance(node, Mapping):
        return {key: parse_all(value) for key, value in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return tuple(parse_all(value) for value in node)
    return parse_template(node)
