"""tagwright export, tagwright taxonomy export, tagwright taxonomy implied: from a listing file to a feed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from rdflib import RDF, SKOS, Graph, URIRef

from tests.integration.cli.conftest import Run, lines

CSV = """\
Handle,Title,Body (HTML),Image Src
navy-dress,"=Women's Navy Blue Linen Dress, Size M","<p>Light <script>x()</script></p>",https://shop.example/1.jpg
parka,Herren Parka schwarz,Warm,
"""


@pytest.fixture
def tagged(run: Run, tmp_path: Path) -> tuple[Path, Path]:
    """A listing file and what `tagwright tag --json` wrote of it."""
    listings, tags = tmp_path / "listings.csv", tmp_path / "tags.jsonl"
    listings.write_text(CSV, encoding="utf-8")
    tags.write_text(run("tag", listings, "--json").stdout, encoding="utf-8")
    return tags, listings


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), delimiter=delimiter))


def test_a_google_feed(run: Run, tagged: tuple[Path, Path], tmp_path: Path) -> None:
    tags, listings = tagged
    out = tmp_path / "feed.tsv"
    result = run("export", tags, out, "--listings", listings, "--format", "google-merchant")
    assert result.exit_code == 0, result.stderr
    dress, parka = rows(out, "\t")
    assert (dress["id"], dress["color"], dress["size"], dress["gender"]) == ("navy-dress", "Navy", "M", "female")
    assert dress["title"] == "'=Women's Navy Blue Linen Dress, Size M"
    assert dress["google_product_category"] == "2271"
    assert (parka["color"], parka["gender"], parka["product_type"].split(" > ")[-1]) == ("Schwarz", "male", "Parkas")
    assert "navy-dress: title: begins like a formula" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("2 products written, 0 failed")
    assert result.stdout == ""


def test_a_shopify_csv_in_one_language_with_what_follows(run: Run, tagged: tuple[Path, Path], tmp_path: Path) -> None:
    tags, listings = tagged
    out = tmp_path / "products.csv"
    words = ("--listings", listings, "--format", "shopify-csv", "--lang", "en", "--implied")
    result = run("export", tags, out, *words)
    assert result.exit_code == 0, result.stderr
    dress, parka = rows(out)
    assert (dress["Handle"], dress["Body (HTML)"]) == ("navy-dress", "<p>Light </p>")
    assert (dress["Option1 Name"], dress["Option1 Value"]) == ("Size", "M")
    assert {"Black", "Men", "Winter", "Hooded"} <= set(parka["Tags"].split(", "))
    assert parka["Color (product.metafields.shopify.color-pattern)"] == "black"


def test_a_listing_that_was_not_tagged_fails_and_the_rest_is_written(
    run: Run, tagged: tuple[Path, Path], tmp_path: Path
) -> None:
    tags, listings = tagged
    first = tags.read_text(encoding="utf-8").splitlines()[0]
    tags.write_text(first + '\n{"id": "parka", "line": 3, "error": {"message": "too slow"}}\n', encoding="utf-8")
    out = tmp_path / "products.jsonl"
    words = ("--listings", listings, "--format", "schema-org", "--base", "https://shop.example/taxonomy/")
    result = run("export", tags, out, *words)
    assert result.exit_code == 1
    assert "line 2: the listing was not tagged: too slow" in result.stderr
    (document,) = lines(out.read_text(encoding="utf-8"))
    terms = {each["valueReference"]["@id"] for each in document["additionalProperty"] if "valueReference" in each}
    assert "https://shop.example/taxonomy/color:navy" in terms


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("export", "none.jsonl", "out.csv", "--listings", "none.csv", "--format", "google-merchant"),
            "ending in .tsv",
        ),
        (
            ("export", "none.jsonl", "out.tsv", "--listings", "none.csv", "--format", "google-merchant"),
            "there is no file",
        ),
        (("taxonomy", "export", "none/out.ttl", "--format", "skos-turtle"), "none/out.ttl cannot be written"),
        (("taxonomy", "export", "out.ttl", "--format", "skos-turtle", "--base", "x y"), "cannot be the base of URIs"),
        (("taxonomy", "implied", "color:nope"), "no concept has the id 'color:nope'"),
    ],
)
def test_what_cannot_be_used(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert list(tmp_path.glob("out*")) == []


@pytest.mark.parametrize(("form", "parser"), [("skos-turtle", "turtle"), ("skos-jsonld", "json-ld")])
def test_a_taxonomy_of_one_s_own_as_skos(run: Run, tmp_path: Path, form: str, parser: str) -> None:
    folder = tmp_path / "own"
    (folder / "values").mkdir(parents=True)
    (folder / "manifest.yaml").write_text('{name: own, version: "1", locales: [en, de], sources: [me]}')
    (folder / "attributes.yaml").write_text("[{id: color, kind: closed, en: [Color], de: [Farbe]}]")
    (folder / "values" / "color.yaml").write_text("[{id: color:red, en: [Red], de: [Rot], exact: ['urn:x:1']}]")
    out = tmp_path / "own.rdf"
    words = ("--format", form, "--folder", folder, "--locales", "de", "--base", "https://a.example/")
    result = run("taxonomy", "export", out, *words)
    assert result.exit_code == 0, result.stderr
    graph = Graph().parse(out, format=parser)
    red = URIRef("https://a.example/color:red")
    assert (red, RDF.type, SKOS.Concept) in graph
    assert [str(label) for label in graph.objects(red, SKOS.prefLabel)] == ["Rot"]
    assert list(graph.objects(red, SKOS.exactMatch)) == [URIRef("urn:x:1")]
    assert f"{len(graph)} triples" in result.stderr


def test_what_follows_is_shown_with_the_reason(run: Run) -> None:
    result = run("taxonomy", "implied", "category:rain_boots", "--locales", "de")
    assert result.exit_code == 0
    assert "Wasserabweisend" in result.stdout
    assert "category:rain_boots → feature:waterproof" in " ".join(result.stdout.split())
    answer = json.loads(run("taxonomy", "implied", "category:parkas", "season:summer", "--json").stdout)
    assert answer["tags"] == ["category:parkas", "season:summer"]
    assert "season:winter" not in {one["id"] for one in answer["implied"]}
    assert run("taxonomy", "implied", "color:red").stdout == "nothing follows\n"
