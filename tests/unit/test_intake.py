"""What may be read of a listing."""

import pytest

from app.domain.errors import InvalidListing
from app.domain.listing import Listing
from app.pipeline.intake import LIMITS, MOST_REVIEWS, take_in

SUPPORTED = frozenset({"en", "de", "zh", "ja"})


class English:
    """An identifier that answers English for whatever no script gives away."""

    def identify(self, text: str) -> tuple[str, float]:
        return "en", 1.0


@pytest.mark.parametrize("title", ["", "   ", "\u200b\ufeff", "\x00\x01", "<b></b>", "\u00a0\u3000"])
def test_a_title_that_says_nothing_is_refused_by_name(title: str) -> None:
    with pytest.raises(InvalidListing) as caught:
        take_in(Listing(title=title), English(), SUPPORTED)
    assert caught.value.field == "title"


@pytest.mark.parametrize("lang", ["deutsch?", "d", "../de", "english language"])
def test_a_broken_language_is_refused_by_name(lang: str) -> None:
    with pytest.raises(InvalidListing) as caught:
        take_in(Listing(title="Schuhe", lang=lang), English(), SUPPORTED)
    assert caught.value.field == "lang"


@pytest.mark.parametrize(
    ("title", "given", "expected"),
    [
        ("Blue shirt", None, "en"),
        ("红色高跟鞋", None, "zh"),
        ("レディース スニーカー 白", None, "ja"),
        ("Blaues Hemd", "de-AT", "de"),
        ("Синяя рубашка", "ru", "ru"),
    ],
)
def test_language(title: str, given: str | None, expected: str) -> None:
    intake = take_in(Listing(title=title, lang=given), English(), SUPPORTED)
    assert intake.lang == expected
    assert [w.code for w in intake.warnings] == ([] if expected in SUPPORTED else ["unsupported-language"])


def test_what_is_cut_is_said() -> None:
    listing = Listing(
        title="Blue shirt",
        description="a" * 1_000_000,
        reviews=("good",) * (MOST_REVIEWS + 1),
        attributes=(("Material", "Cotton"),),
    )
    intake = take_in(listing, English(), SUPPORTED)
    assert len(intake.texts["description"].text) == LIMITS["description"]
    assert f"reviews[{MOST_REVIEWS}]" not in intake.texts
    assert intake.texts["attributes.Material"].text == "Cotton"
    assert [(w.code, w.field) for w in intake.warnings] == [("cut", "description"), ("cut", "reviews")]
