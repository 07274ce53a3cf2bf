"""The management API's listeners: one per node, on its host's port 15672.

Passwords are checked before paths, as the real one does. While a peer is frozen or cut off and not yet given up, a
healthy node's API blocks too, because it asks every node of the cluster.
"""

from __future__ import annotations

import asyncio
import socket
from base64 import b64decode
from binascii import Error as NotBase64
from email.utils import formatdate
from hmac import compare_digest
from urllib.parse import unquote

import msgspec
from aiohttp import web

from runbooks.simulator.http.rabbitmq.ask import Answer, Ask, RefusalError, User
from runbooks.simulator.http.rabbitmq.routes import Route, allowed, find
from runbooks.simulator.http.rabbitmq.users import users_of
from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer as Reached

PORT = 15672
POLICY = "script-src 'self' 'unsafe-eval' 'unsafe-inline'; object-src 'self'"
MUTE = 0.1
"""Seconds between looks at whether a silent peer was given up."""
_ALONE = ("whoami", "extensions")
"""What a node answers without asking the others."""


class Front:
    """The API of one node."""

    def __init__(self, cloud: Cloud, host: str) -> None:
        self.cloud = cloud
        self.host = host
        self.users = users_of(cloud.secrets)

    def listener(self) -> Listener:
        return Listener(self.cloud.hosts[self.host].machine.address, PORT, self.answer, self.start)

    def answer(self) -> Reached:
        """What connecting meets now."""
        answer = self.cloud.rabbitmq.answer(self.host)
        # In maintenance all listeners are suspended, this one as well: seen of 3.10.8.
        return "refuses" if answer == "answers" and not self.cloud.rabbitmq.takes_clients(self.host) else answer

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`."""
        server = web.Server(self._handle, access_log=None, keepalive_timeout=60.0)
        return _Open(server, await asyncio.get_running_loop().create_server(server, sock=sock))

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        data = await request.content.read() if request.body_exists else b""
        self.cloud.catch_up()
        path = tuple(unquote(part) for part in request.rel_url.raw_path.strip("/").split("/"))
        while self.answer() == "hangs" or (
            path[1:2] not in [(word,) for word in _ALONE] and self.cloud.rabbitmq.blocked(self.host)
        ):
            await asyncio.sleep(MUTE)
            self.cloud.catch_up()
        if path[:1] != ("api",):
            return self._page()
        return self._reply(request, path[1:], data)

    def _page(self) -> web.Response:
        text = "<!DOCTYPE html>\n<html><head><title>RabbitMQ Management</title></head><body></body></html>\n"
        return web.Response(text=text, content_type="text/html", headers=self._headers("accept-encoding, origin"))

    def _reply(self, request: web.BaseRequest, path: tuple[str, ...], data: bytes) -> web.Response:
        known = find(path)
        if not known:
            return self._refusal(RefusalError(404, "Object Not Found", "Not Found"), "origin")
        method = "GET" if request.method == "HEAD" else request.method
        if method not in known:
            verbs = [verb for verb in ("HEAD", "GET", "PUT", "POST", "DELETE") if verb == "HEAD" or verb in known]
            headers = self._headers("origin") | {"allow": ", ".join([*verbs, "OPTIONS"])}
            return web.Response(status=200 if method == "OPTIONS" else 405, headers=headers)
        route, args = known[method]
        try:
            user = self._user(request.headers.get("Authorization", ""))
            allowed(route, user)
        except RefusalError as refused:
            return self._refusal(refused, "origin")
        accept = request.headers.get("Accept", "*/*")
        if route.pattern.endswith("/contents") and not any(word in accept for word in ("*/*", "text/*", "text/html")):
            return web.Response(status=406, headers=self._headers("accept, origin"))  # seen of 3.10.8
        ask = Ask(self.cloud, self.host, user, method, path, dict(request.query), data, args)
        return self._answered(ask, route)

    def _answered(self, ask: Ask, route: Route) -> web.Response:
        try:
            answer = route.handle(ask)
        except RefusalError as refused:
            if ask.method != "GET":
                ask.wrote(refused.status)
            if refused.status == 500:
                return web.Response(status=500)
            return self._refusal(refused, "accept, accept-encoding, origin")
        if ask.method != "GET":
            ask.wrote(answer.status)
            self.cloud.settle()
        return self._sent(answer)

    def _sent(self, answer: Answer) -> web.Response:
        headers = self._headers("accept, accept-encoding, origin")
        if answer.body is None:
            return web.Response(status=answer.status, headers=headers)
        headers |= {"cache-control": "no-cache", "content-type": "application/json"}
        return web.Response(body=msgspec.json.encode(answer.body), status=answer.status, headers=headers)

    def _refusal(self, refused: RefusalError, vary: str) -> web.Response:
        headers = self._headers(vary)
        if refused.error == "not_authorized" or not refused.error:
            headers["www-authenticate"] = 'Basic realm="RabbitMQ Management"'
        if not refused.error:
            return web.Response(status=refused.status, headers=headers)
        headers["content-type"] = "application/json"
        body = msgspec.json.encode({"error": refused.error, "reason": refused.reason})
        return web.Response(body=body, status=refused.status, headers=headers)

    def _headers(self, vary: str) -> dict[str, str]:
        return {
            "content-security-policy": POLICY,
            "date": formatdate(self.cloud.now(), usegmt=True),
            "server": "Cowboy",
            "vary": vary,
        }

    def _user(self, header: str) -> User:
        """The account of a Basic header. Raises RefusalError: 401 without words when there is none."""
        kind, _, word = header.partition(" ")
        if kind.lower() != "basic":
            raise RefusalError(401, "", "")
        try:
            name, _, password = b64decode(word, validate=True).decode().partition(":")
        except (NotBase64, UnicodeDecodeError):
            raise RefusalError(401, "not_authorized", "Login failed") from None
        known = self.users.get(name)
        if known is None or not compare_digest(known[1]().encode(), password.encode()):
            raise RefusalError(401, "not_authorized", "Login failed")
        return known[0]


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
    """Every node's address."""
    return [Front(cloud, host).listener() for host in cloud.rabbitmq.nodes]
