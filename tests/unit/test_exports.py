"""Products in the formats of shops: what stands in which column, and what is said of the rest."""

from __future__ import annotations

import csv
import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from app.adapters.exports import LISTING_FORMATS, ListingExport, load
from app.adapters.exports.cells import safe_cells
from app.adapters.exports.mappings import read_google, read_schema_org, read_shopify
from app.adapters.exports.shopify_csv import safe_html
from app.bootstrap import EXPORTS, data_folder, open_implications
from app.domain.errors import InvalidRules
from app.domain.listing import Listing
from app.domain.tags import Decision, Quantity
from app.pipeline.exports.product import Given, Report, make_product
from app.pipeline.exports.shopify import handle
from tests.unit.rule_data import taxonomy

MAPPINGS = data_folder("taxonomy") / EXPORTS
_ARCHIVE = "shared/taxonomies/shopify-product-taxonomy-2025-08.tar.xz"
SHOPIFY = next((above / _ARCHIVE for above in Path(__file__).parents if (above / _ARCHIVE).is_file()), None)
DRESS = (
    "category:dresses",
    "color:navy",
    "material:linen",
    "gender:women",
    "age_group:adult",
    "size:m",
    "season:summer",
)


def tag(concept_id: str, *, decision: Decision = Decision.ACCEPT, **more: Any) -> Given:
    return Given(attribute=concept_id.split(":")[0], id=concept_id, raw="raw", decision=decision, **more)


def write(
    form: str, suffix: str, *tags: str | Given, lang: str = "en", implied: bool = False, **listing: Any
) -> tuple[str, list[str], Report]:
    """Write one product; return the file, what was said and the report."""
    said: list[str] = []
    report = Report(say=said.append)
    given = Listing(**({"id": "p1", "title": "Linen dress"} | listing))
    made = [tag(one) if isinstance(one, str) else one for one in tags]
    product, notes = make_product(given, made, lang, taxonomy(), open_implications() if implied else None)
    report.note("p1", notes)
    out = io.StringIO()
    export = ListingExport(taxonomy=taxonomy(), mappings=MAPPINGS, suffix=suffix, report=report)
    load(LISTING_FORMATS[form])([product], out, export)
    return out.getvalue(), said, report


def feed(*tags: str | Given, **options: Any) -> tuple[dict[str, str], list[str]]:
    text, said, _ = write("google-merchant", ".tsv", *tags, **options)
    (row,) = csv.DictReader(io.StringIO(text), delimiter="\t")
    return row, said


def shop(*tags: str | Given, **options: Any) -> tuple[list[dict[str, str]], list[str]]:
    text, said, _ = write("shopify-csv", ".csv", *tags, **options)
    return list(csv.DictReader(io.StringIO(text))), said


def schema(*tags: str | Given, suffix: str = ".jsonl", **options: Any) -> tuple[Any, list[str]]:
    text, said, _ = write("schema-org", suffix, *tags, **options)
    return json.loads(text), said


# --- Google Merchant ---


def test_google_columns_in_the_language_of_the_feed() -> None:
    row, said = feed(*DRESS, lang="de", title="Leinenkleid", description="<p>Aus <b>Leinen</b></p>\n\tleicht")
    assert row == {
        "id": "p1",
        "title": "Leinenkleid",
        "description": "Aus Leinen leicht",
        "google_product_category": "2271",
        "product_type": "Bekleidung > Kleider",
        "brand": "",
        "color": "Marineblau",
        "material": "Leinen",
        "pattern": "",
        "size": "M",
        "gender": "female",
        "age_group": "adult",
        "condition": "",
    }
    assert said == []


@pytest.mark.parametrize(
    ("tags", "column", "cell", "note"),
    [
        (("color:red", "color:navy", "color:white"), "color", "Red/Navy/White", None),
        (
            ("color:red", "color:navy", "color:white", "color:gold"),
            "color",
            "Red/Navy/White",
            "p1: color: 'Gold' was left out: the format takes 3 values of 100 characters together",
        ),
        (("material:cotton", "material:elastane"), "material", "Cotton/Elastane", None),
        (("pattern:striped", "pattern:floral"), "pattern", "Striped", "p1: pattern: 'Floral' was left out"),
        (("size:m", "size:l"), "size", "M", "p1: size: 'L' was left out: the format takes one value"),
        (("gender:girls",), "gender", "female", None),
        (("gender:girls",), "age_group", "kids", None),
        (("gender:girls", "age_group:toddler"), "age_group", "toddler", None),
        (("gender:women",), "age_group", "", None),
        (("age_group:teen",), "age_group", "adult", None),
        (("age_group:baby",), "age_group", "infant", None),
        (("age_group:newborn", "age_group:baby"), "age_group", "newborn", "p1: age_group: 'Baby' was left out"),
        (("gender:women", "gender:girls"), "gender", "female", None),
        (("condition:refurbished",), "condition", "refurbished", None),
        (("category:dresses", "gender:unisex"), "gender", "unisex", None),
    ],
)
def test_google_values(tags: tuple[str, ...], column: str, cell: str, note: str | None) -> None:
    row, said = feed("category:dresses", *(one for one in tags if one != "category:dresses"))
    assert row[column] == cell
    assert [one for one in said if f": {column}:" in one] == [] if note is None else any(note in one for one in said)


