"""Labels are found as whole words, in the right language, the longest first."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.adapters.rule_files import FILES, read_rules
from app.domain.errors import InvalidRules
from app.domain.tags import Method
from app.pipeline.rules.document import Field, stands_alone
from app.pipeline.rules.matcher import Matcher
from app.pipeline.text import MappedText, fold_label
from tests.unit.rule_data import rules, taxonomy


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(taxonomy(), rules())


def _found(matcher: Matcher, locale: str | None, text: str) -> set[str]:
    return {hit.concept_id for hit in matcher.find(Field.of("title", MappedText(text)), locale).strong}


@pytest.mark.parametrize(
    ("locale", "text", "has", "lacks"),
    [
        # whole words
        ("en", "Bored with boring shoes", {"category:shoes"}, {"color:red"}),
        ("en", "Redwood shelf", set(), {"color:red"}),
        # the longest label wins, also across attributes
        ("en", "navy blue jacket", {"color:navy", "category:jackets"}, {"color:blue"}),
        ("en", "rose gold watch", {"color:rose_gold"}, {"color:pink"}),
        ("en", "running shoes", {"category:running_shoes", "sport:running"}, {"category:shoes"}),
        # of two categories that overlap, the head counts
        ("zh-CN", "训练足球鞋", {"category:football_boots"}, {"category:footballs"}),
        ("en", "shoe rack made of wood", {"category:shoe_racks", "material:wood"}, {"category:shoes"}),
        # values inside the label of a category stay
        ("en", "denim jacket", {"category:jackets", "material:denim"}, set()),
        # a category inside the label of a value stays where its head is
        ("en", "floral maxi dresses", {"category:dresses"}, set()),
        # a label of another language than the listing's or English does not fire
        ("en", "collana oro, vestido rojo", set(), {"color:gold", "color:red"}),
        ("de", "Kleid rosa, dress", {"color:pink"}, set()),
        ("es", "adaptador de red", set(), {"color:red"}),
        ("de", "Sie hat ein Kind", set(), {"category:hats"}),
        ("it", "lampada per camera da letto", set(), {"category:cameras"}),
        # spelling
        ("de", "gruene Schuhe", {"color:green", "category:shoes"}, set()),
        ("de", "GRÜNE SCHUHE", {"color:green", "category:shoes"}, set()),
        ("es", "algodon organico", {"material:organic_cotton"}, {"material:cotton"}),
        ("en", "ｒｅｄ　ｓｈｏｅｓ", {"color:red", "category:shoes"}, set()),
        ("fr", "veste livrée demain", set(), {"category:books"}),
        ("zh-CN", "黑色皮鞋", {"color:black", "category:shoes"}, set()),
        ("zh-CN", "紅色連衣裙", {"color:red", "category:dresses"}, set()),
        # katakana runs words together
        ("ja", "アップグレード版", set(), {"color:gray"}),
        ("ja", "ホワイトニング", set(), {"color:white"}),
        ("ja", "ブラックレザーベルト", {"color:black", "material:leather", "category:belts"}, set()),
        ("ja", "ロングワンピース", {"category:dresses"}, set()),
        ("ja", "がブラックです", {"color:black"}, set()),
        # ハット (hat) is not in ハッド: folding must not cut a voiced mark off
        ("ja", "ハッドン", set(), {"category:hats"}),
        # latin names are followed by numbers
        ("zh-CN", "iPhone15保护壳", {"compatible_with:iphone"}, set()),
        ("en", "iPhone15", set(), {"compatible_with:iphone"}),
        # brands are names
        ("en", "NIKE shoes", {"brand:nike"}, set()),
        ("en", "adidas shoes", {"brand:adidas"}, set()),
        # phrases that mean something else
        ("en", "Black Friday sale", set(), {"color:black"}),
        # no language known: English and brands
        (None, "rote Nike sneakers in black", {"brand:nike", "category:sneakers", "color:black"}, {"color:red"}),
    ],
)
def test_find(matcher: Matcher, locale: str | None, text: str, has: set[str], lacks: set[str]) -> None:
    found = _found(matcher, locale, text)
    assert has <= found
    assert not lacks & found


def test_same_span_in_two_attributes_keeps_both(matcher: Matcher) -> None:
    hits = matcher.find(Field.of("title", MappedText("Leather boots")), "en").strong
    assert {h.concept_id for h in hits} >= {"material:leather", "category:boots"}
    both = {c.attribute for c, label in matcher.labels(fold_label("Turquoise")) if label.locale == "en"}
    assert both >= {"color", "gemstone"}


@pytest.mark.parametrize(("text", "method"), [("Sneakers", Method.EXACT), ("trainers", Method.ALIAS)])
def test_method_says_which_label(matcher: Matcher, text: str, method: Method) -> None:
    hits = matcher.find(Field.of("title", MappedText(text)), "en").strong
    assert [(hit.concept_id, hit.method) for hit in hits] == [("category:sneakers", method)]


def test_offsets_point_into_what_was_sent(matcher: Matcher) -> None:
    field = Field.of("title", MappedText("Ｒｅｄ  Ｔ－Ｓｈｉｒｔ"))
    spans = {hit.concept_id: field.evidence(hit.start, hit.end) for hit in matcher.find(field, "en").strong}
    assert (spans["color:red"].start, spans["color:red"].end) == (0, 3)
    assert (spans["category:t_shirts"].start, spans["category:t_shirts"].end) == (5, 12)


@pytest.mark.parametrize(
    ("text", "start", "end", "cjk", "alone"),
    [
        ("red shoes", 0, 3, False, True),
        ("bored", 2, 5, False, False),
        ("iphone15", 0, 6, False, False),
        ("iphone15", 0, 6, True, True),
        ("hp15", 0, 2, True, False),
        ("ハット\u3099", 0, 3, True, False),
    ],
)
def test_stands_alone(text: str, start: int, end: int, cjk: bool, alone: bool) -> None:
    assert stands_alone(text, start, end, cjk=cjk) is alone


def _copy_of_rules(folder: Path) -> Path:
    from app.bootstrap import data_folder

    source = max(data_folder("taxonomy").glob("rules-*"))
    target = folder / source.name
    target.mkdir()
    for name in FILES:
        (target / f"{name}.yaml").write_bytes((source / f"{name}.yaml").read_bytes())
    return target


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("contexts", "- {kind: negation, lang: en, befor: [without]}\n"),
        ("contexts", "- {kind: perhaps, lang: en, before: [without]}\n"),
        ("contexts", "- {kind: negation, lang: en, before: [no]}\n"),
        ("languages", "en: {head: middle, decimal: '.'}\n"),
        ("languages", "en: {head: last}\n"),
        ("fields", "category_names: [category]\n"),
        ("quantities", "[: not yaml"),
        ("compounds", "de: {pieces: {}}\n"),
    ],
)
def test_rule_files_that_are_wrong_say_so(tmp_path: Path, name: str, text: str) -> None:
    folder = _copy_of_rules(tmp_path)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRules):
        read_rules(folder)


def test_digest_follows_the_data(tmp_path: Path) -> None:
    folder = _copy_of_rules(tmp_path)
    assert read_rules(folder).digest == rules().digest
    with (folder / "contexts.yaml").open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert read_rules(folder).digest != rules().digest
    (folder / "fields.yaml").unlink()
    with pytest.raises(InvalidRules):
        read_rules(folder)
