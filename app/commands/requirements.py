"""Which packages the installation asks for, which are there, and the command that installs the rest."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import app

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")
_PIN = re.compile(r"==\s*([^\s,;]+)")
_FOR_DEVELOPERS = frozenset({"test", "dev"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was looked at. ``off``: not there and not needed; ``mend``: the command that mends it."""

    name: str
    status: Literal["ok", "off", "warn", "fail"]
    detail: str
    mend: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """A package that is asked for, always or by an extra."""

    name: str
    text: str
    extra: str | None

    def problem(self) -> str | None:
        """Say what is wrong: it is missing, or not at the version that is pinned; None when it is right."""
        try:
            have = metadata.version(self.name)
        except metadata.PackageNotFoundError:
            return f"{self.name} is missing"
        pin = _PIN.search(self.text)
        return f"{self.name} is {have}, not {pin[1]}" if pin and have.partition("+")[0] != pin[1] else None


def packages() -> list[Check]:
    """Check what every installation needs: one line when all is there, else one per package."""
    needed = [requirement for requirement in requirements() if requirement.extra is None]
    wrong = [(requirement, problem) for requirement in needed if (problem := requirement.problem())]
    if not wrong:
        return [Check(name="packages", status="ok", detail=f"all {len(needed)} are there")]
    return [
        Check(name="packages", status="fail", detail=problem, mend=f"pip install '{requirement.text}'")
        for requirement, problem in wrong
    ]


def extras() -> list[Check]:
    """Check each optional group; none of them is needed until something that uses it is chosen."""
    names = sorted({r.extra for r in requirements() if r.extra and r.extra not in _FOR_DEVELOPERS})
    return [_extra(name, [r for r in requirements() if r.extra == name]) for name in names]


def _extra(name: str, group: Iterable[Requirement]) -> Check:
    wrong = [problem for requirement in group if (problem := requirement.problem())]
    if not wrong:
        return Check(name=f"extra {name}", status="ok", detail="installed")
    mend = f"pip install 'tagwright[{name}]'"
    return Check(name=f"extra {name}", status="off", detail=", ".join(wrong), mend=mend)


def requirements() -> list[Requirement]:
    """Return what the installed distribution asks for, or pyproject.toml where this is a checkout."""
    try:
        return [_read(text) for text in metadata.requires("tagwright") or ()]
    except metadata.PackageNotFoundError:
        path = Path(app.__file__).parents[1] / "pyproject.toml"
        if not path.is_file():
            return []
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        optional = project.get("optional-dependencies", {})
        return [
            *(_read(text) for text in project["dependencies"]),
            *(_read(text, extra) for extra, texts in optional.items() for text in texts),
        ]


def _read(text: str, extra: str | None = None) -> Requirement:
    """Read a requirement (PEP 508) as far as it is needed here."""
    marker = _EXTRA.search(text)
    name = _NAME.match(text)
    return Requirement(
        name=name[0] if name else text,
        text=text.partition(";")[0].strip(),
        extra=extra or (marker[1] if marker else None),
    )
