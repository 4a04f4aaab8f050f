"""How a value may be worded in a locale: labels that may stand in a text, and forms that agree with a noun.

Inflected forms are taken from the taxonomy's labels, never made up: "noir" agrees as "noire" because that is a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.domain.taxonomy import Concept, Label
from app.training.generator.plausible import Plausible

INFLECTING = ("de", "fr", "es", "it", "pt-BR")
_SINGULAR = ("ms", "fs")
_GERMAN = {"m": "er", "f": "e", "n": "es", "p": "e"}
_GERMAN_ADJECTIVES = (
    *("ig", "isch", "lich", "los", "frei", "fest", "dicht", "bar", "end", "iert", "haft", "förmig", "aktiv"),
)
_GERMAN_NOUNS = ("material", "flavor", "scent", "theme")
_GERMAN_OPENERS = ("mit", "zum", "gegen", "für", "ohne")
_ENDINGS = {
    # last letters -> what stands in their place, by class; the first that is a label is taken
    "fr": {
        "fs": [("", "e"), ("f", "ve"), ("x", "se"), ("c", "che"), ("n", "nne"), ("l", "lle"), ("er", "ère")],
        "mp": [("", "s"), ("al", "aux")],
        "fp": [("", "es"), ("f", "ves"), ("x", "ses"), ("c", "ches"), ("n", "nnes"), ("l", "lles"), ("e", "es")],
    },
    "es": {"fs": [("o", "a"), ("", "a")], "mp": [("", "s"), ("", "es")], "fp": [("o", "as"), ("", "s"), ("", "es")]},
    "it": {
        "fs": [("o", "a")],
        "mp": [("o", "i"), ("e", "i"), ("co", "chi"), ("go", "ghi")],
        "fp": [("o", "e"), ("a", "e"), ("e", "i"), ("co", "che"), ("go", "ghe")],
    },
    "pt-BR": {
        "fs": [("o", "a"), ("", "a")],
        "mp": [("", "s"), ("l", "is"), ("m", "ns")],
        "fp": [("o", "as"), ("", "s"), ("l", "is")],
    },
}
_NEUTRAL: dict[str, str | tuple[str, ...]] = {
    "fr": "e",
    "es": ("e", "l", "a", "s", "z", "n"),
    "it": ("e", "a", "u"),
    "pt-BR": ("e", "l", "a", "s", "m"),
}
"""Endings of adjectives that are the same for both genders in the singular."""
_MASCULINE = {
    "fr": ("é", "ant", "if", "eux", "ert", "anc", "uit", "at", "al", "el", "en"),
    "es": ("o",),
    "it": ("o",),
    "pt-BR": ("o",),
}
"""Endings by which a word is an adjective in the masculine: without another form it cannot stand beside a feminine."""


class Wording:
    """Surface forms of one locale."""

    def __init__(self, locale: str, plausible: Plausible, products: Iterable[str]) -> None:
        self.locale = locale
        self._products = frozenset(text.casefold() for text in products)
        """Nouns of products: an alias that holds one ("dragon pendant") says more than the value."""
        self._names, self._preferred = plausible.names, plausible.preferred
        self._plain: dict[tuple[str, bool], tuple[str, ...]] = {}
        self._agreed: dict[tuple[str, str | None, bool], tuple[str, ...]] = {}

    def plain(self, concept: Concept, *, running: bool) -> tuple[str, ...]:
        """Return what the concept may be called by itself, the prefLabel first; ``running``: inside a sentence."""
        key = (concept.id, running)
        if key not in self._plain:
            self._plain[key] = tuple(self._made(concept, running))
        return self._plain[key]

    def agreed(self, concept: Concept, noun_class: str | None, *, running: bool) -> tuple[str, ...]:
        """Return forms that may stand beside a noun of the class; none where no form is sure."""
        if self.locale not in INFLECTING:
            return self.plain(concept, running=running)
        key = (concept.id, noun_class, running)
        if key not in self._agreed:
            known = {label.text.casefold(): label.text for label in concept.labels if label.locale == self.locale}
            forms = (self._form(base, concept, noun_class, known) for base in self.plain(concept, running=running))
            self._agreed[key] = tuple(form for form in forms if form)
        return self._agreed[key]

    def _made(self, concept: Concept, running: bool) -> Iterator[str]:
        labels = [label for label in concept.labels if label.locale == self.locale]
        kept: list[str] = []
        for label in labels[: 1 if concept.attribute in self._preferred else None]:
            if not (label.preferred or label.standalone) or self._unfit(label, concept, labels[0].text, kept):
                continue
            kept.append(label.text)
            yield self._lowered(label, concept, labels) if running else label.text

    def _unfit(self, label: Label, concept: Concept, preferred: str, kept: list[str]) -> bool:
        """Say whether a label cannot stand in any sentence: a form of one before it, or with words of its own."""
        text = label.text.casefold()
        if self.locale in INFLECTING and any(_inflected(text, base.casefold()) for base in kept):
            return True
        if self.locale == "en" and any(text == f"{base.casefold()}s" for base in kept):
            return True
        if self.locale == "de" and concept.attribute == "material" and " " in text:
            return True  # "aus gehärtetes Glas"
        if concept.attribute == "material" and text.endswith(_MADE_OF):
            return True
        return not label.preferred and (
            self._opens_otherwise(text, preferred) or self._names_product(text) or text.startswith(_GENDERED)
        )

    def _names_product(self, text: str) -> bool:
        if self.locale == "de":
            return any(text[i:] in self._products for i in range(len(text) - 4))
        words = text.split(" ")
        ends = (" ".join(words[i:]) for i in range(len(words)))
        return any(word in self._products for word in (*words, *ends) if len(word) > 3 and word != text)

    def _opens_otherwise(self, text: str, preferred: str) -> bool:
        """Say whether an alias brings words that a template has already ("for iPhone", "size M", "warna hitam")."""
        first = text.split(" ")[0]
        return first in _OPENERS and preferred.split(" ")[0].casefold() != first

    def _lowered(self, label: Label, concept: Concept, labels: list[Label]) -> str:
        text = label.text
        if self.locale == "de" and concept.attribute in _GERMAN_NOUNS and not self._adjective(text, concept, labels):
            return text[:1].upper() + text[1:]
        if concept.attribute in self._names or any(c.isupper() for c in text[1:]) or not text[:1].isupper():
            return text
        if self.locale == "de" and not self._adjective(text, concept, labels):
            return text
        return text[:1].lower() + text[1:]

    @staticmethod
    def _adjective(text: str, concept: Concept, labels: list[Label]) -> bool:
        if concept.attribute in _GERMAN_NOUNS:
            return text.lower().endswith(_GERMAN_ADJECTIVES)
        first, *rest = text.lower().split(" ")
        if concept.attribute == "color" or first in _GERMAN_OPENERS or first.endswith(_GERMAN_ADJECTIVES):
            return True
        if rest and first.endswith(("e", "er", "es")):
            return True  # an adjective and its noun
        return any(label.locale == "de" and label.text == first + "e" for label in labels)

    def _form(self, base: str, concept: Concept, noun_class: str | None, known: dict[str, str]) -> str | None:
        if self.locale == "de":
            form = known.get((base + _GERMAN[noun_class]).casefold()) if noun_class in _GERMAN else None
            return form[:1].lower() + form[1:] if form else None
        first, blank, rest = base.partition(" ")
        if blank and (concept.attribute == "color" or not _inflects(first.casefold(), known)):
            return base  # "bleu marine", "séchage rapide": never agrees
        if noun_class == "ms":
            return base
        if noun_class is None:
            return base if blank and not first.casefold().endswith(_MASCULINE[self.locale]) else None
        for old, new in _ENDINGS[self.locale][noun_class]:
            if first.casefold().endswith(old):
                form = (first[: len(first) - len(old)] if old else first) + new + blank + rest
                if form.casefold() in known:
                    return form
        same = noun_class in _SINGULAR and first.casefold().endswith(_NEUTRAL[self.locale])
        return base if same else None


_MADE_OF = ("製", "素材", "制", "质", "材质")
"""Chinese and Japanese: "made of ...", which a sentence says itself."""
_GENDERED = ("femen", "femin", "fémin", "femmin", "mascul", "maschi")
"""Adjectives that a template's "para" would not go with."""
_OPENERS = frozenset(
    {"for", "with", "w/", "in", "size", "made", "powered", "compatible", "style", "color"}
    | {"für", "mit", "aus", "hergestellt", "gr.", "größe", "kompatibel", "farbe"}
    | {"pour", "avec", "en", "fabriqué", "taille", "couleur", "coloris"}
    | {"para", "con", "de", "talla", "estilo", "com", "em", "compatível", "tamanho", "cor"}
    | {"per", "di", "da", "taglia", "colore", "stile"}
    | {"untuk", "pakai", "dengan", "ukuran", "warna", "rasa", "aroma", "bahan", "buatan", "dari"}
)
"""First words of aliases that a template has already."""


def _inflects(first: str, known: dict[str, str]) -> bool:
    """Say whether a label begins with another form of the word ("résistante à l'eau" for "résistant")."""
    return any(text.startswith(first) and not text.startswith(f"{first} ") and " " in text for text in known)


def _inflected(text: str, base: str) -> bool:
    """Say whether two labels are forms of one another: word by word nearly the same, but for the ending."""
    words, others = text.split(" "), base.split(" ")
    if len(words) != len(others):
        return False
    return all(_alike(word, other) for word, other in zip(words, others, strict=True))


def _alike(word: str, other: str) -> bool:
    shared = 0
    for a, b in zip(word, other, strict=False):
        if a != b:
            break
        shared += 1
    return word == other or (abs(len(word) - len(other)) <= 3 and shared >= max(2, min(len(word), len(other)) - 2))
