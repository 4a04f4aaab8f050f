"""Measures this machine: `make bench`. Prints a table; every figure is a median over runs unless it says otherwise.

Uncached answers count only when they are not `partial`, which also means that the completion ended by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.bootstrap import open_service
from app.domain.listing import Listing
from app.pipeline.ports import Completion
from app.settings import load_settings
from eval.bench_listings import bench_listings
from eval.load import Answer, Server, post, serving

ROOT = Path(__file__).parents[1]
TAGWRIGHT = [str(Path(sys.executable).with_name("tagwright"))]
SERVE = [*TAGWRIGHT, "serve"]
BARE = [sys.executable, "-m", "uvicorn", "eval.bare:app", "--port", "{port}", "--log-level", "warning"]
COUNTED = 200


class Report:
    """Rows of (what, figure, goal), printed as they are measured."""

    def __init__(self) -> None:
        self._table = Table(title=f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
        for column in ("measured", "figure", "goal"):
            self._table.add_column(column)

    def add(self, what: str, figure: str, goal: str = "") -> None:
        """Add a row and say it at once: a run takes minutes."""
        print(f"{what}: {figure}", file=sys.stderr, flush=True)
        self._table.add_row(what, figure, goal)

    def show(self) -> None:
        """Print the table."""
        Console(width=120).print(self._table)


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-install", action="store_true", help="leave out the fresh installation (minutes, network)")
    options = parser.parse_args()
    report = Report()
    if not options.no_install:
        report.add("install to first tag", f"{install_to_first_tag():.0f} s", "< 300 s")
    report.add("tagwright --help", f"{median_of(10, help_once):.2f} s", "< 0.4 s")
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/bench.db"
        starts = [start_once(database) for _ in range(3)]
        report.add("start to ready", f"{statistics.median(starts):.2f} s", "< 5 s")
        with serving(SERVE, "/readyz", TAGWRIGHT_PORT="{port}", TAGWRIGHT_DATABASE_URL=database) as server:
            asyncio.run(served(server, report))
    asyncio.run(overhead(report))
    report.show()


async def served(server: Server, report: Report) -> None:
    """Measure the running service."""
    await post(server.port, "/v1/tags", bodies(bench_listings(8, description=0, seed=99)))
    for name, size in (("title only", 0), ("title + 600 characters", 600)):
        answers = await post(server.port, "/v1/tags", bodies(bench_listings(COUNTED, description=size, seed=size)))
        times, left_out = counted(answers)
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        figure = f"p50 {1000 * p50:.0f} ms, p95 {1000 * p95:.0f} ms ({len(times)} counted, {left_out} left out)"
        report.add(f"uncached, {name}", figure, "p95 < 1000 ms")
    for at_once in (1, 8, 32):
        listings = bench_listings(max(32, at_once * 2), description=0, seed=1000 + at_once)
        began = time.perf_counter()
        answers = await post(server.port, "/v1/tags", bodies(listings), at_once=at_once)
        times, left_out = counted(answers)
        figure = f"{len(times) / (time.perf_counter() - began):.1f} ({left_out} partial, not counted)"
        report.add(f"listings/s, {at_once} at once", figure)
    report.add("resident memory", f"{server.resident_mb():.0f} MiB")
    await cached(server, report)


async def cached(server: Server, report: Report) -> None:
    """Measure cached answers beside a bare FastAPI endpoint that returns the same bytes."""
    (body,) = bodies(bench_listings(1, description=600, seed=7))
    answer = (await post(server.port, "/v1/tags", [body, body]))[1]
    with tempfile.NamedTemporaryFile() as same:
        same.write(answer.body)
        same.flush()
        with serving(BARE, "/readyz", TAGWRIGHT_BENCH_ANSWER=same.name) as bare:
            rates = {"cached": [], "bare": []}  # type: dict[str, list[float]]
            times: list[float] = []
            for _ in range(5):
                for name, port in (("cached", server.port), ("bare", bare.port)):
                    began = time.perf_counter()
                    answers = await post(port, "/v1/tags", [body] * 2000, at_once=8)
                    rates[name].append(len(answers) / (time.perf_counter() - began))
            for _ in range(3):
                times += [a.seconds for a in await post(server.port, "/v1/tags", [body] * 500)]
    ours, theirs = statistics.median(rates["cached"]), statistics.median(rates["bare"])
    report.add("cached, one at a time", f"p50 {1000 * statistics.median(times):.2f} ms", "p50 < 5 ms")
    figure = f"{ours:.0f}/s beside {theirs:.0f}/s bare: {ours / theirs:.2f}"
    report.add(f"cached requests/s ({len(answer.body)} bytes)", figure, "ratio > 0.5")


async def overhead(report: Report) -> None:
    """Measure the pipeline and its engine beside the raw engine on the same prompts, in one process, taking turns."""
    listings, others = (bench_listings(41, description=600, seed=seed) for seed in (5, 6))
    service = await open_service(load_settings(), with_store=False)
    try:
        generator = service.generator
        if generator is None:
            raise RuntimeError("the bench needs a model")
        completions: list[Completion] = []
        whole: list[float] = []
        raw: list[float] = []
        await service.tagger.tag_one(listings[0])
        # the same listings with another number in front, so that neither has the other's prompt in its prefix cache
        for number, (listing, other) in enumerate(zip(listings[1:], others[1:], strict=True)):
            for turn in (number, number + 1):
                began = time.perf_counter()
                if turn % 2:
                    await service.tagger.tag_one(listing)
                    whole.append(time.perf_counter() - began)
                else:
                    prompt = service.tagger.prompt_for(replace(listing, title=other.title))
                    began = time.perf_counter()
                    completions += await generator.generate([prompt])
                    raw.append(time.perf_counter() - began)
    finally:
        await service.close()
    ratio = sum(whole) / sum(raw)
    report.add("service over raw engine", f"{100 * (ratio - 1):+.1f} %", "< 15 %")
    tokens = sum(c.completion_tokens for c in completions)
    report.add("tokens/s, prompt and answer", f"service {_rate(completions, whole)}, engine {_rate(completions, raw)}")
    report.add("tokens of an answer", f"{tokens / len(completions):.0f} on average")


def _rate(completions: Sequence[Completion], seconds: Sequence[float]) -> str:
    return f"{sum(c.prompt_tokens + c.completion_tokens for c in completions) / sum(seconds):.0f}"


def counted(answers: Sequence[Answer]) -> tuple[list[float], int]:
    """Return the times of the answers that count, and how many do not."""
    times = []
    for answer in answers:
        if answer.status != 200:
            raise RuntimeError(f"status {answer.status}: {answer.body[:300]!r}")
        content = json.loads(answer.body)
        if not content["partial"] and content["cache"] == "miss":
            times.append(answer.seconds)
    return times, len(answers) - len(times)


def bodies(listings: Sequence[Listing]) -> list[bytes]:
    """Return the request bodies of listings."""
    return [json.dumps({"title": x.title, "description": x.description}, ensure_ascii=False).encode() for x in listings]


def install_to_first_tag() -> float:
    """Return the seconds from an empty folder to the first tag: environment, downloads, weights, one listing."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TAGWRIGHT_HOME": f"{folder}/home"}
        python = f"{folder}/venv/bin/python"
        install = [python, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]
        steps = [
            [sys.executable, "-m", "venv", f"{folder}/venv"],
            [*install, "--require-hashes", "-r", str(ROOT / "requirements.lock")],
            [*install, "--no-deps", str(ROOT)],
            [f"{folder}/venv/bin/tagwright", "tag", "--title", "Blue cotton shirt"],
        ]
        began = time.perf_counter()
        for step in steps:
            subprocess.run(step, env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began


def start_once(database: str) -> float:
    """Return the seconds from starting the service to its being ready."""
    with serving(SERVE, "/readyz", TAGWRIGHT_PORT="{port}", TAGWRIGHT_DATABASE_URL=database) as server:
        return server.ready_s


def help_once() -> float:
    """Return the seconds that `tagwright --help` takes."""
    began = time.perf_counter()
    subprocess.run([*TAGWRIGHT, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def median_of(runs: int, measure: Callable[[], float]) -> float:
    """Return the median of several runs."""
    return statistics.median(measure() for _ in range(runs))


if __name__ == "__main__":
    main()
