"""What must hold of every concept of a taxonomy: labels, tree, retirement, kind, Google's category."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.adapters.taxonomy_files import KEYS, LOCALE_KEYS
from app.domain.taxonomy import CATEGORY, Kind
from app.pipeline.text import fold_label, is_cjk

ATTRIBUTE = "attribute"
"""Under which attributes stand where concepts stand under their attribute."""
LENIENT = frozenset({"missing", "shared", "english", "parenthesis", "script", "single", "no-english"})
"""Defects of labels that a manifest may excuse, since they are those of a source that is not ours to mend: no label in
a locale, one label on two concepts, a label equal to the English one, a parenthesis, another script, a single Chinese
or Japanese character that may fire; and a taxonomy without English. They are counted, and are no problems then."""
_CJK_LOCALES = frozenset({"ja", "zh"})
_DIMENSIONS = frozenset(
    {"mass", "volume", "length", "power", "voltage", "data", "count", "charge", "frequency", "time"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxonomyProblem:
    """A rule that is broken. ``file`` is relative to the folder, ``line`` counts from 1 (0: the file as a whole)."""

    file: str
    line: int
    id: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A concept as written, and where."""

    file: str
    attribute: str
    id: str
    raw: Mapping[str, Any]
    lines: Mapping[str, int]


@dataclass(slots=True)
class State:
    """What is known while checking."""

    locales: Sequence[str]
    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[TaxonomyProblem] = field(default_factory=list)
    with_values: set[str] = field(default_factory=set)
    """The attributes that have concepts."""
    owners: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """(attribute, locale, folded label) -> id."""
    labels: Counter[str] = field(default_factory=Counter)
    lenient: frozenset[str] = frozenset()
    """Of LENIENT, what this taxonomy excuses."""
    excused: dict[str, Counter[str]] = field(default_factory=dict)
    """Kind of defect -> locale -> how often."""

    def find(self, concept_id: Any) -> Entry | None:
        """Return the concept that a key names, whatever YAML made of that."""
        return self.entries.get(concept_id) if isinstance(concept_id, str) else None

    def say(self, entry: Entry, message: str, key: str = "") -> None:
        """Note a problem of a concept, at the line of the key it is about."""
        line = entry.lines.get(key, entry.lines[""])
        self.problems.append(TaxonomyProblem(file=entry.file, line=line, id=entry.id, message=message))

    def say_label(self, entry: Entry, kind: str, locale: str, message: str, key: str) -> None:
        """Note a defect of a label; count it where this taxonomy excuses its kind."""
        if kind in self.lenient:
            self.excused.setdefault(kind, Counter())[locale] += 1
        else:
            self.say(entry, message, key)

    def say_file(self, file: str, message: str, line: int = 0) -> None:
        """Note a problem of a file."""
        self.problems.append(TaxonomyProblem(file=file, line=line, id="", message=message))


def check_concept(entry: Entry, state: State) -> None:
    """Note in ``state`` what is wrong with one concept; all concepts must have been taken in."""
    _check_labels(entry, state)
    _check_tree(entry, state)
    if not is_texts(entry.raw.get("exact", ["none"])):
        state.say(entry, f"exact must be a list of texts, not {entry.raw['exact']!r}", "exact")
    _check_retired(entry, state)
    (_check_attribute if entry.attribute == ATTRIBUTE else _check_value)(entry, state)


def _check_labels(entry: Entry, state: State) -> None:
    raw = entry.raw
    allowed = KEYS | set(state.locales) | set(LOCALE_KEYS)
    for key in raw:
        if key not in allowed:
            state.say(entry, f"unknown key {key!r}", str(key))
    english = raw.get("en") if is_texts(raw.get("en")) else None
    same = raw.get("same", [])
    if same != "all" and not (isinstance(same, list) and set(map(str, same)) <= allowed):
        state.say(entry, f"`same` must be `all` or a list of locales, not {same!r}", "same")
        same = []
    for key, locale in _locale_keys(state.locales):
        texts = raw.get(key, english if same == "all" else None)
        if texts is None:
            state.say_label(entry, "missing", locale, f"no labels in {locale}", key)
            continue
        if not is_texts(texts):
            state.say(entry, f"labels must be texts (quote what YAML takes for else): {locale}", key)
            continue
        _check_texts(entry, key, locale, texts, state)
        if english and locale != "en" and same != "all" and key not in same and _alike(texts[0], english[0]):
            message = f"{locale}: {texts[0]!r} is the English label; add {key} to `same` if that is right"
            state.say_label(entry, "english", locale, message, key)


def _check_texts(entry: Entry, key: str, locale: str, texts: Sequence[str], state: State) -> None:
    state.labels[locale] += len(texts)
    written_in_cjk = locale.split("-")[0] in _CJK_LOCALES

    def say(kind: str, message: str) -> None:
        state.say_label(entry, kind, locale, f"{locale}: {message}", key)

    for text in texts:
        folded = fold_label(_plain(text))
        owner = state.owners.setdefault((entry.attribute, locale, folded), entry.id)
        if owner != entry.id:
            say("shared", f"the label {text!r} is also one of {owner}")
        if any(mark in text for mark in "()"):
            say("parenthesis", f"{text!r} holds a parenthesis, which no listing matches")
        if is_cjk(text):
            if not written_in_cjk:
                say("script", f"{text!r} is in another script")
            if len(text) == 1:
                say("single", f"{text!r} is a single character and fires everywhere: write ~{text}")


