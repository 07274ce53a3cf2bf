"""Port 5672 of each node: who connects there, and the frames that come and go.

A node that is frozen accepts and says nothing; one that is down or paused refuses. Its clients are cut with it.
"""

from __future__ import annotations

import asyncio
import socket

from pamqp import frame, heartbeat
from pamqp.exceptions import UnmarshalingException

from runbooks.simulator.amqp.client import Client
from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer

PORT = 5672
HELLO = b"AMQP\x00\x00\x09\x01"
MUTE = 0.1
"""Seconds between looks at whether a frozen node moves again."""
LARGEST = 1 << 20
"""Bytes of a frame that is not yet complete."""
HEARTBEAT = 10.0
"""Seconds between heartbeats to clients that want any."""


class Server:
    """One node's listener."""

    def __init__(self, cloud: Cloud, host: str) -> None:
        self.cloud = cloud
        self.host = host
        self.writers: set[asyncio.StreamWriter] = set()

    def answer(self) -> Answer:
        """What connecting meets now."""
        answer = self.cloud.rabbitmq.answer(self.host)
        return "refuses" if answer == "answers" and not self.cloud.rabbitmq.takes_clients(self.host) else answer

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`."""
        return _Open(self, await asyncio.start_server(self.accept, sock=sock))

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client to its end."""
        self.writers.add(writer)
        client = Client(self.cloud, self.host, writer)
        beating: asyncio.Task[None] | None = None
        try:
            await self._awake()
            if await reader.readexactly(len(HELLO)) != HELLO:
                writer.write(HELLO)
                return
            client.greet()
            beating = asyncio.get_running_loop().create_task(_beat(client))
            await self._frames(client, reader)
        except (asyncio.IncompleteReadError, ConnectionError, UnmarshalingException):
            pass
        except asyncio.CancelledError:
            pass  # the simulator ends; asyncio 3.11 reports a cancelled task of a stream server as an error
        finally:
            if beating is not None:
                beating.cancel()
            client.leave()
            self.writers.discard(writer)
            writer.close()

    async def _awake(self) -> None:
        while self.answer() == "hangs":
            await asyncio.sleep(MUTE)
            self.cloud.catch_up()

    async def _frames(self, client: Client, reader: asyncio.StreamReader) -> None:
        held = b""
        while not client.closed:
            data = await reader.read(65_536)
            if not data or len(held) > LARGEST:
                return
            held += data
            await self._awake()
            self.cloud.catch_up()
            while held and not client.closed:
                if frame.frame_parts(held)[2] is None or len(held) < 8 + (frame.frame_parts(held)[2] or 0):
                    break
                taken, channel, found = frame.unmarshal(held)
                held = held[taken:]
                client.received(channel, found)


async def _beat(client: Client) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT)
        if client.wants_heartbeats:
            client.send(0, heartbeat.Heartbeat())


class _Open:
    """An open port; with it go its clients."""

    def __init__(self, server: Server, listening: asyncio.Server) -> None:
        self._server = server
        self._listening = listening

    def cut(self) -> None:
        self._listening.close()
        for writer in [*self._server.writers]:
            writer.transport.abort()


def listeners(cloud: Cloud) -> list[Listener]:
    """Every node's address."""
    found = []
    for host in cloud.rabbitmq.nodes:
        server = Server(cloud, host)
        found.append(Listener(cloud.hosts[host].machine.address, PORT, server.answer, server.start))
    return found
