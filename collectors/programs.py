"""Programs of the operator's: run without a shell, with a deadline, never with a secret in their arguments."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from collectors.errors import BadConfiguration
from collectors.untrusted import clipped, neutral

SECONDS: Final = 10.0
"""How long a program has; one that waits for somebody to type is a mistake, so it gets no terminal either."""

LARGEST: Final = 4 * 2**20
"""Bytes that it may print."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended."""

    code: int
    output: bytes = field(repr=False)
    complaint: bytes = field(repr=False)


def output_of(
    command: Sequence[str],
    environ: Mapping[str, str],
    *,
    folder: Path,
    what: str,
    given: bytes | None = None,
    seconds: float = SECONDS,
    alone: bool = True,
) -> Done:
    """Run `command` in `folder` with `given` on its standard input; not `alone`: it may ask at our terminal.

    Raises `BadConfiguration` about `what` when it cannot be started or does not end in time.
    """
    name = command[0]
    program = str(folder / name) if "/" in name else shutil.which(name, path=environ.get("PATH"))
    if program is None:
        raise BadConfiguration(what, f"there is no program {name} on PATH", "install it, or give its whole path")
    try:
        process = subprocess.Popen(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=dict(environ),
            start_new_session=alone,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise BadConfiguration(what, f"{name} cannot be started: {reason}", "check its path and permissions") from error
    with process:
        try:
            output, complaint = _talk(process, given, seconds)
        except _ProgramError as error:
            # Its children too: they hold the pipes open.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL) if alone else process.kill()
            raise BadConfiguration(what, f"{name} {error}", error.hint) from None
    return Done(process.returncode, output, complaint)


class _ProgramError(Exception):
    """A program that takes too long or prints too much."""

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.hint = hint


def _talk(process: subprocess.Popen[bytes], given: bytes | None, seconds: float) -> tuple[bytes, bytes]:
    """What it prints on both streams until it ends; `given` is written meanwhile."""
    assert process.stdout is not None
    assert process.stderr is not None
    found = {process.stdout: bytearray(), process.stderr: bytearray()}
    left = memoryview(given or b"")
    until = time.monotonic() + seconds
    with selectors.DefaultSelector() as waiting:
        for stream in found:
            waiting.register(stream, selectors.EVENT_READ)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            waiting.register(process.stdin, selectors.EVENT_WRITE)
        while waiting.get_map():
            ready = waiting.select(max(until - time.monotonic(), 0))
            if not ready:
                hint = "run it by hand; it gets no terminal, so it must not ask for anything"
                raise _ProgramError(f"did not end within {seconds:g} s", hint)
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    left = left[_write(process.stdin, left) :]
                    if not left:
                        waiting.unregister(process.stdin)
                        _close(process.stdin)
                    continue
                stream = process.stdout if key.fileobj is process.stdout else process.stderr
                data = os.read(stream.fileno(), 65536)
                found[stream] += data
                if len(found[stream]) > LARGEST:
                    raise _ProgramError(f"printed more than {LARGEST >> 20} MiB", "check what it prints")
                if not data:
                    waiting.unregister(stream)
    try:
        process.wait(max(until - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        raise _ProgramError(f"did not end within {seconds:g} s", "run it by hand") from None
    return bytes(found[process.stdout]), bytes(found[process.stderr])


def _write(pipe: IO[bytes], data: memoryview) -> int:
    """How much of `data` is dealt with; all of it when nobody reads any more."""
    try:
        return os.write(pipe.fileno(), data[:65536])
    except BrokenPipeError:
        return len(data)


def _close(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):
        pipe.close()


def first_line(data: bytes) -> str:
    """The first line of what a program complained, harmless and short."""
    lines = [line for line in data.decode(errors="replace").splitlines() if line.strip()]
    return clipped(neutral(lines[0].strip()), 200) if lines else ""
