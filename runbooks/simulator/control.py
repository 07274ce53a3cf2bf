"""The control socket of the simulator, on its loop; the words are those of `runbooks/ground/protocol.py`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from inspect import isawaitable
from pathlib import Path

from runbooks.ground.declared import FaultError
from runbooks.ground.protocol import LINE_LIMIT, Request, RequestError, declared, iso_z, refusal, reply, request, view
from runbooks.simulator.faults import Active, Faults
from runbooks.simulator.server import Simulator


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
                writer.write(await self.answer(line))
                await writer.drain()
        except (ValueError, ConnectionError):  # a line without an end, a client that went away
            pass
        finally:
            del self._clients[writer]
            writer.close()

    async def answer(self, line: bytes) -> bytes:
        """The reply to one line."""
        commands: dict[str, Callable[[Request], object]] = {
            "faults": lambda asked: declared("simulator"),
            "inject": self._inject,
            "undo": self._undo,
            "active": lambda asked: [_view(each) for each in self._faults.active.values()],
            "writes": self._writes,
            "clock": self._clock,
            "reset": self._reset,
            "stop": lambda asked: self.stopped.set(),
        }
        try:
            asked = request(line, commands)
            result = commands[asked.command](asked)
            if isawaitable(result):
                result = await result
            await self._simulator.listeners.settled()
        except (RequestError, FaultError, ValueError) as error:
            return refusal(error)
        return reply(result)

    def _inject(self, asked: Request) -> object:
        return _view(self._faults.inject(asked.fault, asked.parameters))

    def _undo(self, asked: Request) -> object:
        wanted = [asked.id] if asked.id else list(reversed(self._faults.active))
        return [_view(self._faults.undo(each)) for each in wanted]

    def _writes(self, asked: Request) -> object:
        found = self._simulator.cloud.writes[max(asked.since, 0) :]
        return [
            {"at": iso_z(each.at), "system": each.system, "what": each.what, "by": each.by, "status": each.status}
            for each in found
        ]

    def _clock(self, asked: Request) -> object:
        """Moves the time on, and lets what becomes due happen."""
        self._simulator.clock.advance(asked.advance)
        for cloud in self._simulator.clouds:
            cloud.catch_up()
            cloud.settle()
        return {"now": self._simulator.clock.now(), "iso": iso_z(self._simulator.clock.now())}

    async def _reset(self, asked: Request) -> None:
        await self._simulator.reset()
        self._faults = Faults(self._simulator.cloud)


def _view(fault: Active) -> dict[str, object]:
    return view(fault.id, fault.fault, fault.parameters, fault.since)
