"""A scripted MySQL server on loopback: real packets, chosen answers, and every way to misbehave.

`on` says how a statement that contains some words is answered; what nobody scripted is answered with OK. Nothing
sleeps: what hangs waits for the end of the test. `seen` holds every statement, `logins` every user name.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, TypeAlias

Then: TypeAlias = Literal["", "hang", "drip", "reset", "close", "garbage", "endless", "huge", "out of order"]
_VERSION = b"5.5.5-10.11.19-MariaDB-0+deb12u1"
_CAPABILITIES = 0x81FFF7FE & ~(1 << 24)  # results end with EOF packets
_SSL = 1 << 11


@dataclass(frozen=True, slots=True)
class Answer:
    """A result set (`columns`, `rows`), an error (`code`, `words`), or misbehaviour (`then`)."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    code: int = 0
    words: str = ""
    state: str = "HY000"
    then: Then = ""


def pairs(found: dict[str, object]) -> Answer:
    """What SHOW STATUS gives."""
    return Answer(("Variable_name", "Value"), list(found.items()))


def refused(code: int, words: str, state: str = "HY000") -> Answer:
    """An error packet."""
    return Answer(code=code, words=words, state=state)


HANG, DRIP, RESET, CLOSE, GARBAGE = (Answer(then=how) for how in ("hang", "drip", "reset", "close", "garbage"))


@dataclass
class WireMysql:
    """The server; a context manager.

    `greeting` and `login` replace the handshake and the answer to the password; `plugin` asks for another way to log
    in. `certificate` (a file with key and certificate) makes it offer TLS.
    """

    greeting: Answer | None = None
    login: Answer | None = None
    plugin: bytes = b""
    certificate: Path | None = None
    seen: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    secrets: list[bytes] = field(default_factory=list)
    """What clients sent in place of a password."""
    connections: int = 0
    encrypted: bool = False
    ended: threading.Event = field(default_factory=threading.Event)
    _scripts: list[tuple[str, list[Answer]]] = field(default_factory=list)
    _open: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> WireMysql:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.ended.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()
        self._thread.join()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listening.getsockname()[1])

    def on(self, words: str, *answers: Answer) -> None:
        """How statements that contain `words` are answered; several answers in turn, the last one stays."""
        self._scripts.insert(0, (words, list(answers)))

    def cut(self) -> None:
        """Break every connection, as a restart does."""
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listening.accept()
                self.connections += 1
                self._open.append(sock)
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        client = _Client(self, sock)
        try:
            with suppress(OSError, EOFError):
                client.serve()
        finally:
            client.sock.close()

    def answer(self, sql: str) -> Answer | None:
        """The scripted answer; None for OK."""
        self.seen.append(sql)
        for words, answers in self._scripts:
            if words in sql:
                return answers.pop(0) if len(answers) > 1 else answers[0]
        return None


class _Client:
    """One connection."""

    def __init__(self, server: WireMysql, sock: socket.socket) -> None:
        self.server, self.sock, self.number = server, sock, 0

    def serve(self) -> None:
        if self.server.greeting is not None:
            self.send_answer(self.server.greeting)
            return
        capabilities = _CAPABILITIES | (_SSL if self.server.certificate else 0)
        nonce = b"abcdefgh12345678ABCD"
        low, high = struct.pack("<H", capabilities & 0xFFFF), struct.pack("<H", capabilities >> 16)
        self.send(
            b"\x0a" + _VERSION + b"\0" + struct.pack("<I", 7) + nonce[:8] + b"\0" + low
            + b"\x2d" + struct.pack("<H", 2) + high + b"\x15" + bytes(10)
            + nonce[8:] + b"\0mysql_native_password\0"
        )  # fmt: skip
        data = self.receive()
        if struct.unpack_from("<I", data)[0] & _SSL and self.server.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.server.certificate)
            self.sock = context.wrap_socket(self.sock, server_side=True)
            self.server.encrypted = True
            data = self.receive()
        name, _, rest = data[32:].partition(b"\0")
        self.server.logins.append(name.decode())
        self.server.secrets.append(rest[1 : 1 + rest[0]])
        if self.server.plugin:
            self.send(b"\xfe" + self.server.plugin + b"\0" + nonce + b"\0")
            self.server.secrets.append(self.receive())
        self.send_answer(self.server.login)
        while True:
            self.number = 0
            data = self.receive()
            if data[:1] == b"\x01":
                return
            self.send_answer(self.server.answer(data[1:].decode()) if data[:1] == b"\x03" else None)

    def receive(self) -> bytes:
        header = self.exactly(4)
        self.number = header[3] + 1
        return self.exactly(int.from_bytes(header[:3], "little"))

    def exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.sock.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def send(self, payload: bytes) -> None:
        self.sock.sendall(struct.pack("<I", len(payload))[:3] + bytes([self.number % 256]) + payload)
        self.number += 1

    def send_answer(self, answer: Answer | None) -> None:
        if answer is None:
            self.send(b"\0\0\0\x02\0\0\0")
        elif answer.then:
            self.misbehave(answer.then)
        elif answer.code:
            self.send(b"\xff" + struct.pack("<H", answer.code) + b"#" + answer.state.encode() + answer.words.encode())
        else:
            self.result(answer)

    def header(self, columns: Sequence[str]) -> None:
        self.send(bytes([len(columns)]))
        for name in columns:
            fixed = struct.pack("<BHIBHB2x", 12, 45, 1024, 253, 0, 0)
            self.send(b"\x03def\0\0\0" + _string(name.encode()) + b"\0" + fixed)
        self.send(b"\xfe\0\0\x02\0")

    def result(self, answer: Answer) -> None:
        self.header(answer.columns)
        for row in answer.rows:
            self.send(b"".join(b"\xfb" if value is None else _string(str(value).encode()) for value in row))
        self.send(b"\xfe\0\0\x02\0")

    def misbehave(self, how: str) -> None:
        match how:
            case "hang":
                self.server.ended.wait()
            case "drip":
                self.sock.sendall(b"\xff\xff\x00" + bytes([self.number % 256]))
                while not self.server.ended.wait(0.01):
                    self.sock.sendall(b" ")
            case "reset":
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.sock.close()
            case "garbage":
                self.sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>no</html>")
            case "out of order":
                self.number = 77
                self.send(b"\0\0\0\x02\0\0\0")
            case "endless":
                self.header(("id", "name"))
                while not self.server.ended.is_set():
                    self.send(_string(b"1") + _string(b"x" * 200))
            case "huge":
                self.header(("id", "name"))
                for number in range(12):
                    self.send(_string(str(number).encode()) + _string(b"x" * (10 << 20)))
        raise EOFError


def _string(raw: bytes) -> bytes:
    if len(raw) < 251:
        return bytes([len(raw)]) + raw
    if len(raw) < 1 << 16:
        return b"\xfc" + struct.pack("<H", len(raw)) + raw
    return b"\xfd" + struct.pack("<I", len(raw))[:3] + raw
