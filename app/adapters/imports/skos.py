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

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from app.adapters.imports.files import Files
from app.adapters.imports.locales import canonical, chosen, spelled
from app.adapters.imports.source import Done, Item, Name, Node, NotTaken, Place, Problem, Role, Source
from app.domain.errors import InvalidFile
from app.domain.taxonomy import Kind

_FORMATS = {
    ".ttl": "turtle",
    ".nt": "nt",
    ".rdf": "xml",
    ".owl": "xml",
    ".xml": "xml",
    ".jsonld": "json-ld",
    ".json": "json-ld",
}
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_DCTERMS = "http://purl.org/dc/terms/"
_OURS = "urn:tagwright:schema:"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_VERSION = "http://www.w3.org/2002/07/owl#versionInfo"
_DEPRECATED = "http://www.w3.org/2002/07/owl#deprecated"
_CLOSE = f"{_SKOS}closeMatch"
_GOOGLE = "https://www.google.com/basepages/producttype/taxonomy-with-ids.en-US.txt#"
_CATEGORIES = frozenset({"category", "categories"})
_LABELS = tuple(f"{_SKOS}{name}" for name in ("prefLabel", "altLabel", "hiddenLabel"))
_TAKEN = frozenset(
    {_TYPE, *_LABELS, _VERSION, _DEPRECATED}
    | {f"{_DCTERMS}{name}" for name in ("isPartOf", "isReplacedBy", "title")}
    | {f"{_OURS}{name}" for name in ("kind", "dimension", "relevant", "valuesFrom", "ambiguousLabel")}
    | {f"{_SKOS}{name}" for name in ("broader", "narrower", "topConceptOf", "hasTopConcept", "inScheme", "member")}
    | {f"{_SKOS}exactMatch"}
)


def recognises(files: Files) -> bool:
    """Say whether there is a file of RDF that mentions SKOS."""
    return any(_mentions_skos(files, name) for name in files.ending(*_FORMATS))


def _mentions_skos(files: Files, name: str) -> bool:
    with files.paths[name].open("rb") as data:
        return any(b"2004/02/skos/core" in line for line in data)


def open_source(files: Files, locales: tuple[str, ...] | None) -> Source:
    """Return the source, whose graph is read here; InvalidFile where it is no RDF or holds no concept."""
    names = [name for name in files.ending(*_FORMATS) if _mentions_skos(files, name)]
    if not names:
        known = ", ".join(_FORMATS)
        raise InvalidFile(f"{files.label} holds no SKOS", field="SOURCE", hint=f"its files end in {known}")
    graph = _Graph(files, names)
    if not graph.concepts:
        raise InvalidFile(f"{files.label} holds no skos:Concept", field="SOURCE")
    tags = {label.language or "en" for subject in graph.subjects for label in graph.labels(subject)}
    ours = spelled(tag for tag in tags if canonical(tag))
    wanted = chosen(ours.values(), locales)
    title = graph.about(f"{_DCTERMS}title") or PurePosixPath(names[0]).stem
    version = graph.about(_VERSION) or "unknown"
    return Source(
        name=title,
        version=version,
        locales=wanted,
        origin=f"Concepts and labels: {title}, version {version} ({files.label})",
        licence="",
        size=files.size(names),
        items=lambda: _Reading(graph=graph, ours=dict(ours), wanted=frozenset(wanted)).items(),
    )


