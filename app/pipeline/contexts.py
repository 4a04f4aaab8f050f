"""Words that change what stands beside them: "without leather", "case for iPhone", "also available in red"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.taxonomy import CATEGORY
from app.pipeline.document import Field
from app.pipeline.matcher import BRAND, CJK_LOCALES, Hit
from app.pipeline.ruleset import Cue, CueKind, RuleSet
from app.pipeline.text import is_cjk

ANY = "*"
"""Language of cues that hold in every language."""
_PRODUCT = frozenset({CATEGORY, BRAND})
_OTHER_PRODUCT = frozenset({CATEGORY, BRAND, "compatible_with", "operating_system", "vehicle_type"})
"""Attributes that can name what a product is made for."""
_MODIFIERS = frozenset({"color", "pattern", "finish"})
"""Attributes whose values go on to a noun: "without black leather"."""
_FAR = 8
"""Words within which all after "for iPhone" still belongs to it."""
_CHARS_A_WORD = 3
"""Chinese and Japanese: characters that count as one word."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a cue does: hits inside ``start:end`` are not meant; ``attributes`` empty means all of them."""

    kind: CueKind
    start: int
    end: int
    attributes: frozenset[str] = frozenset()
    spared: Span | None = None
    """The hit that names the product itself: "for iPhone 15 phone case"."""

    def concerns(self, hit: Hit) -> bool:
        """Say whether the hit is not meant."""
        inside = self.start <= hit.start and hit.end <= self.end and (hit.start, hit.end) != self.spared
        return inside and (not self.attributes or hit.attribute in self.attributes)


