"""Accept-Language against the locales of a taxonomy."""

from __future__ import annotations

import pytest

from app.api.languages import preferred_locale
from app.domain.taxonomy import Taxonomy


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("de", "de"),
        ("de-AT, en;q=0.8", "de"),
        ("fr, de;q=0.5", "de"),
        ("en;q=0.3, de;q=0.9", "de"),
        ("zh-Hans-CN", "zh-CN"),
        ("zh", "zh-CN"),
        ("de;q=0, zh", "zh-CN"),
        ("de;q=nonsense", "en"),
        ("de;q=nan", "en"),
        ("x" * 5000 + ",,,;;;q", "en"),
        ("tlh", "en"),
    ],
)
def test_preferred_locale(small: Taxonomy, header: str | None, locale: str) -> None:
    assert preferred_locale(header, small) == locale
