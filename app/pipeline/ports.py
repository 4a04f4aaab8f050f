"""What the pipeline needs from outside: Protocols of one to three methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from app.domain.errors import TagwrightError
from app.domain.listing import Listing
from app.domain.tags import Extraction, Tag, TagSet

if TYPE_CHECKING:
    from app.pipeline.extractor import Question


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """One request to a model: text, the JSON schema of its answer, and the most tokens it may take."""

    text: str
    schema: Mapping[str, Any]
    max_tokens: int
    spans: tuple[str, ...] = ()
    """Where not empty, the schema is an object of arrays of strings, and every string is copied from one of these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """What a model answered. ``finish_reason`` is ``stop`` or ``length``."""

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    """Prompt tokens that were taken from the prefix cache."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCard:
    """What is being served: names and the digests that pin it."""

    model: str
    adapter: str
    licence: str
    digest: str


class Generator(Protocol):
    """A generative model that decodes under a JSON schema. Batch first."""

    async def generate(self, prompts: Sequence[Prompt]) -> Sequence[Completion]:
        """Answer every prompt, in order; raise EngineError when it cannot."""
        ...

    def card(self) -> ModelCard:
        """Say what is served."""
        ...

    async def close(self) -> None:
        """Give back memory, threads and connections."""
        ...


class Cache(Protocol):
    """Bytes by key. Raises CacheUnavailable; a caller goes on without it."""

    async def get(self, key: str) -> bytes | None:
        """Return what is stored, or None."""
        ...

    async def put(self, key: str, value: bytes) -> None:
        """Store, for the adapter's time to live."""
        ...

    async def delete(self, key: str) -> None:
        """Forget."""
        ...


