"""Writers of other people's formats, one file each, imported when chosen.

`skos-*`: `write(nodes, out) -> triples`.
"""

from __future__ import annotations

import importlib
from typing import Any

TAXONOMY_FORMATS = {
    "skos-turtle": "app.adapters.exports.skos_turtle:write",
    "skos-jsonld": "app.adapters.exports.skos_jsonld:write",
}


def load(place: str) -> Any:
    """Return what "module:name" names."""
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)
