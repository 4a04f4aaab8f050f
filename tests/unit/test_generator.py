"""Generated listings: spans, gold and tags say what the text says; each hard case is there and has its own trap."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from app.adapters.taxonomy_files import read_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from app.domain.errors import InvalidFile
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.training.generator import Example, Generator
from app.training.generator.asking import asking
from app.training.generator.cases import Case
from app.training.generator.example import to_row
from app.training.generator.locale_file import read_data, read_locale
from app.training.generator.nouns import Nouns
from app.training.generator.plausible import Plausible
from app.training.generator.template import Slot, parse_template, slots
from app.training.generator.wording import Wording

SPECIAL = {CATEGORY, "item", "model", "noise", "list", "device", "amount", "pack", "p", "q", "fibre"}


@pytest.fixture(scope="module")
def shipped() -> Taxonomy:
    return read_taxonomy(data_folder("taxonomy") / TAXONOMY)


@pytest.fixture(scope="module")
def drawn(shipped: Taxonomy) -> list[Example]:
    return list(Generator(shipped, 5).draw(3600))


def holding(drawn: list[Example], case: Case) -> list[Example]:
    return [example for example in drawn if case.value in example.cases]


def surfaces(example: Example, attribute: str) -> list[str]:
    return [example.texts[s.field][s.start : s.end] for s in example.spans if s.attribute == attribute]


def test_spans_point_at_words_and_gold_follows_from_them(drawn: list[Example]) -> None:
    for example in drawn:
        for span in example.spans:
            surface = example.texts[span.field][span.start : span.end]
            assert surface, example
            assert surface == surface.strip(), example
            assert surface.casefold() in {value.casefold() for value in example.gold[span.attribute]}


def test_tags_are_relevant_to_the_category_and_plausible(drawn: list[Example], shipped: Taxonomy) -> None:
    names = {c.label("en"): c.id for c in shipped.values(CATEGORY)}
    for example in drawn:
        relevant = set(shipped.relevant(names[example.category])) | {CATEGORY}
        assert {span.attribute for span in example.spans} <= relevant
        assert example.gold[CATEGORY]


@pytest.mark.parametrize(
    ("category", "attribute"), [("kettles", "heel_height"), ("sneakers", "heel_type"), ("jeans", "spf")]
)
def test_what_makes_no_sense_is_never_said(shipped: Taxonomy, category: str, attribute: str) -> None:
    assert attribute not in Plausible(shipped).values(f"category:{category}")


def test_every_plausible_value_is_a_concept(shipped: Taxonomy) -> None:
    data = read_data("plausible.yaml")
    for category, entries in data["values"].items():
        assert f"category:{category}" in shipped.concepts
        for attribute, names in entries.items():
            assert attribute in shipped.attributes
            unknown = [n for n in names.split() if f"{attribute}:{n}" not in shipped.concepts]
            assert not unknown, (category, attribute)


def test_templates_name_attributes_only(shipped: Taxonomy) -> None:
    """A slot that names no attribute would silently leave its template unused."""
    for locale in shipped.locales:
        words = read_locale(locale)
        groups = (words.titles, words.sentences, words.reviews, words.negation, words.compatibility, words.excluded)
        templates = [t for group in groups for ts in group.values() for t in ts]
        templates += [*words.pairing, *words.sets, *words.composition, *words.composition_titles]
        names = {slot.name for t in templates for slot in slots(t) if not slot.name.startswith("=")}
        assert names <= set(shipped.attributes) | SPECIAL, locale


def test_the_same_seed_gives_the_same_listings_whatever_else_is_drawn(shipped: Taxonomy) -> None:
    german = list(Generator(shipped, 7).draw(20, "de"))
    mixed = [e for e in Generator(shipped, 7).draw(20 * len(shipped.locales)) if e.lang == "de"]
    assert german == mixed
    assert german != list(Generator(shipped, 8).draw(20, "de"))


def test_every_case_has_its_share(drawn: list[Example]) -> None:
    counts = Counter(case for example in drawn for case in example.cases)
    for case in Case:
        assert 0.03 < counts[case.value] / len(drawn) < 0.2, case


def test_what_is_negated_is_no_tag(drawn: list[Example], shipped: Taxonomy) -> None:
    """The negated words are read off the text by the locale's own templates."""
    checked = 0
    cues = {
        "en": r"\bwithout ([\w ]+?)(?:\.|$|\n)",
        "de": r"\bOhne ([\w-]+)\.",
        "fr": r"\bSans ([\w -]+?)\.",
        "es": r"\bSin ([\w]+)\.",
    }
    for example in holding(drawn, Case.NEGATION):
        for found in re.finditer(cues.get(example.lang, "$^()"), example.texts["description"]):
            checked += 1
            assert not any(
                s.field == "description" and found.start(1) <= s.start < found.end(1) for s in example.spans
            ), example
            assert found[1].casefold() not in {
                v.casefold() for a in ("material", "closure") for v in example.gold.get(a, ())
            }
    assert checked > 20


