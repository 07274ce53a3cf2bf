"""TCP addresses whose listener follows the model.

What a client meets on an address is decided by one function of the model: it `answers`; it `refuses` (the listener is
closed, as when the process is dead); it `hangs` (the kernel accepts, nobody reads); it is `unreachable` (the machine
is off: the accept queue is kept full, so connection attempts get no reply at all). `Listeners.follow` brings all
sockets in line after each change; connections of an address that no longer answers are cut, except that a hung
process keeps its connections open and mute.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from runbooks.simulator.model.hosts import Answer


class Running(Protocol):
    """A protocol server on one socket."""

    def cut(self) -> None:
        """Stop listening and drop all connections at once, as a killed process does."""


@dataclass(slots=True)
class Listener:
    """One address of one service."""

    address: str
    port: int
    answer: Callable[[], Answer]
    """Asked after each change. A server that must go mute on `hangs` asks it again before it answers a request."""
    start: Callable[[socket.socket], Awaitable[Running]]
    """Serve on this bound, listening, non-blocking socket."""
    _running: Running | None = None
    _held: list[socket.socket] = field(default_factory=list)
    _now: Answer | None = None

    async def follow(self) -> None:
        """Bring the socket in line with the model."""
        wanted = self.answer()
        if wanted == "hangs" and self._now == "answers":
            self._now = wanted  # the frozen process still owns its socket and its connections
            return
        if wanted == self._now or (wanted == "answers" and self._running is not None):
            self._now = wanted
            return
        self.close()
        self._now = wanted
        if wanted in ("answers", "hangs"):
            self._running = await self.start(bound(self.address, self.port))
        elif wanted == "unreachable":
            self._held = _black_hole(self.address, self.port)

    def close(self) -> None:
        """Close the socket and all of its connections."""
        if self._running is not None:
            self._running.cut()
            self._running = None
        for held in self._held:
            held.close()
        self._held = []
        self._now = None


class Listeners:
    """All addresses of one simulator."""

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self._all = list(listeners)
        self._following: asyncio.Task[None] | None = None
        self._again = False

    def add(self, listeners: Iterable[Listener]) -> None:
        self._all += listeners

    async def follow(self) -> None:
        """Bring every socket in line with the model."""
        for listener in self._all:
            await listener.follow()

    def changed(self) -> None:
        """Follow soon: to be called from the event loop after a change (see `Cloud.changed`)."""
        if self._following is not None and not self._following.done():
            self._again = True
            return
        self._following = asyncio.get_running_loop().create_task(self._follow())

    async def settled(self) -> None:
        """Wait until all sockets are in line."""
        while self._following is not None and not self._following.done():
            await asyncio.shield(self._following)

    async def _follow(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            await self.follow()

    def close(self) -> None:
        for listener in self._all:
            listener.close()


def bound(address: str, port: int, backlog: int = 512) -> socket.socket:
    """A listening socket. Raises OSError (EADDRINUSE) when somebody else has the address."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(backlog)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _black_hole(address: str, port: int) -> list[socket.socket]:
    """Sockets that keep an accept queue full: further connection attempts get no reply."""
    held = [bound(address, port, backlog=0)]
    for _ in range(2):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        held.append(sock)
        if sock.connect_ex((address, port)) not in (0, errno.EINPROGRESS):
            break
    return held
