"""memcached: `version`, `stats` and `stats settings` in its own text protocol, from each server by itself.

Nothing is read from or written to the cache. One connection per reading: it is cheap, and none is kept from a server
that has few.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from collectors.breaker import Breaker
from collectors.deadline import Deadline
from collectors.errors import (
    BadConfiguration,
    CircuitOpen,
    NotUnderstood,
    Refused,
    SourceError,
    TooLate,
    Unreachable,
    UsageError,
)
from collectors.kind import Scope
from collectors.request import CacheStats, Request
from collectors.site import Endpoint, MemcachedSite, Site
from collectors.sources.base import Fact, Page, Where
from collectors.sources.dial import dialled
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from collectors.connections import Connections

PATIENCE: Final = 4.0
"""Seconds for one server: whoever waits longer for a cache would be faster without it."""
LARGEST: Final = 262_144
_QUESTION: Final = b"version\r\nstats\r\nstats settings\r\nquit\r\n"


class MemcachedSource:
    """The caches of one site."""

    system = "memcached"
    workers = 8

    def __init__(
        self, site: Site, connections: Connections | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if site.memcached is None:
            raise BadConfiguration("memcached", "the site says nothing about it", "add [site.NAME.memcached]")
        self.site = site
        self.memcached: MemcachedSite = site.memcached
        self._ways = connections
        self._clock = clock
        self._lock = threading.Lock()
        self._breakers = {server.host: Breaker() for server in self.memcached.servers}
        self._last: dict[str, SourceError] = {}

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """The servers, or those that `where` names."""
        known = [server.host for server in self.memcached.servers]
        for name in where.targets:
            if name not in known:
                raise UsageError(f"{name} runs no memcached of this site", f"Servers: {', '.join(known)}")
        return where.targets or known

    @staticmethod
    def title(server: Endpoint) -> str:
        """`memcached ctl01 at 10.0.0.11:11211`."""
        return f"memcached {server.host} at {server.address}:{server.port}"

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page with one item; a server that gives nothing is an item too, saying why, followed by the error."""
        assert isinstance(request, CacheStats)
        server = next(server for server in self.memcached.servers if server.host == target)
        about = {"member": server.host, "address": server.address, "port": server.port}
        try:
            stats = self.stats(server, deadline)
        except SourceError as error:
            told = self._last.get(server.host, error) if isinstance(error, CircuitOpen) else error
            answers = None if isinstance(told, TooLate) else not isinstance(told, Unreachable)
            yield Page(items=[about | {"trouble": error.why, "answers": answers}])
            raise
        yield Page(items=[about | stats])

    def stats(self, server: Endpoint, deadline: Deadline) -> dict[str, Any]:
        """What one server says. Raises `SourceError`."""
        breaker, now, what = self._breakers[server.host], self._clock(), self.title(server)
        if not breaker.allow(now):
            last = self._last.get(server.host)
            why = f"{last.why if last else 'no answer'} ({breaker.failures} times; it is left alone for a while)"
            raise CircuitOpen(what, why, "nephoscope doctor", retry_at=breaker.retry_at or now)
        own = Deadline(min(PATIENCE, deadline.remaining()))
        key = deadline.guard(own.end)  # the whole read may be cancelled
        try:
            found = parsed(self._asked(server, own, deadline), what)
        except Unreachable as error:
            breaker.failed(self._clock())
            self._last[server.host] = error
            raise
        except SourceError:
            breaker.succeeded()  # it answered; that the answer displeases us is no outage
            raise
        except BaseException:
            breaker.failed(self._clock())
            raise
        finally:
            deadline.release(key)
            own.finish()
        breaker.succeeded()
        return found

    def _asked(self, server: Endpoint, own: Deadline, whole: Deadline) -> bytes:
        """All that the server sends until it ends the connection, as it is told to."""
        what, hint = self.title(server), f"nephoscope get units host={server.host}"
        connected = False
        try:
            with self._dial(server, own) as sock:
                connected = True
                own.guard_socket(sock)
                sock.settimeout(own.remaining())
                sock.sendall(_QUESTION)
                said = bytearray()
                while len(said) <= LARGEST and (data := sock.recv(65_536)):
                    said += data
        except OSError as error:
            if not own.expired and not isinstance(error, TimeoutError):
                raise Unreachable(what, error.strerror or str(error), f"does memcached run there? {hint}") from error
            said = bytearray()
        if len(said) > LARGEST:
            raise NotUnderstood(what, "the answer is larger than memcached's ever is", "check the port")
        if own.expired or not said:
            if whole.expired:
                raise TooLate(what, f"did not answer within {whole.seconds:g} s", hint)
            why = "accepts connections, but does not answer" if connected else "no answer to a connection attempt"
            raise Unreachable(what, f"{why} within {own.seconds:.0f} s" if own.expired else "hangs up at once", hint)
        return bytes(said)

    def _dial(self, server: Endpoint, deadline: Deadline) -> socket.socket:
        """A socket to a server: from here, or through the host that the site names."""
        way = self.memcached.via.partition(":")[2]
        if not way:
            return dialled(server.address, server.port, deadline, deadline)
        if self._ways is None:
            raise BadConfiguration(
                "memcached", f"via {self.memcached.via}: no SSH at hand", "use ssh:HOST of this site"
            )
        return self._ways.ssh().open_channel(way, server.address, server.port, deadline)

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per server: version, round trip, what to do next."""
        servers = self.memcached.servers
        with ThreadPoolExecutor(max(len(servers), 1), "doctor-memcached") as pool:
            yield from pool.map(lambda server: self._fact(server, deadline), servers)

    def _fact(self, server: Endpoint, deadline: Deadline) -> Fact:
        address, began = f"{server.host} {server.address}:{server.port}", time.perf_counter()
        try:
            found = self.stats(server, deadline)
        except SourceError as error:
            refused = error.why if isinstance(error, Refused) else ""
            detail = "" if refused else f"{error.what}: {error.why}"
            return Fact("memcached", address, "critical", refused=refused, detail=detail, next_step=error.hint)
        took = time.perf_counter() - began
        return Fact("memcached", address, "ok", identity="no account", version=found["version"], round_trip=took)

    def close(self) -> None:
        """Nothing is kept open."""


def parsed(said: bytes, what: str) -> dict[str, Any]:
    """`VERSION …`, then lines `STAT name value` until `END`, twice: figures, then settings. Raises `SourceError`."""
    lines = said.decode("utf-8", "replace").split("\r\n")
    if lines[0].startswith("CLIENT_ERROR unauthenticated") or "STAT" not in said.decode("ascii", "replace"):
        words = clipped(neutral(lines[0]), 80)
        if lines[0].startswith(("CLIENT_ERROR unauth", "ERROR", "\x81")):
            raise Refused(what, f"wants an account: {words}", "statistics cannot be read where SASL is required")
        raise NotUnderstood(what, f"something else answers there: {words}", "check servers in [site.NAME.memcached]")
    blocks: list[dict[str, str]] = [{}]
    for line in lines[1:]:
        if line == "END":
            blocks.append({})
        elif line.startswith("STAT "):
            name, _, value = line.removeprefix("STAT ").partition(" ")
            blocks[-1][name] = value
    return {
        "version": lines[0].removeprefix("VERSION "),
        **{name: _plain(value) for name, value in blocks[0].items() if name != "version"},
        "settings": blocks[1] if len(blocks) > 1 else {},
    }


def _plain(value: str) -> Any:
    return int(value) if value.isascii() and value.isdigit() else value
