"""tagwright serve, as a process."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Start


def test_serve_answers_and_leaves_cleanly_when_told_to(start: Start) -> None:
    process = start("serve", "--port", "0", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.readline().decode()
    url = said.split()[3]
    assert said.startswith("Tagwright listens on http://127.0.0.1:")
    with urllib.request.urlopen(f"{url}/healthz", timeout=120) as answer:
        assert json.load(answer)["status"] == "ok"
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert b"Traceback" not in process.stderr.read()


def test_serve_says_that_a_port_is_taken(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start("serve", "--port", port, stderr=subprocess.PIPE)
        said = process.stderr.read().decode()
    assert process.wait(60) == 2
    assert said.startswith(f"Error: cannot listen on 127.0.0.1 port {port}: ")


def test_serve_says_why_it_could_not_start(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TAGWRIGHT_SCRIPT", str(tmp_path / "none.json"))
    process = start("serve", "--port", "0", stderr=subprocess.PIPE)
    said = process.stderr.read().decode()
    assert process.wait(60) == 2
    assert said.splitlines()[-1].startswith(f"Error: script {tmp_path / 'none.json'} cannot be read")
    assert "Traceback" not in said
