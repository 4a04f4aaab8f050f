"""Signs of machine translation, in a made-up taxonomy whose translator knew one meaning of each word."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.adapters.encoder import UseEncoder
from app.pipeline.linting.labels import Entry, Finding, equal_to_english, lint_labels, out_of_place, shared
from app.pipeline.linting.meaning import back_match, confirm

WINES = (("Red", "红酒"), ("Blue", "蓝酒"), ("Dry", "干酒"), ("Sweet", "甜酒"), ("Sparkling", "起泡酒"))
COLORS = (("Red", "红酒"), ("Blue", "蓝酒"), ("Green", "绿色"), ("Yellow", "黄色"), ("Black", "黑色"), ("Grey", "灰色"))
MORE = (("Wine rack", "酒架"), ("Corkscrew", "开瓶器"), ("White wine", "白葡萄酒"), ("Rice wine", "米酒"))


def entries(*groups: tuple[str, Sequence[tuple[str, str]]]) -> list[Entry]:
    """Return the concepts of some attributes: (English label of the attribute, (English, label) of its values)."""
    rows = [(context, english, label) for context, values in groups for english, label in values]
    return [
        Entry(number=number, group=context, english=english, label=label, context=context)
        for number, (context, english, label) in enumerate(rows)
    ]


CHINESE = entries(("Wine variety", WINES), ("Color", COLORS), ("Bar supplies", MORE))


def named(found: Sequence[Finding], among: Sequence[Entry]) -> list[tuple[str, str]]:
    return [(among[each.number].context, each.label) for each in found]


def test_colours_called_wines_are_found_and_wines_are_not() -> None:
    found = list(out_of_place(CHINESE, "zh-CN"))
    assert named(found, CHINESE) == [("Color", "红酒"), ("Color", "蓝酒")]
    assert "'酒' belongs to" in found[0].message
    assert found[0].here == ("Red", "Red color")
    assert "Red wine" in found[0].elsewhere
    assert found[0].origin == "Wine variety"


def test_the_encoder_agrees() -> None:
    found = list(confirm(list(out_of_place(CHINESE, "zh-CN")), CHINESE, UseEncoder(), "zh-CN"))
    assert named(found, CHINESE) == [("Color", "红酒"), ("Color", "蓝酒")]


def test_a_part_that_belongs_to_the_meaning_is_dropped_by_the_encoder() -> None:
    stones = (
        ("Marble", "大理石"),
        ("Granite slab", "花岗石"),
        ("Slate", "板石"),
        ("Quartz", "石英石"),
        ("Onyx", "玛瑙石"),
    )
    among = entries(("Stone name", stones), ("Vase material", (("Marble", "大理石"), ("Glass", "玻璃"), ("Tin", "锡"))))
    suspects = list(out_of_place(among, "zh-CN"))
    assert named(suspects, among) == [("Vase material", "大理石")]
    assert list(confirm(suspects, among, UseEncoder(), "zh-CN")) == []


def test_ends_of_compounds_and_words_are_parts_too() -> None:
    razors = (("Safety", "Sicherheitsrasierer"), ("Straight razor", "Klappmesser Rasierer"), ("Foil", "Folienrasierer"))
    razors = (*razors, ("Rotary", "Rotationsrasierer"), ("Travel", "Reiserasierer"))
    german = entries(("Razor type", razors), ("Best uses", (("Safety", "Sicherheitsrasierer"), ("Camping", "Camping"))))
    assert named(list(out_of_place(german, "de")), german) == [("Best uses", "Sicherheitsrasierer")]
    wines = (("Red", "Vino tinto"), ("White", "Vino blanco"), ("Dry", "Vino seco"), ("Sweet", "Vino dulce"))
    spanish = entries(("Wine variety", wines), ("Color", (("Red", "Vino tinto"), ("Green", "Verde"))))
    assert named(list(out_of_place(spanish, "es")), spanish) == [("Color", "Vino tinto")]


@pytest.mark.parametrize(
    ("english", "label", "found"),
    [
        ("Fleece", "Fleece", True),
        ("Fleece", "fleece", True),
        ("Fleece", "Vlies", False),
        ("3/4", "3/4", False),
        ("USB 3.0", "USB 3.0", False),
        ("XXL", "XXL", False),
        ("LaTeX", "LaTeX", False),
        ("S", "S", False),
        ("Mini LED", "Mini LED", True),
    ],
)
def test_labels_equal_to_english(english: str, label: str, found: bool) -> None:
    assert bool(list(equal_to_english(entries(("Fabric", ((english, label),))), "de"))) is found


def test_one_label_on_two_concepts_counts_where_english_tells_them_apart() -> None:
    values = (("Grey", "Grau"), ("Ash", "grau"), ("Blue", "Blau"), ("Blue", "Blau"))
    german = entries(("Color", values), ("Finish", (("Dull", "Grau"),)))
    assert named(list(shared(german, "de")), german) == [("Color", "grau")]
    english = entries(("Color", (("Blue", "Blue"), ("Blue", "Blue"))))
    assert len(list(shared(english, "en"))) == 1
    assert list(lint_labels(english, "en-GB")) == list(shared(english, "en-GB"))


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ((("Perfect", "无线"), ("Wireless", "无线"), ("Wired", "有线")), ["Perfect"]),
        ((("Cordless", "无线"), ("Wireless", "无线")), []),  # they mean the same
        ((("Perfect", "无线"), ("Wired", "有线")), []),  # nothing else is called that
    ],
)
def test_a_label_that_means_another_of_its_concepts(values: Sequence[tuple[str, str]], found: list[str]) -> None:
    chinese = entries(("Binding type", values))
    assert [chinese[each.number].english for each in back_match(chinese, UseEncoder(), "zh-CN")] == found
    assert list(back_match(chinese, UseEncoder(), "bg")) == []  # a language that the encoder does not know