def test_what_has_no_place_at_google_is_said() -> None:
    unknown = Given(attribute="gender", id="gender:robots", raw="robots", decision=Decision.ACCEPT)
    text, said, report = write("google-merchant", ".tsv", "category:air_fryers", "season:winter", unknown)
    assert "p1: gender: gender:robots fits no value of the enumeration and was left out" in said
    assert (
        "p1: google_product_category: category:air_fryers has no Google category: that of category:appliances was taken"
        in said
    )
    assert dict(report.unused) == {"season": 1}
    assert "no column in this format for season 1" in report.line()
    assert "Winter" not in text


def test_google_is_told_of_a_missing_id_category_and_of_cut_texts() -> None:
    row, said = feed(id=None, title="word " * 40)
    assert len(row["title"]) <= 150
    assert row["title"].endswith("word")
    place = " ".join(("word " * 40).split())[:40]
    assert said == [
        f"{place}: title: cut to 150 of 199 characters",
        f"{place}: id: the listing has none, and Google needs one",
        f"{place}: google_product_category: no category was accepted",
    ]


def test_only_accepted_tags_are_written() -> None:
    row, _ = feed("category:dresses", tag("color:red", decision=Decision.REVIEW))
    assert row["color"] == ""


def test_implied_values_come_last_and_only_when_asked_for() -> None:
    assert feed("category:jeans", "gender:women")[0]["age_group"] == ""
    row, _ = feed("category:jeans", "gender:women", "material:elastane", implied=True)
    assert (row["age_group"], row["material"]) == ("adult", "Elastane/Denim/Cotton")


def test_rss_is_xml_with_google_s_names() -> None:
    text, _, _ = write("google-merchant", ".xml", *DRESS, title='5" <b>&\x0b dress', description="a]]>b ﷐\ufffe")
    root = ElementTree.fromstring(text)
    (item,) = root.iter("item")
    cells = {child.tag: child.text for child in item}
    namespace = "{http://base.google.com/ns/1.0}"
    assert cells[f"{namespace}title"] == '5" & dress'
    assert cells[f"{namespace}color"] == "Navy"
    assert f"{namespace}pattern" not in cells


# --- Shopify ---


def test_shopify_columns() -> None:
    brand = "brand:levis"
    rows, said = shop("category:t_shirts", "color:navy", "gender:women", "material:cotton", "neckline:v_neck", brand)
    (row,) = rows
    assert row["Handle"] == "p1"
    assert (row["Product Category"], row["Google Shopping / Google Product Category"]) == ("aa-1-13-8", "212")
    assert row["Color (product.metafields.shopify.color-pattern)"] == "navy"
    assert row["Target gender (product.metafields.shopify.target-gender)"] == "female"
    assert row["Fabric (product.metafields.shopify.fabric)"] == "cotton"
    assert row["Neckline (product.metafields.shopify.neckline)"] == "v-neck"
    assert row["Google Shopping / Gender"] == "female"
    assert (row["Option1 Name"], row["Option1 Value"]) == ("Title", "Default Title")
    assert row["Tags"].split(", ")[:3] == ["Navy", "Women", "Cotton"]
    assert row["Vendor"] == row["Tags"].split(", ")[-1] != ""
    assert said == []


def test_shopify_has_a_row_for_each_size_and_each_image() -> None:
    rows, _ = shop("category:dresses", "size:s", "size:m", images=("https://a/1.jpg", "https://a/2.jpg"))
    assert [(row["Option1 Name"], row["Option1 Value"], row["Image Src"]) for row in rows] == [
        ("Size", "S", "https://a/1.jpg"),
        ("", "M", ""),
        ("", "", "https://a/2.jpg"),
    ]
    assert {row["Handle"] for row in rows} == {"p1"}
    assert rows[1]["Title"] == ""


def test_a_colour_that_shopify_lacks_is_the_nearest_above_or_said_to_be_missing() -> None:
    (row,), said = shop("category:dresses", "color:burgundy", "color:copper", "color:red")
    assert row["Color (product.metafields.shopify.color-pattern)"] == "red"
    column = "Color (product.metafields.shopify.color-pattern)"
    assert f"p1: {column}: color:burgundy is not in the enumeration: 'red' stands for it" in said
    assert f"p1: {column}: color:copper fits no value of the enumeration and was left out" in said