class _Graph:
    """A graph by subject, and what is a concept, a scheme and a collection in it."""

    def __init__(self, files: Files, names: list[str]) -> None:
        import rdflib

        self.size = files.size(names)
        self._graph = rdflib.Graph()
        self.files: dict[str, str] = {}
        for name in names:
            self._parse(files, name)
        self._uri, self._literal = rdflib.URIRef, rdflib.Literal
        self.concepts = self.of_type("Concept")
        self.schemes = self.of_type("ConceptScheme")
        self.collections = [*self.of_type("Collection"), *self.of_type("OrderedCollection")]
        known = {*self.concepts, *self.schemes, *self.collections}
        self.untyped = [uri for uri in self._with(f"{_SKOS}prefLabel") if uri not in known]
        self.concepts += self.untyped
        self.subjects = [*self.schemes, *self.collections, *self.concepts]
        parts = {str(whole) for scheme in self.schemes for whole in self.uris(scheme, f"{_DCTERMS}isPartOf")}
        self.wholes = parts & set(self.schemes)

    def _parse(self, files: Files, name: str) -> None:
        path = files.paths[name]
        format_name = _FORMATS[PurePosixPath(name).suffix.lower()]
        try:
            data = path.read_bytes()
            if format_name == "json-ld" and (remote := _remote_context(json.loads(data))):
                raise InvalidFile(
                    f"{name} takes its context from {remote}, which is not fetched",
                    field="SOURCE",
                    hint="write the context into the file",
                )
            before = set(self._graph.subjects(unique=True)) if self.files else set()
            self._graph.parse(data=data, format=format_name, publicID=f"file:{name}")
        except InvalidFile:
            raise
        except Exception as exc:  # each of rdflib's parsers has errors of its own
            raise InvalidFile(f"{name} is no {format_name}: {' '.join(str(exc).split())[:300]}") from exc
        for subject in self._graph.subjects(unique=True):
            if subject not in before:
                self.files.setdefault(str(subject), name)

    def of_type(self, name: str) -> list[str]:
        """Return the named subjects of a SKOS class, in the order of the file."""
        found = self._graph.subjects(self._uri(_TYPE), self._uri(_SKOS + name))
        return [str(each) for each in dict.fromkeys(found) if isinstance(each, self._uri)]

    def _with(self, predicate: str) -> list[str]:
        found = self._graph.subjects(self._uri(predicate), unique=True)
        return [str(each) for each in found if isinstance(each, self._uri)]

    def uris(self, subject: str, predicate: str) -> list[str]:
        """Return the named objects of a predicate."""
        found = self._graph.objects(self._uri(subject), self._uri(predicate))
        return [str(each) for each in found if isinstance(each, self._uri)]

    def subjects_of(self, predicate: str, value: str) -> list[str]:
        """Return the named subjects that say something of a resource."""
        found = self._graph.subjects(self._uri(predicate), self._uri(value))
        return [str(each) for each in found if isinstance(each, self._uri)]

    def texts(self, subject: str, predicate: str) -> list[Any]:
        """Return the literals of a predicate."""
        found = self._graph.objects(self._uri(subject), self._uri(predicate))
        return [each for each in found if isinstance(each, self._literal)]

    def labels(self, subject: str) -> Iterator[Any]:
        """Yield the labels of a subject, preferred ones first."""
        for predicate in _LABELS:
            yield from self.texts(subject, predicate)

    def about(self, predicate: str) -> str:
        """Return what a scheme says of the taxonomy, the whole first."""
        for scheme in sorted(self.schemes, key=lambda uri: uri not in self.wholes):
            for text in self.texts(scheme, predicate):
                return str(text)
        return ""

    def untaken(self) -> Counter[tuple[str, str]]:
        """Count (predicate, file) of what is not read: other predicates, and all that other subjects say."""
        known = set(self.subjects)
        counts: Counter[tuple[str, str]] = Counter()
        for subject, predicate, value in self._graph:
            taken = str(predicate) in _TAKEN or (str(predicate) == _CLOSE and str(value).startswith(_GOOGLE))
            if str(subject) not in known or not taken:
                what = str(predicate) if str(subject) in known else f"{predicate} of other resources"
                counts[what, self.files.get(str(subject), "")] += 1
        return counts


