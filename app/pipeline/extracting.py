"""Any extractor as a tagger: asked for the taxonomy's attributes, its values mapped onto concepts.

What rules find is used for the category alone: an extractor has to be asked within one, and only the taxonomy has
categories. Its category is a tag as the rules' is elsewhere; all other tags are the extractor's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.errors import TagwrightError
from app.domain.listing import Listing
from app.domain.tags import Candidate, Extraction, Source, TagSet, Versions
from app.domain.taxonomy import CATEGORY, Kind, Taxonomy
from app.pipeline.completion import Locator
from app.pipeline.extractor import AskedAttribute, Question
from app.pipeline.fingerprint import fingerprint
from app.pipeline.fuse import Calibration, fuse
from app.pipeline.intake import Intake, take_in
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.ports import Extractor, LanguageIdentifier
from app.pipeline.rules.engine import RuleEngine, RuleFindings
from app.pipeline.text import fold_label


@dataclass(frozen=True, kw_only=True)
class ExtractingParts:
    """What an extracting tagger is made of."""

    extractor: Extractor
    names: Mapping[str, str]
    """Attribute id -> the name that the extractor knows it by; what is not here is not asked for."""
    taxonomy: Taxonomy
    rules: RuleEngine
    normalizer: Normalizer
    calibration: Calibration
    identifier: LanguageIdentifier
    versions: Versions


class ExtractingTagger:
    """Tags listings with what an extractor reads; see ports.Tagger."""

    def __init__(self, parts: ExtractingParts) -> None:
        self._parts = parts
        self._supported = frozenset(locale.split("-")[0] for locale in parts.taxonomy.locales)

    async def tag(self, listings: Sequence[Listing]) -> Sequence[TagSet]:
        """Tag listings at once, in order. Raises the first error."""
        parts = self._parts
        intakes = [take_in(listing, parts.identifier, self._supported) for listing in listings]
        findings = [parts.rules.find(intake.texts, intake.lang) for intake in intakes]
        questions = [self._question(listing, found) for listing, found in zip(listings, findings, strict=True)]
        asked = [question for question in questions if question is not None]
        answers = iter(await parts.extractor.extract_many(asked) if asked else [])
        return [
            self._tags(listing, intake, found, next(answers) if question else None)
            for listing, intake, found, question in zip(listings, intakes, findings, questions, strict=True)
        ]

    def _question(self, listing: Listing, found: RuleFindings) -> Question | None:
        """Return what is asked: the attributes of the category that rules see, of those that the extractor knows."""
        taxonomy, names = self._parts.taxonomy, self._parts.names
        category = found.categories[0].concept_id if found.categories else None
        wanted = [a for a in (taxonomy.relevant(category) if category else names) if a in names]
        if not wanted:
            return None
        label = (taxonomy.concepts[category].label("en") if category else "") or ""
        return Question(
            listing=listing, category=label, attributes=tuple(AskedAttribute(name=names[a]) for a in wanted)
        )

    def _tags(
        self, listing: Listing, intake: Intake, found: RuleFindings, answer: Extraction | TagwrightError | None
    ) -> TagSet:
        if isinstance(answer, TagwrightError):
            raise answer
        parts = self._parts
        fused = fuse(
            [*_category(found), *self._candidates(intake, answer)],
            found.suppressed,
            lang=intake.lang,
            taxonomy=parts.taxonomy,
            normalizer=parts.normalizer,
            calibration=parts.calibration,
        )
        return TagSet(
            fingerprint=fingerprint(listing, intake, parts.versions),
            lang=intake.lang,
            tags=fused.tags,
            unmatched=fused.unmatched,
            partial=False,
            versions=parts.versions,
            warnings=(*intake.warnings, *(answer.warnings if answer else ())),
        )

    def _candidates(self, intake: Intake, answer: Extraction | None) -> list[Candidate]:
        attributes = {name: attribute for attribute, name in self._parts.names.items()}
        locator = Locator(intake.texts)
        return [
            Candidate(attribute=attributes[name], raw=value, source=Source.MODEL, evidence=locator.find(value))
            for name, values in (answer.predicted if answer else {}).items()
            for value in values
        ]


def _category(found: RuleFindings) -> list[Candidate]:
    return [
        Candidate(
            attribute=CATEGORY,
            raw=best.label,
            source=Source.RULE,
            evidence=best.evidence,
            concept_id=best.concept_id,
            match=best.match,
        )
        for best in found.categories[:1]
    ]


def shared_names(taxonomy: Taxonomy, known: Iterable[str]) -> dict[str, str]:
    """Return attribute id -> name for the names that label an attribute with concepts, in any language."""
    folded = {fold_label(name): name for name in known}
    found = {}
    for attribute, concept in taxonomy.attributes.items():
        if concept.kind is not Kind.QUANTITY:
            name = next((folded[key] for label in concept.labels if (key := fold_label(label.text)) in folded), None)
            if name is not None:
                found[attribute] = name
    return found
