"""Finds the taxonomy's labels in a text: Aho-Corasick over folded labels, whole words only, the longest label wins.

Aho, Corasick: Efficient string matching (CACM 18(6), 1975): one pass, whatever the number of labels.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, Implementation

from app.domain.tags import Match, Method
from app.domain.taxonomy import CATEGORY, Concept, Label, Taxonomy
from app.pipeline.rules.document import Field, is_katakana, katakana_run, stands_alone
from app.pipeline.rules.entries import BRAND, NAMES, Entry, grouped, read_entries, replace_labels
from app.pipeline.rules.ruleset import Language, RuleSet
from app.pipeline.text import is_cjk

CJK_LOCALES = frozenset({"ja", "zh-CN"})
_NAMES_OF_OTHERS = frozenset({BRAND, "compatible_with", "operating_system", "theme", "vehicle_type"})
"""Attributes whose labels may contain the name of a product that is not this one ("for Apple WATCH")."""
_SHORTEST_HEAD = 4
"""Characters of a katakana category that may follow a word nobody knows (カシュクールワンピース)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A label at ``start:end`` of a folded text."""

    start: int
    end: int
    concept_id: str
    attribute: str
    label: Label
    method: Method
    sure: bool = True
    """False for a category seen only as the end of a word whose beginning is unknown, or by an ambiguous label."""

    @property
    def match(self) -> Match:
        """How the value was found."""
        return Match(method=self.method, score=100.0, label=self.label.text, locale=self.label.locale)


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of one text: ``strong`` ones stand by themselves, ``weak`` ones count only beside a cue."""

    strong: tuple[Hit, ...]
    weak: tuple[Hit, ...]
    shadows: tuple[tuple[int, int], ...] = ()
    """Phrases whose words mean something else."""


Span = tuple[int, int]


class Matcher:
    """All labels of a taxonomy, ready to be found in any of its locales."""

    def __init__(self, taxonomy: Taxonomy, rules: RuleSet) -> None:
        self._rules = rules
        self._entries = read_entries(taxonomy, rules.languages)
        replace_labels(self._entries, taxonomy, rules.words)
        self._groups = grouped(self._entries)
        self._automata: dict[str | None, tuple[AhoCorasick, list[Sequence[Entry]]]] = {}
        pieces = {text for text in self._entries if is_katakana(text)}
        compounds = rules.compounds.get("ja")
        pieces |= set(compounds.parts) if compounds else set()
        self._made_of_pieces = lru_cache(maxsize=10_000)(_Pieces(frozenset(pieces)))

    def labels(self, text: str) -> Sequence[Entry]:
        """Return what a folded label stands for, in all attributes and locales."""
        return self._entries.get(text, ())

    def find(self, field: Field, locale: str | None) -> Found:
        """Return the labels in a field's text that a listing in this locale may mean; the longest wins."""
        automaton, patterns = self._automaton(locale)
        hits: list[Hit] = []
        shadows: list[Span] = []
        text, cjk, language = field.text, locale in CJK_LOCALES, self._rules.language(locale)
        for index, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
            if not stands_alone(text, start, end, cjk=cjk):
                continue
            if text[start:end] in language.shadows:
                shadows.append((start, end))
            whole = not is_katakana(text[start:end]) or self._katakana(text, start, end)
            for concept, label in patterns[index]:
                if whole and _as_written(field, start, end, concept, label):
                    hits.append(Hit(start, end, concept.id, concept.attribute, label, method_of(label)))
                elif not whole and _headed(text, start, end, concept, label):
                    hits.append(Hit(start, end, concept.id, CATEGORY, label, Method.RULE, sure=False))
        strong = [hit for hit in hits if hit.label.standalone]
        weak = tuple(hit for hit in hits if not hit.label.standalone)
        return Found(tuple(resolve(strong, shadows, locale, language.head)), weak, tuple(shadows))

    def _katakana(self, text: str, start: int, end: int) -> bool:
        """Katakana runs words together: a label counts when all of the rest is made of known words."""
        low, high = katakana_run(text, start, end)
        return self._made_of_pieces(text[low:start]) and self._made_of_pieces(text[end:high])

    def _automaton(self, locale: str | None) -> tuple[AhoCorasick, list[Sequence[Entry]]]:
        if locale not in self._automata:
            language = self._rules.language(locale)
            chosen: dict[str, Sequence[Entry]] = dict.fromkeys(language.shadows, ())
            for text in {**self._groups[NAMES], **self._groups["en"], **self._groups.get(locale or "en", {})}:
                usable = [e for e in self._entries[text] if usable_in(text, e[0], e[1], locale, language)]
                if usable:
                    chosen[text] = usable if len(usable) == 1 else _preferred(usable, locale)
            automaton = AhoCorasick(list(chosen), implementation=Implementation.ContiguousNFA)
            self._automata[locale] = automaton, list(chosen.values())
        return self._automata[locale]


class _Pieces:
    """Says whether a katakana text is a chain of known words."""

    def __init__(self, pieces: frozenset[str]) -> None:
        self._pieces = pieces
        self._longest = max(map(len, pieces), default=0)

    def __call__(self, text: str) -> bool:
        reachable = {0}
        for end in range(1, len(text) + 1):
            starts = range(max(0, end - self._longest), end)
            if any(start in reachable and text[start:end] in self._pieces for start in starts):
                reachable.add(end)
        return len(text) in reachable


