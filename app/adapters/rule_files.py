"""Reads a folder of rule data, a YAML file each: what `FILES` names.

Unknown and missing keys raise: a rule with a misspelt key would silently do nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from app.adapters.taxonomy_files import load_yaml
from app.adapters.wording_files import read_wordings
from app.domain.errors import InvalidRules
from app.pipeline.rules.ruleset import (
    Compounds,
    Cue,
    CueKind,
    FieldRules,
    KnownFor,
    Language,
    Maker,
    QuantityRules,
    RuleExample,
    RuleSet,
    Unit,
)
from app.pipeline.text import fold_label

FILES = ("languages", "words", "contexts", "compounds", "quantities", "fields", "values", "known_for")
_EXAMPLES = "examples"
_LANGUAGE = {"head", "decimal", "breaks", "stops", "joiners", "foreign", "english_min", "shadows", _EXAMPLES}
_WORDS = {"values", _EXAMPLES}
_CUE = {"kind", "lang", "before", "after", "reach", "whole", "fields", "product", _EXAMPLES}
_COMPOUNDS = {"parts", "links", "endings", "attributes", "beside", "beside_not", _EXAMPLES}
_UNIT = {"unit", "dimension", "base", "factor", "offset", "names", "strict", "values", "lang"}
_QUANTITIES = {
    "units", "composites", "number_words", "counts", "sides", "letters", "not_before", "not_after", "kinds", "forms",
    "limits", "shoe_systems", "shoe_before", "shoe_after", "shoe_limits", "size_before", "size_after", _EXAMPLES,
}  # fmt: skip
_FIELDS = {
    "category_names", "names", "ambiguous", "no_values", "reviews", "universal", "concerned", "trusted", "specific",
    "devices", "device_words", "makers", "together", "yields", "keeps", "fitted", _EXAMPLES,
}  # fmt: skip
_KNOWN_FOR, _MAKER = {"lines", "makers", "unless", _EXAMPLES}, {"category", "stated", "brands"}
_EXAMPLE = {"lang", "text", "field", "title", "has", "lacks", "category"}


def read_rules(folder: Path) -> RuleSet:
    """Return the rules in a folder; InvalidRules when a file cannot be read as such."""
    digest = hashlib.sha256()
    data = {name: _load(folder / f"{name}.yaml", digest) for name in FILES}
    try:
        languages = {locale: _language(raw, locale) for locale, raw in data["languages"].items()}
        cues = tuple(_cue(raw) for raw in data["contexts"])
        fields = _fields(data["fields"])
        return RuleSet(
            version=folder.name.removeprefix("rules-"),
            digest=digest.hexdigest(),
            languages=languages,
            cues=cues,
            compounds={locale: _compounds(raw, locale) for locale, raw in data["compounds"].items()},
            quantities=_quantities(data["quantities"]),
            fields=fields,
            words={locale: _words(raw, locale) for locale, raw in data["words"].items()},
            wordings=read_wordings(data["values"], languages, cues, fields),
            known_for=_known_for(data["known_for"]),
            examples=tuple(_examples(data)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise InvalidRules(f"rules {folder}: {exc!r}") from exc


def _load(path: Path, digest: Any) -> Any:
    try:
        raw = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + raw)
        return load_yaml(raw)
    except (OSError, yaml.YAMLError) as exc:
        raise InvalidRules(f"{path} cannot be read: {exc}") from exc


def _only(raw: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = set(raw) - known
    if unknown:
        raise InvalidRules(f"{where}: unknown keys {', '.join(sorted(map(str, unknown)))}")


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    texts = list(words)
    if not all(isinstance(word, str) for word in texts):
        raise InvalidRules(f"quote what YAML does not read as text: {texts}")
    return tuple(dict.fromkeys(map(fold_label, texts)))


def _language(raw: Mapping[str, Any], locale: str) -> Language:
    _only(raw, _LANGUAGE, f"languages.yaml, {locale}")
    if raw["head"] not in ("first", "last"):
        raise InvalidRules(f"languages.yaml, {locale}: head must be first or last")
    return Language(
        head=raw["head"],
        decimal=raw["decimal"],
        breaks=frozenset(_folded(raw.get("breaks", ()))),
        stops=frozenset(_folded(raw.get("stops", ()))),
        joiners=frozenset(_folded(raw.get("joiners", ()))),
        foreign=frozenset(_folded(raw.get("foreign", ()))),
        english_min=raw.get("english_min", 1),
        shadows=frozenset(_folded(raw.get("shadows", ()))),
    )


def _words(raw: Mapping[str, Any], locale: str) -> dict[str, tuple[str, ...]]:
    _only(raw, _WORDS, f"words.yaml, {locale}")
    for words in raw["values"].values():
        _folded(words)  # raises for what YAML does not read as text
    return {"" if concept == "none" else concept: tuple(words) for concept, words in raw["values"].items()}


def _cue(raw: Mapping[str, Any]) -> Cue:
    _only(raw, _CUE, f"contexts.yaml, {raw.get('kind')} {raw.get('lang')}")
    return Cue(
        kind=CueKind(raw["kind"]),
        lang=raw["lang"],
        before=_folded(raw.get("before", ())),
        after=_folded(raw.get("after", ())),
        reach=raw.get("reach", 3),
        whole=raw.get("whole", False),
        fields=tuple(raw.get("fields", ())),
        product=raw.get("product", False),
    )


def _compounds(raw: Mapping[str, Any], locale: str) -> Compounds:
    _only(raw, _COMPOUNDS, f"compounds.yaml, {locale}")
    return Compounds(
        parts={fold_label(part): concept or "" for part, concept in raw.get("parts", {}).items()},
        links=_folded(raw.get("links", ())),
        endings=_folded(raw.get("endings", ())),
        attributes=tuple(raw.get("attributes", ())),
        beside={fold_label(char): concept for char, concept in raw.get("beside", {}).items()},
        beside_not=frozenset(fold_label(raw.get("beside_not", ""))),
    )


def _quantities(raw: Mapping[str, Any]) -> QuantityRules:
    _only(raw, _QUANTITIES, "quantities.yaml")
    rest = {key: raw[key] for key in _QUANTITIES - {"units", _EXAMPLES, "size_before", "size_after"}}
    units = tuple(_unit(unit) for unit in raw["units"])
    known = {unit.unit for unit in units}
    named = {*(unit.base for unit in units), *(name for pair in raw["composites"] for name in pair)}
    if named - known:
        raise InvalidRules(f"quantities.yaml: no unit is called {', '.join(sorted(named - known))}")
    return QuantityRules(
        units=units,
        size_before=_folded(raw["size_before"]),
        size_after=_folded(raw["size_after"]),
        **{key: _frozen(value) for key, value in rest.items()},
    )


def _unit(raw: Mapping[str, Any]) -> Unit:
    _only(raw, _UNIT, f"quantities.yaml, unit {raw.get('unit')}")
    if not str(raw["unit"]).isidentifier():
        raise InvalidRules(f"quantities.yaml: unit {raw['unit']!r} must be an identifier")
    return Unit(
        unit=raw["unit"],
        dimension=raw["dimension"],
        base=raw["base"],
        factor=float(raw["factor"]),
        offset=float(raw.get("offset", 0.0)),
        names=tuple(raw.get("names", ())),
        strict=tuple(raw.get("strict", ())),
        values=tuple(raw.get("values", ())),
        lang=raw.get("lang"),
    )


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _frozen(inner) for key, inner in value.items()}
    return tuple(_frozen(inner) for inner in value) if isinstance(value, list) else value


def _fields(raw: Mapping[str, Any]) -> FieldRules:
    _only(raw, _FIELDS, "fields.yaml")
    return FieldRules(
        category_names=frozenset(_folded(raw["category_names"])),
        names={fold_label(name): attribute or "" for name, attribute in raw["names"].items()},
        ambiguous=frozenset(_folded(raw["ambiguous"])),
        no_values=frozenset(_folded(raw["no_values"])),
        reviews=frozenset(raw["reviews"]),
        universal=tuple(raw["universal"]),
        concerned={CueKind(kind): frozenset(attributes) for kind, attributes in raw["concerned"].items()},
        devices=dict(raw["devices"]),
        device_words={device: _folded(words) for device, words in raw["device_words"].items()},
        trusted={attribute: frozenset(categories) for attribute, categories in raw["trusted"].items()},
        specific=frozenset(raw["specific"]),
        makers=dict(raw["makers"]),
        together={concept: frozenset(parts) for concept, parts in raw["together"].items()},
        keeps=frozenset(raw["keeps"]),
        fitted={category: frozenset(brands) for category, brands in raw["fitted"].items()},
        yields={category: frozenset(others) for category, others in raw["yields"].items()},
    )


def _known_for(raw: Mapping[str, Any]) -> KnownFor:
    _only(raw, _KNOWN_FOR, "known_for.yaml")
    lines: dict[str, str] = {}
    for category, names in raw["lines"].items():
        for name in _folded(names):
            if lines.setdefault(name, category) != category:
                raise InvalidRules(f"known_for.yaml: {name!r} stands for {lines[name]} and {category}")
    makers = []
    for maker in raw["makers"]:
        _only(maker, _MAKER, f"known_for.yaml, maker of {maker.get('category')}")
        brands = frozenset(maker.get("brands", ()))
        makers.append(Maker(category=maker["category"], stated=maker["stated"], brands=brands))
    return KnownFor(lines=lines, makers=tuple(makers), unless=frozenset(_folded(raw["unless"])))


def _examples(data: Mapping[str, Any]) -> Iterator[RuleExample]:
    for name, raw in data.items():
        blocks = raw if isinstance(raw, list) else [raw, *(v for v in raw.values() if isinstance(v, dict))]
        languages = {id(block): locale for locale, block in raw.items()} if isinstance(raw, dict) else {}
        for block in blocks:
            for example in block.get(_EXAMPLES, ()):
                lang = example.get("lang") or block.get("lang") or languages.get(id(block))
                if not isinstance(lang, str):
                    raise InvalidRules(f"{name}.yaml, example {example.get('text')!r}: lang is missing")
                yield _example(example, lang, f"{name}.yaml")


def _example(raw: Mapping[str, Any], lang: str, source: str) -> RuleExample:
    _only(raw, _EXAMPLE, f"{source}, example {raw.get('text')!r}")
    return RuleExample(
        lang=lang,
        text=raw["text"],
        field=raw.get("field", "title"),
        title=raw.get("title"),
        has=tuple(raw.get("has", ())),
        lacks=tuple(raw.get("lacks", ())),
        category=raw.get("category"),
        source=source,
    )
