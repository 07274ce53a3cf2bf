"""A simulated cloud as a process of its own, for tests that meet it over the wire."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, ClassVar

import pytest

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0


@dataclass(frozen=True)
class Ground:
    """A running simulator; the lab of `tests/lab/` is one more kind of it."""

    CLOUD: ClassVar[str] = "simulator"
    PATIENCE: ClassVar[float] = 20.0
    """Seconds that a command of the control socket may take."""

    state: Path
    net: int
    pid: int = 0
    """Of its process, where it is our own child."""

    @property
    def vip(self) -> str:
        """The public virtual address."""
        return f"127.77.{self.net}.10"

    def ask(self, command: str, **more: object) -> Any:
        """The result of one command of the control socket. Raises ValueError with the ground's words."""
        with socket.socket(socket.AF_UNIX) as control, control.makefile("rwb") as stream:
            control.settimeout(self.PATIENCE)
            control.connect(str(self.state / "control.sock"))
            stream.write(json.dumps({"command": command, **more}).encode() + b"\n")
            stream.flush()
            answer = json.loads(stream.readline())
        if not answer["ok"]:
            raise ValueError(answer["error"])
        return answer["result"]

    def inject(self, fault: str, **parameters: str) -> str:
        """Break something; the id to undo it with."""
        return str(self.ask("inject", fault=fault, parameters=parameters)["id"])

    def environment(self, cloud: str = "") -> dict[str, str]:
        """The environment of a client."""
        mine = {
            "OS_CLIENT_CONFIG_FILE": str(self.state / "clouds.yaml"),
            "NEPHOSCOPE_CONFIG": str(self.state / "nephoscope.toml"),
            "OS_CLOUD": cloud or self.CLOUD,
            "HOME": str(self.state),
        }
        return {name: value for name, value in os.environ.items() if not name.startswith("OS_")} | mine


@contextmanager
def simulator(state: Path, *arguments: str) -> Iterator[Ground]:
    """Start `python -m runbooks.simulator up --state STATE …`, wait until it answers, stop it at the end."""
    command = [sys.executable, "-m", "runbooks.simulator", "up", "--state", str(state), *arguments]
    with (
        TemporaryFile() as words,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=words) as process,
    ):
        try:
            ready = json.loads(_first_line(process, words))
            yield Ground(state, ready["net"], process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        said = _said(words)
        assert "Traceback" not in said, said


def _said(words: IO[bytes]) -> str:
    """What the process wrote to stderr."""
    words.seek(0)
    return words.read().decode(errors="replace")


def _first_line(process: subprocess.Popen[bytes], words: IO[bytes]) -> bytes:
    assert process.stdout is not None
    end = time.monotonic() + START_SECONDS
    line = b""
    while not line.endswith(b"\n"):
        left = end - time.monotonic()
        if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
            raise AssertionError("the simulator did not answer in time")
        chunk = os.read(process.stdout.fileno(), 4096)
        if not chunk:
            raise AssertionError(f"the simulator ended: {_said(words)}")
        line += chunk
    return line


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A simulator of default size for the whole session: tests that change it must undo what they did."""
    with simulator(tmp_path_factory.mktemp("simulator") / "state") as found:
        yield found
