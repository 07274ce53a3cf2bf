"""A scripted AMQP broker on loopback: real frames, chosen refusals, and every way to misbehave.

`at` says what happens instead of the answer at a stage: `greeting`, `login`, `open`, `channel`. Nothing sleeps: what
hangs waits for the end of the test. `seen` holds the name of every method that came, `users` every login.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeAlias

from pamqp import commands, frame

Stage: TypeAlias = Literal["greeting", "login", "open", "channel"]
Then: TypeAlias = Literal["hang", "drip", "reset", "close", "garbage", "http"] | tuple[int, str]
"""Misbehaviour, or the code and words of `connection.close`."""
HELLO = 8
BYTES: Mapping[str, bytes] = {"garbage": b"\xff\x00" * 40, "http": b"HTTP/1.1 400 Bad Request\r\n\r\n", "close": b""}
VERSION = {"product": "RabbitMQ", "version": "3.13.7", "platform": "Erlang/OTP 26", "cluster_name": "wire"}


@dataclass
class WireAmqp:
    """The broker; a context manager."""

    at: dict[Stage, Then] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=lambda: dict(VERSION))
    certificate: Path | None = None
    blocked: str = ""
    """A reason that is told right after the connection is open."""
    seen: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    def __enter__(self) -> WireAmqp:
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        for thread in self._threads:
            thread.join(5)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listening.accept()
            if self._over.is_set():
                sock.close()
                return
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError), sock:
            sock.settimeout(10)
            if self.certificate is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.certificate)
                with context.wrap_socket(sock, server_side=True) as secure:
                    self._speak(secure)
            else:
                self._speak(sock)

    def _speak(self, sock: socket.socket) -> None:
        hello = b""
        while len(hello) < HELLO:
            if not (more := sock.recv(HELLO - len(hello))):
                return
            hello += more
        told = commands.Connection.Start(0, 9, dict(self.properties), "PLAIN", "en_US")
        if not self._answer(sock, "greeting", 0, told):
            return
        held = b""
        while data := sock.recv(65_536):
            held += data
            while held:
                size = frame.frame_parts(held)[2]
                if size is None or len(held) < size + 8:
                    break
                taken, channel, found = frame.unmarshal(held)
                held = held[taken:]
                if not self._method(sock, channel, found):
                    return

    def _method(self, sock: socket.socket, channel: int, found: Any) -> bool:
        self.seen.append(str(getattr(found, "name", "Heartbeat")))
        match found:
            case commands.Connection.StartOk():
                self.users.append(str(found.response).split("\0")[1])
                return self._answer(sock, "login", 0, commands.Connection.Tune(2047, 131_072, 60))
            case commands.Connection.Open():
                fine = self._answer(sock, "open", 0, commands.Connection.OpenOk())
                if fine and self.blocked:
                    sock.sendall(frame.marshal(commands.Connection.Blocked(self.blocked), 0))
                return fine
            case commands.Channel.Open():
                return self._answer(sock, "channel", channel, commands.Channel.OpenOk())
            case commands.Channel.Close():
                sock.sendall(frame.marshal(commands.Channel.CloseOk(), channel))
            case commands.Connection.Close():
                sock.sendall(frame.marshal(commands.Connection.CloseOk(), 0))
                return False
        return True

    def _answer(self, sock: socket.socket, stage: Stage, channel: int, well: Any) -> bool:
        """Say what the script says; True to go on."""
        then = self.at.get(stage)
        if then is None:
            sock.sendall(frame.marshal(well, channel))
            return True
        if isinstance(then, tuple):
            sock.sendall(frame.marshal(commands.Connection.Close(then[0], then[1], 10, 11), 0))
            return True
        if then == "hang":
            self._over.wait()
        elif then == "drip":
            for byte in frame.marshal(well, channel):
                if self._over.wait(0.2):
                    break
                sock.sendall(bytes([byte]))
        elif then == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        else:
            sock.sendall(BYTES[then])
        return False
