"""Lints the labels of a draft, locale by locale: findings with the file and line of the label."""

from __future__ import annotations

from collections.abc import Iterator

from app.adapters.imports.draft import Draft
from app.adapters.imports.source import Problem, Role
from app.pipeline.linting.labels import Entry, Finding, lint_labels
from app.pipeline.linting.meaning import back_match, confirm
from app.pipeline.ports import Encoder

_ABOVE = 2
"""How many broader categories say what a category is about."""


def lint(draft: Draft, encoder: Encoder) -> Iterator[Problem | str]:
    """Yield the findings of each locale, then its name.

    Nothing is found without English labels, against which the others are held.
    """
    if "en" not in draft.labels:
        return
    english = [next(iter(draft.labels["en"].texts(number)), "") for number in range(len(draft.nodes))]
    around = [_around(draft, number, english) for number in range(len(draft.nodes))]
    for locale, labels in draft.labels.items():
        entries = []
        for number in range(len(draft.nodes)):
            label = next(iter(labels.texts(number)), "").lstrip("~")
            if draft.ids[number] and english[number]:
                group, context = around[number]
                entries.append(Entry(number=number, group=group, english=english[number], label=label, context=context))
        found = list(confirm(list(lint_labels(entries, locale)), entries, encoder, locale))
        found += back_match(entries, encoder, locale)
        yield from (_problem(draft, finding, locale) for finding in found)
        yield locale


def _around(draft: Draft, number: int, english: list[str]) -> tuple[str, str]:
    """Return within which group a label should be unique, and the English labels around the concept."""
    node = draft.nodes[number]
    if node.role is Role.ATTRIBUTE:
        return node.role, ""
    if node.role is Role.VALUE:
        owner = draft.number(Role.ATTRIBUTE, node.attribute)
        return draft.attribute_id(node), "" if owner is None else english[owner]
    above: list[int] = []
    parent = draft.number(node.role, node.broader)
    while parent is not None and len(above) < _ABOVE:
        above.append(parent)
        parent = draft.number(node.role, draft.nodes[parent].broader)
    return f"category under {draft.ids[above[0]] if above else ''}", " ".join(english[each] for each in above)


def _problem(draft: Draft, finding: Finding, locale: str) -> Problem:
    written = next(iter(draft.labels[locale].of(finding.number)))
    return Problem(
        kind=finding.kind,
        message=finding.message,
        place=written.place,
        id=draft.ids[finding.number],
        locale=locale,
        label=finding.label,
    )
