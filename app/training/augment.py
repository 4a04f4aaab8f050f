"""Augmentation: small pure functions from an example to an example, each keeping gold and spans right.

A recipe names them with a probability each:

    augment: {typos: 0.1, recase: 0.1, translate: 0.2}

What is cut out of the text leaves gold as well; what is written otherwise stands in gold as it is written now. A span
that holds another ("midi" in "midi dress") is one stretch with it: it is moved, and neither is changed inside.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from app.domain.errors import SettingsError
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.training.generator.example import ENTRY, Example, Span, in_order, with_spans

Augmentation = Callable[[Example, random.Random], Example]
Rewrite = Callable[[str, bool], str | None]
"""(stretch of text, whether it states values) -> what stands in its place; None leaves the stretch as it is."""

_WORD = re.compile(r"[^\W\d_]{4,}")
_NEVER_TRANSLATED = frozenset({"brand", CATEGORY})


def typos(example: Example, rng: random.Random) -> Example:
    """Misspell words that state nothing: two letters swapped, one dropped, one doubled. Values keep their spelling."""
    return _rewritten(example, lambda text, stated: None if stated else _WORD.sub(lambda m: _mistyped(m[0], rng), text))


def misspell(example: Example, rng: random.Random) -> Example:
    """Misspell one value; gold has it as it is written now, since what is copied is copied as it stands."""
    spans = [span for span in _outermost(example.spans) if _WORD.search(_surface(example, span))]
    return _replaced(
        example, rng, spans, lambda span: _WORD.sub(lambda m: _mistype(m[0], rng), _surface(example, span), count=1)
    )


def drop_words(example: Example, rng: random.Random) -> Example:
    """Drop some words that state nothing."""
    return _rewritten(example, lambda text, stated: None if stated else _thinned(text, rng))


def swap_words(example: Example, rng: random.Random) -> Example:
    """Swap neighbouring words that state nothing."""
    return _rewritten(example, lambda text, stated: None if stated else _shuffled(text, rng))


def recase(example: Example, rng: random.Random) -> Example:
    """Write the title in capitals or all of it small."""
    change = rng.choice((str.upper, str.lower))
    return _rewritten(example, lambda text, _: change(text), fields=("title",))


def reorder(example: Example, rng: random.Random) -> Example:
    """Put seller attributes, and a title's comma-separated parts, in another order."""
    for field, glue in (("attributes", ENTRY), ("title", ", ")):
        example = _reordered(example, field, glue, rng)
    return example


def truncate(example: Example, rng: random.Random) -> Example:
    """Cut the description short, or the title of an example without one; gold that was behind the cut is gone."""
    field = "description" if example.texts.get("description") else "title"
    text = example.texts[field]
    end = rng.randint(len(text) // 2, len(text))
    spans = [s for s in example.spans if s.field != field or s.end <= end]
    cut = [s.start for s in example.spans if s.field == field and s.start < end < s.end]
    end = min([end, *cut])
    spans = [s for s in spans if s.field != field or s.end <= end]
    return with_spans(example, {**example.texts, field: text[:end].rstrip()}, spans)


def translating(taxonomy: Taxonomy, *, english: bool = False) -> Augmentation:
    """Return an augmentation that words one value by another label of it: of the same language, or in English."""

    def translate(example: Example, rng: random.Random) -> Example:
        locale = "en" if english else example.lang
        spans = [s for s in _outermost(example.spans) if s.concept in taxonomy.concepts]
        spans = [s for s in spans if taxonomy.concepts[s.concept or ""].attribute not in _NEVER_TRANSLATED]

        def other(span: Span) -> str | None:
            labels = taxonomy.concepts[span.concept or ""].labels
            texts = [x.text for x in labels if x.locale == locale and x.standalone]
            texts = [text for text in texts if text.casefold() != _surface(example, span).casefold()]
            return rng.choice(texts) if texts else None

        return _replaced(example, rng, spans, other)

    return translate


class Augmenter:
    """What a recipe's ``augment`` section says: each augmentation with its probability, the same by seed."""

    def __init__(self, shares: Mapping[str, float], taxonomy: Taxonomy, seed: int) -> None:
        known = {
            **AUGMENTATIONS,
            "translate": translating(taxonomy),
            "code_switch": translating(taxonomy, english=True),
        }
        if unknown := sorted(set(shares) - set(known)):
            raise SettingsError(
                f"no augmentation is called {unknown[0]!r}",
                field="augment",
                hint=f"there are {', '.join(sorted(known))}",
            )
        if wrong := sorted(name for name, share in shares.items() if not 0 <= share <= 1):
            raise SettingsError(f"the share of {wrong[0]!r} is not between 0 and 1", field="augment")
        self._parts = [(known[name], share) for name, share in shares.items()]
        self._seed = seed

    def __call__(self, examples: Iterable[Example]) -> Iterator[Example]:
        """Yield every example once, augmented by those that its turn draws."""
        rng = random.Random(self._seed)  # noqa: S311 - not for secrets
        for example in examples:
            for augment, share in self._parts:
                if rng.random() < share:
                    example = augment(example, rng)
            yield example


AUGMENTATIONS: Mapping[str, Augmentation] = {
    "typos": typos,
    "misspell": misspell,
    "drop_words": drop_words,
    "swap_words": swap_words,
    "recase": recase,
    "reorder": reorder,
    "truncate": truncate,
}


def located(example: Example) -> Example:
    """Return an example of a gold set with a span for the first place of each value, where the text has it."""
    spans = []
    for attribute, values in example.gold.items():
        for value in values:
            for field, text in example.texts.items():
                if value and value in text:
                    at = text.index(value)
                    spans.append(Span(field=field, start=at, end=at + len(value), attribute=attribute))
                    break
    return replace(example, spans=tuple(in_order(spans)))


def _surface(example: Example, span: Span) -> str:
    return example.texts[span.field][span.start : span.end]


def _outermost(spans: Sequence[Span]) -> list[Span]:
    """Return the spans that share no letter with another."""
    return [
        span
        for span in spans
        if not any(o is not span and o.field == span.field and o.start < span.end and span.start < o.end for o in spans)
    ]


def _stretches(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return (start, end) of what spans cover, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if merged and span.start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span.end))
        else:
            merged.append((span.start, span.end))
    return merged