@dataclass(kw_only=True, slots=True)
class _Reading:
    """What is known while reading a graph."""

    graph: _Graph
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
        shared = {uri: graph.uris(uri, f"{_OURS}valuesFrom") for uri in holders}
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
            for member in graph.uris(uri, f"{_SKOS}member"):
                self.attributes.setdefault(member, []).append(uri)
        own: dict[str, list[str]] = {}
        for scheme in graph.schemes:
            for concept in graph.uris(scheme, f"{_SKOS}hasTopConcept"):
                own.setdefault(concept, []).append(scheme)
        for uri in graph.concepts:
            named = (*graph.uris(uri, f"{_SKOS}inScheme"), *graph.uris(uri, f"{_SKOS}topConceptOf"))
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
        above = self.graph.uris(uri, f"{_SKOS}broader")
        return list(dict.fromkeys((*above, *self.graph.subjects_of(f"{_SKOS}narrower", uri))))

    def _attribute(self, uri: str, shared: list[str]) -> Iterator[Item]:
        kinds = [str(text) for text in self.graph.texts(uri, f"{_OURS}kind")]
        yield Node(
            role=Role.ATTRIBUTE,
            key=uri,
            place=self._place(uri),
            name=_end(uri),
            exact=(uri,) if uri in self.graph.subjects else (),
            kind=Kind(kinds[0]) if kinds and kinds[0] in list(Kind) else Kind.CLOSED,
            dimension=next((str(text) for text in self.graph.texts(uri, f"{_OURS}dimension")), None),
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
        matches = self.graph.uris(uri, f"{_SKOS}exactMatch")
        similar = (*matches, *self.graph.uris(uri, _CLOSE))
        numbers = [match.removeprefix(_GOOGLE) for match in similar if match.startswith(_GOOGLE)]
        heirs = self.graph.uris(uri, f"{_DCTERMS}isReplacedBy")
        if not heirs and any(text.toPython() is True for text in self.graph.texts(uri, _DEPRECATED)):
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
            relevant=tuple(self.graph.uris(uri, f"{_OURS}relevant")) if is_category else (),
            successor=next(iter(heirs), None),
        )
        yield from self._labels(role, uri)

    def _labels(self, role: Role, uri: str) -> Iterator[Item]:
        place = self._place(uri)
        ambiguous = {(str(text), text.language) for text in self.graph.texts(uri, f"{_OURS}ambiguousLabel")}
        preferred: Counter[str] = Counter()
        for predicate in _LABELS:
            for text in self.graph.texts(uri, predicate):
                tag = text.language or "en"
                locale = self.ours.get(tag, "")
                if locale not in self.wanted:
                    if not locale:
                        yield self._about(uri, tag, text, "unknown-locale", f"skipped: {tag!r} is no language tag")
                    continue
                if text.language is None:
                    yield self._about(uri, locale, text, "no-language", "has no language: taken as English")
                preferred[locale] += predicate == _LABELS[0]
                if predicate == _LABELS[0] and preferred[locale] > 1:
                    yield self._about(uri, locale, text, "two-preferred", "a second prefLabel: taken as altLabel")
                yield Name(role, uri, locale, str(text), place, (str(text), text.language) in ambiguous)

    def _about(self, uri: str, locale: str, text: Any, kind: str, message: str) -> Problem:
        return Problem(kind=kind, message=message, place=self._place(uri), id=uri, locale=locale, label=str(text))

    def _place(self, uri: str) -> Place:
        return Place(self.graph.files.get(uri, ""), 0, uri)


def _end(uri: str) -> str:
    """Return the last part of a URI."""
    return unquote(uri.rstrip("/#:").replace("#", "/").rpartition("/")[2].rpartition(":")[2]) or uri


def _remote_context(document: Any) -> str:
    """Return the address of a context that JSON-LD would fetch, "" for none."""
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            contexts: Iterable[Any] = value.get("@context", ())
            for context in contexts if isinstance(contexts, list) else (contexts,):
                if isinstance(context, str):
                    return context
            if isinstance(value.get("@import"), str):
                return str(value["@import"])
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return ""