def test_a_set_says_which_colour_is_whose(drawn: list[Example]) -> None:
    for example in holding(drawn, Case.SET):
        colours = {s.item: s.concept for s in example.spans if s.attribute == "color" and s.field == "title"}
        items = {s.item: s.concept for s in example.spans if s.attribute == CATEGORY and s.field == "title"}
        assert set(colours) == set(items) == {0, 1}, example
        assert colours[0] != colours[1]


def test_both_fibres_of_a_composition_are_gold_and_their_shares_add_up(drawn: list[Example]) -> None:
    for example in holding(drawn, Case.COMPOSITION):
        assert len({s.concept for s in example.spans if s.attribute == "material"}) >= 2, example
        text = f"{example.texts['title']} {example.texts['description']}"
        numbers = [int(number) for number in re.findall(r"(\d+) ?%", text)]
        assert any(a + b == 100 for a, b in zip(numbers, numbers[1:], strict=False)), example


def test_a_lookalike_is_not_what_it_looks_like(drawn: list[Example]) -> None:
    for example in holding(drawn, Case.LOOKALIKE):
        words = read_locale(example.lang).lookalikes
        text = example.texts["description"].casefold()
        entries = [entry for group in words.values() for entry in group if entry.text.casefold() in text]
        assert entries, example
        stated = {s.concept for s in example.spans}
        assert any(not e.not_ or f"material:{e.not_}" not in stated for e in entries), example


def test_what_it_fits_is_compatible_and_another_makers_name_is_no_brand(drawn: list[Example]) -> None:
    for example in holding(drawn, Case.COMPATIBILITY):
        assert len({s.concept for s in example.spans if s.attribute == "brand"}) <= 1, example
    named = [e for e in holding(drawn, Case.COMPATIBILITY) if "compatible_with" in e.gold]
    assert named


def test_a_brand_that_holds_a_colour_states_none(drawn: list[Example]) -> None:
    for example in holding(drawn, Case.COLOURFUL_BRAND):
        brands = [s for s in example.spans if s.attribute == "brand"]
        names = {name.casefold() for name in read_locale(example.lang).names["colourful"]}
        assert {value.casefold() for value in surfaces(example, "brand")} <= names
        colours = [s for s in example.spans if s.attribute == "color"]
        assert not any(b.field == c.field and b.start <= c.start < b.end for b in brands for c in colours)


def test_code_switching_brings_english(drawn: list[Example], shipped: Taxonomy) -> None:
    found = 0
    for example in holding(drawn, Case.CODE_SWITCHING):
        assert example.lang != "en"
        title = example.texts["title"].casefold()
        foreign = [w for w in read_locale(example.lang).foreign if w.casefold() in title]
        english = [
            s
            for s in example.spans
            if s.field == "title"
            and s.concept in shipped.concepts
            and surfaces_of(example, s).casefold() == (shipped.concepts[s.concept].label("en") or "").casefold()
        ]
        assert foreign or english, example
        found += bool(english)
    assert found > 20


