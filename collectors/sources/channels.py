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
from contextlib import contextmanager

from collectors.deadline import Deadline
from collectors.errors import TooLate, Unreachable
from collectors.sources import connection as connecting
from collectors.sources.connection import Behind, Connection, no_channel
from collectors.sources.dial import dialled
from collectors.sources.host_keys import HostKeys
from collectors.sources.routes import Hop
from collectors.sources.ssh_login import explained, late, login

IDLE_SECONDS = 300.0
"""A connection that nobody used for so long is closed."""
MOST_OPEN = 300
"""More connections than this are not kept: those that were used longest ago are closed."""
_HANDSHAKES = 16
"""At the same time: each costs us some 20 ms of processor, and a host must not seem slow because we are."""
_KEEPALIVE = 20
_POLL_SECONDS = 10.0
"""How often paramiko's thread wakes up when nothing arrives; its default of 0.1 s costs 5 % CPU with 250 hosts."""
_UNACKNOWLEDGED_MS = 8000
"""A peer that acknowledges nothing for so long is gone."""


class HostConnections:
    """The connections of one site, by hop."""

    def __init__(self) -> None:
        self.host_keys = HostKeys()
        self._open: dict[Hop, Connection] = {}
        self._locks: dict[Hop, threading.Lock] = {}
        self._lock = threading.Lock()
        self._handshakes = threading.BoundedSemaphore(_HANDSHAKES)
        self._closed = False

    @contextmanager
    def using(self, hop: Hop, deadline: Deadline) -> Iterator[tuple[Connection, bool]]:
        """A live connection to `hop`, and whether it was made just now; not closed for idleness meanwhile.

        Raises `SourceError`.
        """
        connection, fresh = self._held(hop, deadline)
        try:
            yield connection, fresh
        finally:
            connection.hold(-1)

    def _held(self, hop: Hop, deadline: Deadline) -> tuple[Connection, bool]:
        with self._lock:
            lock = self._locks.setdefault(hop, threading.Lock())
        if not lock.acquire(timeout=deadline.remaining()):
            raise TooLate(f"ssh {hop.title}", "another attempt to connect is still under way", "nephoscope doctor")
        try:
            with self._lock:
                found = self._open.get(hop)
                if found is not None and found.alive:
                    found.hold(+1)
                    return found, False
            self._sweep()
            made = self._connect(hop, deadline)
            made.hold(+1)
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
            leaving = [*dead, *idle[:excess], *(c for c in idle[excess:] if c.used < oldest)]
            for connection in leaving:
                del self._open[connection.hop]
        for connection in leaving:
            connection.cut()

    def _connect(self, hop: Hop, deadline: Deadline) -> Connection:
        bounded = deadline.remaining() <= connecting.CONNECT_SECONDS
        limit = Deadline(min(deadline.remaining(), connecting.CONNECT_SECONDS))
        connection: Connection | None = None
        key = -1
        try:
            connection = self._reach(hop, deadline, limit)
            key = deadline.guard(connection.cut)
            if not self._handshakes.acquire(timeout=deadline.remaining()):
                raise late(hop, deadline)
            try:
                bounded = deadline.remaining() <= connecting.CONNECT_SECONDS
                limit = Deadline(min(deadline.remaining(), connecting.CONNECT_SECONDS))
                self._handshake(connection, limit)
            finally:
                self._handshakes.release()
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
            with self.using(hop.through, deadline) as (before, fresh):
                try:
                    return Connection(hop, self._behind(before, hop, limit), before, None)
                except Exception:
                    if fresh or before.alive:
                        raise
                self.drop(before)  # it died while nobody looked
            with self.using(hop.through, deadline) as (before, _):
                return Connection(hop, self._behind(before, hop, limit), before, None)
        if hop.command:
            ours, process = _proxy(hop)
            return Connection(hop, ours, None, process)
        sock = dialled(hop.address, hop.port, limit, deadline)
        try:
            _tune(sock)
            return Connection(hop, sock, None, None)
        except Exception:
            sock.close()
            raise

    def _behind(self, before: Connection, hop: Hop, limit: Deadline) -> Behind:
        from paramiko import ChannelException, SSHException

        try:
            return Behind(before.channel(hop.address, hop.port, limit))
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
