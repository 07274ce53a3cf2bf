"""Horizon behind HAProxy's TLS front on the public virtual address: a redirect to its login page, and a certificate.

The cloud's authority has signed it. A client that verifies is content when it is given the authority's certificate.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator

from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.balancers import front_names
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer

PORT = 8443
LOGIN = "/auth/login/"
"""Where it sends everybody."""
_ANSWER = f"HTTP/1.1 302 Found\r\nLocation: {LOGIN}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def listeners(cloud: Cloud) -> Iterator[Listener]:
    """One address: the public virtual one."""
    front = _Front(cloud)
    yield Listener(cloud.layout.vip, PORT, front.answer, front.start)


class _Front:
    """The address, while some controller carries it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._context = cloud.secrets.authority.serving(front_names(cloud)[0])

    def answer(self) -> Answer:
        """As HAProxy's other addresses."""
        hosts = self.cloud.hosts.with_role("control")
        if any(host.alive("haproxy") and host.alive("keepalived") for host in hosts):
            return "answers"
        return "refuses" if any(host.up and host.reachable for host in hosts) else "unreachable"

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`."""
        return _Served(await asyncio.start_server(_redirect, sock=sock, ssl=self._context))


class _Served:
    def __init__(self, server: asyncio.Server) -> None:
        self._server = server

    def cut(self) -> None:
        self._server.close()


async def _redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        if await reader.readline():
            writer.write(_ANSWER)
            await writer.drain()
    except (OSError, ssl.SSLError, ValueError):
        pass  # the client went away, or wrote too long a line
    finally:
        writer.close()