def surfaces_of(example: Example, span: object) -> str:
    return example.texts[span.field][span.start : span.end]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("locale", "category", "noun", "noun_class"),
    [
        ("de", "dresses", "Abendkleid", "n"),
        ("de", "jackets", "Jacke", "f"),
        ("fr", "dresses", "robe longue", "fs"),
        ("es", "skirts", "falda", "fs"),
        ("it", "handbags", "borsa a mano", "fs"),
        ("es", "candle_holders", "portavelas", None),
        ("en", "socks", "ankle socks", "p"),
    ],
)
def test_gender_of_nouns(shipped: Taxonomy, locale: str, category: str, noun: str, noun_class: str | None) -> None:
    nouns = Nouns(shipped, locale)
    assert nouns._class(noun) == noun_class
    assert nouns.of(shipped.concepts[f"category:{category}"])


@pytest.mark.parametrize(
    ("locale", "concept", "noun_class", "form"),
    [
        ("fr", "color:black", "fs", "noire"),
        ("fr", "color:white", "fp", "blanches"),
        ("fr", "color:navy", "fs", "bleu marine"),
        ("es", "color:red", "fs", "roja"),
        ("it", "color:white", "mp", "bianchi"),
        ("pt-BR", "color:white", "fs", "branca"),
        ("de", "color:black", "n", "schwarzes"),
        ("de", "color:black", None, None),
        ("fr", "feature:breathable", "fs", "respirante"),
    ],
)
def test_forms_agree_or_are_not_used(
    shipped: Taxonomy, locale: str, concept: str, noun_class: str | None, form: str | None
) -> None:
    forms = Wording(locale, Plausible(shipped), ()).agreed(shipped.concepts[concept], noun_class, running=True)
    assert (forms[0] if forms else None) == form


def test_a_noun_brings_the_values_it_states(shipped: Taxonomy) -> None:
    nouns = Nouns(shipped, "en").of(shipped.concepts["category:dresses"])
    held = {noun.text: [concept.id for _, _, concept in noun.held] for noun in nouns}
    assert held["midi dress"] == ["garment_length:midi"]


def test_a_row_has_the_gold_schema_and_spans_in_the_coordinates_of_evidence(drawn: list[Example]) -> None:
    for number, example in enumerate(drawn[:600]):
        row = to_row(example, str(number))
        fields = {"title": row["title"], "description": row["description"]}
        fields |= {f"attributes.{name}": value for name, value in row["attributes"].items()}
        fields |= {f"reviews[{n}]": review for n, review in enumerate(row["reviews"])}
        for span in row["spans"]:
            assert fields[span["field"]][span["start"] : span["end"]] == span["text"], row
        assert set(row["tags"]) <= set(row["gold"])


def test_asked_names_replace_ids_and_what_is_not_asked_is_no_gold(shipped: Taxonomy, drawn: list[Example]) -> None:
    asked = list(asking(shipped, drawn[:300], 1))
    for example in asked:
        assert example.asked[0] == CATEGORY
        assert set(example.gold) <= set(example.asked)
        assert {span.attribute for span in example.spans} == set(example.gold)
    assert any("couleur" in [name.lower() for name in e.asked] for e in asked if e.lang == "fr")
    assert any(set(e.asked) - set(e.gold) - {CATEGORY} for e in asked)


@pytest.mark.parametrize("text", ["{brand} [{color}", "{brand} ]", "{brand"])
def test_broken_templates_are_refused(text: str) -> None:
    with pytest.raises(InvalidFile):
        parse_template(text)


def test_slots_are_read() -> None:
    assert slots(parse_template("{color2~} [{!item^}] {=0}")) == [
        Slot(name="color", item=1, agreed=True),
        Slot(name="item", denied=True, capital=True),
        Slot(name="=0"),
    ]


def test_another_taxonomy_can_be_drawn_from(small: Taxonomy) -> None:
    drawn = list(Generator(small, 1).draw(90))
    assert {example.lang for example in drawn} == set(small.locales)
    assert all(example.gold[CATEGORY] for example in drawn)
