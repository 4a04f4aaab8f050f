"""Free text onto concepts."""

from functools import cache

import pytest

from app.adapters.rule_files import read_rules
from app.adapters.taxonomy_files import read_taxonomy
from app.bootstrap import RULES, TAXONOMY, data_folder, open_rules
from app.domain.taxonomy import Taxonomy
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.matching.typos import slips
from app.pipeline.text import fold_value


@pytest.mark.parametrize(
    ("raw", "attribute", "lang", "expected", "method"),
    [
        ("Navy", "color", "en", "color:navy", "exact"),
        ("NAVY BLUE", "color", "en", "color:navy", "alias"),
        ("blaue", "color", "de", "color:blue", "alias"),
        ("紅色", "color", "zh", "color:red", "exact"),
        ("marine-blau", "color", "de", "color:navy", "exact"),
        ("Turnschue", "category", "de", "category:sneakers", "fuzzy"),
        ("leathr", "material", "en", "material:leather", "fuzzy"),
        ("Baumwole", "material", "de", "material:cotton", "fuzzy"),
        ("dusty navy blue", "color", "en", "color:navy", "fuzzy"),
        ("soft cotton", "material", "en", "material:cotton", "fuzzy"),
    ],
)
def test_match(small: Taxonomy, raw: str, attribute: str, lang: str, expected: str | None, method: str | None) -> None:
    found = Normalizer(small).match(raw, attribute, lang)
    assert (found and found[0]) == expected
    assert (found and found[1].method.value) == method


@pytest.mark.parametrize(
    ("raw", "attribute"),
    [
        ("Nikn", "brand"),  # as near to Nike as to Nikon
        ("rod", "color"),  # one letter from red, another word
        ("rest", "color"),
        ("7", "brand"),
        ("", "color"),
        ("???", "color"),
        ("Nike Nikon Leica bundle", "brand"),
    ],
)
def test_no_match_where_it_would_be_a_guess(small: Taxonomy, raw: str, attribute: str) -> None:
    assert Normalizer(small).match(raw, attribute, "en") is None


def test_scope_is_the_attribute(small: Taxonomy) -> None:
    assert Normalizer(small).match("Leather", "color", "en") is None


def test_every_label_finds_its_concept(small: Taxonomy) -> None:
    normalizer = Normalizer(small)
    for concept in small.concepts.values():
        for label in concept.labels:
            found = normalizer.match(label.text, concept.attribute, label.locale.split("-")[0])
            assert found is not None
            assert found[0] == concept.id


@cache
def normalizer() -> Normalizer:
    """Return the one that serves, without the encoder."""
    folder = data_folder("taxonomy")
    return Normalizer(read_taxonomy(folder / TAXONOMY), wordings=read_rules(folder / RULES).wordings)


