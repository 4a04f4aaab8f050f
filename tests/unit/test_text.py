"""Cleaning and folding, and the offsets that they carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pipeline.text import MappedText, bounded, clean, cut_to_width, fold, fold_label, width

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("source", "cleaned"),
    [
        ("Blue shirt", "Blue shirt"),
        ("<b>Blue</b> shirt", " Blue  shirt"),
        ("Caf&eacute; &amp; Bar", "Café & Bar"),
        ("&bogus; stays", "&bogus; stays"),
        ("<script>alert('red')</script>Navy", " Navy"),
        ("**Wool** `scarf`", "Wool scarf"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("Sneaker\x00Rot", "Sneaker Rot"),
        ("a\u200bb\u202ec", "abc"),
        ("lone \ud83d surrogate", "lone   surrogate"),
        ("Schuhe 👟 neu", "Schuhe 👟 neu"),
    ],
)
def test_clean(source: str, cleaned: str) -> None:
    assert clean(source).text == cleaned


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＮＩＫＥ", "nike"),
        ("Größe", "grosse"),
        ("été", "ETE"),
        ("紅色", "红色"),
        ("黒", "黑"),
        ("ﾈｲﾋﾞｰ", "ネイビー"),
        ("t-shirt", "T Shirt"),
        ("Azul‑marinho", "azul marinho"),
        ("women’s", "women's"),
        ("½ Zoll", "1⁄2 zoll"),
    ],
)
def test_forms_that_fold_to_the_same(one: str, other: str) -> None:
    assert fold_label(one) == fold_label(other)


@pytest.mark.parametrize(("one", "other"), [("ハ", "パ"), ("rose", "roses"), ("红色", "红木"), ("peach", "pèche")])
def test_forms_that_stay_apart(one: str, other: str) -> None:
    assert fold_label(one) != fold_label(other)


def test_spans_point_into_the_source() -> None:
    source = "<p>Herren&shy;hemd in <b>Größe L</b> – Ｎａｖｙ&nbsp;Blau</p>"
    folded = fold(clean(source))
    for wanted, expected in [("navy blau", "Ｎａｖｙ&nbsp;Blau"), ("grosse l", "Größe L")]:
        start = folded.text.index(wanted)
        assert source[slice(*folded.span(start, start + len(wanted)))] == expected


@given(ANY_TEXT)
def test_folding_is_idempotent(text: str) -> None:
    once = fold(clean(text)).text
    assert fold(MappedText(once)).text == once


@given(ANY_TEXT)
def test_every_span_is_inside_the_source_and_in_order(text: str) -> None:
    folded = fold(clean(text))
    spans = [folded.span(i, i + 1) for i in range(len(folded.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [s for s, _ in spans] == sorted(s for s, _ in spans)


@given(ANY_TEXT)
def test_cleaned_text_can_be_encoded(text: str) -> None:
    assert clean(text).text.encode("utf-8").decode("utf-8") == clean(text).text


@pytest.mark.parametrize(
    ("text", "part", "stands"),
    [
        ("red shoes", "red", True),
        ("colored shoes", "red", False),
        ("nike运动鞋", "nike", True),
        ("黑色运动鞋", "运动鞋", True),
        ("スピンカート", "ピン", False),
        ("ピンの箱", "ピン", True),
    ],
)
def test_word_boundaries(text: str, part: str, stands: bool) -> None:
    start = text.index(part)
    assert bounded(text, start, start + len(part)) is stands


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [("blue cotton shirt", 13, "blue cotton"), ("蓝色棉衬衫", 9, "蓝色棉"), ("short", 100, "short"), ("", 5, "")],
)
def test_cut_to_width(text: str, limit: int, cut: str) -> None:
    assert cut_to_width(text, limit) == cut
    assert width(cut) <= limit