def test_a_category_that_shopify_lacks_is_the_nearest_above() -> None:
    (row,), said = shop("category:loafers")
    assert row["Product Category"] == "aa-8"
    assert "p1: Product Category: category:loafers has no Shopify category: that of category:shoes was taken" in said


def test_columns_for_other_kinds_of_product_stay_empty() -> None:
    (row,), said = shop("category:tables", "material:oak")
    assert {text for name, text in row.items() if "material" in name} == {""}
    assert row["Tags"] == "Oak"
    assert said == []


def test_handles_are_unique() -> None:
    out, said = io.StringIO(), []
    products = [
        make_product(Listing(title="Red Dress!"), (), "en", taxonomy())[0],
        make_product(Listing(title="red dress"), (), "en", taxonomy())[0],
    ]
    report = Report(say=said.append)
    export = ListingExport(taxonomy=taxonomy(), mappings=MAPPINGS, suffix=".csv", report=report)
    load(LISTING_FORMATS["shopify-csv"])(products, out, export)
    assert [row["Handle"] for row in csv.DictReader(io.StringIO(out.getvalue()))] == ["red-dress", "red-dress-2"]
    assert "red dress: Handle: 'red-dress' is taken by another product: 'red-dress-2' was taken" in said


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("classic-tee", "classic-tee"),
        ("Größe 42 / Blau", "größe-42-blau"),
        ("連衣裙 红色", "連衣裙-红色"),
        ("!!!", "product"),
    ],
)
def test_handles(text: str, made: str) -> None:
    assert handle(text) == made


@pytest.mark.parametrize(
    ("description", "body"),
    [
        ("Soft & warm\n\n<3 this", "<p>Soft &amp; warm<br>&lt;3 this</p>"),
        ("<p>Soft <script>alert(1)</script><b onclick=x()>warm</b></p>", "<p>Soft <b>warm</b></p>"),
        ("<a href='javascript:alert(1)'>x</a>", '<a rel="noopener noreferrer">x</a>'),
        ("", ""),
    ],
)
def test_descriptions_are_html_that_runs_nothing(description: str, body: str) -> None:
    assert safe_html(description) == body


# --- schema.org ---


def test_schema_org_product() -> None:
    volume = tag("volume:330_ml", quantity=Quantity(value=330, unit="ml"))
    weight = tag("net_weight:2_kg", quantity=Quantity(value=2, unit="g", upper=4))
    document, said = schema(*DRESS, volume, weight, "brand:levis", images=("https://a/1.jpg",))
    properties = {each["propertyID"]: each for each in document.pop("additionalProperty")}
    brand = document.pop("brand")
    assert brand["@type"] == "Brand"
    assert document == {
        "@context": "https://schema.org",
        "@type": "Product",
        "productID": "p1",
        "name": "Linen dress",
        "image": ["https://a/1.jpg"],
        "category": "Clothing > Dresses",
        "color": "Navy",
        "material": "Linen",
        "size": "M",
        "audience": {"@type": "PeopleAudience", "suggestedGender": "female", "suggestedMinAge": 18},
    }
    assert properties["color"] == {
        "@type": "PropertyValue",
        "propertyID": "color",
        "name": "Color",
        "value": "Navy",
        "valueReference": {
            "@type": "DefinedTerm",
            "@id": "urn:tagwright:tagwright:color:navy",
            "termCode": "color:navy",
            "name": "Navy",
            "inDefinedTermSet": "urn:tagwright:tagwright:color",
        },
    }
    assert (properties["volume"]["value"], properties["volume"]["unitCode"]) == (330, "MLT")
    assert (properties["net_weight"]["minValue"], properties["net_weight"]["maxValue"]) == (2, 4)
    assert "value" not in properties["net_weight"]
    assert said == []


def test_ages_span_all_groups_and_conditions_are_uris() -> None:
    document, _ = schema("age_group:baby", "age_group:kids", "condition:used", "color:red", "color:navy")
    assert document["audience"] == {"@type": "PeopleAudience", "suggestedMinAge": 0.25, "suggestedMaxAge": 12}
    assert document["itemCondition"] == "https://schema.org/UsedCondition"
    assert document["color"] == ["Red", "Navy"]
    assert "brand" not in document


def test_implied_properties_say_why() -> None:
    document, _ = schema("category:parkas", implied=True)
    (winter,) = [each for each in document["additionalProperty"] if each["propertyID"] == "season"]
    assert winter["description"] == "a parka is a hooded coat for cold weather (category:parkas)"


