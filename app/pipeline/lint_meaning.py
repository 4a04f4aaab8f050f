"""Asks a multilingual sentence encoder what a suspicious label means (Universal Sentence Encoder: Yang et al. 2019).

The cut-offs are those of that encoder, read off the zh-CN and German labels of Shopify's taxonomy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.pipeline.lint import Entry, Finding
from app.pipeline.ports import Encoder

LANGUAGES = frozenset({"ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"})
"""Those the encoder was trained on; of others it only sees the English side."""
_CLOSER = 0.02
"""Cosine by which a label must be nearer to what it may mean elsewhere than to what it should mean here."""
_KIND_OF = 0.43
"""Cosine of an English label and a word from which on the word may be a part of its meaning: marble is a stone."""
_ABOUT = 0.40
"""Cosine of a place and a word from which on the word is at home there too."""
_ALIKE = 0.45
"""Cosine of two places from which on a label may rightly be the same in both: stone material, barware material."""
_FAR, _NEAR, _AWAY = 0.30, 0.65, 0.40
"""Back-match: at most so near to the own English label, at least so near to another, by at least so much nearer."""
_ROWS = 2048


def confirm(findings: Sequence[Finding], entries: Sequence[Entry], encoder: Encoder, locale: str) -> Iterator[Finding]:
    """Yield the findings that hold; labels out of place are dropped where their part belongs to the meaning."""
    suspects = [finding for finding in findings if finding.elsewhere]
    known = locale.split("-")[0] in LANGUAGES
    places = {entry.number: entry.context for entry in entries}
    texts = {text for each in suspects for text in (*each.here, *each.elsewhere, *map(_word, each.elsewhere))}
    texts |= {text for each in suspects for text in (each.label, each.origin, places[each.number])}
    vectors = dict(zip(texts, encoder.encode(list(texts)), strict=True)) if texts else {}

    def near(text: str, others: Sequence[str]) -> float:
        return max((float(vectors[text] @ vectors[other]) for other in others), default=0.0)

    for each in findings:
        words = [_word(text) for text in each.elsewhere]
        if not words or (
            near(each.here[0], words) <= _KIND_OF
            and near(places[each.number], words) <= _ABOUT
            and near(places[each.number], (each.origin,)) <= _ALIKE
            and (not known or near(each.label, each.elsewhere) - near(each.label, each.here) >= _CLOSER)
        ):
            yield each


def back_match(entries: Sequence[Entry], encoder: Encoder, locale: str) -> Iterator[Finding]:
    """Yield labels that are nearer to the English label of another concept than to their own; slow: it reads them all.

    Nothing for languages that the encoder does not know.
    """
    import numpy as np

    language = locale.split("-")[0]
    labelled = [entry for entry in entries if entry.label and entry.label.casefold() != entry.english.casefold()]
    if language not in LANGUAGES or language == "en" or not labelled:
        return
    english = list(dict.fromkeys(entry.english for entry in entries))
    position = {text: number for number, text in enumerate(english)}
    targets: Any = encoder.encode(english)
    for start in range(0, len(labelled), _ROWS):
        batch = labelled[start : start + _ROWS]
        cosines = encoder.encode([entry.label for entry in batch]) @ targets.T
        best = np.argmax(cosines, axis=1)
        for entry, row, nearest in zip(batch, cosines, best, strict=True):
            own, other = float(row[position[entry.english]]), float(row[nearest])
            if own <= _FAR and other >= _NEAR and other - own >= _AWAY:
                message = f"{entry.label!r} is nearer to {english[nearest]!r} ({other:.2f}) than to its own "
                message += f"{entry.english!r} ({own:.2f})"
                yield Finding(kind="back-match", number=entry.number, label=entry.label, message=message)


def _word(reading: str) -> str:
    return reading.rpartition(" ")[2]
