"""What is raised where an optional package is missing: MissingExtra, with the command that installs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.errors import MissingExtra


@contextmanager
def needing(extra: str, what: str) -> Iterator[None]:
    """Raise MissingExtra where an import within fails: ``what`` needs the extra.

    A module of the project itself that is missing is a defect, and is not told as something to install.
    """
    try:
        yield
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] == "app":
            raise
        raise MissingExtra(f"{what} needs {exc.name}", hint=f"pip install 'tagwright[{extra}]'") from exc
