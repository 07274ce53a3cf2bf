"""memcached 1.6 on each controller's port 11211: the text protocol as far as people and services use it.

What it says is the model's (`model/caches.py`); here are its sockets.
"""

from __future__ import annotations

import asyncio
import socket

from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.caches import PORT, UNIT
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer


class Server:
    """One cache."""

    def __init__(self, cloud: Cloud, host: str) -> None:
        self.cloud = cloud
        self.host = host
        self.stored: dict[str, tuple[str, bytes]] = {}
        self.clients: set[asyncio.StreamWriter] = set()
        self.flushes = 0
        self.emptied = 0.0
        """When all was thrown out last, or the process began."""

    def listener(self) -> Listener:
        return Listener(self.cloud.hosts[self.host].machine.address, PORT, self.answer, self.start)

    def answer(self) -> Answer:
        """What connecting meets now."""
        return self.cloud.hosts[self.host].answer(UNIT)

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`."""
        return _Open(self, await asyncio.start_server(self._serve, sock=sock))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.clients.add(writer)
        try:
            while line := await reader.readline():
                while self.answer() == "hangs":
                    await asyncio.sleep(0.1)
                self.cloud.catch_up()
                words = line.decode("latin-1").split()
                if words[:1] == ["quit"]:
                    break
                data = await reader.readexactly(int(words[4]) + 2) if self._stores(words) else b""
                writer.write(
                    "".join(self.cloud.caches[self.host].said(words, data, len(self.clients))).encode("latin-1")
                )
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ValueError, asyncio.CancelledError):
            pass  # the client went away or spoke nonsense, or the simulator ends
        finally:
            self.clients.discard(writer)
            writer.close()

    @staticmethod
    def _stores(words: list[str]) -> bool:
        return len(words) >= 5 and words[0] in ("set", "add", "replace") and words[4].isdigit()


class _Open:
    """An open port with its clients."""

    def __init__(self, server: Server, listening: asyncio.Server) -> None:
        self._server = server
        self._listening = listening

    def cut(self) -> None:
        self._listening.close()
        for writer in [*self._server.clients]:
            writer.transport.abort()


def listeners(cloud: Cloud) -> list[Listener]:
    """Every controller's cache."""
    return [Server(cloud, host.name).listener() for host in cloud.hosts.with_role("control")]
