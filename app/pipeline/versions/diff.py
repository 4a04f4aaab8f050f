"""Compares two versions of a taxonomy: one walk over each, and nothing is kept but what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from app.domain.taxonomy import Concept, Taxonomy
from app.domain.taxonomy_changes import (
    Altered,
    LabelMoved,
    Merged,
    Moved,
    Named,
    Relabelled,
    Retired,
    Reused,
    Split,
    TaxonomyDiff,
)
from app.pipeline.text import fold_label

_FIELDS = ("attribute", "kind", "dimension", "values_from", "relevant", "successor", "google_id", "exact_match")

LabelKey = tuple[str, str, str]
"""(attribute, locale, folded label)."""


def diff_taxonomies(old: Taxonomy, new: Taxonomy) -> TaxonomyDiff:
    """Return what differs, in time linear in the number of labels."""
    walk = _Walk(old, new)
    for before in every_concept(old):
        after = find(new, before.id)
        if after is None:
            walk.removed.append(_named(before))
        elif before != after:
            walk.compare(before, after)
    for after in every_concept(new):
        if find(old, after.id) is None:
            walk.came(after)
    return walk.result()


def every_concept(taxonomy: Taxonomy) -> Iterator[Concept]:
    """Yield attributes, then values and categories."""
    return chain(taxonomy.attributes.values(), taxonomy.concepts.values())


def find(taxonomy: Taxonomy, concept_id: str) -> Concept | None:
    """Return a value, category or attribute, None for an unknown id."""
    return taxonomy.concepts.get(concept_id) or taxonomy.attributes.get(concept_id)


class _Walk:
    """What was found so far."""

    def __init__(self, old: Taxonomy, new: Taxonomy) -> None:
        self._old, self._new = old, new
        self._locales = tuple(locale for locale in old.locales if locale in new.locales)
        self.removed: list[Named] = []
        self._added: list[Named] = []
        self._retired: list[Retired] = []
        self._restored: list[Named] = []
        self._reused: list[Reused] = []
        self._moved: list[Moved] = []
        self._relabelled: list[Relabelled] = []
        self._altered: list[Altered] = []
        self._lost: dict[LabelKey, tuple[str, str]] = {}
        """(concept, label as written) of labels that a concept in use had and has no longer."""
        self._gained: dict[LabelKey, str] = {}
        """The concept that has a label now and had not."""

    def compare(self, before: Concept, after: Concept) -> None:
        """Note how a concept that both versions have differs."""
        if after.retired and not before.retired:
            self._retired.append(
                Retired(id=after.id, attribute=after.attribute, label=_name(after), successor=after.successor)
            )
        elif before.retired and not after.retired:
            self._restored.append(_named(after))
        if before.broader != after.broader:
            self._moved.append(
                Moved(id=after.id, attribute=after.attribute, before=before.broader, after=after.broader)
            )
        self._compare_fields(before, after)
        if before.labels != after.labels:
            if self._is_reused(before, after):
                self._reused.append(
                    Reused(id=after.id, attribute=after.attribute, before=_name(before), after=_name(after))
                )
            else:
                self._relabelled += _relabelled(before, after, self._locales)
        had, has = _active(before), _active(after)
        self._lost |= {key: (before.id, text) for key, text in had.items() if key not in has}
        self._gained |= {key: after.id for key in has if key not in had}

    def came(self, concept: Concept) -> None:
        """Note a concept that only the new version has; all others must have been compared."""
        self._added.append(_named(concept))
        if self._lost:
            self._gained |= {key: concept.id for key in _active(concept) if key in self._lost}

    def result(self) -> TaxonomyDiff:
        """Return it all."""
        moves = tuple(
            LabelMoved(attribute=key[0], locale=key[1], label=text, before=source, after=self._gained[key])
            for key, (source, text) in self._lost.items()
            if key in self._gained
        )
        return TaxonomyDiff(
            old=f"{self._old.name} {self._old.version}",
            new=f"{self._new.name} {self._new.version}",
            locales_added=tuple(locale for locale in self._new.locales if locale not in self._old.locales),
            locales_removed=tuple(locale for locale in self._old.locales if locale not in self._new.locales),
            added=tuple(self._added),
            retired=tuple(self._retired),
            restored=tuple(self._restored),
            removed=tuple(self.removed),
            reused=tuple(self._reused),
            moved=tuple(self._moved),
            relabelled=tuple(self._relabelled),
            altered=tuple(self._altered),
            labels_moved=moves,
            merged=_merged(self._retired),
            split=_split(moves),
        )

    def _compare_fields(self, before: Concept, after: Concept) -> None:
        for name in _FIELDS:
            was, now = getattr(before, name), getattr(after, name)
            # a newly retired concept is listed with its successor
            if was != now and not (name == "successor" and not before.retired):
                self._altered.append(Altered(id=after.id, attribute=after.attribute, field=name, before=was, after=now))

    def _is_reused(self, before: Concept, after: Concept) -> bool:
        had, has = _folded(before, self._locales), _folded(after, self._locales)
        elsewhere = set(before.exact_match) & set(after.exact_match)
        return bool(had) and bool(has) and not had & has and not elsewhere


def _named(concept: Concept) -> Named:
    return Named(id=concept.id, attribute=concept.attribute, label=_name(concept))


def _name(concept: Concept) -> str:
    english = concept.label("en")
    return english or next((label.text for label in concept.labels if label.preferred), concept.id)


def _active(concept: Concept) -> dict[LabelKey, str]:
    """Return the labels that lead to a concept; none lead to one that is retired."""
    if concept.retired:
        return {}
    return {(concept.attribute, label.locale, fold_label(label.text)): label.text for label in concept.labels}


def _folded(concept: Concept, locales: Iterable[str]) -> set[tuple[str, str]]:
    common = frozenset(locales)
    return {(label.locale, fold_label(label.text)) for label in concept.labels if label.locale in common}


def _relabelled(before: Concept, after: Concept, locales: Iterable[str]) -> Iterator[Relabelled]:
    had, has = _by_locale(before), _by_locale(after)
    for locale in locales:
        was, now = had.get(locale, {}), has.get(locale, {})
        if was == now:
            continue
        standing = {text: (was[text][1], now[text][1]) for text in was if text in now}
        yield Relabelled(
            id=after.id,
            attribute=after.attribute,
            locale=locale,
            before=_preferred(was),
            after=_preferred(now),
            added=tuple(text for text in _alternative(now) if text not in _alternative(was)),
            removed=tuple(text for text in _alternative(was) if text not in _alternative(now)),
            freed=tuple(text for text, alone in standing.items() if alone == (False, True)),
            restricted=tuple(text for text, alone in standing.items() if alone == (True, False)),
        )


def _by_locale(concept: Concept) -> dict[str, dict[str, tuple[bool, bool]]]:
    """Return locale -> label -> (preferred, standalone)."""
    grouped: dict[str, dict[str, tuple[bool, bool]]] = {}
    for label in concept.labels:
        grouped.setdefault(label.locale, {}).setdefault(label.text, (label.preferred, label.standalone))
    return grouped


def _preferred(labels: Mapping[str, tuple[bool, bool]]) -> str | None:
    return next((text for text, (preferred, _) in labels.items() if preferred), None)


def _alternative(labels: Mapping[str, tuple[bool, bool]]) -> dict[str, None]:
    return {text: None for text, (preferred, _) in labels.items() if not preferred}


def _merged(retired: Iterable[Retired]) -> tuple[Merged, ...]:
    sources: dict[str, list[Retired]] = {}
    for concept in retired:
        if concept.successor is not None:
            sources.setdefault(concept.successor, []).append(concept)
    return tuple(
        Merged(into=into, attribute=several[0].attribute, sources=tuple(one.id for one in several))
        for into, several in sources.items()
        if len(several) > 1
    )


def _split(moves: Iterable[LabelMoved]) -> tuple[Split, ...]:
    into: dict[tuple[str, str], dict[str, None]] = {}
    for move in moves:
        into.setdefault((move.before, move.attribute), {})[move.after] = None
    return tuple(
        Split(id=source, attribute=attribute, into=tuple(several))
        for (source, attribute), several in into.items()
        if len(several) > 1
    )
