"""Language identification by py3langid (BSD-3), told which languages to expect."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import Any


class Py3LangId:
    """See ports.LanguageIdentifier.

    Titles are short, so one of the taxonomy's languages is expected; only a long text is said to be in another one.
    """

    SURE, LONG = 0.95, 60

    def __init__(self, expected: frozenset[str]) -> None:
        self._expected = expected

    def identify(self, text: str) -> tuple[str, float]:
        """Return (ISO 639-1 code, probability 0..1)."""
        lowered = text.lower()
        code, probability = self._whole.classify(lowered)
        if code in self._expected or (probability >= self.SURE and len(text) >= self.LONG):
            return str(code), float(probability)
        code, probability = self._narrow.classify(lowered)
        return str(code), float(probability)

    @cached_property
    def _whole(self) -> Any:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    @cached_property
    def _narrow(self) -> Any:
        identifier = copy(self._whole)  # shares the tables, which take half a second to unpack
        identifier.set_languages(sorted(self._expected))
        return identifier
