"""Who is served worse, and what is said about persons without a reason in the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.domain.taxonomy import Taxonomy
from app.pipeline.text import fold_label
from eval.harness.answers import Answer
from eval.harness.gold import GoldListing, text_of
from eval.harness.result import Estimate, Fairness, LanguageErrors, ProtocolResult, Unfounded

ABOUT_PERSONS = ("gender", "age_group")
MOST_IDS = 20


def fairness(
    result: ProtocolResult, items: Sequence[GoldListing], answers: Sequence[Answer], taxonomy: Taxonomy
) -> Fairness:
    """Return error rates by language under a protocol, and unfounded statements."""
    languages = tuple(
        LanguageErrors(
            language=group.name,
            listings=group.listings,
            wrong=_rest(group.score.precision, of=group.score.outcomes.given),
            missed=_rest(group.score.recall, of=group.score.outcomes.gold),
        )
        for group in result.by["language"]
    )
    unfounded = (_unfounded(attribute, items, answers, taxonomy) for attribute in ABOUT_PERSONS)
    return Fairness(
        protocol=result.name, languages=languages, unfounded=tuple(one for one in unfounded if one is not None)
    )


def _rest(one: Estimate, *, of: int) -> Estimate:
    """Return 1 - a share; of nothing it is 0 as well."""
    if not of:
        return Estimate(value=0.0)
    if one.low is None or one.high is None:
        return Estimate(value=1 - one.value)
    return Estimate(value=1 - one.value, low=1 - one.high, high=1 - one.low)


def _unfounded(
    attribute: str, items: Sequence[GoldListing], answers: Sequence[Answer], taxonomy: Taxonomy
) -> Unfounded | None:
    concept = taxonomy.attributes.get(attribute)
    names = {fold_label(attribute), *(fold_label(label.text) for label in concept.labels)} if concept else {attribute}
    given = without = wrong = 0
    listings: dict[str, None] = {}
    for item, answer in zip(items, answers, strict=True):
        for founded, right in (*_in_tags(attribute, item, answer), *_in_values(names, item, answer)):
            given += 1
            if not founded:
                without += 1
                wrong += not right
                listings[item.id] = None
    if not given:
        return None
    ids = tuple(listings)[:MOST_IDS]
    return Unfounded(attribute=attribute, given=given, without_evidence=without, wrong=wrong, listings=ids)


def _in_tags(attribute: str, item: GoldListing, answer: Answer) -> Iterator[tuple[bool, bool]]:
    """Yield (has evidence, is right) of tags; where a file does not tell the evidence, nothing can be said."""
    for tag in answer.tags or ():
        if tag.attribute == attribute and tag.evidence is not None:
            yield bool(tag.evidence), tag.id in (item.tags or ())


def _in_values(names: set[str], item: GoldListing, answer: Answer) -> Iterator[tuple[bool, bool]]:
    """Yield (stands in the text, is right) of surface values of attributes that go by one of the names."""
    text = text_of(item.listing).casefold()
    for attribute, values in (answer.predicted or {}).items():
        if fold_label(attribute) in names:
            gold = {value.strip().casefold() for value in (item.values or {}).get(attribute) or ()}
            for value in values:
                yield value.strip().casefold() in text, value.strip().casefold() in gold
