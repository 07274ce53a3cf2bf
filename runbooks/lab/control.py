"""The control socket: one JSON object per line in, one per line out, over STATE/control.sock (0600).

A request is `{"command": NAME, …}`; the reply `{"ok": true, "result": …}` or `{"ok": false, "error": WORDS}`.

    faults                                    what can be broken
    inject   fault, parameters                break it; the result names its id
    undo     id (all of them without)         take it back
    active                                    what is broken now
    writes   since                            refused: a real cloud keeps no list of what was changed
    clock    advance (0 by default)           the time; it cannot be moved on
    reset                                     all faults taken back
    stop                                      the end: the lab is switched off

Faults are made and taken back one after another; everything else is answered meanwhile.
"""

from __future__ import annotations

import os
import socketserver
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from runbooks.lab.faults.active import Active, Faults
from runbooks.lab.faults.declared import plans
from runbooks.lab.faults.fault import FaultError
from runbooks.lab.shell import Interrupted, LabError

LINE_LIMIT = 1 << 16


class Request(msgspec.Struct):
    """A line of a client."""

    command: str
    fault: str = ""
    parameters: dict[str, Any] = {}
    id: str = ""
    since: int = 0
    advance: float = 0.0


# Made here, on one thread: two connections that make msgspec meet a Struct at the same moment crash the process (0.22).
_requests = msgspec.json.Decoder(Request)


class Control:
    """What the socket answers."""

    def __init__(self, faults: Faults, now: Callable[[], float] = time.time) -> None:
        plans()  # read on one thread, for the same reason; and a file that is wrong says so before anything is served
        self._faults = faults
        self._now = now
        self._one = threading.Lock()
        self.stopped = threading.Event()
        """Set by `stop`."""
        self._commands: dict[str, Callable[[Request], object]] = {
            "faults": lambda request: {name: msgspec.to_builtins(plan) for name, plan in plans().items()},
            "inject": self._inject,
            "undo": self._undo,
            "active": lambda request: [view(each) for each in self._faults.active.values()],
            "writes": self._writes,
            "clock": self._clock,
            "reset": lambda request: self._undo(Request("undo")) and None,
            "stop": lambda request: self.stopped.set(),
        }

    def answer(self, line: bytes) -> bytes:
        """The reply to one line."""
        try:
            request = _requests.decode(line)
            if request.command not in self._commands:
                raise FaultError(f"no command is called {request.command!r}; there are: {', '.join(self._commands)}")
            return _line({"ok": True, "result": self._commands[request.command](request)})
        except msgspec.MsgspecError as error:
            return _line({"ok": False, "error": f"not a request: {error}"})
        except (FaultError, LabError) as error:
            return _line({"ok": False, "error": str(error)})
        except Interrupted:
            return _line({"ok": False, "error": "the lab is being switched off"})

    def _inject(self, request: Request) -> object:
        with self._one:
            return view(self._faults.inject(request.fault, request.parameters))

    def _undo(self, request: Request) -> list[object]:
        with self._one:
            wanted = [request.id] if request.id else list(reversed(self._faults.active))
            return [view(self._faults.undo(each)) for each in wanted]

    def _writes(self, request: Request) -> object:
        raise FaultError("a real cloud keeps no list of what was changed: ask its own logs")

    def _clock(self, request: Request) -> object:
        if request.advance:
            raise FaultError("the time of a real cloud cannot be moved on: wait")
        return {"now": self._now(), "iso": iso_z(self._now())}


def _line(answer: dict[str, object]) -> bytes:
    return msgspec.json.encode(answer) + b"\n"


def view(fault: Active) -> dict[str, object]:
    """A fault as clients see it."""
    return {"id": fault.id, "fault": fault.fault, "parameters": fault.parameters, "since": iso_z(fault.since)}


def iso_z(seconds: float) -> str:
    """UTC, to the second."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")


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
