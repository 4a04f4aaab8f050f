"""Brings together what rules and model say: one tag per concept, with calibrated confidence and a decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.tags import Candidate, Decision, Evidence, Match, Method, Source, Tag, Unmatched
from app.domain.taxonomy import CATEGORY, Kind, Taxonomy
from app.pipeline.matching.normalize import Normalizer

SINGLE_VALUED = frozenset(
    {CATEGORY, "gender", "brand", "condition", "spf", "fit", "roast_level", "caffeine", "movement"}
)
"""Attributes of which a listing has one value; the most confident wins."""
LANGUAGE_MARK = "@"
"""Stands before the language in the narrowest kinds: "rule/alias/title/color@de"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """Share of right tags among those of a kind, counted on gold, and the thresholds fitted for a stated precision.

    ``table`` goes by `kinds`; only what was counted often enough is in it.
    """

    version: str
    table: Mapping[str, float]
    accept: float
    review: float

    def confidence(
        self, attribute: str, source: Source, match: Match, evidence: Sequence[Evidence], lang: str
    ) -> float:
        """Return the calibrated probability that such a tag is right: that of the narrowest kind counted."""
        return next((self.table[k] for k in kinds(attribute, source, match, evidence, lang) if k in self.table), 0.5)

    def counted(self, source: Source, match: Match, evidence: Sequence[Evidence]) -> bool:
        """Say whether such tags were counted on gold; what holds for a rule alone holds when the model agrees too."""
        sources = {source, Source.RULE} if source is Source.BOTH else {source}
        return any(_place(one, match, evidence) in self.table for one in sources)

    def decision(self, confidence: float, *, inferred: bool, calibrated: bool) -> Decision:
        """Return what to do; an inferred tag is accepted only where its kind was counted on gold."""
        if confidence >= self.accept and (calibrated or not inferred):
            return Decision.ACCEPT
        return Decision.REVIEW if confidence >= self.review else Decision.REJECT


def kinds(attribute: str, source: Source, match: Match, evidence: Sequence[Evidence], lang: str) -> tuple[str, ...]:
    """Return the kinds that a tag belongs to, narrowest first; each but the last is a part of the next.

    By language (of the listing, as far as it is known) for one attribute, by attribute, by where the evidence stands,
    by match method, by source.
    """
    place = _place(source, match, evidence)
    of = f"{place}/{attribute}"
    language = (f"{of}{LANGUAGE_MARK}{lang.partition('-')[0].lower()}",) if lang else ()
    return *language, of, place, f"{source.value}/{match.method.value}", source.value


def _place(source: Source, match: Match, evidence: Sequence[Evidence]) -> str:
    return f"{source.value}/{match.method.value}/{evidence_kind(evidence)}"


def evidence_kind(evidence: Sequence[Evidence]) -> str:
    """Return where a tag's evidence stands: title, body (anything else) or inferred (nowhere)."""
    if not evidence:
        return "inferred"
    return "title" if any(e.field == "title" for e in evidence) else "body"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fused:
    """Tags to show, surest first within an attribute, and values that fit no concept."""

    tags: tuple[Tag, ...]
    unmatched: tuple[Unmatched, ...]


def fuse(
    candidates: Iterable[Candidate],
    suppressed: Sequence[Evidence],
    *,
    lang: str,
    taxonomy: Taxonomy,
    normalizer: Normalizer,
    calibration: Calibration,
) -> Fused:
    """Return one tag per concept from rule and model candidates.

    Left out are values that stand only where the text negates them or speaks of another product, ancestors of a tag
    with the same evidence, and all but the surest value of a single-valued attribute.
    """
    candidates = list(candidates)
    explained = {e for c in candidates if c.source is Source.RULE for e in c.evidence}
    groups: dict[tuple[str, str], list[Candidate]] = {}
    unmatched: dict[tuple[str, str], Unmatched] = {}
    for candidate in candidates:
        if candidate.source is Source.MODEL and _inside(candidate.evidence, suppressed):
            continue
        mapped = _mapped(candidate, lang, normalizer)
        if _forced(mapped, explained):
            mapped = replace(mapped, concept_id=None, match=None)
        if mapped.concept_id is not None:
            groups.setdefault((mapped.attribute, mapped.concept_id), []).append(mapped)
        elif not _known_otherwise(mapped, explained):
            unmatched.setdefault(
                (mapped.attribute, mapped.raw.casefold()),
                Unmatched(attribute=mapped.attribute, raw=mapped.raw, source=mapped.source, evidence=mapped.evidence),
            )
    groups = _without_guesses(groups)
    tags = [_tag(group, taxonomy, calibration, lang) for group in groups.values()]
    shown = [tag for tag in tags if tag.decision is not Decision.REJECT]
    shown = _without_ancestors(_single(shown), taxonomy)
    return Fused(tags=tuple(sorted(shown, key=_order)), unmatched=tuple(unmatched.values()))


def choose_category(tags: Iterable[Tag]) -> str | None:
    """Return the id of the category among tags."""
    return next((tag.id for tag in tags if tag.attribute == CATEGORY), None)


