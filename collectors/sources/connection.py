"""One SSH connection to a host: sessions for commands, channels to other addresses, and a way to cut it at any time."""

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
from collectors.sources.routes import Hop
from collectors.whole import whole

if TYPE_CHECKING:
    from paramiko import Channel, ChannelException, Transport

CONNECT_SECONDS = 6.0
"""For the TCP connection and the handshake with one hop: a host that is up needs a small part of it."""
_SESSIONS = 6
"""Commands at the same time on one connection; sshd's MaxSessions is 10."""
_STREAMS = 3
"""Logs that are followed on it besides."""


_counting = threading.Lock()


class Connection:
    """One authenticated SSH connection."""

    def __init__(self, hop: Hop, sock: Any, before: Connection | None, process: subprocess.Popen[bytes] | None) -> None:
        whole("paramiko")
        from paramiko import Transport

        self.hop = hop
        self.transport: Transport = Transport(sock)
        self.used = time.monotonic()
        self.proved_by = ""
        """The key that was accepted, in words."""
        self.slots = threading.BoundedSemaphore(_SESSIONS)
        self.streams = threading.BoundedSemaphore(_STREAMS)
        self.held = 0
        """How many readings, tunnels and further hops use it now."""
        self._sock = sock
        self._before = before
        self._process = process
        self._is_cut = False
        if before is not None:
            before.hold(+1)

    def hold(self, change: int) -> None:
        """One user more (+1) or less (-1): a connection in use is not closed for being idle."""
        with _counting:
            self.held += change
            self.used = time.monotonic()

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
        try:
            channel = self.transport.open_session(timeout=min(deadline.remaining(), CONNECT_SECONDS))
            try:
                yield channel
            finally:
                channel.close()
        finally:
            self.slots.release()

    def channel(self, address: str, port: int, deadline: Deadline) -> Channel:
        """A TCP connection made by that host. Raises paramiko's exceptions."""
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
                self._before.hold(-1)


class Behind:
    """A channel of the host before, as the socket of the next one. Closing it never raises, as closing a socket."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def close(self) -> None:
        from paramiko import SSHException

        with suppress(OSError, EOFError, SSHException):  # it tells the host before, which may be gone
            self._channel.close()


def no_channel(error: ChannelException, by: Hop, what: str) -> SourceError:
    """Our error when the host `by` opens no connection for us (RFC 4254, 5.1: 1 is prohibited, 2 is connect failed)."""
    if error.code == 1:
        return Refused(
            what, f"{by.name} may not connect us to it", f"AllowTcpForwarding yes in sshd_config of {by.name}"
        )
    return Unreachable(what, f"{by.name} cannot connect to it", f"is it up? try it from there: ssh {by.name}")
