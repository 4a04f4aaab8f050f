"""Which categories a title shares words with."""

from __future__ import annotations

import pytest

from app.pipeline.categories.terms import CategoryTerms, stem, terms
from app.pipeline.rules.ruleset import Language

NAMES = {
    "en": ("Home & Garden", "Skillets & Frying Pans", "Air Fryers", "Garden Hoses", "Hose Reels"),
    "de": ("Haus & Garten", "Bratpfannen", "Heißluftfritteusen", "Gartenschläuche", "Schlauchtrommeln"),
    "fr": ("Maison et jardin", "Poêles", "Friteuses à air", "Tuyaux d'arrosage", "Dévidoirs"),
    "ja": ("ホーム・ガーデン", "フライパン", "エアフライヤー", "散水ホース", "ホースリール"),
}
PATHS = [(0,), (0, 1), (0, 2), (0, 3), (0, 3, 4)]
BREAKS = {"en": frozenset({"for", "with"}), "de": frozenset({"mit", "fur"})}


def index(lang: str) -> CategoryTerms:
    language = Language(head="first" if lang == "fr" else "last", breaks=BREAKS.get(lang, frozenset()))
    return CategoryTerms([[name] for name in NAMES[lang]], PATHS, language)


@pytest.mark.parametrize(
    ("lang", "title", "best"),
    [
        ("en", "Cast iron frying pan 28 cm", 1),
        ("en", "Digital air fryer, 11 presets", 2),
        ("de", "Bratpfanne Gusseisen 28 cm", 1),
        ("de", "Edelstahlbratpfanne induktionsgeeignet", 1),
        ("fr", "Poêle antiadhésive 24 cm", 1),
        ("ja", "鉄フライパン 26cm ガス火専用", 1),
    ],
)
def test_the_name_that_shares_most(lang: str, title: str, best: int) -> None:
    assert int(index(lang).scores(title).cover.argmax()) == best


@pytest.mark.parametrize(
    ("lang", "title", "row", "named", "head"),
    [
        ("en", "Air Fryers", 2, 1.0, True),
        ("en", "Basket for air fryer", 2, 1.0, True),
        ("en", "Air fryer basket", 2, 1.0, False),
        ("en", "Air fryer with basket", 2, 1.0, True),
        ("en", "Cast iron frying pan", 1, 0.8, True),
        ("en", "Garden hose reel", 3, 1.0, False),
        ("en", "Hair dryer", 2, 0.0, False),
        ("fr", "Friteuse à air 5 l", 2, 1.0, True),
        ("fr", "Panier pour friteuse à air", 2, 1.0, False),
        ("ja", "鉄フライパン26cm", 1, 1.0, True),
    ],
)
def test_whole_names(lang: str, title: str, row: int, named: float, head: bool) -> None:
    scores = index(lang).scores(title)
    assert scores.named[row] == pytest.approx(named)
    assert bool(scores.head[row]) is head


def test_what_stands_above_counts_for_what_is_below() -> None:
    scores = index("en").scores("Garden hose")
    assert scores.path_cover[4] == pytest.approx(scores.path_cover.max())
    assert scores.path_cover[0] == 0


def test_languages_are_joined_category_by_category() -> None:
    english, german = index("en").scores("Bratpfanne"), index("de").scores("Bratpfanne")
    assert english.cover[1] == 0
    assert english.best(german).cover[1] == german.cover[1] > 0.7


@pytest.mark.parametrize(
    "forms",
    [
        ("shoe", "shoes"),
        ("dress", "dresses"),
        ("vestido", "vestidos"),
        ("oven", "ovens"),
        ("pfanne", "pfannen"),
        ("friteuse", "friteuses"),
        ("stivale", "stivali"),
        ("kitchen", "kitchens"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms: tuple[str, str]) -> None:
    assert stem(forms[0]) == stem(forms[1])


@pytest.mark.parametrize("text", ["", "  ", "!!", "的"])
def test_short_texts_have_terms_or_none(text: str) -> None:
    assert terms(text) <= {"的"}
