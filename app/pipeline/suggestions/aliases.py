"""Which suggested aliases need no second look, by locale as an overlay has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.pipeline.suggestions.advice import Suggestion, SuggestionKind


def accepted_aliases(
    found: Iterable[Suggestion], locales: Sequence[str], *, least: float
) -> dict[str, dict[str, list[str]]]:
    """Return concept id -> locale -> labels of the aliases that are spelt alike enough (``least`` of 100).

    What is alike in meaning or has a part in common is for a person to judge. A value goes under the locale of the
    listings that have it; one whose language the taxonomy has no labels in is left out.
    """
    aliases: dict[str, dict[str, list[str]]] = {}
    for one in found:
        near = one.nearest
        if one.kind is not SuggestionKind.ALIAS or near is None or near.method != "fuzzy" or near.score < least:
            continue
        known = {(label.locale, label.text) for label in near.concept.labels}
        for raw, lang in one.cluster.spellings:
            locale = _locale(lang, locales)
            if locale is None or (locale, raw) in known or not raw.strip():
                continue
            texts = aliases.setdefault(near.concept.id, {}).setdefault(locale, [])
            if raw not in texts:
                texts.append(raw)
    return aliases


def _locale(lang: str, locales: Sequence[str]) -> str | None:
    """Return the locale itself, or the first of its language."""
    if lang in locales:
        return lang
    spoken = lang.partition("-")[0]
    return next((locale for locale in locales if locale.partition("-")[0] == spoken), None)