def _check_tree(entry: Entry, state: State) -> None:
    broader = entry.raw.get("broader")
    if broader is None:
        return
    parent = state.find(broader)
    if parent is None or parent.attribute != entry.attribute:
        state.say(entry, f"broader {broader!r} is no concept of {entry.attribute}", "broader")
        return
    if parent.raw.get("retired") and not entry.raw.get("retired"):
        state.say(entry, f"broader {broader} is retired", "broader")
    seen = {entry.id}
    while parent is not None and parent.id not in seen:
        seen.add(parent.id)
        parent = state.find(parent.raw.get("broader"))
    if parent is not None and parent.id == entry.id:
        state.say(entry, "is its own ancestor", "broader")


def _check_retired(entry: Entry, state: State) -> None:
    successor, retired = entry.raw.get("successor"), entry.raw.get("retired", False)
    if not isinstance(retired, bool):
        state.say(entry, "retired must be true or false", "retired")
    if retired and successor is None:
        state.say(entry, "is retired and names no successor", "retired")
    if successor is None:
        return
    if not retired:
        state.say(entry, "has a successor but is not retired", "successor")
    heir = state.find(successor)
    if heir is None or heir.attribute != entry.attribute:
        state.say(entry, f"successor {successor!r} is no concept of {entry.attribute}", "successor")
    elif heir.raw.get("retired"):
        state.say(entry, f"successor {successor} is itself retired: name the one in use", "successor")


def _check_attribute(entry: Entry, state: State) -> None:
    kind, dimension = entry.raw.get("kind"), entry.raw.get("dimension")
    if kind not in [each.value for each in Kind]:
        state.say(entry, f"kind must be {', '.join(Kind)}, not {kind!r}", "kind")
    elif kind == Kind.QUANTITY and dimension not in _DIMENSIONS:
        state.say(entry, f"a quantity needs a dimension: {', '.join(sorted(_DIMENSIONS))}", "dimension")
    elif kind != Kind.QUANTITY and dimension is not None:
        state.say(entry, "only a quantity has a dimension", "dimension")
    _check_shared_values(entry, state)


def _check_shared_values(entry: Entry, state: State) -> None:
    name = entry.raw.get("values_from")
    if name is None:
        return
    owner = state.find(name)
    if owner is None or owner.attribute != ATTRIBUTE or name not in state.with_values:
        state.say(entry, f"values_from {name!r} is no attribute that has values", "values_from")
    elif owner.raw.get("values_from") is not None:
        state.say(entry, f"values_from {name} itself has those of another: name that", "values_from")
    if entry.id in state.with_values:
        state.say(entry, f"has values of its own and those of {name}", "values_from")


def _check_value(entry: Entry, state: State) -> None:
    if "values_from" in entry.raw:
        state.say(entry, "only attributes have values_from", "values_from")
    if entry.attribute != CATEGORY:
        attribute = state.entries.get(entry.attribute)
        if attribute is None or attribute.raw.get("kind") == Kind.QUANTITY:
            state.say(entry, f"{entry.attribute!r} is no attribute that has concepts: see attributes.yaml")
        for key in ("attributes", "google"):
            if key in entry.raw:
                state.say(entry, f"only categories have {key}", key)
        return
    relevant = entry.raw.get("attributes", [])
    if not isinstance(relevant, list):
        state.say(entry, f"attributes must be a list of ids, not {relevant!r}", "attributes")
        relevant = []
    for name in relevant:
        found = state.find(name)
        if found is None or found.attribute != ATTRIBUTE:
            state.say(entry, f"unknown attribute {name!r}", "attributes")
    google = entry.raw.get("google", 1)
    if not isinstance(google, int) or isinstance(google, bool) or google < 1:
        state.say(entry, f"google must be a positive whole number, not {google!r}", "google")


def check_unique_google(state: State) -> None:
    """Note Google ids that two categories share; only where the manifest promises that none do."""
    first: dict[int, str] = {}
    for entry in state.entries.values():
        number = entry.raw.get("google")
        if isinstance(number, int) and first.setdefault(number, entry.id) != entry.id:
            state.say(entry, f"google {number} is also that of {first[number]}: the manifest says none are", "google")


def _locale_keys(locales: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (key in the files, locale)."""
    keys = {locale: key for key, locale in LOCALE_KEYS.items()}
    yield from ((keys.get(locale, locale), locale) for locale in locales)


def is_texts(value: Any) -> bool:
    """Say whether a value is a list of texts, none of them blank, and not empty."""
    return isinstance(value, list) and bool(value) and all(isinstance(x, str) and x.strip() for x in value)


def _plain(label: str) -> str:
    return label.lstrip("~")


def _alike(one: str, other: str) -> bool:
    """Say whether two labels differ in case alone: an accent already shows that someone translated."""
    return _plain(one).casefold() == _plain(other).casefold()
