"""The control socket: one JSON object per line in, one per line out, over STATE/control.sock (0600).

A request is `{"command": NAME, …}`; the reply `{"ok": true, "result": …}` or `{"ok": false, "error": WORDS}`.

    faults                                    what can be broken
    inject   fault, parameters                break it; the result names its id
    undo     id (all of them without)         take it back
    active                                    what is broken now
    writes   since (a count, 0 by default)    what clients changed, from the since-th on
    clock    advance (seconds, 0 by default)  the cloud's time, moved on
    reset                                     everything as it was at the beginning
    stop                                      the end
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from runbooks.simulator.clock import iso_z
from runbooks.simulator.fault_list import FaultError, plans
from runbooks.simulator.faults import Active, Faults
from runbooks.simulator.server import Simulator

LINE_LIMIT = 1 << 16


class Request(msgspec.Struct):
    """A line of a client."""

    command: str
    fault: str = ""
    parameters: dict[str, object] = {}
    id: str = ""
    since: int = 0
    advance: float = 0.0


class Control:
    """The server of the socket."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._faults = Faults(simulator.cloud)
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}
        self.stopped = asyncio.Event()
        """Set by `stop`."""

    async def start(self, path: Path) -> None:
        """Listen on `path`."""
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, path, limit=LINE_LIMIT)
        finally:
            os.umask(before)

    async def close(self) -> None:
        """Stop listening and hang up on everybody."""
        if self._server is not None:
            self._server.close()
        serving = [task for task in self._clients.values() if task is not None]
        for writer in self._clients:
            writer.close()
        await asyncio.gather(*serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients[writer] = asyncio.current_task()
        try:
            while line := await reader.readline():
                writer.write(msgspec.json.encode(await self.answer(line)) + b"\n")
                await writer.drain()
        except (ValueError, ConnectionError):  # a line without an end, a client that went away
            pass
        finally:
            del self._clients[writer]
            writer.close()

    async def answer(self, line: bytes) -> dict[str, object]:
        """The reply to one line."""
        try:
            request = msgspec.json.decode(line, type=Request)
        except msgspec.MsgspecError as error:
            return {"ok": False, "error": f"not a request: {error}"}
        commands: dict[str, Callable[[Request], object]] = {
            "faults": self._list,
            "inject": self._inject,
            "undo": self._undo,
            "active": self._active,
            "writes": self._writes,
            "clock": self._clock,
            "stop": self._stop,
        }
        try:
            if request.command == "reset":
                await self._reset()
                return {"ok": True, "result": None}
            if request.command not in commands:
                known = ", ".join([*commands, "reset"])
                return {"ok": False, "error": f"no command is called {request.command!r}; there are: {known}"}
            result = commands[request.command](request)
            await self._simulator.listeners.settled()
        except (FaultError, ValueError) as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True, "result": result}

    def _list(self, request: Request) -> object:
        return {name: msgspec.to_builtins(plan) for name, plan in plans().items()}

    def _inject(self, request: Request) -> object:
        return _view(self._faults.inject(request.fault, request.parameters))

    def _undo(self, request: Request) -> object:
        wanted = [request.id] if request.id else list(reversed(self._faults.active))
        return [_view(self._faults.undo(each)) for each in wanted]

    def _active(self, request: Request) -> object:
        return [_view(each) for each in self._faults.active.values()]

    def _writes(self, request: Request) -> object:
        found = self._simulator.cloud.writes[max(request.since, 0) :]
        return [
            {"at": iso_z(each.at), "system": each.system, "what": each.what, "by": each.by, "status": each.status}
            for each in found
        ]

    def _clock(self, request: Request) -> object:
        """Moves the time on, and lets what becomes due happen."""
        self._simulator.clock.advance(request.advance)
        for cloud in self._simulator.clouds:
            cloud.catch_up()
            cloud.settle()
        return {"now": self._simulator.clock.now(), "iso": iso_z(self._simulator.clock.now())}

    async def _reset(self) -> None:
        await self._simulator.reset()
        self._faults = Faults(self._simulator.cloud)

    def _stop(self, request: Request) -> object:
        self.stopped.set()
        return None


def _view(fault: Active) -> dict[str, object]:
    return {"id": fault.id, "fault": fault.fault, "parameters": fault.parameters, "since": iso_z(fault.since)}
