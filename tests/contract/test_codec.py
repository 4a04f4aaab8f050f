"""The codec: exact round trips, and bytes that it must not take for an answer."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters import codec
from app.domain.errors import ServiceError
from app.domain.listing import Listing
from app.domain.tags import (
    Decision,
    Evidence,
    Extraction,
    Match,
    Method,
    Quantity,
    Source,
    Tag,
    TagSet,
    Unmatched,
    Versions,
    Warning,
)

# All of Unicode, lone surrogates and NUL included: a caller's JSON can carry them.
TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
TEXTS = st.lists(TEXT, max_size=3)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
OFFSET = st.integers(0, 2**31)
SOURCE = st.sampled_from(Source)
EVIDENCE = st.lists(st.builds(Evidence, field=TEXT, start=OFFSET, end=OFFSET), max_size=2)
TAG = st.builds(
    Tag,
    attribute=TEXT,
    id=TEXT,
    raw=TEXT,
    confidence=NUMBER,
    decision=st.sampled_from(Decision),
    match=st.builds(Match, method=st.sampled_from(Method), score=NUMBER, label=TEXT, locale=TEXT),
    source=SOURCE,
    evidence=EVIDENCE.map(tuple),
    path=TEXTS.map(tuple),
    quantity=st.none() | st.builds(Quantity, value=NUMBER, unit=TEXT, upper=st.none() | NUMBER),
    locked=st.booleans(),
)
UNMATCHED = st.builds(Unmatched, attribute=TEXT, raw=TEXT, source=SOURCE, evidence=EVIDENCE.map(tuple))
WARNINGS = st.lists(st.builds(Warning, code=TEXT, field=TEXT, message=TEXT), max_size=2).map(tuple)
VERSIONS = st.builds(Versions, **{field.name: TEXT for field in dataclasses.fields(Versions)})
TAG_SET = st.builds(
    TagSet,
    fingerprint=TEXT,
    lang=TEXT,
    tags=st.lists(TAG, max_size=3).map(tuple),
    unmatched=st.lists(UNMATCHED, max_size=2).map(tuple),
    partial=st.booleans(),
    versions=VERSIONS,
    warnings=WARNINGS,
)
LISTING = st.builds(
    Listing,
    title=TEXT,
    description=TEXT,
    reviews=TEXTS.map(tuple),
    attributes=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    images=TEXTS.map(tuple),
    lang=st.none() | TEXT,
    id=st.none() | TEXT,
)
EXTRACTION = st.builds(
    Extraction,
    predicted=st.dictionaries(TEXT, TEXTS, max_size=3),
    evidence=st.dictionaries(TEXT, EVIDENCE, max_size=3),
    partial=st.booleans(),
    warnings=WARNINGS,
)

PLAIN = TagSet(
    fingerprint="f",
    lang="zh",
    tags=(
        Tag(
            attribute="color",
            id="color:navy",
            raw="藏青色",
            confidence=0.97,
            decision=Decision.ACCEPT,
            match=Match(method=Method.ALIAS, score=100, label="藏青", locale="zh-CN"),
            source=Source.BOTH,
            evidence=(Evidence(field="title", start=0, end=3),),
        ),
    ),
    unmatched=(),
    partial=False,
    versions=Versions(model="m", adapter="a", prompt="p", schema="s", rules="r", taxonomy="t", pipeline="1"),
)


@given(TAG_SET)
@settings(max_examples=150, deadline=None)
def test_a_tag_set_comes_back_as_it_was(tags: TagSet) -> None:
    assert codec.decode_tags(codec.encode_tags(tags)) == tags


@given(TAG)
@settings(max_examples=50, deadline=None)
def test_a_tag_comes_back_as_it_was(tag: Tag) -> None:
    assert codec.decode_tag(codec.encode_tag(tag)) == tag


@given(LISTING)
@settings(max_examples=100, deadline=None)
def test_a_listing_comes_back_as_it_was(listing: Listing) -> None:
    assert codec.decode_listing(codec.encode_listing(listing)) == listing


@given(EXTRACTION)
@settings(max_examples=100, deadline=None)
def test_an_extraction_comes_back_as_it_was(extraction: Extraction) -> None:
    assert codec.decode_extraction(codec.encode_extraction(extraction)) == extraction


def test_the_form_is_json_with_the_names_of_the_domain() -> None:
    body = json.loads(codec.encode_tags(PLAIN))
    assert body["v"] == codec.FORMAT
    assert body["tag_set"]["tags"][0]["match"] == {
        "method": "alias",
        "score": 100,
        "label": "藏青",
        "locale": "zh-CN",
    }


def broken() -> dict[str, bytes]:
    good = codec.encode_tags(PLAIN)
    later = json.loads(good) | {"v": codec.FORMAT + 1}
    missing = json.loads(good)
    del missing["tag_set"]["tags"][0]["match"]
    strange = json.loads(good)
    strange["tag_set"]["tags"][0]["decision"] = "perhaps"
    return {
        "empty": b"",
        "cut off": good[:-10],
        "not UTF-8": b"\xff" + good,
        "a later format": json.dumps(later).encode(),
        "no format": b'{"tag_set": {}}',
        "a list": b"[]",
        "another kind": codec.encode_listing(Listing(title="Mug")),
        "a field is missing": json.dumps(missing).encode(),
        "an unknown decision": json.dumps(strange).encode(),
        "null": b'{"v": 1, "tag_set": null}',
    }


@pytest.mark.parametrize("name", broken())
def test_what_cannot_be_read_is_a_miss(name: str) -> None:
    assert codec.decode_tags(broken()[name]) is None


@pytest.mark.parametrize("data", [b"", b"{}", b'{"v": 1, "listing": {"title": "x"}}', codec.encode_tags(PLAIN)])
def test_what_is_no_listing_is_a_miss(data: bytes) -> None:
    assert codec.decode_listing(data) is None


@pytest.mark.parametrize("data", [b"", codec.encode_tags(PLAIN), b'{"v": 1, "extraction": {"predicted": []}}'])
def test_what_is_no_extraction_is_a_miss(data: bytes) -> None:
    assert codec.decode_extraction(data) is None


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_json_lacks_is_refused_and_not_turned_into_null(number: float) -> None:
    tag = dataclasses.replace(PLAIN.tags[0], confidence=number)
    with pytest.raises(ServiceError, match="color:navy"):
        codec.encode_tags(dataclasses.replace(PLAIN, tags=(tag,)))
