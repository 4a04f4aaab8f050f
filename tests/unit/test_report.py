"""The page about an evaluation: what a reader finds in it, and what a listing cannot do to it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import InvalidFile, MissingExtra
from app.domain.tags import Evidence
from app.domain.taxonomy import Taxonomy
from eval.harness.answers import Answer
from eval.harness.compare import compare
from eval.harness.evaluate import Aim, evaluate
from eval.harness.result import Confusion, Performance, Result, Unfounded
from eval.report import check_report, render, write_report
from tests.unit.pages import Node, parse, section
from tests.unit.test_evaluate import ANSWERS as SURFACE_ANSWERS
from tests.unit.test_evaluate import ORIGIN, SURFACE, given, gold_file, surface, tagged

EVIL = 'Navy </p><script>alert(1)</script> & "quoted" sneaker'
NAVY = Evidence(field="title", start=0, end=4)
SNEAKERS = ("category:sneakers", "color:navy", "material:cotton")
TAGGED = gold_file(
    *(tagged(f"navy-{n}", "Navy sneaker, cotton", *SNEAKERS) for n in range(9)),
    *(tagged(f"rust-{n}", "Rostrot shirt", "category:shirts", "color:rust") for n in range(6)),
    tagged("evil", EVIL, "category:sneakers", "color:red"),
    schema=None,
)
CATEGORY = given("category:sneakers", "sneaker")
ANSWERS = [
    *[Answer(tags=(CATEGORY, given("color:navy", "Navy", 0.95, (NAVY,))), latency_ms=8.0)] * 9,
    *[Answer(tags=(given("category:shirts", "shirt"), given("color:red", "rostrot", 0.7)), latency_ms=20.0)] * 6,
    Answer(tags=(CATEGORY, given("color:navy", "Navy", 0.9, (NAVY,))), latency_ms=9.0),
]
SPEED = Performance(
    seconds=2.0,
    at_once=4,
    listings_per_s=8.0,
    latency_ms_p50=8.0,
    latency_ms_p95=20.0,
    prompt_tokens=3200,
    completion_tokens=160,
    completion_tokens_per_s=80.0,
)


@pytest.fixture(scope="module")
def of_tags(small: Taxonomy) -> Result:
    """Sixteen listings: navy sneakers, shirts whose rust was taken for red, and one that means harm."""
    origin = replace(ORIGIN, performance=SPEED)
    return evaluate(TAGGED, ANSWERS, Aim(protocols=("tags", "category"), folds=3), origin, small)


@pytest.fixture(scope="module")
def of_values(small: Taxonomy) -> Result:
    """Three listings with surface values, one unanswered."""
    return evaluate(SURFACE, SURFACE_ANSWERS, Aim(protocols=("slots", "strict", "sets")), ORIGIN, small)


@pytest.fixture(scope="module")
def page(of_tags: Result) -> Node:
    """The page about tags."""
    return parse(render(of_tags))


def rows(table: Node) -> dict[str, list[str]]:
    """Return the cells of a table's rows by their header, without those that only draw."""
    return {
        row.all("th")[0].text: [cell.text for cell in row.all("td") if "plot" not in cell.classes]
        for row in table.all("tbody")[0].all("tr")
    }


def test_the_headline_says_how_often_it_is_right(page: Node) -> None:
    # of 32 tags given 25 are right, of 41 expected tags 25 were given
    assert page.all("h1")[0].text == "78.1 % of the tags given are right, and 61.0 % of those expected were found"
    said = section(page, "headline").text
    assert "Measured on 16 listings in 1 language (English), against 41 expected tags" in said
    assert "of the decisions may be accepted without review; 78.1 % of the tags accepted are right" in said
    lost = [one.text for one in section(page, "lost").all("li")]
    assert lost[0].startswith("Color 14 mistakes, 60.9 % of all: 7 missed, 7 wrong or too many")
    assert [one.all("span")[0].text for one in section(page, "strong").all("li")] == ["Category"]


