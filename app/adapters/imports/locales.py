"""How a source's locales are spelled in a taxonomy.

A language that is written one way has no region ("de-DE" is de, "cs-CZ" cs): listings are in a language, and a lookup
in `de` must find what is called de-DE elsewhere. Regions that differ stay: pt-BR and pt-PT, zh-CN and zh-TW, de-CH.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from app.domain.errors import InputError

_HOMES = frozenset(
    [
        "bg-BG",
        "cs-CZ",
        "da-DK",
        "de-DE",
        "el-GR",
        "en-US",
        "es-ES",
        "et-EE",
        "fi-FI",
        "fr-FR",
        "he-IL",
        "hr-HR",
        "hu-HU",
        "id-ID",
        "it-IT",
        "ja-JP",
        "ko-KR",
        "lt-LT",
        "lv-LV",
        "nb-NO",
        "nl-NL",
        "no-NO",
        "pl-PL",
        "ro-RO",
        "ru-RU",
        "sk-SK",
        "sl-SI",
        "sv-SE",
        "th-TH",
        "tr-TR",
        "uk-UA",
        "vi-VN",
    ]
)
"""Regions that say nothing, since the language is at home there (likely subtags of CLDR, pt and zh left out)."""
_TAG = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{2,8})*)")


def canonical(locale: str) -> str:
    """Return our spelling of a locale; "" for what is none."""
    found = _TAG.fullmatch(locale.strip())
    if found is None:
        return ""
    parts = [part for part in found[2].replace("_", "-").split("-") if part]
    cased = (part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in parts)
    tag = "-".join((found[1].lower(), *cased))
    return tag.split("-")[0] if tag in _HOMES else tag


def chosen(have: Iterable[str], asked: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the locales of a source that are asked for (None: all), English first; InputError for one it lacks."""
    known = sorted(set(have), key=lambda locale: (locale != "en", locale))
    if asked is None:
        return tuple(known)
    wanted = {canonical(locale) or locale for locale in asked}
    if lacking := sorted(wanted - set(known)):
        raise InputError(
            f"the source has no locale {', '.join(lacking)}", field="locales", hint=f"it has {', '.join(known)}"
        )
    return tuple(locale for locale in known if locale in wanted or locale == "en")


def spelled(have: Iterable[str]) -> Mapping[str, str]:
    """Return each of a source's locales with our spelling of it; the plain one wins where two would be one."""
    pairs = {locale: canonical(locale) for locale in have}
    taken = {locale for locale, ours in pairs.items() if locale == ours}
    return {locale: ours if locale == ours or ours not in taken else locale for locale, ours in pairs.items()}
