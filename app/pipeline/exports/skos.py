"""A taxonomy as SKOS (W3C Recommendation, 2009): one node at a time, so a million labels take no more memory than one.

    BASE                    skos:ConceptScheme: the taxonomy, with name and version
    BASE + color            skos:ConceptScheme: an attribute (or `category`), dcterms:isPartOf the taxonomy
    BASE + color:navy       skos:Concept: in both schemes, with labels, broader, narrower, matches

A concept's URI holds no version, since an id is never reused. A Google category is linked as skos:exactMatch where one
category alone has its id, as skos:closeMatch where several share it: exactMatch is transitive and would make them one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from app.domain.errors import InputError
from app.domain.taxonomy import CATEGORY, Concept, Taxonomy

GOOGLE = "https://www.google.com/basepages/producttype/taxonomy-with-ids.en-US.txt#"
"""Google publishes no URIs: the file that lists the category, and its id as the fragment."""
PREFIXES: Mapping[str, str] = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "tagwright": "urn:tagwright:schema:",
}
"""`tagwright:` holds what SKOS has no word for: kind, dimension, relevant, valuesFrom, ambiguousLabel."""
_SCHEME, _CONCEPT = "skos:ConceptScheme", "skos:Concept"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")


@dataclass(frozen=True, slots=True)
class Text:
    """A literal, plain or in a language (BCP 47)."""

    value: str
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Uri:
    """A resource."""

    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A resource and what is said of it: (predicate as prefix:name, object), in order; none stands twice."""

    uri: str
    type: str
    properties: tuple[tuple[str, Text | Uri | bool], ...]


@dataclass(frozen=True, kw_only=True)
class Skos:
    """How a taxonomy is to be written. ``say`` is told what could not be."""

    taxonomy: Taxonomy
    base: str
    """What ids are put after; see `checked_base`."""
    locales: Collection[str]
    say: Callable[[str], None]

    def nodes(self) -> Iterator[Node]:
        """Yield the schemes, then the concepts, in file order."""
        yield self._taxonomy()
        for attribute in self.taxonomy.attributes.values():
            yield self._attribute(attribute)
        if CATEGORY not in self.taxonomy.attributes:
            part = ("dcterms:isPartOf", self._whole())
            yield Node(uri=self.uri(CATEGORY), type=_SCHEME, properties=(part, ("skos:notation", Text(CATEGORY))))
        shared: Counter[int | None] = Counter(
            one.google_id for one in self.taxonomy.concepts.values() if one.google_id is not None
        )
        for concept in self.taxonomy.concepts.values():
            yield self._concept(concept, shared)

    def uri(self, concept_id: str) -> str:
        """Return the URI of a concept or of an attribute."""
        return concept_uri(self.base, concept_id)

    def _whole(self) -> Uri:
        return Uri(self.base[:-1])

    def _taxonomy(self) -> Node:
        sources = (("dcterms:source", Text(source)) for source in dict.fromkeys(self.taxonomy.sources))
        about = (("dcterms:title", Text(self.taxonomy.name)), ("owl:versionInfo", Text(self.taxonomy.version)))
        return Node(uri=self._whole().value, type=_SCHEME, properties=(*about, *sources))

    def _attribute(self, one: Concept) -> Node:
        said: list[tuple[str, Text | Uri | bool]] = [("dcterms:isPartOf", self._whole())]
        said += [("skos:notation", Text(one.id)), *self._labels(one), ("tagwright:kind", Text(one.kind.value))]
        if one.dimension is not None:
            said.append(("tagwright:dimension", Text(one.dimension)))
        if one.values_from is not None:
            said.append(("tagwright:valuesFrom", Uri(self.uri(one.values_from))))
        said += [*self._matches(one, {}), *self._retired(one)]
        return Node(uri=self.uri(one.id), type=_SCHEME, properties=tuple(said))

    def _concept(self, one: Concept, shared: Mapping[int | None, int]) -> Node:
        scheme = Uri(self.uri(one.attribute))
        said: list[tuple[str, Text | Uri | bool]] = [("skos:inScheme", self._whole()), ("skos:inScheme", scheme)]
        said += [("skos:notation", Text(one.id)), *self._labels(one)]
        above = ("skos:topConceptOf", scheme) if one.broader is None else ("skos:broader", Uri(self.uri(one.broader)))
        said.append(above)
        said += [("skos:narrower", Uri(self.uri(child.id))) for child in self.taxonomy.children(one.id)]
        said += [("tagwright:relevant", Uri(self.uri(attribute))) for attribute in dict.fromkeys(one.relevant)]
        said += [*self._matches(one, shared), *self._retired(one)]
        return Node(uri=self.uri(one.id), type=_CONCEPT, properties=tuple(said))

    def _labels(self, one: Concept) -> list[tuple[str, Text]]:
        """Return labels; a text has one role in a language (SKOS S13), the preferred one where it could have two."""
        preferred: dict[str, str] = {}
        others: dict[tuple[str, str], None] = {}
        ambiguous: dict[tuple[str, str], None] = {}
        for label in one.labels:
            if label.locale in self.locales:
                if label.preferred:
                    preferred.setdefault(label.locale, label.text)
                others[label.text, label.locale] = None
                if not label.standalone:
                    ambiguous[label.text, label.locale] = None
        return [
            *(("skos:prefLabel", Text(text, locale)) for locale, text in preferred.items()),
            *(("skos:altLabel", Text(*each)) for each in others if preferred.get(each[1]) != each[0]),
            *(("tagwright:ambiguousLabel", Text(*each)) for each in ambiguous),
        ]

    def _matches(self, one: Concept, shared: Mapping[int | None, int]) -> Iterator[tuple[str, Uri]]:
        google = f"{GOOGLE}{one.google_id}" if one.google_id is not None else None
        for uri in dict.fromkeys(one.exact_match):
            if not _URI.fullmatch(uri):
                self.say(f"{one.id}: {uri!r} is no URI and was left out of skos:exactMatch")
            else:
                yield "skos:exactMatch", Uri(uri)
        if google is not None and google not in one.exact_match:
            yield "skos:exactMatch" if shared[one.google_id] == 1 else "skos:closeMatch", Uri(google)

    def _retired(self, one: Concept) -> Iterator[tuple[str, Uri | bool]]:
        if one.retired:
            yield "owl:deprecated", True
        if one.successor is not None:
            yield "dcterms:isReplacedBy", Uri(self.uri(one.successor))


def concept_uri(base: str, concept_id: str) -> str:
    """Return the URI of a concept or of an attribute after a base."""
    return base + quote(concept_id, safe=":+")


def checked_base(base: str) -> str:
    """Return what URIs can begin with; InputError for what makes none."""
    if not _URI.fullmatch(base) or base[-1] not in "/#:":
        hint = "give an absolute URI that ends in /, # or :, such as https://shop.example/taxonomy/"
        raise InputError(f"{base!r} cannot be the base of URIs", field="base", hint=hint)
    return base


def default_base(taxonomy: Taxonomy) -> str:
    """Return the base used where none is given: a name that no one else resolves."""
    return f"urn:tagwright:{quote(taxonomy.name, safe='')}:"
