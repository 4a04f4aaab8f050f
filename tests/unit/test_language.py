"""Which language a title is taken for: names and English words in it do not decide, a native word does."""

from __future__ import annotations

import pytest

from app.adapters.language import Py3LangId, open_identifier, words_of
from app.adapters.taxonomy_files import read_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from app.domain.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def shipped() -> Taxonomy:
    return read_taxonomy(data_folder("taxonomy") / TAXONOMY)


@pytest.fixture(scope="module")
def identifier(shipped: Taxonomy) -> Py3LangId:
    return open_identifier(shipped)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Nike Air Max 90 Sneaker Gr. 41 schwarz", "de"),
        ("Vans Old Skool Damen schwarz 38", "de"),
        ("Levi's 501 Original Jeans W32 L34 Herren", "de"),
        ("Running shoes women's black mesh size 8", "en"),
        ("Stainless steel water bottle 750 ml", "en"),
        ("sepatu sneakers pria original", "id"),
        ("Yonex Nanoflare 1000 raket badminton", "id"),
        ("Zapatillas running mujer negras", "es"),
        ("Philips Airfryer XL friggitrice ad aria", "it"),
        ("Lampe de chevet LED tactile", "fr"),
        ("Fone de ouvido bluetooth sem fio", "pt"),
    ],
)
def test_a_title_is_of_the_language_of_its_native_words(identifier: Py3LangId, text: str, lang: str) -> None:
    assert identifier.identify(text)[0] == lang


def test_a_text_without_words_of_any_language_is_not_sure(identifier: Py3LangId) -> None:
    _, sure = identifier.identify("Nike Air Max 90 Sneaker Gr. 41 schwarz")
    _, unsure = identifier.identify("Acme XK-2000")
    assert unsure < 0.7 < sure


def test_a_long_text_may_be_of_a_language_without_labels(identifier: Py3LangId) -> None:
    text = "Sininen puuvillapaita pitkillä hihoilla, pehmeä ja mukava päällä, pestään neljässäkymmenessä asteessa"
    assert identifier.identify(text)[0] == "fi"


def test_words_are_those_of_labels_but_for_brands(shipped: Taxonomy) -> None:
    words = words_of(shipped)
    assert words["schuhe"] == {"de"}
    assert {"en", "de"} <= words["sneaker"]
    assert "adidas" not in words
