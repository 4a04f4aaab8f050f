"""The one error tree.

    TagwrightError
    ├── InputError                 the caller can mend it (HTTP 4xx, exit code 2)
    │   ├── InvalidListing         a listing's field is unusable
    │   ├── UnknownLocale          a locale that cannot be read as a language tag
    │   ├── InvalidFile            a listing file that cannot be read
    │   ├── InvalidSchema          the caller's attribute schema is unusable
    │   ├── LeakedData             training data that stands in an evaluation set
    │   ├── InvalidQuery           a reconciliation query that cannot be answered
    │   ├── NotFound               no such listing, concept or attribute
    │   └── TooLarge               a body or a batch over its limit
    ├── SettingsError              the operator must mend it (exit code 2)
    │   ├── MissingExtra           an optional dependency is not installed
    │   ├── InvalidTaxonomy        taxonomy data breaks a rule
    │   ├── InvalidRules           rule data breaks a rule
    │   └── WeightsMismatch        weights are not the pinned ones
    └── ServiceError               a part failed (HTTP 503)
        ├── EngineError            the model could not answer
        │   └── CompletionInvalid  it answered, but outside the schema or truncated
        ├── CacheUnavailable       the cache did not answer
        └── StoreUnavailable       the store did not answer

Foreign errors are mapped to these at the adapter's edge with ``from exc``.
"""

from __future__ import annotations

from typing import ClassVar


class TagwrightError(Exception):
    """Base of all errors; ``type`` is stable and appears in problem+json and on the command line."""

    type: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.hint = hint


class InputError(TagwrightError):
    """The caller's input is unusable as it is."""

    type = "invalid-input"


class InvalidListing(InputError):
    """A listing's field is unusable; ``field`` names it."""

    type = "invalid-listing"


class UnknownLocale(InputError):
    """A locale that is no language tag (BCP 47)."""

    type = "unknown-locale"


class InvalidFile(InputError):
    """A file that cannot be read as listings; the message names the line where known."""

    type = "invalid-file"


class InvalidSchema(InputError):
    """A schema of the caller's own attributes that cannot be used."""

    type = "invalid-schema"


class LeakedData(InputError):
    """Training listings that stand in an evaluation set, or a split that is for evaluation; the message names them."""

    type = "leaked-data"


class InvalidQuery(InputError):
    """A reconciliation query names a type or a property that there is not; ``field`` says where."""

    type = "invalid-query"


class NotFound(InputError):
    """Nothing is known under this id."""

    type = "not-found"


class TooLarge(InputError):
    """A body or a batch is over its stated limit."""

    type = "too-large"


class SettingsError(TagwrightError):
    """The installation or its settings need mending."""

    type = "settings"


class MissingExtra(SettingsError):
    """An optional dependency is missing; the hint is the command that installs it."""

    type = "missing-extra"


class InvalidTaxonomy(SettingsError):
    """Taxonomy data that breaks a rule of `tagwright taxonomy check`."""

    type = "invalid-taxonomy"


class InvalidRules(SettingsError):
    """Rule data that cannot be used."""

    type = "invalid-rules"


class WeightsMismatch(SettingsError):
    """Weights whose SHA-256 is not the pinned one are refused."""

    type = "weights-mismatch"


class ServiceError(TagwrightError):
    """A part of the service failed."""

    type = "service"
    retryable = True


class EngineError(ServiceError):
    """The model could not answer."""

    type = "engine"


class CompletionInvalid(EngineError):
    """The model answered outside its schema, or was cut off."""

    type = "completion-invalid"


class CacheUnavailable(ServiceError):
    """The cache did not answer; callers go on without it."""

    type = "cache-unavailable"


class StoreUnavailable(ServiceError):
    """The store did not answer."""

    type = "store-unavailable"
