"""Confidence counted on gold."""

from pathlib import Path

from app.domain.listing import Listing
from app.domain.tags import Decision, Evidence, Match, Method, Source, Tag, TagSet, Versions
from app.pipeline.fuse import Calibration
from eval.calibrate import LEAST, fit, judged
from eval.harness.answers import Answer, of_tags
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
    assert abs(calibration.confidence("color", Source.RULE, exact, TITLE) - 0.9) < 0.03
    assert calibration.confidence("material", Source.MODEL, exact, TITLE) > 0.95
    assert calibration.confidence("style", Source.MODEL, semantic, TITLE) < 0.2


def test_an_attribute_never_seen_gets_its_kind_s_share() -> None:
    calibration = fitted()
    exact = Match(method=Method.EXACT, score=100, label="x", locale="en")
    assert calibration.confidence("scent", Source.MODEL, exact, TITLE) > 0.9


def test_what_would_spoil_the_precision_is_rejected() -> None:
    calibration = fitted()
    semantic = Match(method=Method.SEMANTIC, score=80, label="x", locale="en")
    low = calibration.confidence("style", Source.MODEL, semantic, TITLE)
    assert calibration.decision(low, inferred=False, calibrated=True) is Decision.REJECT
    assert calibration.accept >= calibration.review > low


def test_a_kind_seen_once_claims_no_certainty() -> None:
    content = fit(judged(gold_file(gold("color:blue")), [answered(tag("color:blue", Source.RULE))]), 0.95, 0.9)
    assert LEAST > 1
    assert content["table"] == {"rule": 1.0}
