"""What is no value of any taxonomy, whatever the attribute: told by its form."""

from __future__ import annotations

from app.domain.taxonomy import Concept, Kind
from app.pipeline.text import is_cjk

_MOST_WORDS, _MOST_CHARACTERS, _MOST_CJK = 5, 60, 15
_PLACEHOLDER_TEXTS = (
    "n a|na|none|null|nil|no|yes|unknown|other|others|various|misc|default|not specified|not applicable|does not apply"
    "|see description|nicht zutreffend|keine angabe|sonstige|unbekannt|siehe beschreibung|aucun|autre|non applicable"
    "|sans|no aplica|ninguno|otro|non applicabile|altro|nessuno|nao aplicavel|outro|nenhum|tidak ada|lainnya"
    "|なし|その他|不明|无|其他|其它|未知|详见描述"
)
_PLACEHOLDERS = frozenset(_PLACEHOLDER_TEXTS.split("|"))
"""What sellers write where they have nothing to say; folded."""


def noise(folded: str, attribute: Concept | None, is_category: bool) -> str | None:
    """Return why a folded value of an attribute is none, or None."""
    if attribute is None and not is_category:
        return "the taxonomy has no such attribute"
    if attribute is not None and attribute.kind is Kind.QUANTITY:
        return "a quantity has no list of values"
    if folded in _PLACEHOLDERS:
        return "a placeholder"
    return _of_its_form(folded)


def _of_its_form(folded: str) -> str | None:
    letters = sum(map(str.isalpha, folded))
    cjk = is_cjk(folded)
    if letters == 0:
        return "no letters"
    if letters <= sum(map(str.isdigit, folded)):
        return "mostly digits"
    if letters == 1 and not cjk:
        return "a single letter"
    if len(folded) > (_MOST_CJK if cjk else _MOST_CHARACTERS) or len(folded.split()) > _MOST_WORDS:
        return "a phrase"
    return None
