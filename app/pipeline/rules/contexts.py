"""Words that change what stands beside them: "without leather", "case for iPhone", "also available in red"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from app.domain.taxonomy import CATEGORY
from app.pipeline.rules.document import TITLE, Field, stands_alone
from app.pipeline.rules.entries import BRAND
from app.pipeline.rules.matcher import CJK_LOCALES, Hit
from app.pipeline.rules.ruleset import Cue, CueKind, RuleSet
from app.pipeline.text import is_cjk

ANY = "*"
"""Language of cues that hold in every language."""
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
    words: Span
    """The span without the cue itself: what a model must not take for a value."""
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
        self._concerned = rules.fields.concerned
        cues = [cue for cue in rules.cues if cue.lang in (locale, ANY)]
        self._fit_cues = [t for cue in cues if cue.kind is CueKind.COMPATIBILITY for t in (*cue.before, *cue.after)]
        self._before = _Cues((text, cue) for cue in cues for text in cue.before)
        self._after = _Cues((text, cue) for cue in cues for text in cue.after)

    def effects(self, field: Field, hits: Sequence[Hit], shadows: Sequence[Span]) -> list[Effect]:
        """Return what the cues in a field do; a cue inside a longer label ("sugar free") does nothing."""
        covered = [(hit.start, hit.end) for hit in hits] + list(shadows)
        effects = [self._forward(field, hits, start, end, cue) for start, end, cue in self._before.find(field, covered)]
        effects += [
            self._backward(field, hits, start, end, cue) for start, end, cue in self._after.find(field, covered)
        ]
        return [effect for effect in effects if effect is not None]

    def _forward(self, field: Field, hits: Sequence[Hit], start: int, end: int, cue: Cue) -> Effect | None:
        if cue.kind is CueKind.PART and field.text[end : end + 1] == ":":
            end += 1  # "lining: cotton"
        limit = field.clause(end if cue.kind is CueKind.PART else start, end, sentence=cue.whole)[1]
        # the sign inside a name ends no clause: Black+Decker
        limit = max((hit.end for hit in hits if end <= hit.start < limit < hit.end), default=limit)
        if cue.kind is CueKind.OTHER:
            if cue.product and not any(h.attribute in _OTHER_PRODUCT and end <= h.start < limit for h in hits):
                return None
            limit = limit if cue.whole else self._ahead(field, end, limit, cue.reach)
            return Effect(cue.kind, start, limit, (end, limit))
        if cue.kind is CueKind.PART:
            limit = self._ahead(field, end, limit, cue.reach)
            return Effect(cue.kind, start, limit, (end, limit), self._concerned.get(cue.kind, frozenset()))
        limit = self._stop(field, hits, end, limit)
        # a label may begin with the end of the cue: 不带|帽
        inside = [hit for hit in hits if start < hit.start and end < hit.end <= limit]
        if cue.kind is CueKind.COMPATIBILITY:
            return self._compatible(field, hits, inside, (start, end, limit), cue)
        reached = self._reached(field, inside, end, limit, cue)
        return Effect(cue.kind, start, reached, (end, reached), self._concerned.get(cue.kind, frozenset()))

    def _backward(self, field: Field, hits: Sequence[Hit], start: int, end: int, cue: Cue) -> Effect | None:
        # a title is one sentence, and its beginning is about the product
        limit = field.clause(start, end, sentence=cue.whole and field.name != TITLE)[0]
        if cue.kind is CueKind.OTHER:
            return Effect(cue.kind, limit, end, (limit, start))
        low = start
        for hit in sorted(hits, key=lambda h: -h.end):
            if hit.end > low or hit.start < limit:
                continue
            between = field.text[hit.end : low]
            distance = self._distance(between)
            near = distance <= cue.reach if low == start else self._is_joiner(between)
            if not near and not (distance == 0 and self._carries(cue.kind, hit)):
                break
            low = hit.start
        if low == start:
            low = self._behind(field, limit, start)
        return Effect(cue.kind, low, end, (low, start), self._concerned.get(cue.kind, frozenset()))

    def _carries(self, kind: CueKind, hit: Hit) -> bool:
        """Say whether a cue concerns a value that stands right before another one: a black rubber sole.

        Not so the product itself: "shoes black sole".
        """
        return kind is CueKind.COMPATIBILITY or (kind is CueKind.PART and hit.attribute in self._concerned[kind])

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
        own = self._own(field, hits, inside, start)
        return Effect(
            cue.kind, first.start, limit, (first.start, limit), self._concerned.get(cue.kind, frozenset()), own
        )

    def _own(self, field: Field, hits: Sequence[Hit], inside: list[Hit], start: int) -> Span | None:
        """Return the product where it stands behind what it fits: "For iPhone 15 phone case", 适用于iPhone手机壳."""
        before = any(hit.attribute == CATEGORY and hit.end <= start for hit in hits)
        if self._head != "last" or before or (not self._cjk and self._distance(field.text[:start]) > 0):
            return None
        last = max((h for h in inside if h.attribute == CATEGORY), key=lambda h: (h.end, -h.start), default=None)
        if last is None or not any(h.attribute in _OTHER_PRODUCT and h.end <= last.start for h in inside):
            return None
        return last.start, last.end

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

    def fits(self, text: str) -> bool:
        """Say whether a label itself carries a cue of compatibility: "for iPhone"."""
        return any(text.startswith(cue) or text.endswith(cue) for cue in self._fit_cues if text != cue)

    def _distance(self, text: str) -> int:
        """Return how many words lie in a stretch of text."""
        if self._cjk and is_cjk(text):
            return -(-len(text.strip()) // _CHARS_A_WORD)
        return len(text.split())

    def _is_joiner(self, text: str) -> bool:
        words = text.split() if not self._cjk else [text.strip()] if text.strip() else []
        return bool(words) and all(word in self._joiners or not any(c.isalnum() for c in word) for word in words)

    def _stop(self, field: Field, hits: Sequence[Hit], start: int, limit: int) -> int:
        """Return where a stop word that is no part of a label ends the reach; never the first word (pas EN cuir)."""
        if self._cjk:
            places = [at for at in (field.text.find(stop, start + 1, limit) for stop in self._stops) if at >= 0]
        else:
            words = [(low, field.text[low:high]) for low, high in field.words if start <= low < limit]
            places = [low for low, word in words[1:] if word in self._stops]
        free = [at for at in places if not any(hit.start < at < hit.end for hit in hits)]
        return min(free, default=limit)

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
        self._automaton = AhoCorasick(list(self._cues))

    def find(self, field: Field, covered: Sequence[Span]) -> Iterator[tuple[int, int, Cue]]:
        """Yield (start, end, cue); what lies inside a longer label or phrase is none."""
        longest: dict[int, int] = {}
        for _, start, end in self._automaton.find_matches_as_indexes(field.text, overlapping=True):
            if end > longest.get(start, start) and stands_alone(field.text, start, end, cjk=False):
                longest[start] = end
        done = 0
        for start, end in sorted(longest.items()):
            inside = any(low <= start and end <= high and (low, high) != (start, end) for low, high in covered)
            if start < done or inside:
                continue
            done = end
            for cue in self._cues[field.text[start:end]]:
                if not cue.fields or any(field.name.startswith(name) for name in cue.fields):
                    yield start, end, cue
