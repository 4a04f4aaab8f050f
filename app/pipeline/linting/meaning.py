"""Asks a multilingual sentence encoder what a suspicious label means (Universal Sentence Encoder: Yang et al. 2019).

The cut-offs are those of that encoder, read off the zh-CN and German labels of Shopify's taxonomy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from app.pipeline.linting.labels import Entry, Finding
from app.pipeline.ports import Encoder
from app.pipeline.text import fold_label

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
_AWAY = 0.35
"""Cosine by which a label must be nearer to one of the English labels that it stands for than to the other."""
_SYNONYMS = 0.45
"""Cosine from which on two English labels may rightly have one translation."""


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
    """Yield labels that stand for several English ones and mean another than that of their concept.

    Nothing for languages that the encoder does not know. To hold every label against every English one finds little
    more: of 50 such findings in zh-CN 4 were right, the rest were words that the encoder does not know.
    """
    senses: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries if locale.split("-")[0] in LANGUAGES - {"en"} else ():
        if entry.label and entry.label.casefold() != entry.english.casefold():
            senses[fold_label(entry.label)][entry.english.casefold()].append(entry)
    shared = {label: meanings for label, meanings in senses.items() if len(meanings) > 1}
    texts = list(dict.fromkeys(text for label, meanings in shared.items() for text in (label, *meanings)))
    vectors = dict(zip(texts, encoder.encode(texts), strict=True)) if texts else {}
    for label, meanings in shared.items():
        cosines = {english: float(vectors[label] @ vectors[english]) for english in meanings}
        nearest = max(cosines, key=cosines.__getitem__)
        for english, concepts in meanings.items():
            apart = float(vectors[english] @ vectors[nearest]) <= _SYNONYMS
            if not apart or cosines[nearest] - cosines[english] < _AWAY:
                continue
            other = meanings[nearest][0].english
            for entry in concepts:
                message = f"{entry.label!r} is what {other!r} is called too, and nearer to that in meaning "
                message += f"({cosines[nearest]:.2f}) than to {entry.english!r} ({cosines[english]:.2f})"
                yield Finding(kind="back-match", number=entry.number, label=entry.label, message=message)


def _word(reading: str) -> str:
    return reading.rpartition(" ")[2]