def _rewritten(
    example: Example, rewrite: Rewrite, fields: Sequence[str] = ("title", "description", "reviews")
) -> Example:
    """Return the example with stretches rewritten; a stated stretch that changes its length stays as it is."""
    texts, spans = dict(example.texts), [s for s in example.spans if s.field not in fields]
    for field in fields:
        text = texts.get(field, "")
        own = [s for s in example.spans if s.field == field]
        made, last = "", 0
        moved: list[Span] = []
        for start, end in [*_stretches(own), (len(text), len(text))]:
            between = text[last:start]
            made += between if (new := rewrite(between, False)) is None else new
            stated = text[start:end]
            new = rewrite(stated, True)
            shift = len(made) - start
            moved += [replace(s, start=s.start + shift, end=s.end + shift) for s in own if start <= s.start < end]
            made += new if new is not None and len(new) == len(stated) else stated
            last = end
        texts[field] = made
        spans += moved
    return with_spans(example, texts, in_order(spans))


def _replaced(
    example: Example, rng: random.Random, spans: Sequence[Span], word: Callable[[Span], str | None]
) -> Example:
    """Return the example with one of the spans worded otherwise."""
    if not spans:
        return example
    chosen = rng.choice(spans)
    new = word(chosen)
    if not new:
        return example
    text = example.texts[chosen.field]
    shift = len(new) - (chosen.end - chosen.start)
    moved = [
        replace(s, end=s.end + shift)
        if s is chosen
        else replace(s, start=s.start + shift, end=s.end + shift)
        if s.field == chosen.field and s.start >= chosen.end
        else s
        for s in example.spans
    ]
    texts = {**example.texts, chosen.field: text[: chosen.start] + new + text[chosen.end :]}
    return with_spans(example, texts, moved)


def _reordered(example: Example, field: str, glue: str, rng: random.Random) -> Example:
    text = example.texts.get(field, "")
    parts: list[tuple[int, int]] = []
    at = 0
    for part in text.split(glue):
        parts.append((at, at + len(part)))
        at += len(part) + len(glue)
    own = [s for s in example.spans if s.field == field]
    if len(parts) < 2 or any(not any(a <= s.start and s.end <= b for a, b in parts) for s in own):
        return example
    spans = [s for s in example.spans if s.field != field]
    made = ""
    for start, end in rng.sample(parts, len(parts)):
        made += glue if made else ""
        shift = len(made) - start
        spans += [
            replace(s, start=s.start + shift, end=s.end + shift) for s in own if start <= s.start and s.end <= end
        ]
        made += text[start:end]
    return with_spans(example, {**example.texts, field: made}, in_order(spans))


def _mistyped(word: str, rng: random.Random) -> str:
    return _mistype(word, rng) if rng.random() < 0.15 else word


def _mistype(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if kind == 1 else word[:at] + word[at] + word[at:]


def _thinned(text: str, rng: random.Random) -> str:
    parts = re.split(r"( +)", text)
    kept = [
        p for n, p in enumerate(parts) if not (_WORD.fullmatch(p) and 0 < n < len(parts) - 1 and rng.random() < 0.1)
    ]
    return re.sub(r" {2,}", " ", "".join(kept))


def _shuffled(text: str, rng: random.Random) -> str:
    parts = re.split(r"( +)", text)
    for at in range(0, len(parts) - 2):
        if _WORD.fullmatch(parts[at]) and _WORD.fullmatch(parts[at + 2]) and rng.random() < 0.1:
            parts[at], parts[at + 2] = parts[at + 2], parts[at]
    return "".join(parts)
