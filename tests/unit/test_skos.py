"""SKOS exports, read back by rdflib: every triple that must be there, and no other."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

import pytest
from rdflib import DCTERMS, OWL, RDF, SKOS, Graph, Literal, Namespace, URIRef

from app.adapters.exports import TAXONOMY_FORMATS, load
from app.domain.errors import InputError
from app.domain.taxonomy import CATEGORY, Concept, Kind, Label, Taxonomy, index_by_id
from app.pipeline.exports.skos import GOOGLE, Skos, checked_base, default_base
from tests.unit.rule_data import taxonomy as shipped

BASE = "https://shop.example/taxonomy/"
OWN = Namespace("urn:tagwright:schema:")
FORMATS = {"skos-turtle": "turtle", "skos-jsonld": "json-ld"}


def label(text: str, locale: str = "en", *, preferred: bool = False, standalone: bool = True) -> Label:
    return Label(text=text, locale=locale, preferred=preferred, standalone=standalone)


def odd() -> Taxonomy:
    """What a real taxonomy may hold: quotes, a label twice, odd ids, retired concepts, matches that are none."""
    concepts = [
        Concept(id="color:blue", attribute="color", labels=(label("Blue", preferred=True),), exact_match=("wd:Q1088",)),
        Concept(
            id="color:navy",
            attribute="color",
            broader="color:blue",
            labels=(
                label('5" "navy" \\ <blue>\n\ttwo lines\x07', preferred=True),
                label("navy"), label("navy"), label("藏青色", "zh-CN", preferred=True), label("😀", "zh-CN"),
                label("marine", "de", standalone=False), label('5" "navy" \\ <blue>\n\ttwo lines\x07'),
            ),
            exact_match=("gid://shopify/TaxonomyValue/1", "no uri", "gid://shopify/TaxonomyValue/1", "http://a/<b>"),
        ),
        Concept(id="color:größe 4.5+%", attribute="color", labels=(), retired=True, successor="color:navy"),
        Concept(id="category:a", attribute="category", labels=(), google_id=1, relevant=("color", "shade", "color")),
        Concept(id="category:b", attribute="category", labels=(), google_id=2, broader="category:a"),
        Concept(id="category:c", attribute="category", labels=(), google_id=2, exact_match=(f"{GOOGLE}2",)),
    ]  # fmt: skip
    attributes = [
        Concept(id="color", attribute="attribute", labels=(label("Color", preferred=True),)),
        Concept(id="shade", attribute="attribute", labels=(), kind=Kind.OPEN, values_from="color"),
        Concept(id="width", attribute="attribute", labels=(), kind=Kind.QUANTITY, dimension="length"),
    ]
    return Taxonomy(
        name="odd & small",
        version="1",
        locales=("en", "de", "zh-CN"),
        sources=("one", "one"),
        concepts=index_by_id(concepts),
        attributes=index_by_id(attributes),
    )


def written(taxonomy: Taxonomy, form: str, *, base: str = BASE, locales: Any = None, said: Any = None) -> Graph:
    """Write and read again; the number of triples that was said is the number that is there."""
    out = io.StringIO()
    said = [] if said is None else said
    skos = Skos(taxonomy=taxonomy, base=base, locales=locales or taxonomy.locales, say=said.append)
    count = load(TAXONOMY_FORMATS[form])(skos.nodes(), out)
    graph = Graph().parse(data=out.getvalue(), format=FORMATS[form])
    assert len(graph) == count
    return graph


ESCAPED = {"%": "%25", " ": "%20", "ö": "%C3%B6", "ß": "%C3%9F"}


def uri(concept_id: str) -> URIRef:
    return URIRef(BASE + "".join(ESCAPED.get(char, char) for char in concept_id))


def _said(one: Concept, shares: Mapping[int | None, int]) -> Iterator[Any]:
    """Yield what is said alike of a concept and of an attribute."""
    me = uri(one.id)
    yield me, SKOS.notation, Literal(one.id)
    for each in one.labels:
        preferred = each.text == one.label(each.locale)
        yield me, SKOS.prefLabel if preferred else SKOS.altLabel, Literal(each.text, lang=each.locale)
        if not each.standalone:
            yield me, OWN.ambiguousLabel, Literal(each.text, lang=each.locale)
    for other in one.exact_match:
        if " " not in other and "<" not in other:
            yield me, SKOS.exactMatch, URIRef(other)
    if one.google_id is not None and f"{GOOGLE}{one.google_id}" not in one.exact_match:
        alone = shares[one.google_id] == 1
        yield me, SKOS.exactMatch if alone else SKOS.closeMatch, URIRef(f"{GOOGLE}{one.google_id}")
    if one.retired:
        yield me, OWL.deprecated, Literal(True)
    if one.successor:
        yield me, DCTERMS.isReplacedBy, uri(one.successor)


def _said_of_attribute(one: Concept) -> Iterator[Any]:
    me = uri(one.id)
    yield me, RDF.type, SKOS.ConceptScheme
    yield me, DCTERMS.isPartOf, URIRef(BASE[:-1])
    if one.id != CATEGORY:
        yield me, OWN.kind, Literal(str(one.kind.value))
    if one.dimension:
        yield me, OWN.dimension, Literal(one.dimension)
    if one.values_from:
        yield me, OWN.valuesFrom, uri(one.values_from)


def _said_of_concept(one: Concept) -> Iterator[Any]:
    me = uri(one.id)
    yield me, RDF.type, SKOS.Concept
    yield me, SKOS.inScheme, URIRef(BASE[:-1])
    yield me, SKOS.inScheme, uri(one.attribute)
    if one.broader:
        yield me, SKOS.broader, uri(one.broader)
        yield uri(one.broader), SKOS.narrower, me
    else:
        yield me, SKOS.topConceptOf, uri(one.attribute)
    for attribute in one.relevant:
        yield me, OWN.relevant, uri(attribute)


def expected(taxonomy: Taxonomy) -> Graph:
    """Say independently of the code what a taxonomy is in SKOS."""
    graph, whole = Graph(), URIRef(BASE[:-1])
    google = [one.google_id for one in taxonomy.concepts.values()]
    shares = {number: google.count(number) for number in google}
    graph.add((whole, RDF.type, SKOS.ConceptScheme))
    graph.add((whole, DCTERMS.title, Literal(taxonomy.name)))
    graph.add((whole, OWL.versionInfo, Literal(taxonomy.version)))
    for source in taxonomy.sources:
        graph.add((whole, DCTERMS.source, Literal(source)))
    for one in (*taxonomy.attributes.values(), Concept(id=CATEGORY, attribute="", labels=())):
        for triple in (*_said_of_attribute(one), *_said(one, shares)):
            graph.add(triple)
    for one in taxonomy.concepts.values():
        for triple in (*_said_of_concept(one), *_said(one, shares)):
            graph.add(triple)
    return graph


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("taxonomy", [odd, shipped], ids=["odd", "shipped"])
def test_every_triple_and_no_other(form: str, taxonomy: Callable[[], Taxonomy]) -> None:
    found, meant = set(written(taxonomy(), form)), set(expected(taxonomy()))
    assert found - meant == set()
    assert meant - found == set()


def test_what_is_no_uri_is_said() -> None:
    said: list[str] = []
    written(odd(), "skos-turtle", said=said)
    assert said == [
        "color:navy: 'no uri' is no URI and was left out of skos:exactMatch",
        "color:navy: 'http://a/<b>' is no URI and was left out of skos:exactMatch",
    ]


def test_a_google_id_that_several_share_does_not_make_them_one() -> None:
    graph = written(odd(), "skos-turtle")
    assert (URIRef(BASE + "category:a"), SKOS.exactMatch, URIRef(f"{GOOGLE}1")) in graph
    assert (URIRef(BASE + "category:b"), SKOS.closeMatch, URIRef(f"{GOOGLE}2")) in graph


def test_only_the_locales_asked_for() -> None:
    graph = written(odd(), "skos-jsonld", locales={"zh-CN"})
    assert {str(each) for each in graph.objects(URIRef(BASE + "color:navy"), SKOS.prefLabel)} == {"藏青色"}


@pytest.mark.parametrize(
    "base", ["", "shop", "https://shop.example/a", "https://shop example/", "https://a/<b>/", "/x/"]
)
def test_a_base_that_makes_no_uris(base: str) -> None:
    with pytest.raises(InputError, match="cannot be the base of URIs"):
        checked_base(base)


def test_the_default_base_is_a_uri_for_any_name() -> None:
    assert checked_base(default_base(odd())) == "urn:tagwright:odd%20%26%20small:"
    assert len(written(odd(), "skos-turtle", base=default_base(odd()))) == len(written(odd(), "skos-turtle"))


class _Many(Mapping[str, Concept]):
    """Concepts that are made when they are asked for, as memory-mapped ones are."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return (f"color:{number}" for number in range(self._count))

    def __getitem__(self, concept_id: str) -> Concept:
        made = tuple(label(f"{concept_id} {n}", "en", preferred=n == 0) for n in range(10))
        return Concept(id=concept_id, attribute="color", labels=made)


class _Nowhere(io.TextIOBase):
    """Counts what is written and keeps none of it."""

    written = 0

    def write(self, text: str) -> int:
        self.written += len(text)
        return len(text)


@pytest.mark.parametrize("form", FORMATS)
def test_memory_does_not_grow_with_the_taxonomy(form: str) -> None:
    def peak(count: int) -> int:
        taxonomy = Taxonomy(name="many", version="1", locales=("en",), concepts=_Many(count), attributes={})
        skos = Skos(taxonomy=taxonomy, base=BASE, locales=("en",), say=print)
        out: IO[str] = _Nowhere()  # type: ignore[assignment]
        tracemalloc.start()
        load(TAXONOMY_FORMATS[form])(skos.nodes(), out)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(10)  # imports and first uses
    assert peak(2000) < peak(20) + 100_000