def method_of(label: Label) -> Method:
    """A prefLabel matches exactly, an altLabel is an alias."""
    return Method.EXACT if label.preferred else Method.ALIAS


def usable_in(text: str, concept: Concept, label: Label, locale: str | None, language: Language) -> bool:
    """Say whether a label may be meant in a listing of this locale: its own, English, and brands in any."""
    if label.locale == locale or concept.attribute == BRAND:
        return True
    if label.locale != "en":
        return False
    return text not in language.foreign and (len(text) >= language.english_min or " " in text)


def resolve(hits: Iterable[Hit], shadows: Iterable[Span], locale: str | None, head: str = "last") -> list[Hit]:
    """Return the hits that are left when the longest wins, in order of position.

    Hits with the same span all stay, but a label of the listing's own language beats an English one. Inside the
    label of a category ("leather shoes") values stay; inside that of a value a category stays where its ``head`` is
    ("maxi dress", but not "shirt collar").
    """
    groups: dict[Span, list[Hit]] = {span: [] for span in shadows}
    shadowed = [*groups]
    for hit in hits:
        if any(low <= hit.start and hit.end <= high and (hit.start, hit.end) != (low, high) for low, high in shadowed):
            continue
        groups.setdefault((hit.start, hit.end), []).append(hit)
    for loser in set(_qualifying([span for span in groups if _names_category(groups[span])], head)):
        groups[loser] = [hit for hit in groups[loser] if hit.attribute != CATEGORY]
        if not groups[loser]:
            del groups[loser]
    owners: dict[int, tuple[int, int]] = {}
    inner: set[int] = set()
    kept: list[Hit] = []
    for span in sorted(groups, key=lambda s: (s[0] - s[1], s[0])):
        group = _own_language(groups[span], locale)
        over = {owners[at] for at in range(*span) if at in owners}
        if not over:
            owners.update(dict.fromkeys(range(*span), span))
            kept += group
        elif len(over) == 1 and inner.isdisjoint(range(*span)):
            inside = _inside(span, group, over.pop(), groups, head)
            inner.update(range(*span) if inside else ())
            kept += inside
    return sorted(kept, key=lambda hit: (hit.start, -hit.end))


def _names_category(group: list[Hit]) -> bool:
    return any(hit.attribute == CATEGORY for hit in group)


def _qualifying(spans: Sequence[Span], head: str) -> Iterator[Span]:
    """Yield the categories that only qualify one they overlap: in "coffee table lamp" the coffee table."""
    for first in spans:
        for second in spans:
            if first[0] < second[0] < first[1] < second[1]:
                yield first if head == "last" else second


def _inside(span: Span, group: list[Hit], owner: Span, groups: Mapping[Span, list[Hit]], head: str) -> list[Hit]:
    """Return what stays of the hits inside a longer label."""
    if not (owner[0] <= span[0] and span[1] <= owner[1] and groups[owner]):
        return []
    if _names_category(groups[owner]):
        return [hit for hit in group if hit.attribute != CATEGORY]
    if any(hit.attribute in _NAMES_OF_OTHERS for hit in groups[owner]):
        return []
    at_head = span[1] == owner[1] if head == "last" else span[0] == owner[0]
    return [hit for hit in group if hit.attribute == CATEGORY and at_head]


def _own_language(group: list[Hit], locale: str | None) -> list[Hit]:
    own = [hit for hit in group if hit.label.locale == locale or hit.attribute == BRAND]
    return own or group


def _preferred(entries: list[Entry], locale: str | None) -> list[Entry]:
    """Return one entry per concept: in the listing's locale, then English; standalone before ambiguous."""
    best: dict[str, Entry] = {}
    for concept, label in sorted(
        entries, key=lambda e: (e[1].locale != locale, e[1].locale != "en", not e[1].standalone, not e[1].preferred)
    ):
        best.setdefault(concept.id, (concept, label))
    return list(best.values())


def _as_written(field: Field, start: int, end: int, concept: Concept, label: Label) -> bool:
    """Say whether the text means the label as it is written there: "livré" is no "livre", "gap" no brand."""
    if concept.attribute == BRAND:
        return _written_as_name(field, start, end, concept)
    raw = field.raw(start, end)
    if not raw.isascii() and _is_accented(raw):
        return _is_accented(label.text)
    # French writers who set accents set them everywhere ("cire" is no "ciré"); capitals often go without
    strict = label.locale == "fr" and not raw.isupper() and _is_accented(label.text)
    return not strict or not _is_accented(field.cleaned.text)


def _is_accented(text: str) -> bool:
    return any("\u0300" <= char <= "\u036f" for char in unicodedata.normalize("NFD", text))


def _written_as_name(field: Field, start: int, end: int, concept: Concept) -> bool:
    """Say whether a brand is written as a name: with a capital, unless it writes itself small or the whole field is.

    Two words together are a name however they are written.
    """
    text = field.text[start:end]
    if " " in text or is_cjk(text) or concept.labels[0].text[0].islower():
        return True
    return any(not c.islower() for c in field.raw(start, end)) or not any(c.isupper() for c in field.cleaned.text)


def _headed(text: str, start: int, end: int, concept: Concept, label: Label) -> bool:
    """Say whether a category is the end of a katakana word: カシュクールワンピース is a ワンピース."""
    long_enough = end - start >= _SHORTEST_HEAD and label.standalone and concept.attribute == CATEGORY
    return long_enough and katakana_run(text, start, end)[1] == end
