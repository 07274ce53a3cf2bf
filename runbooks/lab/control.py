"""The control socket of the lab: a thread per client; the words are those of `runbooks/ground/protocol.py`.

Faults are made and taken back one after another; everything else is answered meanwhile. A real cloud keeps no list of
what was changed, and its clock is nobody's to move: `writes` and `advance` are refused. `reset` takes all faults back.
"""

from __future__ import annotations

import os
import socketserver
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from runbooks.ground.declared import FaultError
from runbooks.ground.protocol import LINE_LIMIT, Request, RequestError, declared, iso_z, refusal, reply, request
from runbooks.ground.protocol import view as viewed
from runbooks.lab.faults.active import Active, Faults
from runbooks.lab.shell import Interrupted, LabError


class Control:
    """What the socket answers."""

    def __init__(self, faults: Faults, now: Callable[[], float] = time.time) -> None:
        declared("lab")  # a file that is wrong says so before anything is served
        self._faults = faults
        self._now = now
        self._one = threading.Lock()
        self.stopped = threading.Event()
        """Set by `stop`."""
        self._commands: dict[str, Callable[[Request], object]] = {
            "faults": lambda asked: declared("lab"),
            "inject": self._inject,
            "undo": self._undo,
            "active": lambda asked: [view(each) for each in self._faults.active.values()],
            "writes": self._writes,
            "clock": self._clock,
            "reset": lambda asked: self._undo(Request("undo")) and None,
            "stop": lambda asked: self.stopped.set(),
        }

    def answer(self, line: bytes) -> bytes:
        """The reply to one line."""
        try:
            asked = request(line, self._commands)
            return reply(self._commands[asked.command](asked))
        except (RequestError, FaultError, LabError) as error:
            return refusal(error)
        except Interrupted:
            return refusal("the lab is being switched off")

    def _inject(self, asked: Request) -> object:
        with self._one:
            return view(self._faults.inject(asked.fault, asked.parameters))

    def _undo(self, asked: Request) -> list[object]:
        with self._one:
            wanted = [asked.id] if asked.id else list(reversed(self._faults.active))
            return [view(self._faults.undo(each)) for each in wanted]

    def _writes(self, asked: Request) -> object:
        raise FaultError("a real cloud keeps no list of what was changed: ask its own logs")

    def _clock(self, asked: Request) -> object:
        if asked.advance:
            raise FaultError("the time of a real cloud cannot be moved on: wait")
        return {"now": self._now(), "iso": iso_z(self._now())}


def view(fault: Active) -> dict[str, object]:
    """A fault as clients see it."""
    return viewed(fault.id, fault.fault, fault.parameters, fault.since)


class Server(socketserver.ThreadingUnixStreamServer):
    """Listens; a thread per client."""

    daemon_threads = True

    def __init__(self, path: Path, control: Control) -> None:
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            super().__init__(str(path), _Client)
        finally:
            os.umask(before)
        self.control = control


class _Client(socketserver.StreamRequestHandler):
    """One client: its lines, until it hangs up."""

    server: Server
    timeout: ClassVar[None] = None

    def handle(self) -> None:
        while line := self.rfile.readline(LINE_LIMIT):
            if not line.endswith(b"\n"):
                return  # longer than any request, or cut off
            try:
                self.wfile.write(self.server.control.answer(line))
            except OSError:
                return  # it went away
