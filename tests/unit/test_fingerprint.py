"""The cache key."""

from dataclasses import fields, replace

import pytest

from app.domain.listing import Listing
from app.domain.tags import Versions
from app.pipeline.fingerprint import fingerprint
from app.pipeline.intake import take_in
from tests.unit.test_intake import SUPPORTED, English

VERSIONS = Versions(model="m", adapter="a", prompt="p", schema="s", rules="r", taxonomy="t", pipeline="1")
LISTING = Listing(title="Blue shirt", description="Soft.", reviews=("Nice",), attributes=(("Size", "L"),), id="1")


def key(listing: Listing, versions: Versions = VERSIONS) -> str:
    return fingerprint(listing, take_in(listing, English(), SUPPORTED), versions)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Blue shirts"},
        {"title": "shirt Blue"},
        {"description": "Soft"},
        {"reviews": ("Bad",)},
        {"attributes": (("Size", "M"),)},
        {"attributes": (("Fit", "L"),)},
        {"lang": "de"},
        {"images": ("https://example.com/1.jpg",)},
        {"title": "Blue <b>shirt"},
    ],
)
def test_whatever_could_change_the_answer_changes_the_key(change: dict[str, object]) -> None:
    assert key(replace(LISTING, **change)) != key(LISTING)  # type: ignore[arg-type]


@pytest.mark.parametrize("version", [f.name for f in fields(Versions)])
def test_every_version_is_part_of_the_key(version: str) -> None:
    assert key(LISTING, replace(VERSIONS, **{version: "other"})) != key(LISTING)


def test_the_id_is_not() -> None:
    assert key(replace(LISTING, id="2")) == key(LISTING)


def test_sources_with_one_cleaned_text_have_keys_of_their_own() -> None:
    # evidence points into the source: the same tags would stand at other offsets
    assert key(Listing(title="Navy\u200b shirt")) != key(Listing(title="Navy shirt"))
