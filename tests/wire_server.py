"""A scripted HTTP server on loopback: fakes stand at the wire, so that everything above it is the real thing.

`on` says what a path answers: a `Reply`, several of them in turn (the last one stays), or a function of the request.
Besides answering, a reply may misbehave: hang, drip, reset, close, or not be HTTP at all. Nothing sleeps: what hangs
waits for the end of the test. `seen` holds every request that arrived.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that arrived. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back.

    `then`: `hang` says nothing at all, `hang in body` stops after the headers, `drip` sends the body one byte at a time
    for ever, `drip headers` does so from the first byte on, `reset` and `close` end the connection, `garbage` is not
    HTTP. A header with an empty value is left out, also `Date`, which is there unless given.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    then: Literal["", "hang", "hang in body", "drip", "drip headers", "reset", "close", "garbage"] = ""


Script: TypeAlias = "Reply | Callable[[Seen], Reply] | Sequence[Reply]"


def json_reply(found: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; `headers` with underscores for dashes."""
    extra = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(status, json.dumps(found).encode(), (("Content-Type", "application/json"), *extra))


def html_reply(text: str = "<html><body>It works!</body></html>", status: int = 200) -> Reply:
    """What a proxy or a dashboard says."""
    return Reply(status, text.encode(), (("Content-Type", "text/html"),))


HANG = Reply(then="hang")
DRIP = Reply(then="drip")
RESET = Reply(then="reset")
CLOSE = Reply(then="close")


def closed_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@dataclass
class WireServer:
    """The server; a context manager. `certificate` (file with key and certificate) makes it speak TLS."""

    certificate: Path | None = None
    client_ca: Path | None = None
    """With it, only clients whose certificate it signed are let in."""
    seen: list[Seen] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    _scripts: dict[tuple[str, str], list[Script]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> WireServer:
        server = self._server = _Server(("127.0.0.1", 0), _Handler)
        server.wire = self
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            if self.client_ca is not None:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(self.client_ca)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its base URL, without a slash at the end."""
        return f"http{'s' if self.certificate else ''}://127.0.0.1:{self.port}"

    def on(self, path: str, *replies: Script, method: str = "GET") -> None:
        """What `path` (without query) answers; several replies are given in turn, and the last one stays."""
        self._scripts[method, path] = list(replies)

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [seen.path for seen in self.seen]

    def asked(self, path: str) -> list[Seen]:
        """The requests for one path."""
        return [seen for seen in self.seen if seen.path == path]

    def reply(self, seen: Seen) -> Reply:
        """The scripted reply; 404 for what nobody scripted."""
        with self._lock:
            self.seen.append(seen)
            scripts = self._scripts.get((seen.method, seen.path))
            if not scripts:
                return json_reply({"error": {"code": 404, "message": f"nobody scripted {seen.path}"}}, 404)
            script: Any = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        return script if isinstance(script, Reply) else script(seen)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    wire: WireServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        seen = Seen(
            self.command,
            parts.path,
            {name: values[-1] for name, values in parse_qs(parts.query).items()},
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        self._send(self.server.wire.reply(seen))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815  http.server looks for these names

    def _send(self, reply: Reply) -> None:
        ended = self.server.wire.ended
        if reply.then:
            self.close_connection = True
        match reply.then:
            case "hang":
                ended.wait()
                return
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            case "close":
                return
            case "garbage":
                self.wfile.write(b"\x15\x03\x01\x00\x02\x02\x16")
                return
            case "drip headers":
                self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                return
        self.send_response_only(reply.status)
        for name, value in ({"Date": self.date_time_string()} | dict(reply.headers)).items():
            if value:
                self.send_header(name, value)
        if reply.then == "drip":
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self._drip(b"[")
            return
        self.send_header("Content-Length", str(len(reply.body) + (reply.then == "hang in body")))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        if reply.then == "hang in body":
            ended.wait()

    def _drip(self, beginning: bytes) -> None:
        self.wfile.write(beginning)
        while not self.server.wire.ended.wait(0.01):
            self.wfile.write(b" ")

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
