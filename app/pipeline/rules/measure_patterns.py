"""Patterns of numbers with units, pack sizes, dimensions and shoe sizes, compiled from rule data for one language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.pipeline.quantities.numbers import FRACTION, NUMBER
from app.pipeline.rules.ruleset import QuantityRules
from app.pipeline.text import is_cjk

TIMES = r" ?[x×*✕] ?"
RANGE = r" ?(?:-|–|—|~|〜|bis|to|à|sampai|hingga|至|到|から) ?"
_START = r"(?<![\w/-])(?<!\d[.,])"
"""Numbers do not begin inside a word, a model number or another number."""
_START_CJK = r"(?<![a-zA-Z0-9/-])(?<!\d[.,])"
_NOT_IN_WORD, _WORD_ENDS = r"(?<![a-zA-ZÀ-ÿ])", r"(?![a-zA-ZÀ-ÿ])"
UNIT_ENDS = r"(?![a-zA-ZÀ-ÿ0-9²³])(?! ?/ ?[a-zA-Z])"
"""Units end there: neither "g/m²" nor "cm³"."""
_ALONE = r"(?! ?[-–/,+&]? ?\d)(?! ?(?:cm|mm|g|kg|ml|%|°))(?![a-zA-Z])"
"""A size ends there: no list or range of sizes follows, and no unit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patterns:
    """Groups: n and m numbers, u unit, c count, l1..l3 letters of dimensions, w word."""

    single: re.Pattern[str]
    multi: re.Pattern[str]
    multi_after: re.Pattern[str]
    box: re.Pattern[str]
    order: re.Pattern[str]
    feet: re.Pattern[str]
    memory: re.Pattern[str]
    count: re.Pattern[str]
    number: re.Pattern[str]
    pack_words: re.Pattern[str]
    word_before: re.Pattern[str]
    word_after: re.Pattern[str]
    not_before: re.Pattern[str]
    not_after: re.Pattern[str]


def compile_patterns(
    rules: QuantityRules, locale: str | None, names: Iterable[str], lengths: Iterable[str], letters: Iterable[str]
) -> Patterns:
    """Return the patterns of a language; ``names`` are its units, ``lengths`` those of dimension length."""
    key = locale or ""
    start = _START_CJK if locale in ("ja", "zh-CN") else _START
    number = rf"{start}(?P<n>{NUMBER})"
    unit = rf"[ -]?(?P<u>{alternatives(names)})"
    letter = "".join(letters)
    beside = alternatives(w for words in (*rules.sides.values(), *rules.kinds.values()) for w in words)
    not_before = alternatives((*rules.not_before.get("*", ()), *rules.not_before.get(key, ())))
    sources = {
        "single": rf"{number}(?:{RANGE}(?P<m>{NUMBER}))?{unit}{UNIT_ENDS}",
        "multi": rf"{start}(?P<c>\d{{1,3}}){TIMES}(?P<n>{NUMBER}){unit}{UNIT_ENDS}",
        "multi_after": rf"{number}{unit}{TIMES}(?P<c>\d{{1,3}})(?![\d.,])",
        "box": _box(start, alternatives(lengths)),
        "order": rf"\(?(?<!\w)([{letter}]) ?[x×*/] ?([{letter}])(?: ?[x×*/] ?([{letter}]))?(?!\w)\)?",
        "feet": rf"{start}(?P<f>\d{{1,2}}) ?(?:ft|feet|foot|')\.? ?(?P<i>\d{{1,2}}) ?(?:in\b|inch(?:es)?|[\"″]|(?!\w))",
        "memory": rf"{start}(?P<ram>\d{{1,2}}) ?(?:gb)? ?[+/] ?(?P<rom>\d{{1,4}}) ?(?P<u>gb|tb){UNIT_ENDS}",
        **count_sources(rules, start),
        "number": r"(?<![\d.,])(?P<n>\d{1,5})(?![\d%]|[.,]\d)",
        "word_before": rf"(?<![\w])(?P<w>{beside})[ ]?(?:[:：=]|\bis\b|約|约|ca\.?)? ?$",
        "word_after": rf"^ ?\(?-?(?P<w>{beside}){_WORD_ENDS}",
        "not_before": rf"{_NOT_IN_WORD}(?:{not_before}) ?:? ?$",
        "not_after": rf"^ ?(?:{alternatives(rules.not_after)}){_WORD_ENDS}",
    }
    compiled = {name: re.compile(source, re.IGNORECASE) for name, source in sources.items()}
    return Patterns(**compiled)


def count_sources(rules: QuantityRules, start: str) -> dict[str, str]:
    """Return the patterns of pack sizes: "6 pieces" (group n), and the words before a number: "pack of"."""
    return {
        "count": rf"{start}(?P<n>\d{{1,5}})[ -]?(?:{_wordings(rules.counts, first=True)})",
        "pack_words": rf"{_NOT_IN_WORD}(?:{_wordings(rules.counts, first=False)})[ -]?$",
    }


def compile_shoes(rules: QuantityRules, locale: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return (system, pattern with the group n) of a shoe size that is a value; see shoe_sizes.py for running text."""
    return tuple((system, re.compile(source, re.IGNORECASE)) for system, source in _shoes(rules, locale))


def alternatives(words: Iterable[str]) -> str:
    """Return a pattern of any of the words, longest first; it matches nothing when there is none."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda w: (-len(w), w))) or r"(?!)"


def _box(start: str, lengths: str) -> str:
    first, second, third = (rf"(?:(?P<l{i}>[a-zA-Z])[ .:]?)?(?P<n{i}>{NUMBER})" for i in (1, 2, 3))
    unit = rf"(?: ?(?:{lengths})(?={TIMES}))?"
    return rf"{start}{first}{unit}{TIMES}{second}{unit}(?:{TIMES}{third})? ?(?P<u>{lengths}){UNIT_ENDS}"


def _wordings(patterns: Iterable[str], *, first: bool) -> str:
    """Return the words of the patterns that begin with {n} ("{n} pieces"), or of the others ("pack of {n}")."""
    chosen = [p for p in patterns if p.startswith("{n}") == first]
    words = sorted((p.replace("{n}", "").strip() for p in chosen), key=lambda w: (-len(w), w))
    escaped = (re.escape(w).replace(r"\ ", "[ -]?") for w in words)
    ends = ("" if is_cjk(w[-1]) or not first else _WORD_ENDS for w in words)
    return "|".join(word + end for word, end in zip(escaped, ends, strict=True)) or r"(?!)"


def _shoes(rules: QuantityRules, locale: str) -> Iterator[tuple[str, str]]:
    size = rf"(?P<n>\d{{1,2}}(?:[.,]\d)?{FRACTION})"
    cue = rf"(?:(?:{alternatives(w for words in rules.shoe_before.values() for w in words)})[ .:]*)?"
    for system, names in rules.shoe_systems.items():
        named = alternatives(names)
        yield system, rf"{_NOT_IN_WORD}{cue}(?:{named})[ .:-]*{cue}{size}{_ALONE}"
        yield system, rf"{size} ?(?:{named}){_WORD_ENDS}"
    before, after = rules.shoe_before.get(locale, ()), rules.shoe_after.get(locale, ())
    yield "eu", rf"{_NOT_IN_WORD}(?:{alternatives(before)})[ .:]*{size}{_ALONE}"
    yield "eu", rf"{size} ?(?:{alternatives(after)})"
