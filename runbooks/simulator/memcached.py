"""memcached 1.6 on each controller's port 11211: the text protocol as far as people and services use it.

What clients store is kept until the process ends; the traffic of the cloud's services is computed from how long it has
been running.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer

UNIT = "memcached"
PORT = 11211
VERSION = "1.6.18"
LIMIT = 64 << 20
CONNECTIONS = 5000
"""`-c 5000`, as Kolla starts it."""
_ITEM = 620
"""Bytes of a cached token."""


class Server:
    """One cache."""

    def __init__(self, cloud: Cloud, host: str) -> None:
        self.cloud = cloud
        self.host = host
        self.stored: dict[str, tuple[str, bytes]] = {}
        self.clients: set[asyncio.StreamWriter] = set()
        self._since = 0.0

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
                writer.write("".join(self._said(words, data)).encode("latin-1"))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ValueError, asyncio.CancelledError):
            pass  # the client went away or spoke nonsense, or the simulator ends
        finally:
            self.clients.discard(writer)
            writer.close()

    @staticmethod
    def _stores(words: list[str]) -> bool:
        return len(words) >= 5 and words[0] in ("set", "add", "replace") and words[4].isdigit()

    def _said(self, words: list[str], data: bytes) -> Iterator[str]:
        started = self.cloud.hosts[self.host].started(UNIT)
        if started != self._since:
            self._since, self.stored = started, {}  # another process: it begins empty
        match words:
            case ["version"]:
                yield f"VERSION {VERSION}\r\n"
            case ["stats"]:
                yield from (f"STAT {name} {value}\r\n" for name, value in self._stats().items())
                yield "END\r\n"
            case ["stats", "settings"]:
                yield from (f"STAT {name} {value}\r\n" for name, value in self._settings().items())
                yield "END\r\n"
            case ["get" | "gets", *keys]:
                for key in keys:
                    if key in self.stored:
                        flags, value = self.stored[key]
                        yield f"VALUE {key} {flags} {len(value)}\r\n{value.decode('latin-1')}\r\n"
                yield "END\r\n"
            case ["set", key, flags, _, _]:
                self.stored[key] = flags, data[:-2]
                yield "STORED\r\n"
            case ["delete", key]:
                yield "NOT_FOUND\r\n" if self.stored.pop(key, None) is None else "DELETED\r\n"
            case _:
                yield "ERROR\r\n"

    def _stats(self) -> dict[str, object]:
        cloud, now = self.cloud, self.cloud.now()
        up = max(int(now - cloud.hosts[self.host].started(UNIT)), 0)
        per_second = 20 + cloud.seed.number(20, "memcached", self.host)
        items = min(up * per_second // 50, 18_000) + len(self.stored)
        gets, misses = up * per_second, up * per_second // 25
        return {
            "pid": 7, "uptime": up, "time": int(now), "version": VERSION, "libevent": "2.1.12-stable",
            "pointer_size": 64, "max_connections": CONNECTIONS, "curr_connections": 40 + len(self.clients),
            "total_connections": 40 + up // 30, "rejected_connections": 0, "cmd_get": gets, "cmd_set": misses,
            "get_hits": gets - misses, "get_misses": misses, "bytes_read": gets * 40, "bytes_written": gets * _ITEM,
            "limit_maxbytes": LIMIT, "accepting_conns": 1, "listen_disabled_num": 0, "threads": 4,
            "bytes": items * _ITEM, "curr_items": items, "total_items": misses, "evictions": 0,
        }  # fmt: skip

    def _settings(self) -> dict[str, object]:
        return {
            "maxbytes": LIMIT, "maxconns": CONNECTIONS, "tcpport": PORT, "udpport": 0,
            "inter": self.cloud.hosts[self.host].machine.address, "verbosity": 0, "evictions": "on",
            "num_threads": 4, "auth_enabled_sasl": "no", "auth_enabled_ascii": "no", "item_size_max": 1048576,
        }  # fmt: skip


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
