"""One API served on one address: the virtual ones as HAProxy would, a controller's own one directly.

Order, as in the real pipelines: HAProxy's choice of a backend, injected faults, request ids, token, path, microversion,
policy, handler. Every answer carries the cloud's own `Date`.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import replace
from email.utils import formatdate
from typing import Literal

from aiohttp import web
from multidict import MultiMapping

from runbooks.simulator.http.api import Api
from runbooks.simulator.http.call import HUNG_UP, ApiError, Call, Reply
from runbooks.simulator.http.pipeline import answer
from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer, Host

Interface = Literal["public", "internal", "backend"]
"""`internal` is also where the admin endpoints point."""

GATEWAY_TIMEOUT = 60.0
"""HAProxy's `timeout server`, seconds."""
MAX_BODY = 64 << 20
_HTML = {"Content-Type": "text/html", "Cache-Control": "no-cache"}
_NO_SERVER = Reply(
    b"<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n",
    503,
    _HTML,
)
_TOO_LATE = Reply(
    b"<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>\n", 504, _HTML
)
"""HAProxy's own answers."""


class Front:
    """One API on one address."""

    def __init__(self, cloud: Cloud, api: Api, interface: Interface, address: str, backend: str = "") -> None:
        self.cloud = cloud
        self.api = api
        self.interface = interface
        self.address = address
        self.backend = backend
        """The controller, when this is its own address."""

    def listener(self) -> Listener:
        return Listener(self.address, self.api.port, self.answer, self.start)

    def answer(self) -> Answer:
        """What connecting to this address meets now."""
        if self._fault() == "refuse":
            return "refuses"
        if self.backend:
            return self.cloud.hosts[self.backend].answer(self.api.unit)
        hosts = self.cloud.hosts.with_role("control")
        if any(host.alive("haproxy") and host.alive("keepalived") for host in hosts):
            return "answers"
        return "refuses" if any(host.up and host.reachable for host in hosts) else "unreachable"

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`."""
        server = web.Server(self._handle, access_log=None, keepalive_timeout=75.0)
        listening = await asyncio.get_running_loop().create_server(server, sock=sock)
        return _Served(server, listening)

    def _fault(self) -> str:
        faults = self.cloud.api_faults
        return faults.get((self.api.name, self.interface)) or faults.get((self.api.name, "*"), "")

    def _live(self) -> Host | None:
        """The controller that answers: this one, or the first that HAProxy finds alive."""
        if self.backend:
            return self.cloud.hosts[self.backend]
        return next(iter(self.cloud.hosts.alive("control", self.api.unit)), None)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        data = await _body(request)
        while self.backend and self.answer() == "hangs":
            await asyncio.sleep(0.1)  # a frozen process: its kernel accepts, nobody answers until it thaws
        self.cloud.catch_up()
        if self._live() is None:
            return self._plain(_NO_SERVER)
        fault = self._fault()
        if fault == "reset":
            return self._reset(request)
        if fault == "hang" and await self._hang():
            return self._plain(_TOO_LATE)
        call = self._call(request.method, request.path, request.query, request.headers, data or b"")
        if data is None:
            return self._plain(self.api.error(call, ApiError(413, "Request is too large.")))
        reply = answer(call, broken=self._fault() == "500")
        if reply.delay:
            await asyncio.sleep(reply.delay)
            if not self.backend and reply.delay >= GATEWAY_TIMEOUT:
                return self._plain(_TOO_LATE)
        if reply is HUNG_UP and self.backend and request.transport is not None:
            request.transport.close()
        if fault == "drip":
            return await self._drip(request, reply)
        return self._plain(reply)

    def _call(self, method: str, path: str, query: MultiMapping[str], headers: MultiMapping[str], data: bytes) -> Call:
        return Call(
            cloud=self.cloud,
            api=self.api,
            method=method,
            path=path,
            query=query,
            headers=headers,
            base=f"http://{headers.get('Host') or f'{self.address}:{self.api.port}'}",
            request_id="",
            data=data,
        )

    def reply(
        self, method: str, path: str, query: MultiMapping[str], headers: MultiMapping[str], data: bytes
    ) -> tuple[Reply, dict[str, str]]:
        """The answer to one request and its headers, for a client inside of the model. It may be `HUNG_UP`.

        Where the API hangs, HAProxy's answer comes after its patience: the reply's `delay`.
        """
        self.cloud.catch_up()
        if self._live() is None:
            found = _NO_SERVER
        elif self._fault() == "hang":
            found = replace(_TOO_LATE, delay=86400.0 if self.backend else GATEWAY_TIMEOUT)
        else:
            found = answer(self._call(method, path, query, headers, data), broken=self._fault() == "500")
        return found, self._headers(found)

    def resets(self) -> bool:
        """True while its connections end with a TCP reset."""
        return self._fault() == "reset"

    async def _hang(self) -> bool:
        """Wait while the API hangs; True when HAProxy loses patience first."""
        waited = 0.0
        while self._fault() == "hang":
            if not self.backend and waited >= GATEWAY_TIMEOUT:
                return True
            await asyncio.sleep(0.1)
            waited += 0.1
        return False

    def _headers(self, reply: Reply) -> dict[str, str]:
        date = formatdate(self.cloud.now(), usegmt=True)
        return {"Content-Type": "application/json", **reply.headers, "Date": date, "Server": "Apache/2.4.62 (Debian)"}

    def _plain(self, reply: Reply) -> web.Response:
        headers = self._headers(reply)
        body = reply.encoded()
        if not body and reply.body is None:
            del headers["Content-Type"]
        return web.Response(status=reply.status, body=body or None, headers=headers)

    def _reset(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer with a TCP reset."""
        transport = request.transport
        if transport is not None:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        return web.Response(status=500)

    async def _drip(self, request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        """Send the body a byte a second."""
        body = reply.encoded()
        response = web.StreamResponse(status=reply.status, headers=self._headers(reply))
        response.content_length = len(body)
        await response.prepare(request)
        try:
            for place in range(len(body)):
                await response.write(body[place : place + 1])
                if self._fault() != "drip":
                    await response.write(body[place + 1 :])
                    break
                await asyncio.sleep(1.0)
        except ConnectionError:
            pass  # the client had no more patience
        return response


async def _body(request: web.BaseRequest) -> bytes | None:
    """The request's body; None when it is too large."""
    parts, size = [], 0
    if request.body_exists:
        async for part in request.content.iter_any():
            size += len(part)
            if size > MAX_BODY:
                return None
            parts.append(part)
    return b"".join(parts)


class _Served:
    """A running aiohttp server."""

    def __init__(self, server: web.Server, listening: asyncio.Server) -> None:
        self._server = server
        self._listening = listening

    def cut(self) -> None:
        self._listening.close()
        for connection in self._server.connections:
            if connection.transport is not None:
                connection.transport.abort()


def fronts(cloud: Cloud, api: Api) -> list[Listener]:
    """Where `api` listens: the two virtual addresses and every controller."""
    layout = cloud.layout
    found = [
        Front(cloud, api, "public", layout.vip),
        Front(cloud, api, "internal", layout.internal_vip),
        *(Front(cloud, api, "backend", host.machine.address, host.name) for host in cloud.hosts.with_role("control")),
    ]
    return [front.listener() for front in found]
