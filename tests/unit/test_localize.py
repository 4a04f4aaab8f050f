"""Labels on the way out."""

import pytest

from app.domain.errors import UnknownLocale
from app.domain.taxonomy import Taxonomy
from app.pipeline.localize import concept_labels, resolve


@pytest.mark.parametrize(
    ("asked", "served", "warned"),
    [
        ("de", "de", False),
        ("de-AT", "de", True),
        ("DE", "de", False),
        ("zh_CN", "zh-CN", False),
        ("zh", "zh-CN", True),
        ("fi", "en", True),
    ],
)
def test_the_nearest_locale_answers_and_says_so(small: Taxonomy, asked: str, served: str, warned: bool) -> None:
    locales = resolve([asked], small)
    assert locales.pairs == ((asked, served),)
    assert bool(locales.warnings) is warned


def test_none_asks_for_all(small: Taxonomy) -> None:
    labels = concept_labels(small.concept("color:navy"), resolve(None, small))
    assert labels == {"en": "Navy", "de": "Marineblau", "zh-CN": "藏青色"}


@pytest.mark.parametrize("asked", ["", "english!", "d", "de-", "../../etc"])
def test_what_is_no_locale_is_refused_by_name(small: Taxonomy, asked: str) -> None:
    with pytest.raises(UnknownLocale) as caught:
        resolve([asked], small)
    assert caught.value.field == "locales"
