"""SSH servers for tests of the client: one that runs command lines by a real shell, and bare sockets that misbehave."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import asyncssh

from collectors.site import Site, SiteHost, SshSettings
from runbooks.simulator.ssh.keys import Key, make_key

Behave = Callable[[socket.socket], None]


@dataclass(slots=True)
class ScriptedHost:
    """One server on 127.0.0.1. Programs in `bin` come before the machine's own."""

    folder: Path
    key: Key = field(default_factory=make_key)
    login: Key = field(default_factory=make_key)
    port: int = 0
    user: str = "kolla"
    delay: float = 0.0
    """Seconds before each command line is run."""
    instead: str = ""
    """Runs this in place of every command line, as a ForceCommand does."""
    lines: list[str] = field(default_factory=list)
    """Command lines that arrived."""
    logins: int = 0
    channels: int = 0
    """TCP connections that it was asked to make."""
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    def program(self, name: str, script: str) -> None:
        """Put a shell script called `name` on the host."""
        self.bin.mkdir(exist_ok=True)
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def site(self, name: str = "ctl01", known: str | None = None, **settings: object) -> Site:
        """A site with this one host; `known` replaces the text of known_hosts."""
        known_hosts, identity = self.folder / "known_hosts", self.folder / "id_ed25519"
        known_hosts.write_text(f"[127.0.0.1]:{self.port} {self.key.public}\n" if known is None else known)
        identity.write_bytes(self.login.private)
        identity.chmod(0o600)
        config = self.folder / "config"
        config.touch()
        ssh = {"config": config, "known_hosts": known_hosts, "identity": identity, "user": self.user} | settings
        host = SiteHost(name, "127.0.0.1", ("control",), port=self.port)
        return Site("test", hosts={name: host}, ssh=SshSettings(**ssh))  # type: ignore[arg-type]

    def drop_all(self) -> None:
        """Cut every connection, as a restart of sshd's host does."""
        for connection in self.connections:
            connection.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class _Server(asyncssh.SSHServer):
    def __init__(self, host: ScriptedHost) -> None:
        self.host = host

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.host.connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return " ".join(key.export_public_key().decode().split()[:2]) == self.host.login.public

    def auth_completed(self) -> None:
        self.host.logins += 1

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        self.host.channels += 1
        return True


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _pump(loop: asyncio.AbstractEventLoop, pipe: IO[bytes], target: asyncssh.SSHWriter[bytes]) -> None:
    """Everything that comes out of `pipe`, from a thread of its own."""

    def write(data: bytes) -> None:
        with suppress(OSError):
            target.write(data)

    with pipe:
        while data := os.read(pipe.fileno(), 65_536):
            loop.call_soon_threadsafe(write, data)


async def _feed(process: asyncssh.SSHServerProcess[bytes], pipe: IO[bytes]) -> None:
    """Whatever the client sends goes to the program; the end of it as well."""
    with pipe, suppress(OSError):
        while data := await process.stdin.read(65_536):
            pipe.write(data)
            pipe.flush()


@contextmanager
def scripted_host(folder: Path) -> Iterator[ScriptedHost]:
    """A running server in a thread of its own."""
    host = ScriptedHost(folder)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def handle(process: asyncssh.SSHServerProcess[bytes]) -> None:
        line = process.command or ""
        host.lines.append(line)
        await asyncio.sleep(host.delay)
        environment = {"PATH": f"{host.bin}:/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "USER": host.user}
        child = subprocess.Popen(
            ["/bin/sh", "-c", host.instead or line], env=environment, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        feeding = loop.create_task(_feed(process, _pipe(child.stdin)))
        ended = asyncio.gather(
            loop.run_in_executor(None, _pump, loop, _pipe(child.stdout), process.stdout),
            loop.run_in_executor(None, _pump, loop, _pipe(child.stderr), process.stderr),
        )
        gone = loop.create_task(process.wait_closed())
        try:
            waiting: set[asyncio.Future[Any]] = {ended, gone}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not ended.done():
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
            gone.cancel()
            feeding.cancel()
            try:
                await ended
            finally:
                status = child.wait()
        with suppress(OSError):
            process.exit(status)

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=lambda: _Server(host), process_factory=handle, encoding=None,
            server_host_keys=[asyncssh.import_private_key(host.key.private)],
        )  # fmt: skip

    acceptor = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    host.port = acceptor.sockets[0].getsockname()[1]

    async def stop() -> None:
        acceptor.close()
        for connection in host.connections:
            connection.abort()
        await asyncio.sleep(0.01)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await loop.shutdown_default_executor()

    try:
        yield host
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def bare_server(behave: Behave) -> Iterator[int]:
    """A TCP server that treats each connection as `behave` says; yields its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()
    held: list[socket.socket] = []

    def serve() -> None:
        while not stopped.is_set():
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            held.append(sock)
            threading.Thread(target=_quietly, args=(behave, sock), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stopped.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for sock in held:
            sock.close()
        thread.join(10)


def _quietly(behave: Behave, sock: socket.socket) -> None:
    try:
        behave(sock)
    except OSError:
        return  # the client went away, which is what these tests are about


def mute(sock: socket.socket) -> None:
    """Accepts and never says anything."""
    while sock.recv(4096):
        pass


def dripping(sock: socket.socket) -> None:
    """A banner, one byte every tenth of a second, without end."""
    while True:
        sock.sendall(b"S")
        time.sleep(0.1)


def resetting(sock: socket.socket) -> None:
    """Cuts the connection with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def web_server(sock: socket.socket) -> None:
    """Something else listens there."""
    sock.recv(4096)
    sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    sock.close()


def garbage(sock: socket.socket) -> None:
    """A good banner, then bytes that are no SSH."""
    sock.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n" + bytes(range(256)) * 400)
    sock.recv(4096)
    time.sleep(0.2)
    sock.close()
