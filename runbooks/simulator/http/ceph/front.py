"""The dashboard's listeners: one on each host that has a manager.

The active manager answers; a standby sends everybody to it. A client without a valid token is refused before its path
is looked at. Without a quorum nobody can sign in: the request hangs until there is one again.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from email.utils import formatdate
from http import HTTPStatus
from uuid import uuid4

import msgspec
from aiohttp import web

from runbooks.simulator.http.ceph import routes
from runbooks.simulator.http.ceph.routes import Asked, DashboardError
from runbooks.simulator.http.ceph.tokens import ROLES, Tokens, permissions
from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.managers import DASHBOARD, DASHBOARD_PORT
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer

LOOK = 0.1
"""Seconds between looks at whether what a request waits for has come."""
_SAFETY = {
    "Server": "Ceph-Dashboard",
    "Content-Security-Policy": "frame-ancestors 'self';",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
}
_PAGE = '<!DOCTYPE html><html lang="en-US"><head>\n  <meta charset="utf-8">\n  <title>Ceph</title>\n</head></html>\n'
_LONELY = (
    "<html>\n    <body>No active ceph-mgr instance is currently"
    " running the dashboard. A failover may be in progress. Retrying in 5 seconds...</body>\n</html>\n"
)


class Front:
    """The dashboard of one manager."""

    def __init__(self, cloud: Cloud, host: str, tokens: Tokens, context: ssl.SSLContext) -> None:
        self.cloud = cloud
        self.host = host
        self.tokens = tokens
        self.context = context

    @property
    def ceph(self) -> Ceph:
        return self.cloud.ceph

    def listener(self) -> Listener:
        return Listener(self.cloud.hosts[self.host].machine.address, DASHBOARD_PORT, self.answer, self.start)

    def answer(self) -> Answer:
        """What connecting meets now: a manager that has just taken over does not listen yet."""
        managers = self.ceph.managers
        answer = self.cloud.hosts[self.host].answer(managers.unit(self.host))
        if answer != "answers":
            return answer
        if self.host == managers.active:
            return "answers" if managers.announced(self.cloud.now()) else "refuses"
        return "answers" if self.host in managers.standbys else "refuses"

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`."""
        server = web.Server(self._handle, access_log=None, keepalive_timeout=60.0)
        listening = await asyncio.get_running_loop().create_server(server, sock=sock, ssl=self.context)
        return _Open(server, listening)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        data = await request.content.read() if request.body_exists else b""
        while self.answer() == "hangs":
            await asyncio.sleep(LOOK)
        self.cloud.catch_up()
        if self.host != self.ceph.managers.active:
            return self._elsewhere()
        if not request.path.startswith("/api/"):
            return web.Response(text=_PAGE, content_type="text/html", charset="utf-8", headers=self._headers())
        try:
            return await self._api(request, data)
        except DashboardError as error:
            return self._refusal(error)

    def _elsewhere(self) -> web.Response:
        active = self.ceph.managers.services(self.cloud.now()).get("dashboard")
        if active is None:
            return web.Response(text=_LONELY, content_type="text/html", charset="utf-8", headers=self._headers())
        text = f'This resource can be found at <a href="{active}">{active}</a>.'
        headers = self._headers() | {"Location": active}
        return web.Response(status=303, text=text, content_type="text/html", charset="utf-8", headers=headers)

    async def _api(self, request: web.BaseRequest, data: bytes) -> web.Response:
        path = request.path.rstrip("/")
        if path == "/api/auth" and request.method == "POST":
            return await self._sign_in(request, data)
        found = routes.find(path)
        if found is None and path not in ("/api/auth", "/api/auth/logout"):
            raise DashboardError(404, f"The path '{request.path}' was not found.")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        user = self.tokens.user(token, self.cloud.now()) if scheme == "Bearer" else None
        if user is None:
            raise DashboardError(401, routes.UNAUTHORIZED)
        if path == "/api/auth/logout" and request.method == "POST":
            self.tokens.end(token)
            return self._sent({"redirect_url": "#/login", "protocol": "local"}, (1, 0))
        if found is None:
            raise DashboardError(404, f"The path '{request.path}' was not found.")
        route, args = found
        if request.method not in ("GET", "HEAD"):
            refused = ROLES[user] == "read-only"
            raise (
                DashboardError(403, routes.FORBIDDEN) if refused else DashboardError(405, "Specified method is invalid")
            )
        if ROLES[user] == "read-only" and not route.everybody:
            raise DashboardError(403, routes.FORBIDDEN)
        routes.check_version(request.headers.get("Accept", ""), route.version)
        if route.asks_monitors:
            await self._quorum()
        return self._sent(route.read(Asked(self.ceph, args, request.query)), route.version)

    async def _quorum(self) -> None:
        """Wait for the monitors."""
        while not self.ceph.monitors.quorum:
            await asyncio.sleep(LOOK)

    async def _sign_in(self, request: web.BaseRequest, data: bytes) -> web.Response:
        routes.check_version(request.headers.get("Accept", ""), (1, 0))
        try:
            given = msgspec.json.decode(data, type=dict[str, object])
        except msgspec.DecodeError:
            raise DashboardError(400, "Invalid JSON document") from None
        await self._quorum()
        user, password = str(given.get("username", "")), str(given.get("password", ""))
        if not self.tokens.password_fits(user, password):
            wrong = {"detail": "Invalid credentials", "code": "invalid_credentials", "component": "auth"}
            return self._json(wrong, 400, "application/json")
        token = self.tokens.issue(user, self.cloud.now())
        body = {
            "token": token,
            "username": user,
            "permissions": permissions(user),
            "pwdExpirationDate": None,
            "sso": False,
            "pwdUpdateRequired": False,
        }
        reply = self._json(body, 201, routes.media_type((1, 0)))
        reply.headers["Set-Cookie"] = f"token={token}; HttpOnly; Path=/; SameSite=Strict; Secure"
        return reply

    def _headers(self) -> dict[str, str]:
        return {**_SAFETY, "Date": formatdate(self.cloud.now(), usegmt=True)}

    def _sent(self, body: object, version: routes.Version) -> web.Response:
        return self._json(body, 200, routes.media_type(version))

    def _json(self, body: object, status: int, kind: str) -> web.Response:
        headers = self._headers() | {"Content-Type": kind, "Vary": "Accept-Encoding"}
        return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)

    def _refusal(self, error: DashboardError) -> web.Response:
        status = f"{error.status} {HTTPStatus(error.status).phrase}"
        return self._json(
            {"status": status, "detail": error.detail, "request_id": str(uuid4())}, error.status, "application/json"
        )


class _Open:
    """An open port with its connections."""

    def __init__(self, server: web.Server, listening: asyncio.Server) -> None:
        self._server = server
        self._listening = listening

    def cut(self) -> None:
        self._listening.close()
        for connection in self._server.connections:
            if connection.transport is not None:
                connection.transport.abort()


def listeners(cloud: Cloud) -> list[Listener]:
    """The address of every manager."""
    names = cloud.ceph.managers.names
    if not names:
        return []
    context = cloud.secrets.authority.context(DASHBOARD, cloud.ceph.managers.certified())
    tokens = Tokens(cloud.secrets)
    return [Front(cloud, host, tokens, context).listener() for host in names]
