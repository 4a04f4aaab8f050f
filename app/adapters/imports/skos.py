"""SKOS (W3C Recommendation, 2009) as Turtle, N-Triples, RDF/XML or JSON-LD, read by rdflib.

What becomes what:

    skos:ConceptScheme          an attribute; the categories where it is called category or categories, or is the only
                                one and has a tree. One that others are dcterms:isPartOf is the taxonomy itself.
    skos:Collection             an attribute too, and before the scheme: its members are its values
    skos:Concept                a value or a category, its id made of the end of its URI, which comes first in `exact`
    prefLabel, altLabel, hiddenLabel    labels; those without a language count as English
    broader, narrower, topConceptOf, hasTopConcept, inScheme, member, exactMatch
    dcterms:isReplacedBy        the successor of a retired concept
    urn:tagwright:schema:*      what our own export adds: kind, dimension, relevant, valuesFrom, ambiguousLabel

Everything else (definitions, notes, notations, other predicates) is counted as not taken. rdflib holds the whole graph,
about 1 kB a triple.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from app.adapters.imports.files import Files
from app.adapters.imports.locales import canonical, chosen, spelled
from app.adapters.imports.skos_graph import (
    CLOSE_MATCH,
    DCTERMS,
    DEPRECATED,
    FORMATS,
    GOOGLE,
    LABELS,
    OURS,
    SKOS,
    VERSION,
    Graph,
)
from app.adapters.imports.source import Done, Item, Name, Node, NotTaken, Place, Problem, Role, Source
from app.domain.errors import InvalidFile
from app.domain.taxonomy import Kind

_CATEGORIES = frozenset({"category", "categories"})


def recognises(files: Files) -> bool:
    """Say whether there is a file of RDF that mentions SKOS."""
    return any(_mentions_skos(files, name) for name in files.ending(*FORMATS))


def _mentions_skos(files: Files, name: str) -> bool:
    with files.paths[name].open("rb") as data:
        return any(b"2004/02/skos/core" in line for line in data)


def open_source(files: Files, locales: tuple[str, ...] | None) -> Source:
    """Return the source, whose graph is read here; InvalidFile where it is no RDF or holds no concept."""
    names = [name for name in files.ending(*FORMATS) if _mentions_skos(files, name)]
    if not names:
        known = ", ".join(FORMATS)
        raise InvalidFile(f"{files.label} holds no SKOS", field="SOURCE", hint=f"its files end in {known}")
    graph = Graph(files, names)
    if not graph.concepts:
        raise InvalidFile(f"{files.label} holds no skos:Concept", field="SOURCE")
    tags = {label.language or "en" for subject in graph.subjects for label in graph.labels(subject)}
    ours = spelled(tag for tag in tags if canonical(tag))
    wanted = chosen(ours.values(), locales)
    title = graph.about(f"{DCTERMS}title") or PurePosixPath(names[0]).stem
    version = graph.about(VERSION) or "unknown"
    return Source(
        name=title,
        version=version,
        locales=wanted,
        origin=f"Concepts and labels: {title}, version {version} ({files.label})",
        licence="",
        size=files.size(names),
        items=lambda: _Reading(graph=graph, ours=dict(ours), wanted=frozenset(wanted)).items(),
    )


@dataclass(kw_only=True, slots=True)
class _Reading:
    """What is known while reading a graph."""

    graph: Graph
    ours: dict[str, str]
    wanted: frozenset[str]
    attributes: dict[str, list[str]] = field(default_factory=dict)
    """Concept -> the schemes and collections it is in."""

    def items(self) -> Iterator[Item]:
        graph = self.graph
        self._assign()
        used = dict.fromkeys(owner for owners in self.attributes.values() for owner in owners)
        holders = [uri for uri in (*graph.collections, *graph.schemes) if uri not in graph.wholes]
        if not holders:  # one vocabulary, called by its file
            holders = [PurePosixPath(next(iter(graph.files.values()))).stem]
            self.attributes = {uri: owners or holders for uri, owners in self.attributes.items()}
        shared = {uri: graph.uris(uri, f"{OURS}valuesFrom") for uri in holders}
        tree = any(self._parents(uri) for uri in graph.concepts)
        only = len(holders) <= 1 and tree
        categories = {uri for uri in (*holders, *used) if only or _end(uri).lower() in _CATEGORIES}
        for uri in dict.fromkeys((*holders, *used)):
            if uri not in categories:
                yield from self._attribute(uri, shared.get(uri, []))
        for uri in graph.concepts:
            yield from self._concept(uri, categories)
        for (what, file), count in graph.untaken().items():
            yield NotTaken(what=what, place=Place(file), count=count)
        yield Done(size=graph.size)

    def _assign(self) -> None:
        """Put every concept under its collections, or its schemes, or those of what is above it."""
        graph = self.graph
        for uri in graph.collections:
            for member in graph.uris(uri, f"{SKOS}member"):
                self.attributes.setdefault(member, []).append(uri)
        own: dict[str, list[str]] = {}
        for scheme in graph.schemes:
            for concept in graph.uris(scheme, f"{SKOS}hasTopConcept"):
                own.setdefault(concept, []).append(scheme)
        for uri in graph.concepts:
            named = (*graph.uris(uri, f"{SKOS}inScheme"), *graph.uris(uri, f"{SKOS}topConceptOf"))
            schemes = dict.fromkeys((*named, *own.get(uri, ())))
            own[uri] = [scheme for scheme in schemes if scheme not in graph.wholes]
        for uri in graph.concepts:
            if uri not in self.attributes:
                self.attributes[uri] = own[uri] or self._inherited(uri, own)

    def _inherited(self, uri: str, own: dict[str, list[str]]) -> list[str]:
        seen: list[str] = []
        while uri not in seen:
            seen.append(uri)
            if own.get(uri):
                return own[uri]
            uri = next(iter(self._parents(uri)), uri)
        return []

    def _parents(self, uri: str) -> list[str]:
        above = self.graph.uris(uri, f"{SKOS}broader")
        return list(dict.fromkeys((*above, *self.graph.subjects_of(f"{SKOS}narrower", uri))))

    def _attribute(self, uri: str, shared: list[str]) -> Iterator[Item]:
        kinds = [str(text) for text in self.graph.texts(uri, f"{OURS}kind")]
        yield Node(
            role=Role.ATTRIBUTE,
            key=uri,
            place=self._place(uri),
            name=_end(uri),
            exact=(uri,) if uri in self.graph.subjects else (),
            kind=Kind(kinds[0]) if kinds and kinds[0] in list(Kind) else Kind.CLOSED,
            dimension=next((str(text) for text in self.graph.texts(uri, f"{OURS}dimension")), None),
            values_from=next(iter(shared), None),
        )
        yield from self._labels(Role.ATTRIBUTE, uri)
        if not any(True for _ in self.graph.labels(uri)):
            name = _end(uri).replace("_", " ").replace("-", " ").capitalize()
            message = f"the scheme has no label: called {name!r} by its URI"
            yield Problem(kind="no-label", message=message, place=self._place(uri), id=uri)
            yield Name(Role.ATTRIBUTE, uri, "en", name, self._place(uri))

    def _concept(self, uri: str, categories: set[str]) -> Iterator[Item]:
        place, owners = self._place(uri), self.attributes[uri]

        def problem(kind: str, message: str) -> Problem:
            return Problem(kind=kind, message=message, place=place, id=uri)

        if uri in self.graph.untyped:
            yield problem("untyped", "has a prefLabel and is not said to be a skos:Concept: taken as one")
        if not owners:
            yield problem("no-scheme", "skipped: it is in no scheme and no collection, nor is anything above it")
            return
        if len(owners) > 1:
            yield problem("two-schemes", f"is in {', '.join(owners)}; the first is taken")
        parents = self._parents(uri)
        if len(parents) > 1:
            yield problem("two-parents", f"has the broader concepts {', '.join(parents)}; the first is taken")
        matches = self.graph.uris(uri, f"{SKOS}exactMatch")
        similar = (*matches, *self.graph.uris(uri, CLOSE_MATCH))
        numbers = [match.removeprefix(GOOGLE) for match in similar if match.startswith(GOOGLE)]
        heirs = self.graph.uris(uri, f"{DCTERMS}isReplacedBy")
        if not heirs and any(text.toPython() is True for text in self.graph.texts(uri, DEPRECATED)):
            yield problem("no-successor", "is deprecated and names nothing in its place: kept as in use")
        is_category = owners[0] in categories
        role = Role.CATEGORY if is_category else Role.VALUE
        yield Node(
            role=role,
            key=uri,
            place=place,
            name=_end(uri),
            attribute="" if is_category else owners[0],
            broader=next(iter(parents), None),
            exact=tuple(dict.fromkeys((uri, *matches))),
            google=int(numbers[0]) if is_category and numbers and numbers[0].isdigit() else None,
            relevant=tuple(self.graph.uris(uri, f"{OURS}relevant")) if is_category else (),
            successor=next(iter(heirs), None),
        )
        yield from self._labels(role, uri)

    def _labels(self, role: Role, uri: str) -> Iterator[Item]:
        place = self._place(uri)
        ambiguous = {(str(text), text.language) for text in self.graph.texts(uri, f"{OURS}ambiguousLabel")}
        preferred: Counter[str] = Counter()
        for predicate in LABELS:
            for text in self.graph.texts(uri, predicate):
                tag = text.language or "en"
                locale = self.ours.get(tag, "")
                if locale not in self.wanted:
                    if not locale:
                        yield self._about(uri, tag, text, "unknown-locale", f"skipped: {tag!r} is no language tag")
                    continue
                if text.language is None:
                    yield self._about(uri, locale, text, "no-language", "has no language: taken as English")
                preferred[locale] += predicate == LABELS[0]
                if predicate == LABELS[0] and preferred[locale] > 1:
                    yield self._about(uri, locale, text, "two-preferred", "a second prefLabel: taken as altLabel")
                yield Name(role, uri, locale, str(text), place, (str(text), text.language) in ambiguous)

    def _about(self, uri: str, locale: str, text: Any, kind: str, message: str) -> Problem:
        return Problem(kind=kind, message=message, place=self._place(uri), id=uri, locale=locale, label=str(text))

    def _place(self, uri: str) -> Place:
        return Place(self.graph.files.get(uri, ""), 0, uri)


def _end(uri: str) -> str:
    """Return the last part of a URI."""
    return unquote(uri.rstrip("/#:").replace("#", "/").rpartition("/")[2].rpartition(":")[2]) or uri
