"""What rules and model say, brought together."""

from dataclasses import replace

from app.domain.tags import Candidate, Decision, Evidence, Match, Method, Source
from app.domain.taxonomy import Taxonomy
from app.pipeline.fuse import Calibration, Fused, asked_attributes, fuse
from app.pipeline.matching.normalize import Normalizer

CALIBRATION = Calibration(
    version="test",
    table={"rule": 0.95, "rule+model": 0.99, "model": 0.8, "model/semantic": 0.3, "model/exact/inferred": 0.6},
    accept=0.9,
    review=0.5,
)


def spot(start: int, end: int, field: str = "title") -> tuple[Evidence, ...]:
    return (Evidence(field=field, start=start, end=end),)


def model(attribute: str, raw: str, evidence: tuple[Evidence, ...] = ()) -> Candidate:
    return Candidate(attribute=attribute, raw=raw, source=Source.MODEL, evidence=evidence)


def rule(concept_id: str, raw: str, evidence: tuple[Evidence, ...]) -> Candidate:
    match = Match(method=Method.ALIAS, score=100, label=raw, locale="en")
    attribute = concept_id.split(":")[0]
    return Candidate(
        attribute=attribute, raw=raw, source=Source.RULE, evidence=evidence, concept_id=concept_id, match=match
    )


def fused(small: Taxonomy, *candidates: Candidate, suppressed: tuple[Evidence, ...] = ()) -> Fused:
    return fuse(
        candidates, suppressed, lang="en", taxonomy=small, normalizer=Normalizer(small), calibration=CALIBRATION
    )


def test_rule_and_model_that_agree_are_one_tag(small: Taxonomy) -> None:
    result = fused(small, rule("color:navy", "navy blue", spot(0, 9)), model("color", "Navy", spot(0, 4)))
    (tag,) = result.tags
    assert (tag.id, tag.source, tag.raw, tag.confidence) == ("color:navy", Source.BOTH, "navy blue", 0.99)
    assert tag.decision is Decision.ACCEPT
    assert len(tag.evidence) == 2


def test_what_fits_no_concept_is_kept_as_unmatched(small: Taxonomy) -> None:
    result = fused(small, model("color", "octarine", spot(0, 8)), model("color", "Octarine"))
    assert result.tags == ()
    assert [u.raw for u in result.unmatched] == ["octarine"]


def test_a_model_value_that_the_text_negates_is_dropped(small: Taxonomy) -> None:
    negated = spot(5, 12)
    assert fused(small, model("material", "leather", negated), suppressed=negated).tags == ()
    assert fused(small, model("material", "leather", spot(30, 37)), suppressed=negated).tags != ()


def test_an_ancestor_with_the_same_evidence_says_nothing_new(small: Taxonomy) -> None:
    both = (rule("color:blue", "blue", spot(5, 9)), rule("color:navy", "navy blue", spot(5, 9)))
    assert [t.id for t in fused(small, *both).tags] == ["color:navy"]
    apart = (rule("color:blue", "blue", spot(20, 24)), rule("color:navy", "navy blue", spot(0, 9)))
    assert [t.id for t in fused(small, *apart).tags] == ["color:blue", "color:navy"]


def test_one_category_the_surest_and_deepest(small: Taxonomy) -> None:
    result = fused(small, rule("category:shoes", "shoe", spot(0, 4)), rule("category:sneakers", "sneaker", spot(5, 12)))
    (tag,) = result.tags
    assert tag.id == "category:sneakers"
    assert tag.path == ("category:shoes", "category:sneakers")


def test_a_models_category_counts_where_rules_have_none(small: Taxonomy) -> None:
    guess = model("category", "shoe", spot(20, 24))
    assert [t.id for t in fused(small, guess).tags] == ["category:shoes"]
    assert [t.id for t in fused(small, rule("category:sneakers", "sneaker", spot(0, 7)), guess).tags] == [
        "category:sneakers"
    ]


def test_inferred_tags_are_never_accepted_unless_counted_on_gold(small: Taxonomy) -> None:
    (tag,) = fused(small, model("color", "red")).tags
    assert tag.inferred
    assert tag.decision is Decision.REVIEW


def test_below_the_review_threshold_a_tag_is_not_shown() -> None:
    assert CALIBRATION.decision(0.49, inferred=False, calibrated=True) is Decision.REJECT


def test_attributes_asked_for_come_from_the_category_and_its_ancestors(small: Taxonomy) -> None:
    assert asked_attributes(small, "category:sneakers") == ("color", "brand")
    assert "material" in asked_attributes(small, None)


def test_a_category_that_a_product_is_known_for_is_accepted_only_where_its_kind_was_counted(small: Taxonomy) -> None:
    match = Match(method=Method.KNOWN_FOR, score=100, label="air max", locale="")
    known = Candidate(
        attribute="category", raw="air max", source=Source.RULE, evidence=spot(5, 12), concept_id="category:sneakers",
        match=match,
    )  # fmt: skip
    (tag,) = fused(small, known).tags
    assert (tag.match.method, tag.decision) == (Method.KNOWN_FOR, Decision.REVIEW)
    counted = replace(CALIBRATION, table={**CALIBRATION.table, "rule/known_for/title": 0.93})
    (tag,) = fuse(
        [known], (), lang="en", taxonomy=small, normalizer=Normalizer(small), calibration=counted
    ).tags  # fmt: skip
    assert (tag.confidence, tag.decision) == (0.93, Decision.ACCEPT)
    agreed = fuse(
        [known, model("category", "sneaker", spot(5, 12))], (), lang="en", taxonomy=small,
        normalizer=Normalizer(small), calibration=counted,
    )  # fmt: skip
    assert [(tag.source, tag.decision) for tag in agreed.tags] == [(Source.BOTH, Decision.ACCEPT)]
