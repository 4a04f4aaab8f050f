"""Reads values.yaml, and with the cues and joiners of the other rule files makes the wordings of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.errors import InvalidRules
from app.pipeline.matching.ages import Ages
from app.pipeline.matching.variants import endings
from app.pipeline.matching.wording import Wording, Wordings
from app.pipeline.rules.ruleset import Cue, CueKind, FieldRules, Language
from app.pipeline.text import fold_value

_WORDING = {
    "fillers",
    "frames",
    "prefixes",
    "numbers",
    "genders",
    "spellings",
    "parts",
    "heads",
    "names",
    "doubled",
    "links",
}
_COMMON = {"nouns", "phrased", "linking", "ages"}


def read_wordings(
    raw: Mapping[str, Any], languages: Mapping[str, Language], cues: Iterable[Cue], fields: FieldRules
) -> Wordings:
    """Return how values are worded; InvalidRules for a key that nobody reads."""
    cues = tuple(cues)
    linking = _folded(raw["linking"])
    return Wordings(
        languages={
            locale.partition("-")[0]: _wording(words, locale, languages.get(locale, Language()), cues, linking)
            for locale, words in raw.items()
            if locale not in _COMMON
        },
        nouns=frozenset(raw["nouns"]),
        phrased=frozenset(raw.get("phrased", ())),
        ages=_ages(raw.get("ages", {})),
        imitated=fields.concerned.get(CueKind.IMITATION, frozenset()),
    )


def _wording(
    raw: Mapping[str, Any], locale: str, language: Language, cues: tuple[Cue, ...], linking: frozenset[str]
) -> Wording:
    unknown = set(raw) - _WORDING
    if unknown:
        raise InvalidRules(f"values.yaml, {locale}: unknown keys {', '.join(sorted(unknown))}")
    own = [cue for cue in cues if cue.lang in (locale, "en")]  # English words stand in values of every language
    numbers, genders = _endings(raw.get("numbers", ())), _endings(raw.get("genders", ()))
    return Wording(
        head=language.head,
        fillers=_inflected(_folded(raw.get("fillers", ())), numbers + genders),
        frames={attribute: _longest_first(words) for attribute, words in raw.get("frames", {}).items()},
        prefixes=_longest_first(raw.get("prefixes", ())),
        numbers=numbers,
        genders=genders,
        spellings={str(written): str(letter) for written, letter in raw.get("spellings", {}).items()},
        parts=_folded(raw.get("parts", ())),
        heads={attribute: _folded(words) for attribute, words in raw.get("heads", {}).items()},
        doubled=str(raw.get("doubled", "")),
        joiners=_folded(language.joiners) - linking,
        links=tuple(map(fold_value, raw.get("links", ()))),
        names=_folded(raw.get("names", ())),
        negations=_cues(own, CueKind.NEGATION),
        imitations=_cues(own, CueKind.IMITATION),
    )


def _ages(raw: Mapping[str, Any]) -> Ages:
    return Ages(
        attribute=raw.get("attribute", ""),
        units={fold_value(str(word)): int(months) for months, words in raw.get("units", {}).items() for word in words},
        cues=_folded(raw.get("cues", ())),
        groups={group: (int(low), int(high)) for group, (low, high) in raw.get("groups", {}).items()},
    )


def _cues(cues: Iterable[Cue], kind: CueKind) -> tuple[frozenset[str], frozenset[str]]:
    chosen = [cue for cue in cues if cue.kind is kind and not cue.fields]
    return (
        _folded(word for cue in chosen for word in cue.before),
        _folded(word for cue in chosen for word in cue.after),
    )


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(fold_value, map(str, words))) - {""}


def _inflected(words: frozenset[str], groups: tuple[tuple[str, ...], ...]) -> frozenset[str]:
    return words.union(form for word in words for form in endings(word, groups))


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(_folded(words), key=lambda word: (-len(word), word)))


def _endings(groups: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sorted(map(fold_value, group), key=len, reverse=True)) for group in groups)