def _mapped(candidate: Candidate, lang: str, normalizer: Normalizer) -> Candidate:
    if candidate.concept_id is not None:
        return candidate
    found = normalizer.match(candidate.raw, candidate.attribute, lang)
    return candidate if found is None else replace(candidate, concept_id=found[0], match=found[1])


def _known_otherwise(candidate: Candidate, explained: set[Evidence]) -> bool:
    """Say whether all of a model's value lies in spans that rules have mapped: then it is no new value."""
    return candidate.source is Source.MODEL and _inside(candidate.evidence, tuple(explained))


def _forced(candidate: Candidate, explained: set[Evidence]) -> bool:
    """Say whether a model's value was mapped by likeness alone although rules know its span as something else."""
    return (
        candidate.source is Source.MODEL
        and candidate.match is not None
        and candidate.match.method in (Method.FUZZY, Method.SEMANTIC)
        and any(evidence in explained for evidence in candidate.evidence)
    )


def _without_guesses(groups: Mapping[tuple[str, str], list[Candidate]]) -> dict[tuple[str, str], list[Candidate]]:
    """Leave out a category that the model alone gives where rules give another one.

    The model copies a general word where rules know the finer one. Where they differed on 180 train listings, rules
    were right 25 times and the model 17, of 30 (eval/LOG.md, section 21).
    """
    known = any(attribute == CATEGORY and _by_rule(group) for (attribute, _), group in groups.items())
    return {key: group for key, group in groups.items() if key[0] != CATEGORY or not known or _by_rule(group)}


def _by_rule(group: Sequence[Candidate]) -> bool:
    return any(candidate.source is Source.RULE for candidate in group)


def _tag(group: Sequence[Candidate], taxonomy: Taxonomy, calibration: Calibration, lang: str) -> Tag:
    sources = {candidate.source for candidate in group}
    source = Source.BOTH if len(sources) > 1 else next(iter(sources))
    # a rule's match is certain about the label, so it describes the pair; else the surest of the model's
    best = min(group, key=lambda c: (c.source is not Source.RULE, not c.evidence, -(c.match.score if c.match else 0)))
    match = best.match or Match(method=Method.RULE, score=100, label=best.raw, locale="")
    evidence = tuple(dict.fromkeys(e for c in group for e in c.evidence))
    confidence = calibration.confidence(best.attribute, source, match, evidence, lang)
    inferred = not evidence or match.method is Method.KNOWN_FOR
    counted = calibration.counted(source, match, evidence)
    assert best.concept_id is not None  # noqa: S101 - groups are made of mapped candidates
    return Tag(
        attribute=best.attribute,
        id=best.concept_id,
        raw=best.raw,
        confidence=confidence,
        decision=calibration.decision(confidence, inferred=inferred, calibrated=counted),
        match=match,
        source=source,
        evidence=evidence,
        path=taxonomy.path(best.concept_id) if best.attribute == CATEGORY else (),
        quantity=best.quantity,
    )


def _single(tags: Sequence[Tag]) -> list[Tag]:
    best: dict[str, Tag] = {}
    for tag in tags:
        if tag.attribute in SINGLE_VALUED:
            current = best.get(tag.attribute)
            if current is None or _strength(tag) > _strength(current):
                best[tag.attribute] = tag
    return [tag for tag in tags if tag.attribute not in SINGLE_VALUED or best[tag.attribute] is tag]


def _strength(tag: Tag) -> tuple[float, int, int]:
    """Order tags of one attribute: surer, deeper in the tree, earlier in the text."""
    first = min((e.start for e in tag.evidence if e.field == "title"), default=10_000)
    return tag.confidence, len(tag.path), -first


def _without_ancestors(tags: Sequence[Tag], taxonomy: Taxonomy) -> list[Tag]:
    implied = {
        (ancestor, evidence)
        for tag in tags
        if tag.id in taxonomy.concepts
        for ancestor in taxonomy.path(tag.id)[:-1]
        for evidence in tag.evidence
    }
    return [tag for tag in tags if not tag.evidence or not all((tag.id, e) in implied for e in tag.evidence)]


def _inside(evidence: Sequence[Evidence], spans: Sequence[Evidence]) -> bool:
    return bool(evidence) and all(
        any(s.field == e.field and s.start <= e.start and e.end <= s.end for s in spans) for e in evidence
    )


def _order(tag: Tag) -> tuple[bool, str, float, str]:
    return tag.attribute != CATEGORY, tag.attribute, -tag.confidence, tag.id


def asked_attributes(taxonomy: Taxonomy, category_id: str | None) -> tuple[str, ...]:
    """Return the attributes that the model is asked for: the category's, without what rules read as well or better."""
    relevant = taxonomy.relevant(category_id) if category_id else UNIVERSAL
    known = taxonomy.attributes
    return tuple(a for a in relevant if a in known and known[a].kind is not Kind.QUANTITY and a not in CODED)


CODED = frozenset({"size", "shoe_size", "spf", "condition", "certification", "country_of_origin", "caffeine"})
"""Attributes with few, fixed ways of saying them: asking a model costs tokens and gains nothing."""
UNIVERSAL = ("brand", "color", "material", "pattern", "gender", "age_group")
"""What is asked where no category can be guessed."""