class SingleFlight(Protocol):
    """Do one piece of work once, however many callers ask for it at the same time."""

    async def once(
        self, key: str, lookup: Callable[[], Awaitable[bytes | None]], work: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        """Run ``work`` in one caller; the others get its result, or ``lookup``'s where another process worked."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTags:
    """A listing's current tags: ``version`` counts its tag sets from 1, ``cursor`` orders all changes."""

    listing: Listing
    tags: TagSet
    version: int
    cursor: int
    deleted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Listings that carry all the tags asked for, and how often every tag occurs among all hits."""

    items: tuple[StoredTags, ...]
    total: int
    facets: Mapping[str, int]
    """Concept id -> number of listings among all hits (not only this page)."""
    next_cursor: int | None


class ListingStore(Protocol):
    """Listings and their tag sets, by tenant and listing id. Raises StoreUnavailable."""

    async def save(self, tenant: str, listing: Listing, tags: TagSet) -> StoredTags:
        """Store a listing and its tags as the next version; what equals the current version is not written again.

        Locked tags of the current version are kept (a lock survives re-tagging): the returned
        ``tags`` are what is stored.
        """
        ...

    async def get_many(self, tenant: str, ids: Sequence[str]) -> dict[str, StoredTags]:
        """Return the current version of each id that is known and not deleted."""
        ...

    async def delete(self, tenant: str, listing_id: str) -> tuple[str, ...]:
        """Erase a listing, all its versions and locks; return the fingerprints that caches must forget.

        An unknown id raises NotFound. A tombstone (id and cursor only) stays for `changes`.
        """
        ...


class ListingIndex(Protocol):
    """Questions across listings."""

    async def search(self, tenant: str, tags: Sequence[str], *, after: int = 0, limit: int = 50) -> Page:
        """Return listings that carry every tag id, ordered by cursor, those after ``after`` first."""
        ...

    async def changes(self, tenant: str, *, since: int = 0, limit: int = 100) -> tuple[StoredTags, ...]:
        """Return what changed after a cursor, oldest first; deletions have ``deleted`` true and an empty listing."""
        ...


class TagLocks(Protocol):
    """Tags that a person fixed."""

    async def lock(self, tenant: str, listing_id: str, tag: Tag) -> StoredTags:
        """Put the tag on the listing and keep it there through re-tagging; NotFound for an unknown listing."""
        ...

    async def unlock(self, tenant: str, listing_id: str, tag_id: str) -> None:
        """Let the tag follow re-tagging again."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewrite:
    """What a migration makes of a listing."""

    stored: StoredTags
    """As it was read; where it is another one by now, nothing is written."""
    tags: TagSet
    """What is stored as its next version; the same as it has: none is."""
    reasons: tuple[str, ...] = ()
    """Why it has to be tagged again; empty where it has not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewritten:
    """What a rewrite led to; neither where the listing changed since it was read."""

    stored: bool
    """There is a next version."""
    requeued: tuple[str, ...]
    """Reasons that are new on the re-queue list."""


class TagMigration(Protocol):
    """Finds listings by the ids they carry and brings their tags to another taxonomy. Raises StoreUnavailable."""

    async def tags_in_use(self, tenant: str) -> tuple[str, ...]:
        """Return every id that a listing is found by, once: tags, and ancestors of categories."""
        ...

    async def carrying(self, tenant: str, tag_id: str, *, after: int = 0, limit: int = 500) -> tuple[StoredTags, ...]:
        """Return listings that are found by an id, by cursor, those after ``after`` first."""
        ...

    async def rewrite(self, tenant: str, rewrites: Sequence[Rewrite]) -> tuple[Rewritten, ...]:
        """Store next versions, locks included, and put listings on the re-queue list: all of it or nothing.

        A listing that changed since it was read is left alone; it is found again, by its new cursor.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A listing that has to be tagged again, and why; one for each reason."""

    listing_id: str
    reason: str
    since: datetime
    """In UTC, to the second."""


class RequeueList(Protocol):
    """Listings that have to be tagged again. Raises StoreUnavailable."""

    async def requeue(self, tenant: str, listing_ids: Sequence[str], reason: str) -> int:
        """Put listings on the list; return how many are new on it for this reason. Unknown ids are left out."""
        ...

    async def waiting(self, tenant: str, *, limit: int = 100) -> tuple[Waiting, ...]:
        """Return what waits longest."""
        ...

    async def release(self, tenant: str, done: Sequence[Waiting]) -> None:
        """Take off the list what was tagged again, for the reasons that were known then."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class UnmatchedValue:
    """One spelling of a value that fits no concept, and how many listings in a language have it."""

    attribute: str
    lang: str
    raw: str
    count: int
    listing_ids: tuple[str, ...]
    """One or two of them."""


class UnmatchedValues(Protocol):
    """Values of the stored tag sets that fit no concept. Raises StoreUnavailable."""

    async def unmatched(
        self, tenant: str, *, attribute: str | None = None, lang: str | None = None, limit: int = 200_000
    ) -> tuple[UnmatchedValue, ...]:
        """Return each spelling, the most frequent first; a listing counts once per attribute and folded value."""
        ...


class LanguageIdentifier(Protocol):
    """Names the language of a text."""

    def identify(self, text: str) -> tuple[str, float]:
        """Return (ISO 639-1 code, probability 0..1)."""
        ...


class Encoder(Protocol):
    """A multilingual sentence encoder."""

    def encode(self, texts: Sequence[str]) -> Any:
        """Return an array (len(texts), dimension) of float32, rows of length 1."""
        ...


class Tagger(Protocol):
    """Anything that tags listings: the generative pipeline, an encoder, a classical model."""

    async def tag(self, listings: Sequence[Listing]) -> Sequence[TagSet]:
        """Tag every listing, in order."""
        ...


class Extractor(Protocol):
    """Anything that fills a caller's own schema: the generative extractor, an encoder, a tree."""

    async def extract_many(self, questions: Sequence[Question]) -> list[Extraction | TagwrightError]:
        """Answer every question, in order; one that fails is an error in its place."""
        ...
