"""A graph of RDF by subject, as SKOS has it: concepts, schemes, collections, and what is said of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from app.adapters.imports.files import Files
from app.domain.errors import InvalidFile

FORMATS = {
    ".ttl": "turtle",
    ".nt": "nt",
    ".rdf": "xml",
    ".owl": "xml",
    ".xml": "xml",
    ".jsonld": "json-ld",
    ".json": "json-ld",
}
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
OURS = "urn:tagwright:schema:"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
VERSION = "http://www.w3.org/2002/07/owl#versionInfo"
DEPRECATED = "http://www.w3.org/2002/07/owl#deprecated"
CLOSE_MATCH = f"{SKOS}closeMatch"
GOOGLE = "https://www.google.com/basepages/producttype/taxonomy-with-ids.en-US.txt#"
LABELS = tuple(f"{SKOS}{name}" for name in ("prefLabel", "altLabel", "hiddenLabel"))
_TAKEN = frozenset(
    {_TYPE, *LABELS, VERSION, DEPRECATED}
    | {f"{DCTERMS}{name}" for name in ("isPartOf", "isReplacedBy", "title")}
    | {f"{OURS}{name}" for name in ("kind", "dimension", "relevant", "valuesFrom", "ambiguousLabel")}
    | {f"{SKOS}{name}" for name in ("broader", "narrower", "topConceptOf", "hasTopConcept", "inScheme", "member")}
    | {f"{SKOS}exactMatch"}
)


class Graph:
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
        self.untyped = [uri for uri in self._with(f"{SKOS}prefLabel") if uri not in known]
        self.concepts += self.untyped
        self.subjects = [*self.schemes, *self.collections, *self.concepts]
        parts = {str(whole) for scheme in self.schemes for whole in self.uris(scheme, f"{DCTERMS}isPartOf")}
        self.wholes = parts & set(self.schemes)

    def _parse(self, files: Files, name: str) -> None:
        path = files.paths[name]
        format_name = FORMATS[PurePosixPath(name).suffix.lower()]
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
        found = self._graph.subjects(self._uri(_TYPE), self._uri(SKOS + name))
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
        for predicate in LABELS:
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
            taken = str(predicate) in _TAKEN or (str(predicate) == CLOSE_MATCH and str(value).startswith(GOOGLE))
            if str(subject) not in known or not taken:
                what = str(predicate) if str(subject) in known else f"{predicate} of other resources"
                counts[what, self.files.get(str(subject), "")] += 1
        return counts


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
