"""What an extractor learns from gold without training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from app.adapters.encoder import UseEncoder
from app.adapters.prompt_files import read_prompt
from app.bootstrap import data_folder
from app.pipeline.demonstrations import Demonstrator, ValueDictionary
from app.pipeline.prompting import Demonstration


def shown(title: str, answer: Mapping[str, Sequence[str]], category: str = "Tea") -> Demonstration:
    names = ("Brand", "Flavor", "Net content")
    return Demonstration(category=category, attributes=names, texts={"title": title}, answer=answer)


GOLD = [
    shown("Twinings earl grey tea bags, 50 count", {"Brand": ["Twinings"], "Flavor": ["earl grey"]}),
    shown("Yogi ginger herbal tea, 16 count", {"Brand": ["Yogi"], "Flavor": ["ginger"]}),
    shown("Bigelow lemon ginger tea, 20 count", {"Brand": ["Bigelow"], "Flavor": ["lemon ginger"]}),
    shown("Ginger shampoo for dry hair", {"Brand": ["Lush"]}, category="Shampoo"),
]


def test_the_likest_of_the_same_category_come_last() -> None:
    demonstrator = Demonstrator(GOLD, UseEncoder())
    assert demonstrator.like("Tea", "Celestial lemon ginger tea, 20 count", 2)[-1] == GOLD[2]
    assert demonstrator.like("Tea", "Ahmad earl grey tea bags", 3)[-1] == GOLD[0]
    assert demonstrator.like("Coffee", "ginger", 2) == ()


def test_a_listing_is_never_shown_its_own_answer() -> None:
    found = Demonstrator(GOLD, UseEncoder()).like("Tea", "YOGI ginger herbal tea - 16 count", 3)
    assert GOLD[1] not in found
    assert len(found) == 2


def test_demonstrations_stand_before_the_question() -> None:
    template = read_prompt(data_folder("prompts") / "few-shot-1.yaml")
    prompt = template.render("Tea", ["Brand"], {"title": "Lipton black tea"}, shown=GOLD[:2])
    assert prompt.text == (
        "Category: Tea\nAttributes: Brand,Flavor,Net content\nTitle: Twinings earl grey tea bags, 50 count\n"
        'Values: {"Brand":["Twinings"],"Flavor":["earl grey"]}\n\n'
        "Category: Tea\nAttributes: Brand,Flavor,Net content\nTitle: Yogi ginger herbal tea, 16 count\n"
        'Values: {"Brand":["Yogi"],"Flavor":["ginger"]}\n\n'
        "Category: Tea\nAttributes: Brand\nTitle: Lipton black tea\nValues: "
    )
    assert prompt.spans == ("Lipton black tea",)  # nothing can be copied from a demonstration


def test_an_instruction_stands_before_everything() -> None:
    prompt = read_prompt(data_folder("prompts") / "zero-shot-1.yaml").render("Tea", ["Brand"], {"title": "Lipton"})
    assert prompt.text.startswith("<|im_start|>system\n")
    assert prompt.text.endswith("Title: Lipton\n<|im_end|>\n<|im_start|>assistant\n")


MANY = [
    *[shown(f"Yogi ginger tea no. {n}", {"Brand": ["Yogi"], "Flavor": ["ginger"]}) for n in range(4)],
    *[shown(f"Numi rose lemon ginger blend {n}", {"Brand": ["Numi"], "Flavor": ["lemon ginger"]}) for n in range(3)],
    *[shown(f"Numi gold tea {n}", {"Brand": ["Numi"]}) for n in range(3)],
    *[shown(f"藏青色连衣裙{n}", {"Flavor": ["藏青色"]}, category="裙") for n in range(3)],
]


@pytest.mark.parametrize(
    ("category", "title", "found", "filled"),
    [
        ("Tea", "Yogi chai", {}, {"Brand": "Yogi"}),
        ("Tea", "Yogi chai", {"Brand": ["Yogi chai"]}, {}),
        ("Tea", "Numi lemon ginger", {"Brand": ["Numi"]}, {"Flavor": "lemon ginger"}),
        # four of seven titles with `ginger` have it as their flavour: too few
        ("Tea", "Numi ginger", {}, {"Brand": "Numi"}),
        ("Tea", "Numinous tea", {}, {}),
        ("Tea", "numi tea", {}, {}),  # as written: values are
        ("Coffee", "Yogi coffee", {}, {}),
        ("裙", "新款藏青色长裙", {}, {"Flavor": "藏青色"}),
    ],
)
def test_a_dictionary_fills_what_is_empty(
    category: str, title: str, found: Mapping[str, Sequence[str]], filled: Mapping[str, str]
) -> None:
    assert ValueDictionary(MANY).fill(category, ["Brand", "Flavor"], title, found) == filled
