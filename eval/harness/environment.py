"""What a figure was measured with: versions of code, packages, model and data, and the machine."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from app import __version__
from app.domain.tags import Versions
from app.settings import Settings
from eval.harness.result import Environment

_ROOT = Path(__file__).parents[2]
_PRIVATE = frozenset({"redis_url", "database_url", "host", "port", "home"})
"""Settings that say nothing about an answer, and may hold secrets or names of machines."""


def environment(settings: Settings, versions: Versions | None) -> Environment:
    """Return everything that could change a figure; ``versions`` of what answered, None for answers from a file."""
    return Environment(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        app=__version__,
        revision=revision(),
        python=platform.python_version(),
        packages=_packages(),
        machine=f"{platform.system()} {platform.machine()}, {_processor()}",
        cpus=os.cpu_count() or 1,
        versions=asdict(versions) if versions else {},
        settings={
            name: str(getattr(settings, name)) for name in sorted(settings.model_fields_set) if name not in _PRIVATE
        },
        command=command(),
    )


def command() -> str:
    """Return the command that this process was started by."""
    program = Path(sys.argv[0]).name
    return shlex.join(["tagwright" if program == "cli.py" else program, *sys.argv[1:]])


def revision() -> str | None:
    """Return the commit of this checkout, with "+" where files were changed; None for an installed package."""
    if not (_ROOT / ".git").exists():
        return None
    try:
        commit, changed = (
            subprocess.run(["git", *words], cwd=_ROOT, capture_output=True, text=True, check=True, timeout=10).stdout
            for words in (("rev-parse", "--short=12", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return commit.strip() + ("+" if changed.strip() else "")


def _packages() -> dict[str, str]:
    """Return the versions of the packages that are loaded."""
    of = metadata.packages_distributions()
    loaded = {name for module in {name.partition(".")[0] for name in sys.modules} for name in of.get(module, ())}
    return {name: metadata.version(name) for name in sorted(loaded, key=str.lower)}


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
