"""Puts an evaluation together: judged answers in, the whole result out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.errors import InputError
from app.domain.taxonomy import CATEGORY, Kind, Taxonomy
from app.pipeline.fuse import SINGLE_VALUED
from eval.harness.answers import Answer
from eval.harness.calibration import grade, reliability, selective
from eval.harness.crossfit import cross_fit
from eval.harness.fairness import fairness
from eval.harness.gold import Gold, GoldListing, read_gold, text_of
from eval.harness.mistakes import mistakes
from eval.harness.protocols import PROTOCOLS, Judged, Protocol, supported, tally
from eval.harness.result import Environment, ListingResult, Performance, ProtocolResult, Result, Subject
from eval.harness.scores import Part, breakdown, confusions, exact, hierarchy, macro, matrix, score
from eval.harness.stages import Normalise, stages

Seen = Callable[[str, str], bool]
STATED = 0.9
"""The precision that a threshold is sought for where none is stated."""


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What is to be measured."""

    protocols: tuple[str, ...]
    seen: Seen | None = None
    """Says of an attribute and a value whether train has it."""
    folds: int | None = None
    stated: float = STATED


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where answers come from."""

    environment: Environment
    performance: Performance | None = None
    predictions: str | None = None
    train: str | None = None
    rules: bool = True
    model: bool = True


def chosen(gold: Gold, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the protocols asked for, or all that gold supports; InputError where gold lacks what one needs."""
    able = tuple(supported(gold))
    if lacking := [name for name in asked if name not in able]:
        hint = f"this gold supports {', '.join(able)}"
        raise InputError(f"{gold.path.name} cannot be judged by {lacking[0]}", field="protocol", hint=hint)
    names = tuple(name for name in able if name in asked) if asked else able
    if len({PROTOCOLS[name].of_tags for name in names}) > 1:
        hint = "slots, strict and sets are about surface values, tags and category about concepts: measure them apart"
        raise InputError("these protocols judge different answers", field="protocol", hint=hint)
    return names


def seen_in(train: Path, convert: Callable[[Gold], Gold] | None = None) -> Seen:
    """Return what says whether a value occurs in train's gold, case folded; ``convert`` makes tags of surface gold."""
    known: set[tuple[str, str]] = set()
    read = read_gold(train)
    for item in (convert(read) if convert is not None else read).listings:
        known.update((one.partition(":")[0], one.casefold()) for one in item.tags or ())
        known.update((a, v.strip().casefold()) for a, values in (item.values or {}).items() for v in values or ())
    return lambda attribute, value: (attribute, value.strip().casefold()) in known


def evaluate(
    gold: Gold,
    answers: Sequence[Answer],
    aim: Aim,
    origin: Origin,
    taxonomy: Taxonomy,
    normalise: Normalise | None = None,
) -> Result:
    """Judge answers to gold listings under every protocol of the aim."""
    items = gold.listings
    parts = [_part(item, taxonomy) for item in items]
    judged = {
        name: [PROTOCOLS[name].judge(gold, item, answer) for item, answer in zip(items, answers, strict=True)]
        for name in aim.protocols
    }
    protocols = {
        name: _under(PROTOCOLS[name], of, gold, answers, parts, aim, taxonomy, normalise) for name, of in judged.items()
    }
    telling = next(name for name in ("tags", "sets", "slots", "strict", "category") if name in judged)
    return Result(
        environment=origin.environment,
        subject=_subject(gold, answers, origin),
        protocols=protocols,
        performance=origin.performance,
        fairness=fairness(protocols[telling], items, answers, taxonomy),
        mistakes=mistakes(telling, items, judged[telling]),
        listings=tuple(
            _listing(item, part, answer, {name: of[number] for name, of in judged.items()})
            for number, (item, part, answer) in enumerate(zip(items, parts, answers, strict=True))
        ),
    )


def _under(
    protocol: Protocol,
    judged: Sequence[Sequence[Judged]],
    gold: Gold,
    answers: Sequence[Answer],
    parts: Sequence[Part],
    aim: Aim,
    taxonomy: Taxonomy,
    normalise: Normalise | None,
) -> ProtocolResult:
    names, counts = matrix([tally(of) for of in judged])
    result = ProtocolResult(
        name=protocol.name,
        definition=protocol.definition,
        micro=score(counts.sum(1)),
        macro=macro(counts),
        exact=exact(counts),
        by=breakdown(names, counts, parts, judged, aim.seen),
    )
    if protocol.name == "category":
        return replace(
            result, hierarchy=hierarchy([item.tags or frozenset() for item in gold.listings], judged, taxonomy)
        )
    if protocol.name == "slots":
        return replace(result, confusions=confusions(judged, _closed(gold, names)))
    if protocol.name == "tags":
        langs = [part.lang for part in parts]
        closed = [a for a in names if a in SINGLE_VALUED and (a == CATEGORY or _kind(taxonomy, a) is Kind.CLOSED)]
        graded = grade(judged)
        result = replace(
            result,
            confusions=confusions(judged, closed),
            stages=stages(gold, answers, taxonomy, normalise),
        )
        if graded is not None:
            result = replace(
                result,
                reliability=reliability(graded.confidence, graded.right),
                selective=selective(graded, langs, aim.stated),
                crossfit=cross_fit(graded, langs, folds=aim.folds, stated=aim.stated) if aim.folds else None,
            )
    return result


def _closed(gold: Gold, names: Sequence[str]) -> list[str]:
    """Return the attributes whose gold values, one a listing, all stand in the schema's list of examples."""
    listed: dict[str, set[str]] = {}
    for asked in gold.schema.categories.values() if gold.schema else ():
        for attribute in asked:
            listed.setdefault(attribute.name, set()).update(attribute.examples)
    return [
        name
        for name in names
        if all(
            len(found) <= 1 and listed.get(name, set()).issuperset(found)
            for item in gold.listings
            if (found := (item.values or {}).get(name)) is not None
        )
    ]


def _kind(taxonomy: Taxonomy, attribute: str) -> Kind | None:
    concept = taxonomy.attributes.get(attribute)
    return concept.kind if concept else None


def _part(item: GoldListing, taxonomy: Taxonomy) -> Part:
    """Return the groups of a listing; the category of one with gold tags is the topmost node above its own."""
    category = item.category
    if item.tags is not None:
        found = next((one for one in sorted(item.tags) if one.partition(":")[0] == CATEGORY), None)
        category = taxonomy.path(found)[0] if found else category
    return Part(lang=item.lang, category=category or "(none)", length=len(text_of(item.listing)))


def _listing(item: GoldListing, part: Part, answer: Answer, judged: dict[str, Sequence[Judged]]) -> ListingResult:
    return ListingResult(
        id=item.id,
        lang=part.lang,
        category=part.category,
        length=part.length,
        error=answer.error,
        partial=answer.partial,
        latency_ms=answer.latency_ms,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        outcomes={name: tally(of) for name, of in judged.items()},
    )


def _subject(gold: Gold, answers: Sequence[Answer], origin: Origin) -> Subject:
    return Subject(
        gold=f"{gold.path.resolve().parent.name}/{gold.path.name}",
        gold_sha256=gold.sha256,
        listings=len(answers),
        languages=dict(Counter(item.lang for item in gold.listings).most_common()),
        predictions=origin.predictions,
        train=origin.train,
        rules=origin.rules,
        model=origin.model,
        failed=sum(answer.error is not None for answer in answers),
        partial=sum(answer.partial for answer in answers),
    )
