"""Made-up brands and model names."""

from __future__ import annotations

import random

_LATIN = (
    *("ka", "lo", "mi", "ra", "ven", "tor", "sha", "bel", "nu", "qui", "zan", "dor"),
    *("fel", "hy", "pra", "lu", "ox", "tem", "ri", "vas", "el", "mo", "ni", "gar"),
)
_KANA = "アイカキサタナニマミラリルロモエオキノハヴ"
_HANZI = "云栖诺朗森悦优品佳禾尚木亦乐优衡铭卓雅庭初见"
_SUFFIXES = {
    "en": ("& Co.", "Home", "Lab", "Studio"),
    "de": ("Manufaktur", "& Söhne"),
    "fr": ("Paris", "& Fils"),
    "es": ("Hogar",),
    "it": ("Milano",),
    "pt-BR": ("Brasil",),
    "id": ("Store", "Official"),
    "ja": ("堂", "工房"),
    "zh-CN": ("优选", "旗舰店"),
}


def make_brand(rng: random.Random, locale: str) -> str:
    """Return a brand that does not exist, in the script that the locale's sellers would write it in."""
    style = rng.random()
    if locale in ("ja", "zh-CN") and style < 0.5:
        letters = _KANA if locale == "ja" else _HANZI
        name = "".join(rng.sample(letters, 3 if locale == "ja" else 2))
        return name + rng.choice(_SUFFIXES[locale]) if style < 0.15 else name
    name = "".join(rng.choices(_LATIN, k=rng.choice((2, 2, 3)))).capitalize()
    if style > 0.9:
        return name.upper()
    if style > 0.8 and locale in _SUFFIXES and locale not in ("ja", "zh-CN"):
        return f"{name} {rng.choice(_SUFFIXES[locale])}"
    if style > 0.7:
        return name + "".join(rng.choices(_LATIN, k=2)).capitalize()
    return name


def make_model(rng: random.Random, *, numbered: bool) -> str:
    """Return a model name: a word, or where models are numbered, letters and numbers too."""
    style = rng.random() if numbered else 1.0
    if style < 0.4:
        return f"{''.join(rng.choices('ABCDEFGHKLMNPRSTVX', k=2))}-{rng.randint(10, 9999)}"
    if style < 0.6:
        return f"{rng.choice('ABCDEFGHKLMNPRSTVX')}{rng.randint(1, 99)}"
    name = "".join(rng.choices(_LATIN, k=2)).capitalize()
    return f"{name} {rng.randint(2, 900)}" if style < 0.7 else name
