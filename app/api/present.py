"""From tag sets to bytes: labels are put on, and what was rendered once is kept."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.api.encoding import encode
from app.domain.tags import Tag, TagSet
from app.domain.taxonomy import Concept, Label, Taxonomy
from app.pipeline.localize import Locales, concept_labels, resolve
from app.pipeline.ports import StoredTags
from app.present import tag_fields

_OVERHEAD_BYTES = 500
"""What an entry costs besides its bytes: the key, the tag set's own objects are the cache's."""


@dataclass(frozen=True, slots=True)
class _Rendered:
    """The parts of an answer that are the same each time, and the tag set that they were made from."""

    tags: TagSet
    head: bytes
    versions: bytes

    def is_of(self, tags: TagSet) -> bool:
        """Say whether this shows a tag set: one fingerprint has several, by what people locked and what failed."""
        mine = self.tags
        return (mine.tags, mine.unmatched, mine.partial) == (tags.tags, tags.unmatched, tags.partial)


class Presenter:
    """Renders tag sets in the locales asked for.

    The answer to a listing that was answered before differs in its id, timings and warnings only, so the rest is kept
    as bytes, by fingerprint and locales, least recently used out first.
    """

    def __init__(self, taxonomy: Taxonomy, *, max_bytes: int = 32 * 1024 * 1024) -> None:
        self._taxonomy = taxonomy
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, Locales], _Rendered] = OrderedDict()
        self._resolve = lru_cache(maxsize=256)(lambda asked: resolve(asked, taxonomy))

    def locales(self, asked: Sequence[str] | None) -> Locales:
        """Return what answers the locales asked for, None for all; UnknownLocale for what is no language tag."""
        return self._resolve(None if asked is None else tuple(asked))

    def answer(
        self, tags: TagSet, locales: Locales, *, listing_id: str | None, cache: str, timings_ms: Mapping[str, float]
    ) -> bytes:
        """Return a TagResponse as JSON."""
        rendered = self._rendered(tags, locales)
        parts = (
            b'{"id":',
            encode(listing_id),
            rendered.head,
            b',"cache":',
            encode(cache),
            b',"timings_ms":',
            encode(timings_ms),
            rendered.versions,
            b',"warnings":',
            encode([*locales.warnings, *tags.warnings]),
            b"}",
        )
        return b"".join(parts)

    def stored(self, stored: StoredTags, locales: Locales) -> bytes:
        """Return a TagResponse of what the store has, as JSON; the same bytes until something changes."""
        return self.answer(stored.tags, locales, listing_id=stored.listing.id, cache="stored", timings_ms={})

    def etag(self, stored: StoredTags, locales: Locales) -> str:
        """Return the entity tag of `stored` (RFC 9110): of the version, and of all that labels depend on.

        The cursor is in it since versions start again where a listing is erased and comes back.
        """
        labels = hashlib.sha256(f"{self._taxonomy.digest}{locales.pairs}".encode("utf-8", "replace")).hexdigest()[:16]
        return f'"{stored.version}.{stored.cursor}.{labels}"'

    def tag(self, tag: Tag, locales: Locales) -> dict[str, Any]:
        """Return one tag as it stands in answers."""
        if tag.quantity is not None or tag.id in self._taxonomy.concepts:
            return tag_fields(tag, locales, self._taxonomy)
        # stored under another taxonomy, which had this concept; it is called what the listing calls it
        stand_in = Concept(
            id=tag.id, attribute=tag.attribute, labels=(Label(text=tag.raw, locale="en", preferred=True),)
        )
        return tag_fields(tag, locales, replace(self._taxonomy, concepts={tag.id: stand_in}))

    def labels(self, concept_id: str, locales: Locales) -> dict[str, str]:
        """Return the labels of an id; a quantity's are read from the id, one that the taxonomy lacks is its own."""
        concept = self._taxonomy.concepts.get(concept_id) or self._taxonomy.attributes.get(concept_id)
        if concept is not None:
            return concept_labels(concept, locales)
        text = concept_id.partition(":")[2].replace("_", " ") or concept_id
        return {asked: text for asked, _ in locales.pairs}

    def forget(self, fingerprints: Iterable[str]) -> None:
        """Drop what was rendered of tag sets that are to be erased."""
        gone = frozenset(fingerprints)
        for key in [key for key in self._kept if key[0] in gone]:
            self._bytes -= _cost(self._kept.pop(key))

    def _rendered(self, tags: TagSet, locales: Locales) -> _Rendered:
        key = (tags.fingerprint, locales)
        kept = self._kept.get(key)
        if kept is not None and kept.is_of(tags):
            self._kept.move_to_end(key)
            return kept
        body = {
            "lang": tags.lang,
            "tags": [self.tag(tag, locales) for tag in tags.tags],
            "unmatched": tags.unmatched,
            "partial": tags.partial,
        }
        made = _Rendered(tags, b"," + encode(body)[1:-1], b',"versions":' + encode(tags.versions))
        if kept is not None:
            self._bytes -= _cost(kept)
        self._kept[key] = made
        self._kept.move_to_end(key)
        self._bytes += _cost(made)
        while self._bytes > self._max_bytes and self._kept:
            self._bytes -= _cost(self._kept.popitem(last=False)[1])
        return made


def _cost(rendered: _Rendered) -> int:
    # the tag set takes about as much as what is rendered of it
    return 2 * len(rendered.head) + len(rendered.versions) + _OVERHEAD_BYTES
