"""Which texts stand for which concepts: labels of the taxonomy, folded, and the words that replace some of them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from app.domain.taxonomy import Concept, Label, Taxonomy
from app.pipeline.text import fold_label

BRAND = "brand"
NAMES = "names"
"""Group of the labels that hold in every locale."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
Entry = tuple[Concept, Label]


def read_entries(taxonomy: Taxonomy, languages: Container[str]) -> dict[str, list[Entry]]:
    """Return folded label -> (concept, label) of what is in use, in the rules' languages; brands in all of them."""
    entries: dict[str, list[Entry]] = {}
    for concept in taxonomy.concepts.values():
        if not concept.usable:
            continue
        for label in concept.labels if concept.attribute == BRAND else _spoken(concept, languages):
            for text in {fold_label(label.text), *_spellings(label)}:
                if len(text) > 1 or (text and not label.standalone):
                    entries.setdefault(text, []).append((concept, label))
    return entries


def replace_labels(
    entries: dict[str, list[Entry]], taxonomy: Taxonomy, words: Mapping[str, Mapping[str, Sequence[str]]]
) -> None:
    """Let the words of a locale stand for their concepts there and for nothing else."""
    for locale, values in words.items():
        fresh: dict[str, list[Entry]] = {}
        for concept_id, texts in values.items():
            concept = taxonomy.concepts.get(concept_id)
            if concept is not None or not concept_id:  # another taxonomy may lack it
                for label in (Label(text=text, locale=locale) for text in texts):
                    for text in {fold_label(label.text), *_spellings(label)}:
                        own = fresh.setdefault(text, [])
                        own += [(concept, label)] if concept else []
        for text, own in fresh.items():
            others = [(c, label) for c, label in entries.get(text, ()) if label.locale != locale or label.layer]
            entries[text] = [*others, *own]


def grouped(entries: Mapping[str, Sequence[Entry]]) -> dict[str, dict[str, None]]:
    """Return the texts of each locale and, apart, those of brands, in order."""
    groups: dict[str, dict[str, None]] = {NAMES: {}, "en": {}}
    for text, known in entries.items():
        for concept, label in known:
            groups.setdefault(NAMES if concept.attribute == BRAND else label.locale, {})[text] = None
    return groups


def _spoken(concept: Concept, languages: Container[str]) -> Iterator[Label]:
    return (label for label in concept.labels if label.locale in languages)


def _spellings(label: Label) -> list[str]:
    """German umlauts are also written ae, oe, ue."""
    spelled = label.text.translate(_UMLAUTS) if label.locale == "de" else label.text
    return [fold_label(spelled)] if spelled != label.text else []