class Contexts:
    """The cues of one language, compiled."""

    def __init__(self, rules: RuleSet, locale: str | None) -> None:
        language = rules.language(locale)
        self._stops, self._joiners, self._head = language.stops, language.joiners, language.head
        self._cjk = locale in CJK_LOCALES
        self._imitation = rules.fields.imitation
        cues = [cue for cue in rules.cues if cue.lang in (locale, ANY)]
        self._before = _Cues((text, cue) for cue in cues for text in cue.before)
        self._after = _Cues((text, cue) for cue in cues for text in cue.after)

    def effects(self, field: Field, hits: Sequence[Hit], shadows: Sequence[Span]) -> list[Effect]:
        """Return what the cues in a field do; a cue inside a longer label ("sugar free") does nothing."""
        covered = [(hit.start, hit.end) for hit in hits] + list(shadows)
        effects = [
            self._forward(field, hits, start, end, cue) for start, end, cue in self._before.find(field, covered)
        ]
        effects += [
            self._backward(field, hits, start, end, cue) for start, end, cue in self._after.find(field, covered)
        ]
        return [effect for effect in effects if effect is not None]

    def _forward(self, field: Field, hits: Sequence[Hit], start: int, end: int, cue: Cue) -> Effect | None:
        limit = field.clause(start, end, sentence=cue.whole)[1]
        if cue.kind is CueKind.OTHER:
            return Effect(cue.kind, end, limit if cue.whole else self._ahead(field, end, limit, cue.reach))
        limit = self._stop(field, hits, end, limit)
        inside = [hit for hit in hits if end <= hit.start and hit.end <= limit]
        if cue.kind is CueKind.COMPATIBILITY:
            return self._compatible(field, hits, inside, (start, end, limit), cue)
        return Effect(cue.kind, end, self._reached(field, inside, end, limit, cue), self._attributes(cue))

    def _backward(self, field: Field, hits: Sequence[Hit], start: int, end: int, cue: Cue) -> Effect | None:
        limit = field.clause(start, end, sentence=cue.whole)[0]
        if cue.kind is CueKind.OTHER:
            return Effect(cue.kind, limit, start)
        low = start
        for hit in sorted(hits, key=lambda h: -h.end):
            if hit.end > low or hit.start < limit:
                continue
            between = field.text[hit.end : low]
            distance = self._distance(between)
            joined = low < start and self._is_joiner(between)
            if (low == start and distance <= cue.reach) or joined or (cue.kind is CueKind.COMPATIBILITY and distance == 0):
                low = hit.start
            else:
                break
        if low == start:
            low = self._behind(field, limit, start)
        return Effect(cue.kind, low, start, self._attributes(cue))

    def _compatible(
        self, field: Field, hits: Sequence[Hit], inside: list[Hit], spans: tuple[int, int, int], cue: Cue
    ) -> Effect | None:
        start, end, limit = spans
        first = min(inside, key=lambda hit: (hit.start, -hit.end), default=None)
        if first is None or first.attribute not in _OTHER_PRODUCT:
            return None  # "for women", "for running": whom or what it is for, not what it fits
        if self._distance(field.text[end : first.start]) > cue.reach:
            return None
        limit = min(limit, self._ahead(field, end, limit, _FAR))
        return Effect(cue.kind, first.start, limit, _PRODUCT, self._own(field, hits, inside, start))

    def _own(self, field: Field, hits: Sequence[Hit], inside: list[Hit], start: int) -> Span | None:
        """Return the product itself where it stands behind what it fits: "For iPhone 15 phone case", 适用于iPhone手机壳."""
        before = any(hit.attribute == CATEGORY and hit.end <= start for hit in hits)
        if self._head != "last" or before or (not self._cjk and self._distance(field.text[:start]) > 0):
            return None
        categories = [hit for hit in inside if hit.attribute == CATEGORY]
        named = [hit for hit in inside if hit.attribute in _OTHER_PRODUCT and categories and hit.end <= categories[-1].start]
        return (categories[-1].start, categories[-1].end) if named else None

    def _reached(self, field: Field, inside: list[Hit], end: int, limit: int, cue: Cue) -> int:
        """Return how far a negation goes: its first value and those joined to it."""
        reached, last = end, None
        for hit in sorted(inside, key=lambda h: (h.start, -h.end)):
            if hit.end <= reached:
                continue
            between = field.text[reached : hit.start]
            if last is None:
                near = self._distance(between) <= cue.reach
            else:
                near = self._is_joiner(between) or (self._distance(between) == 0 and last.attribute in _MODIFIERS)
                near = near or (cue.whole and field.broken(reached, hit.start) and self._distance(between) <= 2)
            if not near:
                break
            reached, last = hit.end, hit
        return reached if last is not None else self._ahead(field, end, limit, 1)

    def _attributes(self, cue: Cue) -> frozenset[str]:
        if cue.kind is CueKind.COMPATIBILITY:
            return _PRODUCT
        return self._imitation if cue.kind is CueKind.IMITATION else frozenset()

    def _distance(self, text: str) -> int:
        """Return how many words lie in a stretch of text."""
        if self._cjk and is_cjk(text):
            return -(-len(text.strip()) // _CHARS_A_WORD)
        return len(text.split())

    def _is_joiner(self, text: str) -> bool:
        words = [text.strip()] if self._cjk else text.split()
        return bool(words) and all(word in self._joiners or not any(c.isalnum() for c in word) for word in words)

    def _stop(self, field: Field, hits: Sequence[Hit], start: int, limit: int) -> int:
        """Return where a stop word that is no part of a label ends the reach."""
        found = limit
        if self._cjk:
            found = min((at for at in (field.text.find(stop, start, limit) for stop in self._stops) if at >= 0), default=limit)
        else:
            found = next((low for low, high in field.words if low >= start and field.text[low:high] in self._stops), limit)
        inside = any(hit.start < found < hit.end for hit in hits)
        return limit if inside else min(found, limit)

    def _ahead(self, field: Field, start: int, limit: int, count: int) -> int:
        """Return the end of the ``count``-th word after ``start``."""
        if self._cjk:
            return min(limit, start + count * _CHARS_A_WORD)
        ends = [high for low, high in field.words if low >= start and high <= limit]
        return ends[min(count, len(ends)) - 1] if ends and count else start

    def _behind(self, field: Field, limit: int, end: int) -> int:
        """Return the beginning of the word before ``end``."""
        if self._cjk:
            return max(limit, end - _CHARS_A_WORD)
        return max((low for low, high in field.words if low >= limit and high <= end), default=end)


class _Cues:
    """Finds cue words; the longest at a place wins."""

    def __init__(self, cues: Iterable[tuple[str, Cue]]) -> None:
        self._cues: dict[str, list[Cue]] = {}
        for text, cue in cues:
            self._cues.setdefault(text, []).append(cue)
        longest_first = sorted(self._cues, key=lambda text: (-len(text), text))
        self._pattern = re.compile("|".join(_bounded(text) for text in longest_first) or r"(?!)")

    def find(self, field: Field, covered: Sequence[Span]) -> Iterator[tuple[int, int, Cue]]:
        """Yield (start, end, cue); what lies inside a longer label or phrase is none."""
        for mark in self._pattern.finditer(field.text):
            start, end = mark.span()
            if any(low <= start and end <= high and (low, high) != (start, end) for low, high in covered):
                continue
            for cue in self._cues[mark[0]]:
                if not cue.fields or any(field.name.startswith(name) for name in cue.fields):
                    yield start, end, cue


def _bounded(text: str) -> str:
    escaped = re.escape(text)
    return escaped if is_cjk(text) else rf"(?<!\w){escaped}(?!\w)"