@pytest.mark.parametrize(
    ("lang", "raw", "expected"),
    [
        # inflected
        ("it", "antiscivolanti", "feature:non_slip"),
        ("es", "rojas", "color:red"),
        ("de", "dunkelblauer", "color:navy"),
        ("it", "manica lunghe", "sleeve_length:long"),
        # written another way
        ("ja", "れでぃーす", "gender:women"),
        ("ja", "ファスナ一", "closure:zipper"),
        ("ja", "チェツク", "pattern:checked"),
        ("zh", "枣紅", "color:burgundy"),
        ("de", "3/4-Aermel", "sleeve_length:three_quarter"),
        # with words that add nothing
        ("en", "Premium Aircraft-Grade Aluminum", "material:aluminum"),
        ("es", "para chicas", "gender:girls"),
        ("id", "bahan katun lembut", "material:cotton"),
        ("ja", "カーキグリーン系", "color:khaki"),
        ("zh", "商务风格", "style:business"),
        # compounds
        ("de", "Waldgrün", "color:dark_green"),
        ("de", "Sturmgrau", "color:gray"),
        ("de", "Baumwollmischung", "material:cotton_blend"),
        ("zh", "极地湖蓝", "color:sky_blue"),
        ("it", "legno massello di noce", "material:walnut"),  # finer, and at the end
        ("id", "Kaos Lengan Panjang", "category:t_shirts"),  # what is beside it is known as a phrase
        ("es", "Botines de tacón ancho", "category:ankle_boots"),  # the head comes first
        ("fr", "modèle sans manches", "sleeve_length:sleeveless"),  # a label that denies something
        ("en", "Blue Gem", "color:blue"),  # the sure label before the ambiguous one
        ("en", "Caramel Apple Pie", "flavor:caramel"),  # two bear each other out
        ("ja", "マグカップ2個セット", "category:mugs"),
        ("ja", "厚底スニカー", "category:sneakers"),
        ("en", "Brandy Glass", "category:glasses"),  # the head, however ambiguous by itself
        ("es", "zapatillas running mujer", "category:running_shoes"),  # a link left out
        ("de", "Herren Herrenschuhe", "gender:men"),  # the first part of a thing's name
        ("es", "funciona a pilas", "power_source:battery"),
        ("de", "weiß gold", "color:gold"),  # two values, not one in two words
        # several at once, the finer one in brackets
        ("en", "burgundy, pink and yellow", "color:burgundy"),
        ("ja", "木製（オーク）", "material:oak"),
        ("ja", "赤／白", "color:red"),
        # imitations have concepts of their own
        ("de", "Lederoptik", "material:faux_leather"),
        ("zh", "仿皮", "material:faux_leather"),
    ],
)
def test_values_as_sellers_word_them(lang: str, raw: str, expected: str) -> None:
    found = normalizer().match(raw, expected.partition(":")[0], lang)
    assert (found and found[0]) == expected


@pytest.mark.parametrize(
    ("lang", "attribute", "raw"),
    [
        ("en", "material", "Latex Free"),
        ("it", "material", "senza lattice"),
        ("zh", "feature", "不防水"),
        ("ja", "feature", "防水性なし"),
        ("de", "feature", "nicht wasserdicht"),
        ("ja", "gemstone", "フェイクパール"),
        ("zh", "gemstone", "水钻"),
        ("zh", "material", "仿木"),
        ("en", "material", "Faux marble"),
        ("es", "material", "seda dental"),
        ("fr", "material", "cuir chevelu"),
        ("en", "material", "Paper Moon"),
        ("en", "category", "chair mat"),
        ("en", "category", "Iced Tea/Coffee Dispenser"),
        ("id", "category", "DVD Player"),
        ("es", "material", "tela"),  # fabric; in Italian it is canvas
        ("it", "flavor", "pesce"),
        ("ja", "color", "赤坂"),
        ("fr", "color", "Violaine"),
        ("es", "color", "Azulejo"),
        ("en", "spf", "SPF 40"),
        ("en", None, "vanish"),
        ("de", None, "streiten"),
        ("id", None, "dungu"),
    ],
)
def test_what_means_something_else(lang: str, attribute: str | None, raw: str) -> None:
    assert normalizer().match(raw, attribute, lang) is None


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("0-12 bln", "baby"),
        ("12-18 months", "toddler"),
        ("ages 8+", "kids"),
        ("ab 12 jahren", "teen"),
        ("6か月から", "baby"),
        ("18+", "adult"),
        ("100", None),  # no unit, and no word that says it is an age
        ("size 8", None),
    ],
)
def test_ages_in_numbers_are_age_groups(text: str, group: str | None) -> None:
    found = open_rules().wordings.ages.group_of(fold_value(text))
    assert found == (group and f"age_group:{group}")


@pytest.mark.parametrize(
    ("typed", "meant", "slips_made"),
    [
        ("cappellano", "cappellino", False),  # another vowel near the end is another word
        ("stainles steal", "stainless steel", True),
        ("hari color", "hair color", True),  # short, but beside a word that is as it should be
        ("spuhlmaschienenfest", "spulmaschinenfest", True),
        ("cameo", "camo", False),
        ("resistente all acqua", "resistente all'acqua", True),
    ],
)
def test_typos_of_an_attribute(typed: str, meant: str, slips_made: bool) -> None:
    assert (slips(typed, meant, scoped=True, real=lambda _: False) is not None) is slips_made
