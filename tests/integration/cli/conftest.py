"""The real command line: in this process through click, or as a process of its own where that matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import tagwright

ROOT = Path(__file__).parents[3]
SCRIPT = [
    {"match": "Navy Blue Linen", "answer": {"color": ["navy blue"], "material": ["linen"]}},
    {"match": "ENGINE-FAILS", "fail": "engine"},
    {"match": "CUT-OFF", "answer": {"Color": ["red"]}, "fail": "truncate"},
    {"match": "Loafer", "answer": {"Shoe type": ["Venetian Loafer"], "Color": ["Black"]}},
]
Run = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def environment(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings of the engine `scripted`, and none of the machine's own."""
    for name in [name for name in os.environ if name.startswith("TAGWRIGHT_")]:
        monkeypatch.delenv(name)
    script = tmp_path / "script.json"
    script.write_text(json.dumps(SCRIPT), encoding="utf-8")
    chosen = {
        "TAGWRIGHT_HOME": str(home),
        "TAGWRIGHT_ENGINE": "scripted",
        "TAGWRIGHT_SCRIPT": str(script),
        "TAGWRIGHT_ADAPTER": "none",
    }
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    return chosen


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run the command line in this process."""

    def invoke(*words: str | Path, stdin: str | bytes | None = None, **env: str) -> Result:
        return CliRunner().invoke(tagwright, [str(word) for word in words], input=stdin, env=env)

    return invoke


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Start the command line as a process; what still runs at the end is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def popen(*words: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", "app.cli", *map(str, words)], cwd=ROOT, **options)
        running.append(process)
        return process

    yield popen
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def lines(text: str) -> list[dict[str, Any]]:
    """Return the objects of JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]