def test_figures_stand_beside_their_intervals(page: Node) -> None:
    figures = rows(section(page, "figures").all("table")[0])
    assert list(figures) == [
        "Tagstags: concept ids after normalisation; every tag not in gold is wrong",
        "Categorycategory: the one category; hierarchical scores by shared ancestors (Kiritchenko et al. 2006)",
    ]
    (tags, category) = figures.values()
    assert tags[0].startswith("78.1 %")
    assert len(tags[0]) > len("78.1 %")  # the interval
    assert category[0] == "100.0 %"  # all draws agree: there is no interval to tell
    by_attribute = section(page, "parts").all("table")[0]
    assert rows(by_attribute)["Color"][:2] == ["16", "16"]
    assert rows(by_attribute)["Color"][2].startswith("56.2 %")
    bars = by_attribute.all("svg", "bars")
    assert all(svg.attributes["aria-hidden"] == "true" and len(svg.all("rect")) == 2 for svg in bars)


def test_what_was_given_nowhere_is_no_figure_of_nothing(page: Node) -> None:
    material = rows(section(page, "parts").all("table")[0])["Materialfew listings"]
    assert material[2:4] == ["–none", "0.0 %"]


def test_the_plots_have_a_text_in_words(page: Node) -> None:
    ids = {one.attributes["id"]: one for one in page.walk() if "id" in one.attributes}
    plots = page.all("svg", "plot")
    told = [" ".join(ids[name].text for name in svg.attributes["aria-labelledby"].split()) for svg in plots]
    assert [text.partition(" ")[0] for text in told] == ["Share", "Accuracy", "Listings"]
    assert "Confidence 95.0 %: 100.0 % of 9 right" in told[0]
    assert "90.0 % right is still reached" in told[1]
    assert "95 of 100 at most 20" in told[2]
    assert len(plots[1].all("circle", "served")) == len(plots[1].all("path", "reached")) == 1


def test_mix_ups_are_told_in_a_line_and_drawn_as_a_table(of_tags: Result) -> None:
    counts = ((3, 2, 0, 0), (0, 4, 0, 0), (0, 0, 9, 1), (0, 0, 0, 0))
    matrix = Confusion(attribute="color", labels=("navy", "blue", "…", ""), counts=counts)
    shirts = Confusion(attribute="fit", labels=("slim", ""), counts=((3, 0), (0, 0)))
    tags = replace(of_tags.protocols["tags"], confusions=(shirts, matrix))
    found = section(parse(render(replace(of_tags, protocols={"tags": tags}))), "confusions")
    assert found.all("summary")[0].text == "Color 3 of 19 differ; most often navy → blue (2)"
    (table,) = found.all("table", "heat")
    assert rows(table) == {
        "navy": ["3", "2", "", ""],
        "blue": ["", "4", "", ""],
        "rarer values": ["", "", "9", "1"],
    }
    assert [(cell.classes, cell.text) for cell in table.all("td") if cell.classes] == [
        (["on"], "3"),
        (["off"], "2"),
        (["on"], "4"),
        (["odd"], "9"),
        (["off"], "1"),
    ]
    assert "Never mixed up: Fit." in found.text


def test_mistakes_come_with_text_evidence_and_reason(page: Node) -> None:
    items = section(page, "mistakes").all("ol", "mistakes")[0].all("li")
    first = items[0]
    assert first.all("h3")[0].text == "wrong Color 6 times"
    assert first.all("p", "text")[0].text == "Rostrot shirt"
    assert [one.text for one in first.all("dd")] == [
        "red",
        "rust",
        "70.0 %",
        "A rule read “rostrot”; it is the preferred name.",
        "none in the text",
    ]
    missed = next(one for one in items if one.attributes["data-kind"] == "missed")
    assert [one.text for one in missed.all("dd")] == ["nothing", "cotton"]


