"""Grounds: processes that are a cloud (the simulator, the lab), started, asked and stopped from here.

A ground is reached over the wire only. This file and the drills alone speak its control socket: one JSON object per
line each way on `STATE/control.sock`.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from collectors.errors import BadConfiguration, TooLate, Unreachable, UsageError

START_SECONDS = 60.0

_LONGEST_SOCKET = 107
"""Bytes of the path of a Unix socket (unix(7))."""


def default_state(environ: Mapping[str, str], ground: str) -> Path:
    """Where a ground keeps its state unless told: below the user's state folder."""
    base = environ.get("XDG_STATE_HOME") or str(Path(environ.get("HOME", "/")) / ".local" / "state")
    return Path(base) / "nephoscope" / ground


def exports(state: Path, cloud: str) -> dict[str, str]:
    """The environment that every client of the ground needs."""
    return {
        "OS_CLIENT_CONFIG_FILE": str(state / "clouds.yaml"),
        "NEPHOSCOPE_CONFIG": str(state / "nephoscope.toml"),
        "OS_CLOUD": cloud,
    }


def ask(state: Path, message: Mapping[str, Any], seconds: float = 10.0, ground: str = "simulator") -> Any:
    """The result of one command. Raises `Unreachable`, and `UsageError` for what the ground refuses."""
    path = state / "control.sock"
    name = str(message.get("command", "?"))
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(seconds)
            control.connect(str(path))
            control.sendall(msgspec.json.encode(message) + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                chunk = control.recv(1 << 16)
                if not chunk:
                    break
                answer += chunk
    except TimeoutError as error:
        raise TooLate(f"ground at {state}", f"did not answer “{name}” within {seconds:g} s") from error
    except OSError as error:
        hint = f"start it: nephoscope {ground} up"
        raise Unreachable(f"ground at {state}", error.strerror or "does not answer", hint) from error
    try:
        found = msgspec.json.decode(answer)
    except msgspec.DecodeError as error:
        raise Unreachable(f"ground at {state}", f"closed the connection at “{name}”") from error
    if not isinstance(found, dict):
        raise Unreachable(f"ground at {state}", "answered something that is no JSON object")
    if not found.get("ok"):
        raise UsageError(str(found.get("error") or f"the ground refused “{name}”"))
    return found.get("result")


def running(state: Path) -> bool:
    """True when a ground answers there."""
    try:
        ask(state, {"command": "active"}, 2.0)
    except (Unreachable, UsageError):
        return False
    return True


def start(module: str, state: Path, arguments: Sequence[str]) -> dict[str, Any]:
    """Start `python -m MODULE up --state STATE …` as a process of its own; returns its ready line.

    Raises `Unreachable` with the end of its log when it does not come up.
    """
    if len(os.fsencode(state / "control.sock")) > _LONGEST_SOCKET:
        raise UsageError(f"{state} is too long a name for the socket in it", "choose a shorter --state (or TMPDIR)")
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    log_path = state / "log"
    command = [sys.executable, "-m", module, "up", "--state", str(state), *arguments]
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        )
    assert process.stdout is not None
    with process.stdout as out:
        line = _first_line(out.fileno(), START_SECONDS)
    try:
        found = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
        words = log_path.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise Unreachable(module.rsplit(".", 1)[-1], f"did not start: {words[0]}", f"see {log_path}") from error
    assert isinstance(found, dict)
    return found


def _first_line(descriptor: int, seconds: float) -> bytes:
    end = time.monotonic() + seconds
    line = b""
    while not line.endswith(b"\n") and (left := end - time.monotonic()) > 0:
        if select.select([descriptor], [], [], left)[0]:
            chunk = os.read(descriptor, 4096)
            if not chunk:
                break
            line += chunk
    return line


def stop(state: Path, seconds: float = 15.0) -> None:
    """Ask the ground to stop and wait until its process is gone."""
    pid = 0
    with contextlib.suppress(OSError, ValueError):
        pid = int((state / "pid").read_text())
    ask(state, {"command": "stop"})
    end = time.monotonic() + seconds
    while pid and time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise BadConfiguration(f"ground at {state}", f"process {pid} is not ours") from error
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.02)
    if pid:
        raise TooLate(f"ground at {state}", f"process {pid} did not end within {seconds:g} s")
