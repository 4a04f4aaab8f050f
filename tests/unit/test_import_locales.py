"""How locales of sources are spelled."""

from __future__ import annotations

import pytest

from app.adapters.imports.locales import canonical, spelled


@pytest.mark.parametrize(
    ("locale", "ours"),
    [
        ("de-DE", "de"),
        ("de_DE", "de"),
        ("en-us", "en"),
        ("de-CH", "de-CH"),
        ("pt-BR", "pt-BR"),
        ("pt-PT", "pt-PT"),
        ("zh-cn", "zh-CN"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("id-ID", "id"),
        ("nb", "nb"),
        ("german!", ""),
        ("", ""),
    ],
)
def test_canonical(locale: str, ours: str) -> None:
    assert canonical(locale) == ours


def test_a_region_stays_where_the_language_is_there_alone_too() -> None:
    assert spelled(["en", "en-us", "de-DE"]) == {"en": "en", "en-us": "en-US", "de-DE": "de"}
