"""Programs of the machine: word lists in, what they said out. Nothing here goes through a shell.

An interrupted command (`interrupt()`) ends what runs and refuses what would come next, so that every thread of the
lab stops soon. `pause` is the only sleep of the lab, for the same reason.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PLAIN = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb"}
"""The environment of every program, unless more is given."""


class LabError(Exception):
    """Something of the lab does not work: what, why, and what to do about it."""

    def __init__(self, what: str, why: str = "", hint: str = "") -> None:
        super().__init__(f"{what}: {why}" if why else what)
        self.what = what
        self.why = why
        self.hint = hint


class Interrupted(BaseException):
    """The lab was interrupted; like KeyboardInterrupt, no handler of errors takes it for one."""


@dataclass(frozen=True, slots=True)
class Done:
    """An ended program: its exit status (negative: the signal), and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        """True when it ended with 0."""
        return self.status == 0


_stopping = threading.Event()
_running: set[subprocess.Popen[str]] = set()
_lock = threading.Lock()


def interrupt() -> None:
    """End what runs now and let nothing more begin."""
    _stopping.set()
    with _lock:
        running = list(_running)
    for process in running:
        _end(process, signal.SIGTERM)


def interrupted() -> bool:
    """True after `interrupt`."""
    return _stopping.is_set()


def pause(seconds: float) -> None:
    """Sleep. Raises Interrupted."""
    if _stopping.wait(seconds):
        raise Interrupted


def wait_until(test: Callable[[], bool], seconds: float, step: float = 0.2) -> bool:
    """True as soon as `test` is; False when it never was within `seconds`. It is tried at least once."""
    end = time.monotonic() + seconds
    while not test():
        left = end - time.monotonic()
        if left <= 0:
            return False
        pause(min(step, left))
    return True


def run(
    words: Sequence[str],
    *,
    input: str | None = None,
    seconds: float = 60,
    env: Mapping[str, str] | None = None,
    check: bool = True,
) -> Done:
    """Run a program. Raises LabError when it is missing, too slow or (with `check`) ends with anything but 0."""
    if _stopping.is_set():
        raise Interrupted
    try:
        process = subprocess.Popen(
            list(words),
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            cwd="/",
            env={**PLAIN, **(env or {})},
            process_group=0,
        )
    except OSError as error:
        raise LabError(words[0], error.strerror or str(error), "is its package installed?") from error
    with _lock:
        _running.add(process)
    try:
        out, err = process.communicate(input, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        _end(process, signal.SIGKILL)
        process.communicate()
        raise LabError(_name(words), f"not done after {seconds:g} s") from error
    except BaseException:
        _end(process, signal.SIGKILL)
        process.communicate()
        raise
    finally:
        with _lock:
            _running.discard(process)
    if _stopping.is_set() and process.returncode != 0:
        raise Interrupted
    done = Done(process.returncode, out, err)
    if check and not done.ok:
        raise LabError(_name(words), _why(done))
    return done


def _end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """End a program with all that it started: what nsenter runs in a host is a process of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _name(words: Sequence[str]) -> str:
    """The words for messages: the program and what it was to do, not all of it."""
    named = " ".join(words)
    return named if len(named) <= 120 else named[:117] + "…"


def _why(done: Done) -> str:
    said = [line for line in (done.err.strip() or done.out.strip()).splitlines() if line.strip()]
    return f"exit status {done.status}" + (": " + " / ".join(said[-3:]) if said else "")


def last_line(text: str) -> str:
    """The last line of what a program said."""
    return (text.strip().splitlines() or ["no reason given"])[-1]


def alive(pid: int) -> bool:
    """True when a process (no zombie) with this id exists."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def began(pid: int) -> str:
    """When the process began, in a form that no later process with the same id has; empty when there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            ticks = file.read().rpartition(")")[2].split()[19]
        with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
            return f"{ticks}@{file.read().strip()}"
    except OSError:
        return ""


def children(pid: int) -> list[int]:
    """The processes that this one started, of all its threads."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="utf-8") as file:
                found += [int(word) for word in file.read().split()]
    except OSError:
        pass
    return found


def called(pid: int) -> str:
    """The process's own name; empty when there is none."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""
