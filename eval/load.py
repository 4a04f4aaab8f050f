"""A server under measurement and a load that costs little: raw HTTP/1.1 on kept-alive connections."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: status, body and how long it took, in seconds."""

    status: int
    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Server:
    """A process that listens on a port of loopback; ``ready_s`` is how long it took until it said it was ready."""

    port: int
    process: subprocess.Popen[bytes]
    ready_s: float

    def resident_mb(self) -> float:
        """Return the process's resident memory in MiB (Linux)."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def serving(command: Sequence[str], ready_path: str, **environment: str) -> Iterator[Server]:
    """Start a server, wait until it is ready, and end it with SIGTERM. ``{port}`` in words is replaced."""
    port = _free_port()
    words = [word.replace("{port}", str(port)) for word in command]
    values = {name: value.replace("{port}", str(port)) for name, value in environment.items()}
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(words, env={**os.environ, **values}, stdout=log, stderr=log)
        try:
            _wait(process, port, ready_path)
            yield Server(port, process, time.perf_counter() - began)
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-2000:])
            raise
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


async def post(port: int, path: str, bodies: Sequence[bytes], *, at_once: int = 1) -> list[Answer]:
    """POST every body, ``at_once`` connections at a time, and return the answers in order."""
    answers: list[Answer | None] = [None] * len(bodies)
    numbers = iter(range(len(bodies)))

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            began = time.perf_counter()
            status, body = await _exchange(reader, writer, path, bodies[number])
            answers[number] = Answer(status, body, time.perf_counter() - began)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(connection() for _ in range(at_once)))
    return [answer for answer in answers if answer is not None]


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes
) -> tuple[int, bytes]:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    return int(answer[9:12]), await reader.readexactly(length)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
                link.sendall(request)
                if link.recv(12).endswith(b"200"):
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise RuntimeError(f"the server did not become ready (exit code {process.poll()})")
