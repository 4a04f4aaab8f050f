"""SKOS in three notations, and what a vocabulary of others may hold; the concepts are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import InvalidFile
from tests.unit.importing import labels, read

PREFIXES = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix t: <urn:tagwright:schema:> .
@prefix x: <https://shop.example/vocabulary/> .
"""
TURTLE = (
    PREFIXES
    + """
x:all a skos:ConceptScheme ; dcterms:title "Shop" ; owl:versionInfo "7" .
x:finish a skos:ConceptScheme ; skos:prefLabel "Finish"@en ; dcterms:isPartOf x:all .
x:category a skos:ConceptScheme ; dcterms:isPartOf x:all .
x:matt a skos:Concept ; skos:inScheme x:all, x:finish ; skos:prefLabel "Matt"@en, "matt"@de ;
    skos:altLabel "dull"@en ; skos:hiddenLabel "mat"@en ; skos:exactMatch <https://other.example/m> ;
    skos:definition "Without gloss"@en .
x:velvet a skos:Concept ; skos:inScheme x:finish ; skos:broader x:matt ; skos:prefLabel "Velvet matt"@en .
x:lamps a skos:Concept ; skos:topConceptOf x:category ; skos:prefLabel "Lamps"@en ; skos:narrower x:desk ;
    t:relevant x:finish .
x:desk a skos:Concept ; skos:prefLabel "Desk lamps"@en ; t:ambiguousLabel "Desk lamps"@en .
"""
)
XML = """\
<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
  <skos:Concept rdf:about="https://shop.example/v/lamps"><skos:prefLabel xml:lang="en">Lamps</skos:prefLabel>
    <skos:narrower rdf:resource="https://shop.example/v/desk"/></skos:Concept>
  <skos:Concept rdf:about="https://shop.example/v/desk"><skos:prefLabel xml:lang="en">Desk lamps</skos:prefLabel>
  </skos:Concept>
</rdf:RDF>
"""
JSON_LD = """\
{"@context": {"skos": "http://www.w3.org/2004/02/skos/core#"}, "@graph": [
  {"@id": "urn:shop:finish", "@type": "skos:ConceptScheme",
   "skos:prefLabel": {"@value": "Finish", "@language": "en-US"}},
  {"@id": "urn:shop:finish:matt", "@type": "skos:Concept", "skos:inScheme": {"@id": "urn:shop:finish"},
   "skos:prefLabel": {"@value": "Matt", "@language": "en-US"}}]}
"""


def written(folder: Path, text: str, name: str = "shop.ttl") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_schemes_become_attributes_and_the_category_scheme_the_tree(tmp_path: Path) -> None:
    draft, source = read(written(tmp_path, TURTLE), expect="skos")
    assert (source.name, source.version, source.locales) == ("Shop", "7", ("en", "de"))
    nodes = dict(zip(draft.ids, draft.nodes, strict=True))
    assert set(nodes) == {"finish", "finish:matt", "finish:velvet", "category:lamps", "category:desk"}
    assert nodes["finish:matt"].exact == ("https://shop.example/vocabulary/matt", "https://other.example/m")
    assert nodes["finish:velvet"].broader == nodes["finish:matt"].key
    assert nodes["category:desk"].broader == nodes["category:lamps"].key  # said by narrower alone
    assert nodes["category:lamps"].relevant == (nodes["finish"].key,)
    english = labels(draft, "en")
    assert english["finish:matt"] == ["Matt", "dull", "mat"]
    assert english["category:desk"] == ["~Desk lamps"]
    assert [(each.what.rpartition("#")[2], each.count) for each in draft.not_taken] == [("definition", 1)]
    assert {problem.kind for problem in draft.problems} == {"missing-label"}


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("shop.rdf", XML, {"category:lamps", "category:desk"}),
        ("shop.xml", XML, {"category:lamps", "category:desk"}),
        ("shop.jsonld", JSON_LD, {"finish", "finish:matt"}),
    ],
)
def test_the_other_notations_read_the_same_way(tmp_path: Path, name: str, text: str, ids: set[str]) -> None:
    draft, source = read(written(tmp_path, text, name), expect="skos")
    assert set(draft.ids) == ids
    assert source.locales == ("en",)


LONE = "x:a a skos:Concept ; skos:inScheme x:finish ; skos:prefLabel 'A'@en .\nx:finish a skos:ConceptScheme .\n"


@pytest.mark.parametrize(
    ("text", "kind", "subject"),
    [
        (LONE, "no-label", "finish"),
        (LONE + "x:a skos:altLabel 'B' .", "no-language", "a"),
        (LONE + "x:a skos:prefLabel 'B'@en .", "two-preferred", "a"),
        (LONE + "x:a skos:altLabel 'A'@en .", "label-twice", "a"),
        (LONE + "x:b skos:prefLabel 'B'@en ; skos:inScheme x:finish .", "untyped", "b"),
        (LONE + "x:b a skos:Concept ; skos:prefLabel 'B'@en .", "no-scheme", "b"),
        (LONE + "x:a skos:inScheme x:size . x:size a skos:ConceptScheme .", "two-schemes", "a"),
        (LONE + "x:a skos:broader x:gone .", "unknown-broader", "a"),
        (LONE + "x:a skos:broader x:gone, x:away .", "two-parents", "a"),
        (LONE + "x:a skos:broader x:a .", "cycle", "a"),
        (LONE + "x:a owl:deprecated true .", "no-successor", "a"),
        (LONE + "x:a dcterms:isReplacedBy x:gone .", "unknown-successor", "a"),
        (LONE + "<https://shop.example/other/a> a skos:Concept ; skos:inScheme x:finish .", "id-collision", "a"),
    ],
)
def test_a_defect_is_reported_with_its_subject(tmp_path: Path, text: str, kind: str, subject: str) -> None:
    draft, _ = read(written(tmp_path, PREFIXES + text))
    found = [problem.place for problem in draft.problems if problem.kind == kind]
    assert f"https://shop.example/vocabulary/{subject}" in [place.subject for place in found]
    assert {place.file for place in found} == {"shop.ttl"}


def test_collections_are_attributes_before_schemes(tmp_path: Path) -> None:
    text = LONE + "x:sheen a skos:Collection ; skos:prefLabel 'Sheen'@en ; skos:member x:a ."
    draft, _ = read(written(tmp_path, PREFIXES + text))
    assert set(draft.ids) == {"sheen", "finish", "sheen:a"}


def test_a_retired_concept_names_its_successor(tmp_path: Path) -> None:
    text = LONE + "x:a dcterms:isReplacedBy x:b . x:b a skos:Concept ; skos:inScheme x:finish ; skos:prefLabel 'B'@en ."
    draft, _ = read(written(tmp_path, PREFIXES + text))
    assert draft.nodes[draft.ids.index("finish:a")].successor == "https://shop.example/vocabulary/b"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.ttl", TURTLE + "x:", "is no turtle"),
        ("a.rdf", XML.replace("</rdf:RDF>", ""), "is no xml"),
        ("a.ttl", PREFIXES, "holds no skos:Concept"),
        (
            "a.jsonld",
            JSON_LD.replace('"@context": {', '"@context": ["https://x.example/context", {').replace(
                'core#"}', 'core#"}]'
            ),
            "takes its context from https://x.example/context, which is not fetched",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InvalidFile, match=message):
        read(written(tmp_path, text, name))
