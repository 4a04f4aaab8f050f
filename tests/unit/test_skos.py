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
from app.pipeline.exports.skos import GOOGLE, Skos, default_base
from tests.unit.rule_data import taxonomy as shipped

BASE = "https://shop.example/taxonomy/"
OWN = Namespace("urn:tagwright:schema:")
FORMATS = {"skos-turtle": "turtle", "skos-jsonld": "json-ld"}


def label(text: str, locale: str = "en", *, preferred: bool = False, standalone: bool = True) -> Label:
    return Label(text=text, locale=locale, preferred=preferred, standalone=standalone)


def odd() -> Taxonomy:
    """What a real taxonomy may hold: quotes, backslashes, a label twice, odd ids, retired concepts, matches that are none."""
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


def _expected_concept(one: Concept, uri: Callable[[str], URIRef], shares: Mapping[int | None, int]) -> Iterator[Any]:
    me = uri(one.id)
    yield me, SKOS.notation, Literal(one.id)
    seen: set[tuple[str, str]] = set()
    for each in one.labels:
        first = each.text == one.label(each.locale)
        predicate = SKOS.prefLabel if first else SKOS.altLabel
        yield me, predicate, Literal(each.text, lang=each.locale)
        if not each.standalone:
            yield me, OWN.ambiguousLabel, Literal(each.text, lang=each.locale)
        seen.add((each.locale, each.text))
    for other in one.exact_match:
        if " " not in other and "<" not in other:
            yield me, SKOS.exactMatch, URIRef(other)
    if one.google_id is not None and f"{GOOGLE}{one.google_id}" not in one.exact_match:
        predicate = SKOS.exactMatch if shares[one.google_id] == 1 else SKOS.closeMatch
        yield me, predicate, URIRef(f"{GOOGLE}{one.google_id}")
    if one.retired:
        yield me, OWL.deprecated, Literal(True)
    if one.successor:
        yield me, DCTERMS.isReplacedBy, uri(one.successor)


def expected(taxonomy: Taxonomy, base: str) -> Graph:
    """Say independently of the code what a taxonomy is in SKOS."""

    def uri(concept_id: str) -> URIRef:
        return URIRef(base + concept_id.replace("%", "%25").replace(" ", "%20").replace("ö", "%C3%B6").replace("ß", "%C3%9F"))

    graph, whole = Graph(), URIRef(base[:-1])
    google = [one.google_id for one in taxonomy.concepts.values()]
    shares = {number: google.count(number) for number in google}
    graph.add((whole, RDF.type, SKOS.ConceptScheme))
    graph.add((whole, DCTERMS.title, Literal(taxonomy.name)))
    graph.add((whole, OWL.versionInfo, Literal(taxonomy.version)))
    for source in taxonomy.sources:
        graph.add((whole, DCTERMS.source, Literal(source)))
    for one in (*taxonomy.attributes.values(), Concept(id=CATEGORY, attribute="", labels=())):
        graph.add((uri(one.id), RDF.type, SKOS.ConceptScheme))
        graph.add((uri(one.id), DCTERMS.isPartOf, whole))
        if one.id != CATEGORY:
            graph.add((uri(one.id), OWN.kind, Literal(str(one.kind.value))))
        if one.dimension:
            graph.add((uri(one.id), OWN.dimension, Literal(one.dimension)))
        if one.values_from:
            graph.add((uri(one.id), OWN.valuesFrom, uri(one.values_from)))
        for triple in _expected_concept(one, uri, shares):
            graph.add(triple)
    for one in taxonomy.concepts.values():
        graph.add((uri(one.id), RDF.type, SKOS.Concept))
        graph.add((uri(one.id), SKOS.inScheme, whole))
        graph.add((uri(one.id), SKOS.inScheme, uri(one.attribute)))
        if one.broader:
            graph.add((uri(one.id), SKOS.broader, uri(one.broader)))
            graph.add((uri(one.broader), SKOS.narrower, uri(one.id)))
        else:
            graph.add((uri(one.id), SKOS.topConceptOf, uri(one.attribute)))
        for attribute in one.relevant:
            graph.add((uri(one.id), OWN.relevant, uri(attribute)))
        for triple in _expected_concept(one, uri, shares):
            graph.add(triple)
    return graph


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("taxonomy", [odd, shipped], ids=["odd", "shipped"])
def test_every_triple_and_no_other(form: str, taxonomy: Callable[[], Taxonomy]) -> None:
    found, meant = set(written(taxonomy(), form)), set(expected(taxonomy(), BASE))
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


@pytest.mark.parametrize("base", ["", "shop", "https://shop.example/a", "https://shop example/", "https://a/<b>/", "/x/"])
def test_a_base_that_makes_no_uris(base: str) -> None:
    with pytest.raises(InputError, match="cannot be the base of URIs"):
        Skos(taxonomy=odd(), base=base, locales=("en",), say=print)


def test_the_default_base_is_a_uri_for_any_name() -> None:
    assert default_base(odd()) == "urn:tagwright:odd%20%26%20small:"
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
