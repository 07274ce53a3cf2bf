"""Connections to hosts, kept open and shared: one per host, through jump hosts where the way says so.

A connection is made when first needed and made again once when it turns out to be dead. Whoever waits on it does so
under a deadline: at its end the connection is cut, because whatever it was doing can no longer be trusted to end.
"""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from collectors.deadline import Deadline
from collectors.errors import Refused, SourceError, TooLate, Unreachable
from collectors.sources.host_keys import HostKeys
from collectors.sources.routes import Hop
from collectors.sources.ssh_login import explained, late, login

if TYPE_CHECKING:
    from paramiko import Channel, ChannelException, Transport

CONNECT_SECONDS = 6.0
"""For the TCP connection and the handshake with one hop: a host that is up needs a small part of it."""
IDLE_SECONDS = 300.0
"""A connection that nobody used for so long is closed."""
MOST_OPEN = 300
"""More connections than this are not kept: those that were used longest ago are closed."""
_KEEPALIVE = 20
_POLL_SECONDS = 10.0
"""How often paramiko's thread wakes up when nothing arrives; its default of 0.1 s costs 5 % CPU with 250 hosts."""
_UNACKNOWLEDGED_MS = 8000
"""A peer that acknowledges nothing for so long is gone."""
_SESSIONS = 6
"""Commands at the same time on one connection; sshd's MaxSessions is 10."""


class Connection:
    """One authenticated SSH connection."""

    def __init__(self, hop: Hop, sock: Any, before: Connection | None, process: subprocess.Popen[bytes] | None) -> None:
        from paramiko import Transport

        self.hop = hop
        self.transport: Transport = Transport(sock)
        self.used = time.monotonic()
        self.proved_by = ""
        """The key that was accepted, in words."""
        self.slots = threading.BoundedSemaphore(_SESSIONS)
        self.held = 0
        """How many sessions and further hops use it now."""
        self._sock = sock
        self._before = before
        self._process = process
        self._is_cut = False
        if before is not None:
            before.held += 1

    @property
    def alive(self) -> bool:
        return self.transport.is_active()

    @property
    def server_version(self) -> str:
        """`OpenSSH_9.2p1 Debian-2+deb12u3`."""
        return self.transport.remote_version.removeprefix("SSH-2.0-").removeprefix("SSH-1.99-")

    @contextmanager
    def session(self, deadline: Deadline) -> Iterator[Channel]:
        """A session channel for one command. Raises paramiko's exceptions, and `TooLate` when all slots stay taken."""
        if not self.slots.acquire(timeout=deadline.remaining()):
            raise TooLate(f"ssh {self.hop.title}", f"{_SESSIONS} commands are still running there")
        self.held += 1
        try:
            channel = self.transport.open_session(timeout=min(deadline.remaining(), CONNECT_SECONDS))
            try:
                yield channel
            finally:
                channel.close()
        finally:
            self.held -= 1
            self.used = time.monotonic()
            self.slots.release()

    def channel(self, address: str, port: int, deadline: Deadline) -> Channel:
        """A TCP connection made by that host. Raises paramiko's exceptions."""
        self.used = time.monotonic()
        return self.transport.open_channel(
            "direct-tcpip", (address, port), ("127.0.0.1", 0), timeout=deadline.remaining()
        )

    def cut(self) -> None:
        """End it now, whatever it is doing; whoever waits on it wakes up. Never raises, does not block."""
        if isinstance(self._sock, socket.socket):
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
        self.transport.close()
        if self._process is not None:
            self._process.terminate()
            threading.Thread(target=self._process.wait, name="proxy-command-ends", daemon=True).start()
        if not self._is_cut:
            self._is_cut = True
            if self._before is not None:
                self._before.held -= 1


