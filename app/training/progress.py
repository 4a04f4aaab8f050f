"""What a person sees of a training run: a bar on a terminal, a line now and then in a log file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.training.loop import Progress

_EVERY = 10


@contextmanager
def printed(name: str, report: Callable[[Progress], None] | None = None) -> Iterator[Callable[[Progress], None]]:
    """Give what is called after every step: ``report`` itself, or what draws on stderr where it is None."""
    if report is not None:
        yield report
    elif sys.stderr.isatty():
        with _bar(name) as drawn:
            yield drawn
    else:
        yield _line


def _line(progress: Progress) -> None:
    if progress.step % _EVERY == 0:
        print(
            f"step {progress.step}/{progress.steps} loss {progress.loss:.3f} {progress.tokens_per_s:.0f} tokens/s",
            file=sys.stderr,
            flush=True,
        )


@contextmanager
def _bar(name: str) -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.3f}, {task.fields[rate]:.0f} tokens/s"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None, loss=float("nan"), rate=0.0)

        def draw(progress: Progress) -> None:
            bar.update(
                task,
                total=progress.steps,
                completed=progress.step + 1,
                loss=progress.loss,
                rate=progress.tokens_per_s,
            )

        yield draw