def test_the_text_of_a_listing_is_data(page: Node, of_tags: Result) -> None:
    (script,) = page.all("script")
    assert "alert" not in script.text
    evil = next(one for one in page.all("p", "text") if "alert" in one.text)
    assert evil.text == EVIL
    assert [one.text for one in evil.all("mark")] == ["Navy"]
    (mistake,) = [one for one in of_tags.mistakes if one.listing == "evil"]
    worst = '"><img src=x onerror=alert(1)>'
    bad = replace(mistake, attribute=worst, lang=worst, given=worst, gold=(worst,), raw=worst, listing=worst)
    fair = of_tags.fairness
    assert fair is not None
    unfounded = Unfounded(attribute=worst, given=1, without_evidence=1, wrong=1, listings=(worst,))
    fair = replace(fair, unfounded=(unfounded,))
    subject = replace(of_tags.subject, gold=worst, languages={worst: 1})
    told = replace(of_tags.environment, command=worst, settings={worst: worst}, packages={worst: worst})
    result = replace(of_tags, mistakes=(bad,), fairness=fair, subject=subject, environment=told)
    attacked = parse(render(result))
    assert attacked.all("img") == []
    assert all("onerror" not in one.attributes for one in attacked.walk())
    assert attacked.text.count(worst) >= 8


def test_the_page_asks_nothing_of_any_network(page: Node) -> None:
    fetched = {"src", "srcset", "data", "action", "poster", "xlink:href", "background"}
    for one in page.walk():
        assert not fetched & one.attributes.keys()
        assert one.attributes.get("href", "#").startswith("#")
    style = page.all("style")[0].text
    assert "url(" not in style
    assert "@import" not in style
    assert page.all("link") == []


@pytest.mark.parametrize("name", ["of_tags", "of_values"])
def test_the_page_can_be_read_by_a_screen_reader(name: str, request: pytest.FixtureRequest) -> None:
    result: Result = request.getfixturevalue(name)
    found = parse(render(result, compare(result, result)))
    assert found.all("html")[0].attributes["lang"] == "en"
    ids = [one.attributes["id"] for one in found.walk() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for one in found.walk():
        for reference in ("aria-labelledby", "aria-describedby"):
            assert set(one.attributes.get(reference, "").split()) <= set(ids)
        if one.tag == "a":
            assert one.attributes["href"].removeprefix("#") in ids
    levels = [int(one.tag[1]) for one in found.walk() if one.tag in {"h1", "h2", "h3", "h4"}]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))
    for table in found.all("table"):
        assert table.all("caption")[0].text
        assert all(head.attributes.get("scope") in {"col", "row"} for head in table.all("th"))
    labels = [one.attributes["aria-label"] for one in found.walk() if one.attributes.get("role") == "region"]
    assert len(labels) == len(set(labels))
    assert all(one.attributes.get("tabindex") == "0" for one in found.all("div", "scroll"))


def without(result: Result, **parts: Any) -> Result:
    """Return a result whose tags lack parts."""
    return replace(result, protocols={"tags": replace(result.protocols["tags"], **parts)})


@pytest.mark.parametrize(
    ("place", "change", "sentence"),
    [
        ("confidence", lambda r: without(r, selective=None), "Left out: these answers carry no confidence"),
        ("headline", lambda r: without(r, selective=None), "it cannot be said which may be accepted without review"),
        ("confidence", lambda r: without(r, crossfit=None), "Is the confidence honest?"),
        ("confusions", lambda r: without(r, confusions=()), "no attribute here has a closed list of values"),
        ("stages", lambda r: without(r, stages=None), "only tags are looked up in the taxonomy"),
        ("fairness", lambda r: replace(r, fairness=None), "the result has no figures on fairness"),
        ("fairness", lambda r: r, "All listings are in one language"),
        ("fairness", lambda r: r, "No gender and no age group was given"),
        ("speed", lambda r: replace(r, performance=None), "the answers were read from a file"),
        ("mistakes", lambda r: replace(r, mistakes=()), "no mistake was made"),
        ("changes", lambda r: r, "this report is about one run alone"),
        ("parts", lambda r: r, "no training gold was named"),
        ("parts", lambda r: r, "All listings are in English"),
        ("parts", lambda r: without(r, by={}), "the result has no figures by category"),
        ("made", lambda r: replace(r, environment=replace(r.environment, command=None)), "The command is not known"),
        ("made", lambda r: r, "not known: the answers were read from a file"),
    ],
)
def test_what_is_missing_is_left_out_with_a_reason(of_tags: Result, place: str, change: Any, sentence: str) -> None:
    assert sentence in section(parse(render(change(of_tags))), place).text


