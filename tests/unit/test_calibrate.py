"""Confidence counted on gold."""

from collections.abc import Sequence
from pathlib import Path

from app.domain.listing import Listing
from app.domain.tags import Decision, Evidence, Match, Method, Source, Tag, TagSet, Versions
from app.pipeline.fuse import Calibration
from app.pipeline.ports import Completion, ModelCard, Prompt
from eval.calibrate import Remembering, fit, judged
from eval.harness.answers import Answer, of_tags
from eval.harness.counting import LANGUAGE_LEAST, LEAST, counted
from eval.harness.gold import Gold, GoldListing

VERSIONS = Versions(model="m", adapter="a", prompt="p", schema="s", rules="r", taxonomy="t", pipeline="1")
TITLE = (Evidence(field="title", start=0, end=4),)


def tag(concept_id: str, source: Source, method: Method = Method.EXACT) -> Tag:
    match = Match(method=method, score=100, label="x", locale="en")
    return Tag(
        attribute=concept_id.split(":")[0],
        id=concept_id,
        raw="x",
        confidence=0.5,
        decision=Decision.REVIEW,
        match=match,
        source=source,
        evidence=TITLE,
    )


def answered(*tags: Tag) -> Answer:
    return of_tags(TagSet(fingerprint="f", lang="en", tags=tags, unmatched=(), partial=False, versions=VERSIONS))


def gold(*ids: str) -> GoldListing:
    return GoldListing(id="1", listing=Listing(title="blue"), tags=frozenset(ids), lang="en")


def gold_file(*listings: GoldListing) -> Gold:
    return Gold(path=Path("gold.jsonl"), sha256="", listings=listings)


def fitted() -> Calibration:
    """Rules right nine times in ten, the model's exact matches always, its semantic ones hardly ever."""
    rows = [
        (
            gold("color:blue", "material:cotton", "style:casual" if n == 0 else "style:none"),
            answered(
                tag("color:blue" if n % 10 else "color:red", Source.RULE),
                tag("material:cotton", Source.MODEL),
                tag("style:casual", Source.MODEL, Method.SEMANTIC),
            ),
        )
        for n in range(40)
    ]
    content = fit(judged(gold_file(*(g for g, _ in rows)), [a for _, a in rows]), 0.95, 0.9)
    assert isinstance(content["table"], dict)
    return Calibration(version="t", table=content["table"], accept=content["accept"], review=content["review"])  # type: ignore[arg-type]


def test_confidence_is_the_share_that_was_right() -> None:
    calibration = fitted()
    exact = Match(method=Method.EXACT, score=100, label="x", locale="en")
    semantic = Match(method=Method.SEMANTIC, score=80, label="x", locale="en")
    assert abs(calibration.confidence("color", Source.RULE, exact, TITLE, "en") - 0.9) < 0.03
    assert calibration.confidence("material", Source.MODEL, exact, TITLE, "en") > 0.95
    assert calibration.confidence("style", Source.MODEL, semantic, TITLE, "en") < 0.2


def test_an_attribute_never_seen_gets_its_kind_s_share() -> None:
    calibration = fitted()
    exact = Match(method=Method.EXACT, score=100, label="x", locale="en")
    assert calibration.confidence("scent", Source.MODEL, exact, TITLE, "en") > 0.9


def test_what_would_spoil_the_precision_is_rejected() -> None:
    calibration = fitted()
    semantic = Match(method=Method.SEMANTIC, score=80, label="x", locale="en")
    low = calibration.confidence("style", Source.MODEL, semantic, TITLE, "en")
    assert calibration.decision(low, inferred=False, calibrated=True) is Decision.REJECT
    assert calibration.accept >= calibration.review > low


def test_a_kind_seen_once_claims_no_certainty() -> None:
    content = fit(judged(gold_file(gold("color:blue")), [answered(tag("color:blue", Source.RULE))]), 0.95, 0.9)
    assert LEAST > 1
    assert content["table"] == {"rule": 1.0}


LEVELS = ("rule/alias/title/color", "rule/alias/title", "rule/alias", "rule")


def of(lang: str, right: int, wrong: int) -> list[tuple[tuple[str, ...], bool]]:
    kinds = (f"{LEVELS[0]}@{lang}", *LEVELS)
    return [(kinds, True)] * right + [(kinds, False)] * wrong


def test_a_language_seen_often_has_its_own_share_drawn_towards_the_attribute_s() -> None:
    table = counted([*of("de", 95, 5), *of("id", 20, 20), *of("fr", 0, LANGUAGE_LEAST - 1)], languages=True)
    whole = table[LEVELS[0]]
    assert 0.5 < table[f"{LEVELS[0]}@id"] < whole < table[f"{LEVELS[0]}@de"] < 0.95
    assert f"{LEVELS[0]}@fr" not in table


def test_the_same_tags_under_a_narrower_name_are_not_counted_twice() -> None:
    table = counted([*of("de", 28, 0), *[(("rule/exact", "rule"), False)] * 28])
    assert 0.9 < table["rule/alias"] < 0.95
    assert table["rule/alias"] == table["rule/alias/title"] == table["rule/alias/title/color"]


def test_without_languages_no_kind_names_one() -> None:
    graded = [*of("de", 95, 5), *of("id", 20, 20)]
    assert set(counted(graded)) == set(LEVELS)
    assert set(fit(graded, 0.9, 0.9)["table"]) == set(LEVELS)  # type: ignore[call-overload]


def test_a_language_changes_the_confidence_of_its_listings_alone() -> None:
    content = fit([*of("de", 95, 5), *of("id", 20, 20)], 0.9, 0.5, languages=True)
    calibration = Calibration(version="t", table=content["table"], accept=0.9, review=0.5)  # type: ignore[arg-type]
    alias = Match(method=Method.ALIAS, score=100, label="x", locale="en")
    by = {
        lang: calibration.confidence("color", Source.RULE, alias, TITLE, lang) for lang in ("de", "id", "id-ID", "ja")
    }
    assert by["id"] == by["id-ID"] < by["ja"] < by["de"]


class Counting:
    """A generator that says how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def generate(self, prompts: Sequence[Prompt]) -> Sequence[Completion]:
        self.asked += [prompt.text for prompt in prompts]
        return [
            Completion(text=prompt.text.upper(), finish_reason="stop", prompt_tokens=1, completion_tokens=1)
            for prompt in prompts
        ]

    def card(self) -> ModelCard:
        raise NotImplementedError

    async def close(self) -> None:
        pass


async def test_a_prompt_is_decoded_once_for_both_rounds() -> None:
    inner = Counting()
    remembering = Remembering(inner)
    a, b = (Prompt(text=text, schema={"type": "object"}, max_tokens=8) for text in ("a", "b"))
    first = await remembering.generate([a])
    again = await remembering.generate([b, a])
    assert [one.text for one in (*first, *again)] == ["A", "B", "A"]
    assert inner.asked == ["a", "b"]
