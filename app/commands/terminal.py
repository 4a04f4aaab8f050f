"""What verbs write: JSON lines for programs, tables, messages and progress for people."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from app.domain.errors import TagwrightError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_PIPED_WIDTH = 160
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return a text of the same length that cannot steer a terminal: no escapes, line breaks or writing directions."""
    return _UNPRINTABLE.sub(lambda found: " " if found[0] in "\t\n\r\u2028\u2029" else "\ufffd", text)


def say(message: str) -> None:
    """Write a line for people to stderr."""
    click.echo(printable(message), err=True)


def describe(error: TagwrightError) -> str:
    """Return an error as one line, with its hint."""
    return f"{error.message} ({error.hint})" if error.hint else error.message


def write_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write one line of JSON to stdout, in UTF-8 whatever the terminal's encoding."""
    write_bytes(json_line(value))


def write_bytes(line: bytes) -> None:
    """Write a line of bytes to stdout, whatever the terminal's encoding."""
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def json_line(value: Any) -> bytes:
    """Return one line of JSON in UTF-8; lone surrogates, which UTF-8 cannot hold, are escaped."""
    try:
        return json.dumps(value, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value).encode() + b"\n"


def console() -> Console:
    """Return a console on stdout. Output into a file or a pipe is not folded at 80 columns."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)


class Bar:
    """A progress bar on stderr, shown only where stderr is a terminal."""

    def __init__(self, progress: Progress | None, total: int, label: str) -> None:
        self._progress = progress
        self._task = progress.add_task(label, total=total) if progress else None

    def advance(self, count: int) -> None:
        """Count what is done."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, count)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bar away while something else is written to the same terminal."""
        if self._progress is not None:
            self._progress.stop()
        try:
            yield
        finally:
            if self._progress is not None:
                self._progress.start()


@contextmanager
def progress(total: int, label: str) -> Iterator[Bar]:
    """Show a bar for ``total`` pieces of work."""
    if total < 2 or not sys.stderr.isatty():
        yield Bar(None, total, label)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as shown:
        yield Bar(shown, total, label)


@contextmanager
def waiting(label: str) -> Iterator[None]:
    """Show that something of unknown length goes on."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(label):
        yield