def test_listings_that_were_not_answered_are_said_first(of_values: Result) -> None:
    found = section(parse(render(of_values)), "headline")
    assert "1 failed, and 0 were answered by rules alone" in found.text
    assert "values given are right" in found.all("h1")[0].text


def test_the_report_speaks_of_all_values_and_keeps_the_other_ways_of_counting(of_values: Result) -> None:
    found = section(parse(render(of_values)), "parts")
    assert [one.text for one in found.all("summary")] == [
        "The same, counted by first value of each annotated attribute (slots)",
        "The same, counted by first value of every attribute (strict)",
    ]


@pytest.fixture(scope="module")
def two(small: Taxonomy) -> tuple[Result, Result]:
    """Forty listings: the second run finds a gender for the English half, and loses some colours."""
    many = gold_file(
        *(surface(str(n), "Red shoe", "en" if n < 20 else "de", Color=["Red"], Gender=["Men"]) for n in range(40))
    )
    before = [Answer(predicted={"Color": ["Red"]})] * 40
    after = [Answer(predicted={"Gender": ["Men"]} if n < 20 else {"Color": ["Red"]}) for n in range(40)]
    first, second = (evaluate(many, found, Aim(protocols=("slots",)), ORIGIN, small) for found in (before, after))
    return first, replace(second, environment=replace(second.environment, revision="def"))


def test_what_got_better_and_what_got_worse(two: tuple[Result, Result]) -> None:
    a, b = two
    found = parse(render(b, compare(a, b)))
    top = section(found, "headline").text
    assert "= same From A to B, right and found together (F1) went from 66.7 % to 66.7 % (0.0 points" in top
    assert "1 got better, 1 got worse, and 0 did not change measurably" in top
    assert [one.text for one in section(found, "got-worse").all("li")] == ["Color−33.3 points from 100.0 % to 66.7 %"]
    changes = section(found, "changes")
    assert "The rest of this report is about B." in changes.text
    by_attribute = next(one for one in changes.all("table") if "F1 by attribute" in one.all("caption")[0].text)
    told = {name: (cells[1], cells[2], cells[-1]) for name, cells in rows(by_attribute).items()}
    assert told == {"Color": ("100.0 %", "66.7 %", "▼ worse"), "Gender": ("0.0 %", "66.7 %", "▲ better")}
    assert "Exactly alike" not in changes.text.partition("By language")[0]
    assert "All exactly alike: 2 languages." in changes.text


def test_a_page_of_the_largest_tables_is_small(of_tags: Result) -> None:
    tags = of_tags.protocols["tags"]
    group = tags.by["attribute"][0]
    labels = tuple(f"label {n}" for n in range(27))
    matrix = Confusion(attribute="color", labels=labels, counts=((7,) * 27,) * 27)
    many = tuple(replace(group, name=f"an attribute {n}") for n in range(500))
    tags = replace(tags, by=dict.fromkeys(tags.by, many), confusions=(matrix,) * 40)
    long = replace(of_tags.mistakes[0], text="Navy sneaker " * 4000)
    result = replace(
        of_tags,
        protocols={"tags": tags, **{name: replace(tags, name=name) for name in ("slots", "strict", "sets")}},
        mistakes=(long,) * 50,
        listings=of_tags.listings * 70,
    )
    whole = render(result, compare(of_tags, of_tags))
    assert len(whole.encode()) < 1_500_000
    text = parse(whole).text
    assert "the first 100 of 500; the saved result has all" in text
    assert "28 more are in the saved result" in text


def test_the_page_is_written_whole_or_not_at_all(of_tags: Result, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    write_report(of_tags, out)
    assert out.read_text(encoding="utf-8") == render(of_tags)
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(InvalidFile, match="cannot be written"):
        write_report(of_tags, tmp_path)
    with pytest.raises(InvalidFile, match="there is no folder") as told:
        check_report(tmp_path / "no" / "report.html")
    assert told.value.field == "report"


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtra) as told:
        check_report(tmp_path / "report.html")
    assert (told.value.message, told.value.hint) == ("a report needs jinja2", "pip install 'tagwright[report]'")