class _Behind:
    """A channel of the host before, as the socket of the next one. Closing it never raises, as closing a socket."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def close(self) -> None:
        from paramiko import SSHException

        with suppress(OSError, EOFError, SSHException):  # it tells the host before, which may be gone
            self._channel.close()


class HostConnections:
    """The connections of one site, by hop."""

    def __init__(self) -> None:
        self.host_keys = HostKeys()
        self._open: dict[Hop, Connection] = {}
        self._locks: dict[Hop, threading.Lock] = {}
        self._lock = threading.Lock()
        self._closed = False

    def get(self, hop: Hop, deadline: Deadline) -> tuple[Connection, bool]:
        """A live connection to `hop`, and whether it was made just now. Raises `SourceError`."""
        with self._lock:
            lock = self._locks.setdefault(hop, threading.Lock())
        if not lock.acquire(timeout=deadline.remaining()):
            raise TooLate(f"ssh {hop.title}", "another attempt to connect is still under way", "nephoscope doctor")
        try:
            found = self._open.get(hop)
            if found is not None and found.alive:
                return found, False
            self._sweep()
            made = self._connect(hop, deadline)
            with self._lock:
                self._open[hop] = made
                closed = self._closed
            if closed:
                made.cut()
                raise Unreachable(f"ssh {hop.title}", "the console is closing")
            return made, True
        finally:
            lock.release()

    def hops(self) -> list[Hop]:
        """Where connections are open to."""
        with self._lock:
            return list(self._open)

    def drop(self, connection: Connection) -> None:
        """Forget a connection and cut it."""
        with self._lock:
            if self._open.get(connection.hop) is connection:
                del self._open[connection.hop]
        connection.cut()

    def close(self) -> None:
        """Cut all connections, those through others first."""
        with self._lock:
            self._closed = True
            connections = sorted(self._open.values(), key=lambda connection: connection.hop.through is None)
            self._open.clear()
        for connection in connections:
            connection.cut()

    def _sweep(self) -> None:
        """Close what is dead or was not used for long, and what is too many."""
        oldest = time.monotonic() - IDLE_SECONDS
        with self._lock:
            dead = [c for c in self._open.values() if not c.alive]
            idle = sorted((c for c in self._open.values() if c.alive and not c.held), key=lambda c: c.used)
            excess = max(len(self._open) - len(dead) - MOST_OPEN + 1, 0)
        for connection in [*dead, *idle[:excess], *(c for c in idle[excess:] if c.used < oldest)]:
            self.drop(connection)

    def _connect(self, hop: Hop, deadline: Deadline) -> Connection:
        bounded = deadline.remaining() <= CONNECT_SECONDS
        limit = Deadline(min(deadline.remaining(), CONNECT_SECONDS))
        connection: Connection | None = None
        key = -1
        try:
            connection = self._reach(hop, deadline, limit)
            key = deadline.guard(connection.cut)
            self._handshake(connection, limit)
            return connection
        except Exception as error:
            if connection is not None:
                connection.cut()
            if bounded and limit.remaining() < 0.1:
                raise late(hop, deadline) from error
            raise explained(error, hop, deadline) from error
        finally:
            if key >= 0:
                deadline.release(key)

    def _reach(self, hop: Hop, deadline: Deadline, limit: Deadline) -> Connection:
        """Bytes to the hop's sshd: by a channel of the hop before it, by a proxy command, or by TCP."""
        if hop.through is not None:
            before, fresh = self.get(hop.through, deadline)
            try:
                return Connection(hop, self._behind(before, hop, limit), before, None)
            except Exception:
                if fresh or before.alive:
                    raise
            self.drop(before)  # it died while nobody looked
            before, _ = self.get(hop.through, deadline)
            return Connection(hop, self._behind(before, hop, limit), before, None)
        if hop.command:
            ours, process = _proxy(hop)
            return Connection(hop, ours, None, process)
        sock = socket.create_connection((hop.address, hop.port), timeout=limit.remaining())
        try:
            _tune(sock)
            return Connection(hop, sock, None, None)
        except Exception:
            sock.close()
            raise

    def _behind(self, before: Connection, hop: Hop, limit: Deadline) -> _Behind:
        from paramiko import ChannelException, SSHException

        try:
            return _Behind(before.channel(hop.address, hop.port, limit))
        except ChannelException as error:
            raise no_channel(error, before.hop, f"ssh {hop.title}") from error
        except SSHException as error:
            if "Timeout" in str(error):
                raise Unreachable(
                    f"ssh {hop.title}", f"no answer when {before.hop.name} connects to it", "is the host up?"
                ) from error
            raise

    def _handshake(self, connection: Connection, limit: Deadline) -> None:
        """Exchange keys, check the host's, log in."""
        hop, transport = connection.hop, connection.transport
        known = [key.kind for key in self.host_keys.known(hop.key_name, hop.known_hosts)]
        options = transport.get_security_options()
        # Ask for a key of a kind that known_hosts has, or a host with several keys would seem changed.
        options.key_types = sorted(options.key_types, key=lambda kind: _plain_kind(kind) not in known)
        transport.banner_timeout = transport.handshake_timeout = limit.remaining()
        transport.start_client(timeout=limit.remaining())
        if not transport.initial_kex_done:
            raise Unreachable(
                f"ssh {hop.title}",
                "accepts connections, but does not answer",
                "is sshd frozen, or the host overloaded?",
            )
        key = transport.get_remote_server_key()
        self.host_keys.check(hop.title, hop.key_name, hop.known_hosts, key.get_name(), key.asbytes())
        connection.proved_by = login(transport, hop, limit)
        connection._sock.settimeout(_POLL_SECONDS)
        transport.set_keepalive(_KEEPALIVE)


def no_channel(error: ChannelException, by: Hop, what: str) -> SourceError:
    """Our error when the host `by` opens no connection for us (RFC 4254, 5.1: 1 is prohibited, 2 is connect failed)."""
    if error.code == 1:
        return Refused(
            what, f"{by.name} may not connect us to it", f"AllowTcpForwarding yes in sshd_config of {by.name}"
        )
    return Unreachable(what, f"{by.name} cannot connect to it", f"is it up? try it from there: ssh {by.name}")


def _plain_kind(kind: str) -> str:
    """Signature algorithms of RSA are three, its key is one."""
    return "ssh-rsa" if kind.startswith("rsa-sha2-") else kind


def _tune(sock: socket.socket) -> None:
    """No waiting for more to send; a peer that is gone is noticed."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS)


def _proxy(hop: Hop) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Start the user's own ProxyCommand with one end of a socket pair as its standard input and output."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {hop.command}"], stdin=theirs.fileno(), stdout=theirs.fileno()
        )
    return ours, process
