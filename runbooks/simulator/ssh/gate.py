"""The SSH server of one host: takes connections, checks the key, gives shells and channels.

All servers of a run share one `Realm`: the regions' models, the keys, and the way from one host to another.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import cast

import asyncssh
from asyncssh.constants import OPEN_CONNECT_FAILED
from asyncssh.forward import SSHForwarder

from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer, Host
from runbooks.simulator.ssh.keys import Keys
from runbooks.simulator.ssh.program import ACCOUNTS, Place
from runbooks.simulator.ssh.session import serve_session

PORT = 2222
_VERSION = "OpenSSH_9.2p1 Debian-2+deb12u3"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Realm:
    """Every machine that SSH reaches."""

    clouds: Sequence[Cloud]
    keys: Keys = field(default_factory=Keys)
    _gates: dict[str, Gate] = field(default_factory=dict)

    def gate(self, name: str) -> Gate:
        """The server of the host `name`. Raises KeyError."""
        found = self._gates.get(name)
        if found is None:
            cloud = next((cloud for cloud in self.clouds if name in cloud.hosts), None)
            if cloud is None:
                raise KeyError(name)
            found = self._gates[name] = Gate(self, cloud, cloud.hosts[name])
        return found

    def find(self, destination: str) -> Host | None:
        """The machine with this name or address, in any region."""
        for cloud in self.clouds:
            if destination in cloud.hosts:
                return cloud.hosts[destination]
            for host in cloud.hosts:
                if host.machine.address == destination:
                    return host
        return None

    def virtual(self, destination: str) -> bool:
        """True for a virtual address of some region."""
        return any(destination in (cloud.layout.vip, cloud.layout.internal_vip) for cloud in self.clouds)

    def listeners(self) -> list[Listener]:
        """One listener for each machine that has a loopback address."""
        return [
            Listener(host.machine.address, PORT, self.gate(host.name).answer, self.gate(host.name).start)
            for cloud in self.clouds
            for host in cloud.hosts
            if host.machine.listens
        ]


class Gate:
    """The SSH server of one host."""

    def __init__(self, realm: Realm, cloud: Cloud, host: Host) -> None:
        self.realm = realm
        self.cloud = cloud
        self.host = host
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._options: asyncssh.SSHServerConnectionOptions | None = None

    def answer(self) -> Answer:
        """How a new connection fares: the model's answer for sshd."""
        return self.host.answer("ssh")

    async def start(self, sock: socket.socket) -> Running:
        """Serve on a listening socket."""
        return _Door(self, sock)

    def admit(self, sock: socket.socket) -> None:
        """Take one connected socket."""
        task = asyncio.get_running_loop().create_task(self._serve(sock))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, sock: socket.socket) -> None:
        if self._options is None:
            self._options = await asyncssh.SSHServerConnectionOptions.construct(
                server_host_keys=[asyncssh.import_private_key(self.realm.keys.of_host(self.host.name).private)],
                server_version=_VERSION,
                server_factory=lambda: _Login(self),
                process_factory=self.session,
                encoding="utf-8",
                errors="surrogateescape",
                gss_host=None,
                x11_forwarding=False,
                agent_forwarding=False,
                login_timeout=30,
                compression_algs=["none"],
                keepalive_interval=0,
            )
        try:
            await asyncssh.run_server(sock, options=self._options)
        except (asyncssh.Error, OSError, TimeoutError):
            sock.close()  # the client gave up or was refused: nothing to tell anybody

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        """One session: a command or a shell."""
        account = ACCOUNTS[process.get_extra_info("username")]
        await serve_session(process, Place(self.cloud, self.host, account), self.mute)

    async def mute(self) -> None:
        """Return at once, or, while sshd is frozen, not before it thaws (a cut ends the wait)."""
        while self.answer() == "hangs":
            await asyncio.sleep(0.2)

    def cut(self) -> None:
        """Drop every connection at once."""
        for task in list(self._tasks):
            task.cancel()
        for connection in list(self.connections):
            connection.abort()

    def toward(self, destination: str, port: int) -> Awaitable[SSHForwarder]:
        """A channel from this host to `destination`. Raises ChannelOpenError as sshd words it."""
        if destination in ("localhost", "127.0.0.1"):
            destination = self.host.machine.address
        if self.realm.virtual(destination):
            return _forward(destination, port)
        host = self.realm.find(destination)
        if host is None:
            numeric = destination.replace(".", "").isdigit() or ":" in destination
            raise _cannot_connect("No route to host" if numeric else "Name or service not known")
        if host.machine.listens:
            return _forward(host.machine.address, PORT if port == 22 else port)
        answer = (
            host.answer("ssh") if port in (22, PORT) else "refuses" if host.up and host.reachable else "unreachable"
        )
        if answer in ("refuses", "unreachable"):
            raise _cannot_connect("Connection refused" if answer == "refuses" else "No route to host")
        return self._inside(self.realm.gate(host.name), hold=answer == "hangs")

    async def _inside(self, gate: Gate, *, hold: bool) -> SSHForwarder:
        """A connection to a host without a loopback address: a socket pair, its server on one end."""
        ours, theirs = socket.socketpair()
        _, peer = await asyncio.get_running_loop().create_connection(SSHForwarder, sock=ours)
        if hold:
            self._tasks.add(asyncio.get_running_loop().create_task(_hold(theirs)))
        else:
            gate.admit(theirs)
        return SSHForwarder(peer)


def _cannot_connect(why: str) -> asyncssh.ChannelOpenError:
    return asyncssh.ChannelOpenError(OPEN_CONNECT_FAILED, why)


async def _forward(address: str, port: int) -> SSHForwarder:
    """A TCP connection from this process; its failure in the system's words."""
    try:
        _, peer = await asyncio.get_running_loop().create_connection(SSHForwarder, address, port)
    except OSError as problem:
        raise _cannot_connect(os.strerror(problem.errno) if problem.errno else str(problem)) from None
    return SSHForwarder(peer)


async def _hold(sock: socket.socket) -> None:
    """Keep a connection open and mute until it is cut."""
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        sock.close()


class _Door:
    """A listening socket and its accept loop."""

    def __init__(self, gate: Gate, sock: socket.socket) -> None:
        self._gate = gate
        self._sock = sock
        self._held: list[socket.socket] = []
        asyncio.get_running_loop().add_reader(sock, self._accept)

    def _accept(self) -> None:
        try:
            sock, _ = self._sock.accept()
        except OSError:
            return  # the client was gone before we looked
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answer = self._gate.answer()
        if answer == "answers":
            self._gate.admit(sock)
        elif answer == "hangs":
            self._held.append(sock)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            sock.close()

    def cut(self) -> None:
        asyncio.get_running_loop().remove_reader(self._sock)
        self._sock.close()
        for sock in self._held:
            sock.close()
        self._held.clear()
        self._gate.cut()


class _Login(asyncssh.SSHServer):
    """Who may log in, and where to from here."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._gate.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._gate.connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        offered = " ".join(key.export_public_key().decode().split()[:2])
        return username in ACCOUNTS and offered == self._gate.realm.keys.login.public

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> Awaitable[asyncssh.SSHTCPSession[bytes]]:
        # asyncssh takes its forwarders for sessions and casts them in the same way.
        channel = self._gate.toward(dest_host, dest_port)
        return cast("Awaitable[asyncssh.SSHTCPSession[bytes]]", channel)
