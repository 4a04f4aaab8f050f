"""What the generator knows of a locale: locales/LOCALE.yaml.

decimal, list, space   decimal sign; what joins values in a title; what joins sentences (a blank where it is missing)
names                  colourful: names of brands that hold a colour
amounts                unit -> ways to write a number with it ("" is a count)
classes                noun class -> function words that agree
titles, sentences, fillers, reviews   group of categories (plausible.yaml; `any` for all) -> templates
negation, compatibility, excluded     sentences, and what may follow a title
pairing, sets, composition, composition_titles   templates
lookalikes             group -> texts that name what the product is `not`
noise, foreign         marketing words, and those of another language
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.adapters.taxonomy_files import load_yaml
from app.domain.errors import InvalidFile
from app.training.generator.template import Template, parse_all

FOLDER = Path(__file__).parent
_TEMPLATES = (
    *("titles", "sentences", "reviews", "negation", "compatibility", "excluded", "pairing", "sets"),
    *("composition", "composition_titles"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookalike:
    """A text that names a value the product has not (`leather look`); empty: no value of any attribute asked for."""

    text: str
    not_: str


@dataclass(frozen=True, kw_only=True)
class LocaleFile:
    """One locale's templates and words; see the module."""

    decimal: str
    list: str
    names: Mapping[str, Sequence[str]]
    amounts: Mapping[str, Sequence[str]]
    classes: Mapping[str, Sequence[str]]
    titles: Mapping[str, Sequence[Template]]
    sentences: Mapping[str, Sequence[Template]]
    fillers: Mapping[str, Sequence[str]]
    reviews: Mapping[str, Sequence[Template]]
    negation: Mapping[str, Sequence[Template]]
    compatibility: Mapping[str, Sequence[Template]]
    excluded: Mapping[str, Sequence[Template]]
    pairing: Sequence[Template]
    sets: Sequence[Template]
    composition: Sequence[Template]
    composition_titles: Sequence[Template]
    lookalikes: Mapping[str, Sequence[Lookalike]]
    noise: Sequence[str]
    foreign: Sequence[str]
    space: str = " "


@cache
def read_locale(locale: str) -> LocaleFile:
    """Return a locale's file; InvalidFile where there is none or it cannot be used."""
    raw = read_data(f"locales/{locale}.yaml")
    raw |= {key: parse_all(raw[key]) for key in _TEMPLATES if key in raw}
    try:
        raw["lookalikes"] = {
            group: tuple(Lookalike(text=entry["text"], not_=entry["not"]) for entry in entries)
            for group, entries in raw["lookalikes"].items()
        }
        return LocaleFile(**raw)
    except (KeyError, TypeError) as exc:
        raise InvalidFile(f"templates of {locale}: {exc!r}", field="locale") from exc


@cache
def read_data(name: str) -> Any:
    """Return a YAML file of this package."""
    path = FOLDER / name
    if not path.is_file():
        raise InvalidFile(f"the generator has no {name}", field="locale", hint="write one like locales/en.yaml")
    return load_yaml(path.read_bytes())
