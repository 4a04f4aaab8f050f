"""Answers to gold listings: as a run gives them, and as files hold them.

A file has a line per listing, as `tagwright extract` or `tagwright tag --json` write it:

    {"id", "predicted": {attribute: [value]}}      {"id", "tags": [tag or concept id], ...}      {"id", "error": ...}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import InvalidFile
from app.domain.tags import Evidence, Extraction, Match, Method, Source, Tag, TagSet
from app.pipeline.fuse import kinds
from eval.harness.gold import GoldListing, read_rows

Predicted = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenTag:
    """A tag as far as it is judged; a file may hold its id alone."""

    id: str
    attribute: str
    raw: str | None = None
    confidence: float | None = None
    accepted: bool = True
    source: str | None = None
    method: str | None = None
    evidence: tuple[Evidence, ...] | None = None
    """() where nothing in the text stands for it; None where that is not known."""
    kinds: tuple[str, ...] = ()
    """What confidence is counted by; see fuse.kinds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was answered to one listing. A listing that failed has an error, and nothing was given."""

    predicted: Predicted | None = None
    tags: tuple[GivenTag, ...] | None = None
    unmatched: tuple[tuple[str, str], ...] = ()
    """(attribute, raw) of values that were read and fit no concept."""
    error: str | None = None
    partial: bool = False
    latency_ms: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


def of_tags(found: TagSet) -> Answer:
    """Return what a tagger answered."""
    return Answer(
        tags=tuple(_given(tag, found.lang) for tag in found.tags),
        unmatched=tuple((one.attribute, one.raw) for one in found.unmatched),
        partial=found.partial,
    )


def of_extraction(found: Extraction) -> Answer:
    """Return what an extractor answered."""
    return Answer(predicted=found.predicted, partial=found.partial)


def _given(tag: Tag, lang: str) -> GivenTag:
    return GivenTag(
        id=tag.id,
        attribute=tag.attribute,
        raw=tag.raw,
        confidence=tag.confidence,
        accepted=tag.decision.value == "accept",
        source=tag.source.value,
        method=tag.match.method.value,
        evidence=tag.evidence,
        kinds=kinds(tag.attribute, tag.source, tag.match, tag.evidence, lang),
    )


def read_answers(path: Path, gold: Sequence[GoldListing]) -> list[Answer]:
    """Return an answer to each gold listing, found by id; InvalidFile where one is missing, twice there or malformed.

    Answers to listings that are not in gold are left out.
    """
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be read: {exc.strerror}", field="predictions") from exc
    found: dict[str, Answer] = {}
    for number, row in read_rows(content, path.name):
        place = f"{path.name} line {number}"
        key = str(row.get("id"))
        if key in found:
            raise InvalidFile(f"{place}: id {key!r} has been answered before", field="id")
        try:
            found[key] = _read(row)
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            hint = "give what `tagwright extract` or `tagwright tag --json` wrote"
            raise InvalidFile(f"{place} has not the form of an answer: {exc!r}", field="predicted", hint=hint) from exc
    if missing := [item.id for item in gold if item.id not in found]:
        message = f"{path} answers {len(gold) - len(missing)} of {len(gold)} gold listings; {missing[0]!r} is missing"
        raise InvalidFile(message, field="predictions")
    return [found[item.id] for item in gold]


def _read(row: Mapping[str, Any]) -> Answer:
    if "error" in row:
        error = row["error"]
        return Answer(error=str(error.get("message", error) if isinstance(error, dict) else error))
    if "tags" in row:
        unmatched = tuple((one["attribute"], one["raw"]) for one in row.get("unmatched", ()))
        tags = tuple(_read_tag(tag, str(row.get("lang") or "")) for tag in row["tags"])
        return Answer(tags=tags, unmatched=unmatched, partial=bool(row.get("partial")))
    predicted = {str(attribute): _values(values) for attribute, values in row["predicted"].items()}
    return Answer(predicted=predicted)


def _values(values: Any) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{values!r:.80} is no list of texts")
    return values


def _read_tag(tag: Any, lang: str) -> GivenTag:
    if isinstance(tag, str):
        return GivenTag(id=tag, attribute=tag.partition(":")[0])
    match = Match(**{**tag["match"], "method": Method(tag["match"]["method"])})
    source = Source(tag["source"])
    evidence = tuple(Evidence(**span) for span in tag["evidence"])
    return GivenTag(
        id=tag["id"],
        attribute=tag["attribute"],
        raw=tag["raw"],
        confidence=float(tag["confidence"]),
        accepted=tag["decision"] == "accept",
        source=source.value,
        method=match.method.value,
        evidence=evidence,
        kinds=kinds(tag["attribute"], source, match, evidence, lang),
    )