def test_documents_can_stand_in_a_script_element() -> None:
    text, _, _ = write("schema-org", ".jsonl", title="</script><!-- & \u2028", id="<b>")
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text)["productID"] == "<b>"
    graph, _ = schema(*DRESS, suffix=".jsonld")
    assert graph["@context"] == "https://schema.org"
    assert [each["name"] for each in graph["@graph"]] == ["Linen dress"]


# --- all formats ---


def test_a_concept_that_the_taxonomy_lacks_is_called_what_the_answer_called_it() -> None:
    gone = tag("color:gone", labels={"en": "Gone green", "de": "Weggrün"})
    row, said = feed("category:dresses", gone, tag("category:gone"), lang="de")
    assert row["color"] == "Weggrün"
    assert "p1: color: color:gone is not in tagwright 2026.11: 'Weggrün' was taken" in said


_cells = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.lists(st.fixed_dictionaries({"a": _cells, "b": _cells}), max_size=5))
@example(
    [
        {"a": "=1+1", "b": "\r\n=x"},
        {"a": "＝HYPERLINK", "b": "-5"},
        {"a": '-2"', "b": "@SUM"},
        {"a": " +x", "b": "\x0b=1"},
    ]
)
@example([{"a": "\t=1", "b": "\u2003-x"}, {"a": "-", "b": "+49 123"}])
def test_cells_come_back_and_none_is_a_formula(rows: list[dict[str, str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ("a", "b"), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(safe_cells(row)[0])
    back = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert len(back) == len(rows)
    for row, found in zip(rows, back, strict=True):
        changed = {note.column for note in safe_cells(row)[1]}
        for name, text in row.items():
            lines = text.replace("\r\n", "\n").replace("\r", "\n")
            kept = "".join(char for char in lines if char in "\t\n" or (ord(char) >= 32 and ord(char) != 127))
            assert found[name] == ("'" + kept if name in changed else kept)
            first = found[name].lstrip()[:1]
            assert not first or first not in "=@＝＋－＠"
            assert first not in {"+", "-"} or found[name].lstrip("+-").replace(",", "").replace(".", "").isdecimal()


@pytest.mark.parametrize("form", ["google", "shopify", "schema"])
def test_mappings_name_concepts_that_exist(form: str) -> None:
    shopify, org = read_shopify(MAPPINGS), read_schema_org(MAPPINGS, "urn:x:")
    mapping = {"google": read_google(MAPPINGS), "shopify": shopify, "schema": org}[form]
    columns = [*mapping.columns, *((org.gender,) if form == "schema" else ())]
    named = {one for column in columns for one in (*(column.values or ()), *column.categories)}
    named |= set(shopify.categories) | set(org.ages)
    assert named <= set(taxonomy().concepts)
    assert {one for column in columns for one in column.attributes} <= set(taxonomy().attributes)


@pytest.mark.skipif(
    SHOPIFY is None, reason="Shopify's taxonomy is not in a folder shared/taxonomies above this checkout"
)
def test_shopify_knows_the_handles_and_categories() -> None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    values: set[str] = set()
    categories: set[str] = set()
    with tarfile.open(SHOPIFY, "r|xz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is None or member.name.startswith("data/localizations"):
                continue
            if member.name == "data/attributes.yml":
                bases = yaml.load(content.read(), Loader=loader)["base_attributes"]  # noqa: S506
                values = {re.sub("[_/]", "-", value) for base in bases for value in base["values"]}
            elif member.name.startswith("data/categories/"):
                categories |= {row["id"] for row in yaml.load(content.read(), Loader=loader)}  # noqa: S506
            if values and len(categories) > 10_000:
                break
    shopify = read_shopify(MAPPINGS)
    for column in shopify.columns:
        attribute = column.name.rpartition(".")[2].rstrip(")")
        attribute = "color" if attribute == "color-pattern" else attribute  # a metafield of both colour and pattern
        for value in (column.values or {}).values():
            assert f"{attribute}--{value}" in values, (column.name, value)
    assert set(shopify.categories.values()) <= categories


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("google_merchant.yaml", "a: 1\n", "must have the keys columns, lengths"),
        ("google_merchant.yaml", "[unclosed", "cannot be read"),
        ("google_merchant.yaml", "lengths: {id: 1}\ncolumns: []\n", "KeyError"),
        (
            "google_merchant.yaml",
            "lengths: {id: 1, title: 1, description: 1, product_type: 1}\ncolumns: [{name: a, attribute: [b]}]\n",
            "unknown keys",
        ),
    ],
)
def test_a_mapping_that_is_none_is_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRules) as caught:
        read_google(tmp_path)
    assert name in caught.value.message
    assert message in caught.value.message
