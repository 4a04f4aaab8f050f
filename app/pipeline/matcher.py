"""Finds the taxonomy's labels in a text: Aho-Corasick over folded labels, whole words only, the longest label wins.

Aho, Corasick: Efficient string matching (CACM 18(6), 1975): one pass, whatever the number of labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, Implementation

from app.domain.tags import Match, Method
from app.domain.taxonomy import CATEGORY, Concept, Label, Taxonomy
from app.pipeline.document import Field, is_katakana, katakana_run, stands_alone
from app.pipeline.ruleset import Language, RuleSet
from app.pipeline.text import fold_label, is_cjk

BRAND = "brand"
CJK_LOCALES = frozenset({"ja", "zh-CN"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
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


Entry = tuple[Concept, Label]


class Matcher:
    """All labels of a taxonomy, ready to be found in any of its locales."""

    def __init__(self, taxonomy: Taxonomy, rules: RuleSet) -> None:
        self._rules = rules
        self._entries = _entries(taxonomy)
        self._automata: dict[str | None, tuple[AhoCorasick, list[list[Entry]]]] = {}
        pieces = {text for text in self._entries if is_katakana(text)}
        compounds = rules.compounds.get("ja")
        pieces |= set(compounds.parts) if compounds else set()
        self._made_of_pieces = lru_cache(maxsize=10_000)(_Pieces(frozenset(pieces)))

    def labels(self, text: str) -> Sequence[Entry]:
        """Return what a folded label stands for, in all attributes and locales."""
        return self._entries.get(text, ())

    def find(self, field: Field, locale: str | None) -> Found:
        """Return the labels in a field's text that a listing in this locale may mean, longest first where they overlap."""
        automaton, patterns = self._automaton(locale)
        strong: list[Hit] = []
        weak: list[Hit] = []
        shadows: list[tuple[int, int]] = []
        text, cjk = field.text, locale in CJK_LOCALES
        for index, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
            if not stands_alone(text, start, end, cjk=cjk):
                continue
            whole = not is_katakana(text[start:end]) or self._katakana(text, start, end)
            if not patterns[index]:
                shadows.append((start, end))
            for concept, label in patterns[index]:
                hit = self._hit(field, start, end, concept, label)
                if whole and hit is not None:
                    (strong if label.standalone else weak).append(hit)
                elif not whole and _headed(text, start, end, concept, label):
                    strong.append(Hit(start, end, concept.id, CATEGORY, label, Method.RULE, sure=False))
        return Found(tuple(resolve(strong, shadows, locale)), tuple(weak), tuple(shadows))

    @staticmethod
    def _hit(field: Field, start: int, end: int, concept: Concept, label: Label) -> Hit | None:
        if concept.attribute == BRAND and not _written_as_name(field, start, end, label):
            return None
        return Hit(start, end, concept.id, concept.attribute, label, method_of(label))

    def _katakana(self, text: str, start: int, end: int) -> bool:
        """Katakana runs words together: a label counts when all of the rest is made of known words."""
        low, high = katakana_run(text, start, end)
        return self._made_of_pieces(text[low:start]) and self._made_of_pieces(text[end:high])

    def _automaton(self, locale: str | None) -> tuple[AhoCorasick, list[list[Entry]]]:
        if locale not in self._automata:
            language = self._rules.language(locale)
            chosen: dict[str, list[Entry]] = {phrase: [] for phrase in language.shadows}
            for text, entries in self._entries.items():
                usable = [e for e in entries if usable_in(text, e[0], e[1], locale, language)]
                if usable:
                    chosen.setdefault(text, []).extend(_preferred(usable, locale))
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


def resolve(hits: Iterable[Hit], shadows: Iterable[tuple[int, int]], locale: str | None) -> list[Hit]:
    """Return the hits that are left when the longest wins, in order of position.

    Hits with the same span all stay, but a label of the listing's own language beats an English one. Inside the
    label of a category ("leather shoes") the values of other attributes stay.
    """
    groups: dict[tuple[int, int], list[Hit]] = {span: [] for span in shadows}
    for hit in hits:
        groups.setdefault((hit.start, hit.end), []).append(hit)
    owners: dict[int, tuple[int, int]] = {}
    inner: set[int] = set()
    kept: list[Hit] = []
    for span in sorted(groups, key=lambda s: (s[0] - s[1], s[0])):
        group = _own_language(groups[span], locale)
        over = {owners[at] for at in range(*span) if at in owners}
        if not over:
            owners.update(dict.fromkeys(range(*span), span))
            kept += group
        elif len(over) == 1 and not inner.intersection(range(*span)) and _inside(span, over, groups):
            inner.update(range(*span))
            kept += [hit for hit in group if hit.attribute != CATEGORY]
    return sorted(kept, key=lambda hit: (hit.start, -hit.end))


def _inside(span: tuple[int, int], over: set[tuple[int, int]], groups: dict[tuple[int, int], list[Hit]]) -> bool:
    (owner,) = over
    covered = owner[0] <= span[0] and span[1] <= owner[1]
    return covered and any(hit.attribute == CATEGORY for hit in groups[owner])


def _own_language(group: list[Hit], locale: str | None) -> list[Hit]:
    own = [hit for hit in group if hit.label.locale == locale or hit.attribute == BRAND]
    return own or group


def _entries(taxonomy: Taxonomy) -> dict[str, list[Entry]]:
    """Return folded label -> (concept, label) of everything that is not retired."""
    entries: dict[str, list[Entry]] = {}
    for concept in taxonomy.concepts.values():
        if concept.retired:
            continue
        for label in concept.labels:
            for text in {fold_label(label.text), *_spellings(label)}:
                if len(text) > 1 or (text and not label.standalone):
                    entries.setdefault(text, []).append((concept, label))
    return entries


def _spellings(label: Label) -> list[str]:
    """German umlauts are also written ae, oe, ue."""
    spelled = label.text.translate(_UMLAUTS) if label.locale == "de" else label.text
    return [fold_label(spelled)] if spelled != label.text else []


def _preferred(entries: list[Entry], locale: str | None) -> list[Entry]:
    """Return one entry per concept: in the listing's locale, then English; a standalone label before an ambiguous one."""
    best: dict[str, Entry] = {}
    for concept, label in sorted(
        entries, key=lambda e: (e[1].locale != locale, e[1].locale != "en", not e[1].standalone, not e[1].preferred)
    ):
        best.setdefault(concept.id, (concept, label))
    return list(best.values())


def _written_as_name(field: Field, start: int, end: int, label: Label) -> bool:
    """Brands are written with a capital, unless they write themselves small or the whole field is."""
    if label.text[:1].islower() or is_cjk(label.text) or not any(c.isupper() for c in field.cleaned.text):
        return True
    return any(c.isupper() or c.isdecimal() for c in field.raw(start, end))


def _headed(text: str, start: int, end: int, concept: Concept, label: Label) -> bool:
    """Say whether a category is the end of a katakana word: カシュクールワンピース is a ワンピース."""
    long_enough = end - start >= _SHORTEST_HEAD and label.standalone and concept.attribute == CATEGORY
    return long_enough and katakana_run(text, start, end)[1] == end
