"""Plain words, places of plots, and what the report says beyond the figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.harness.result import Change, Confusion, CurvePoint, Estimate, LanguageErrors, Mistake, Span
from eval.report import plots, view, words


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(value=0.5, low=0.421, high=0.5789), "42.1–57.9"),
        (Estimate(value=1.0, low=1.0, high=1.0), ""),
        (Estimate(value=1.0), ""),
    ],
)
def test_an_interval(estimate: Estimate, text: str) -> None:
    assert words.interval(estimate) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.0346, "+3.5"), (-0.2, "−20.0"), (0.0, "0.0"), (-0.0001, "0.0"), (1.0, "+100.0")]
)
def test_points(share: float, text: str) -> None:
    assert words.points(share) == text


@pytest.mark.parametrize(
    ("name", "of", "text"),
    [
        ("color:light_blue", "color", "light blue"),
        ("length:40.64_cm", "length", "40.64 cm"),
        ("1:2", "Ratio", "1:2"),
        ("Full_HD", "Display", "Full_HD"),
    ],
)
def test_values_are_read_as_labels_and_surface_values_as_they_are(name: str, of: str, text: str) -> None:
    assert words.value(name, of) == text


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("pt-BR", "language", "Portuguese (Brazil)"),
        ("sv", "language", "sv"),
        ("pack_quantity", "attribute", "Pack quantity"),
        ("category:home_textiles", "category", "Home textiles"),
        ("(none)", "category", "no category"),
        ("41-80", "length", "41–80 characters"),
        ("401+", "length", "401 or more characters"),
        ("unseen", "value", "new: does not stand there"),
    ],
)
def test_names_of_parts(name: str, kind: str, text: str) -> None:
    assert words.part(name, kind) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("description", "Description"), ("reviews[1]", "Review 2"), ("attributes.Farbe", "Seller's Farbe")],
)
def test_fields(name: str, text: str) -> None:
    assert words.field(name) == text


def test_names_are_listed_as_a_sentence_has_them() -> None:
    assert [words.listed(of) for of in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0.6, 1.0, (0.6, 0.7, 0.8, 0.9, 1.0)),
        (0.0, 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (0, 760, (0, 200, 400, 600)),
        (0, 1, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
    ],
)
def test_ticks_are_round(low: float, high: float, marks: tuple[float, ...]) -> None:
    assert plots.ticks(low, high) == marks


def test_places_grow_to_the_right_and_upwards_and_stay_inside() -> None:
    axes = plots.Axes(left=0, right=100, top=0, bottom=50, x0=0.5, y0=0.8)
    assert [axes.x(value) for value in (0.5, 0.75, 1.0, 0.1)] == [0, 50, 100, 0]
    assert [axes.y(value) for value in (0.8, 0.9, 1.0, 0.2)] == [50, 25, 0, 50]
    assert axes.path([(0.5, 0.8), (1.0, 1.0)]) == "M0 50 L100 0"


def test_a_curve_goes_by_rising_coverage() -> None:
    points = [
        CurvePoint(threshold=t, coverage=c, accuracy=a, accepted=1) for t, c, a in ((0.2, 0.9, 0.8), (0.9, 0.1, 1.0))
    ]
    assert plots.curve(points) == [(0.1, 1.0), (0.9, 0.8)]


def test_slow_listings_do_not_stretch_the_histogram() -> None:
    found = plots.latency_histogram([10.0] * 150 + [30.0] * 48 + [5000.0] * 2)
    assert sum(number for *_, number in found.bars) == 200
    assert found.bars[-1] == (28, 30, 50)
    assert found.axes.x1 == 30
    assert sum(number for *_, number in plots.latency_histogram([0.0]).bars) == 1


@pytest.mark.parametrize(
    ("estimate", "end"),
    [(Estimate(value=0.01), 0.02), (Estimate(value=-0.1, low=-0.3, high=0.02), 0.5), (Estimate(value=0.9), 1.0)],
)
def test_a_scale_of_differences_holds_all_intervals(estimate: Estimate, end: float) -> None:
    scale = plots.around_zero([Estimate(value=0.0), estimate])
    assert (scale.low, scale.high) == (-end, end)
    assert scale.at(0.0) == 50


def test_bars_of_losses_end_at_zero() -> None:
    scale = plots.Scale(low=-0.5, high=0.5)
    assert (scale.bar(0.25), scale.bar(-0.25)) == ((50, 25), (25, 25))


MISTAKE = Mistake(
    protocol="tags",
    listing="1",
    lang="de",
    category="",
    text="Rote Schuhe, rote Sohle",
    attribute="color",
    gold=(),
    given="color:red",
    times=1,
    confidence=0.9,
    source="rule+model",
    method="fuzzy",
    raw="rote",
)


def spans(*ends: tuple[int, int], field: str = "title") -> tuple[Span, ...]:
    return tuple(Span(field=field, start=start, end=end, text="") for start, end in ends)


@pytest.mark.parametrize(
    ("evidence", "pieces"),
    [
        ((), [("Rote Schuhe, rote Sohle", False)]),
        (spans((13, 17), (0, 4)), [("Rote", True), (" Schuhe, ", False), ("rote", True), (" Sohle", False)]),
        (spans((0, 4), (0, 11)), [("Rote", True), (" Schuhe", True), (", rote Sohle", False)]),
        (spans((18, 23)), [("Rote Schuhe, rote ", False), ("Sohle", True)]),
        (spans((0, 4), field="description"), [("Rote Schuhe, rote Sohle", False)]),
    ],
)
def test_evidence_is_marked(evidence: tuple[Span, ...], pieces: list[tuple[str, bool]]) -> None:
    assert view.segments(replace(MISTAKE, evidence=evidence)) == pieces


def test_a_very_long_text_is_cut_around_its_evidence() -> None:
    long = replace(MISTAKE, text="x" * 5000 + "red" + "y" * 5000, evidence=spans((5000, 5003)))
    found = view.segments(long)
    assert [text for text, marked in found if marked] == ["red"]
    assert (found[0][0], found[-1][0][-2:]) == ("… ", " …")
    assert 600 <= sum(len(text) for text, _ in found) <= 610


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "A rule and the model read “rote”; it is spelt nearly alike."),
        ({"source": "model", "method": None}, "The model read “rote”."),
        ({"source": None}, ""),
    ],
)
def test_where_a_value_comes_from(change: dict[str, str | None], text: str) -> None:
    assert view.how(replace(MISTAKE, **change)) == text


def errors(language: str, low: float, high: float) -> LanguageErrors:
    rate = Estimate(value=(low + high) / 2, low=low, high=high)
    return LanguageErrors(language=language, listings=50, wrong=rate, missed=Estimate(value=0.5))


@pytest.mark.parametrize(
    ("languages", "pair"),
    [
        ([errors("en", 0.0, 0.1), errors("de", 0.09, 0.2)], None),
        ([errors("en", 0.0, 0.1), errors("de", 0.05, 0.2), errors("id", 0.2, 0.4)], ("id", "en")),
        ([errors("en", 0.0, 0.1)], None),
    ],
)
def test_a_language_is_served_worse_where_intervals_do_not_meet(
    languages: list[LanguageErrors], pair: tuple[str, str] | None
) -> None:
    found = view.apart(languages, "wrong")
    assert (found and (found[0].language, found[1].language)) == pair
    assert view.apart(languages, "missed") is None  # no interval, nothing is known


def test_rare_values_together_are_no_mix_up() -> None:
    matrix = Confusion(attribute="color", labels=("red", "…", ""), counts=((5, 1, 2), (3, 9, 0), (0, 0, 4)))
    (found,) = view.mixes([matrix])
    assert (found.differing, found.total, found.frequent) == (6, 24, (("red", "", 2),))


def change(name: str, difference: float, p: float = 0.01, slots: int = 50) -> Change:
    estimate = Estimate(value=difference, low=difference - 0.01, high=difference + 0.01)
    return Change(name=name, a=0.5, b=0.5 + difference, difference=estimate, p_value=p, slots=slots)


def test_changes_are_counted_and_the_largest_named() -> None:
    changes = [change("a", -0.3), change("b", -0.1), change("c", 0.0), change("d", 0.2), change("e", -0.4, slots=2)]
    told = view.verdicts(changes)
    assert (told.better, told.worse, told.same) == (1, 3, 1)
    assert [one.name for one in view.most_changed(changes, "worse")] == ["a", "b"]
    assert [one.name for one in view.moved(changes)] == ["a", "b", "d", "e"]


@pytest.mark.parametrize(
    ("held", "main"),
    [(["slots", "strict", "sets"], "sets"), (["slots"], "slots"), (["tags", "category"], "tags"), (["category"],) * 2],
)
def test_the_protocol_that_is_spoken_of(held: list[str], main: str | list[str]) -> None:
    assert view.main_protocol(held) in main
