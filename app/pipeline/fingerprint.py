"""The cache key: SHA-256 over canonical JSON of what is read and of every version that could change the answer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import lru_cache

from app.domain.listing import Listing
from app.domain.tags import Versions
from app.domain.taxonomy import Taxonomy
from app.pipeline.intake import Intake


def fingerprint(listing: Listing, intake: Intake, versions: Versions) -> str:
    """Return the key of an answer, 64 hex digits. The listing's id and the locales asked for are not part of it."""
    content = {
        "texts": [(name, text.text) for name, text in intake.texts.items()],
        # evidence points into the source, so two sources with one cleaned text have two answers
        "shifted": [(name, text.starts) for name, text in intake.texts.items() if text.starts is not None],
        "lang": intake.lang,
        "images": listing.images,
    }
    canonical = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(_versions_json(versions) + canonical.encode()).hexdigest()


def taxonomy_version(taxonomy: Taxonomy) -> str:
    """Return what `Versions.taxonomy` says of a taxonomy."""
    return f"{taxonomy.name}-{taxonomy.version}@{taxonomy.digest[:12]}"


@lru_cache(maxsize=16)
def _versions_json(versions: Versions) -> bytes:
    return json.dumps(asdict(versions), sort_keys=True, separators=(",", ":")).encode()
