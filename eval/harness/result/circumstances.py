"""What was measured, where, and how fast."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What was measured on what."""

    gold: str
    """File name and the folder it lies in."""
    gold_sha256: str
    listings: int
    languages: dict[str, int]
    predictions: str | None
    """File name where answers were read from a file."""
    train: str | None
    """Gold that values count as seen by."""
    rules: bool
    model: bool
    failed: int
    partial: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """Everything that could change a figure."""

    created: str
    """UTC, ISO 8601."""
    app: str
    revision: str | None
    """Git commit, with "+" behind it where files were changed; None outside a repository."""
    python: str
    packages: dict[str, str]
    machine: str
    cpus: int
    versions: dict[str, str]
    """Of what answered: model, adapter, prompt, schema, rules, taxonomy, pipeline. Empty for answers from a file."""
    settings: dict[str, str]
    """Settings that were set to other than their default, without addresses of databases and caches."""
    command: str | None = None
    """What was called, with its arguments."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Performance:
    """Speed of the run; latencies are those of a listing while ``at_once`` were in work."""

    seconds: float
    """All listings, without loading."""
    at_once: int
    listings_per_s: float
    latency_ms_p50: float
    latency_ms_p95: float
    prompt_tokens: int
    """All listings; 0 where no model is asked."""
    completion_tokens: int
    completion_tokens_per_s: float
