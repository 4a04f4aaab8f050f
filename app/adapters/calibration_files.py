"""Reads calibration.json, which travels with an adapter; `python -m eval.calibrate` writes it.

    {"format": 2, "table": {kind: share of right tags}, "accept": threshold, "review": threshold, "fitted": {...}}

Kinds are those of fuse.kinds. Files of format 1 (before kinds had languages) name none; they read the same.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from app.domain.errors import SettingsError
from app.pipeline.fuse import Calibration

FORMAT = 2


def read_calibration(path: Path) -> Calibration:
    """Return a file's calibration, its version the file's digest; SettingsError where it cannot be used."""
    hint = "write it with `python -m eval.calibrate`"
    try:
        data = path.read_bytes()
        fields = json.loads(data)
        found = fields.get("format", 1)
        if found not in (1, FORMAT):
            message = f"{path} has format {found!r}; this version reads up to {FORMAT}"
            raise SettingsError(message, field="format", hint="update tagwright, or write the file again")
        table = {str(kind): float(share) for kind, share in fields["table"].items()}
        return Calibration(
            version=hashlib.sha256(data).hexdigest()[:12],
            table=table,
            accept=float(fields["accept"]),
            review=float(fields["review"]),
        )
    except OSError as exc:
        raise SettingsError(f"{path} cannot be read: {exc.strerror}", field="calibration") from exc
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise SettingsError(f"{path} is no calibration: {exc!r}", field="calibration", hint=hint) from exc
