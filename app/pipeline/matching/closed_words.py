"""Labels inside words that are written together: German compounds, and Chinese and Japanese texts.

The last part is the head and says what the whole is: "Naturleder" is leather, 雾蓝 is blue. The part before it must be
one that leaves the head what it is, or be known, unless the head is one that nothing can turn into something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.pipeline.matching.phrases import says
from app.pipeline.matching.wording import ANY, Wording

_SHORTEST_HEAD = 4
_MOST_CORES = 24
_CASES = ("e", "er", "es", "en", "em")
_LINKS = ("", "s", "n", "en", "es", "er")

Known = Callable[[str], bool]


def heads_of_word(word: str, attribute: str, wording: Wording, known: Known) -> Iterator[str]:
    """Yield the heads that may answer for a compound, longest first."""
    free = wording.heads.get(attribute, frozenset())
    for at in range(2, len(word) - 2):
        head, first = word[at:], word[:at]
        says_it_all = any(head in (end, *(end + ending for ending in _CASES)) for end in free)
        if says_it_all or (len(head) >= _SHORTEST_HEAD and _qualifies(first, wording, known)):
            yield head


def parts_of_word(word: str) -> Iterator[tuple[str, str]]:
    """Yield (first part, head) of what may be a compound, links left out: ("herren", "schuhe")."""
    for at in range(_SHORTEST_HEAD, len(word) - _SHORTEST_HEAD + 1):
        first, head = word[:at], word[at:]
        yield from ((first.removesuffix(link), head) for link in _LINKS if first.endswith(link))


def _qualifies(first: str, wording: Wording, known: Known) -> bool:
    return any(
        first.endswith(link) and (stem := first[: len(first) - len(link)]) and (stem in wording.parts or known(stem))
        for link in _LINKS
    )


def heads_of_text(text: str, attribute: str, wording: Wording, known: Known, *, imitated: bool) -> Iterator[str]:
    """Yield what may answer for a Chinese or Japanese text: it without what leaves it as it is, then its ends."""
    cores = _cores(text, wording.prefixes, wording.frame(attribute))
    bare = cores[-1]  # "無垢材" only names a material, and denies nothing
    if says(bare, wording.negations) or any(name in text for name in wording.names):
        return
    if imitated and says(text, wording.imitations):
        return
    yield from (core for core in cores if core != text)
    free = wording.heads.get(attribute, frozenset()) | wording.heads.get(ANY, frozenset())
    for core in cores:
        for at in range(1, len(core)):
            head, first = core[at:], core[:at]
            if len(head) == 1 and head not in free:
                continue
            if _cuts_kana(core, at) and not known(first) and len(head) < _SHORTEST_HEAD:
                continue
            if len(head) >= 0.4 * len(core) or known(first) or head in free:
                yield head
        for end in range(len(core) - 1, 1, -1):
            if known(core[end:]) and not (_cuts_kana(core, end) and len(core) - end < 3):
                yield core[:end]


def _cores(text: str, prefixes: tuple[str, ...], ends: tuple[str, ...]) -> list[str]:
    """Return the text without one affix after another, the longest first."""
    found = [text]
    for core in found:  # grows meanwhile
        shorter = [core[len(p) :] for p in prefixes if core.startswith(p)]
        shorter += [core[: -len(end)] for end in ends if core.endswith(end)]
        found += [piece for piece in dict.fromkeys(shorter) if piece and piece not in found]
        if len(found) > _MOST_CORES:
            break
    return sorted(found, key=len, reverse=True)


def _cuts_kana(text: str, at: int) -> bool:
    return all("\u3099" <= char <= "\u30ff" for char in text[at - 1 : at + 1])
