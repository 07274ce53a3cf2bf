"""HTTP that keeps its deadline and its size: one requests session per source.

Every connection registers with the deadline of the thread that uses it (new or reused, before TLS and after), so a
server that hangs, drips headers or drips the body is cut off at that moment. Bodies are read here, up to a cap, for
every caller: also for libraries that would read without limit (keystoneauth's own error handling).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlsplit
from weakref import ref

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager

from collectors import deadline
from collectors.errors import NotUnderstood
from collectors.sources.later import postponed
from collectors.sources.names import lookup

# The one guesses the encoding of texts that do not say theirs, the other writes names of hosts that are not ASCII.
with postponed("charset_normalizer", "idna"):
    import requests
    from requests.adapters import HTTPAdapter

CAP = 64 << 20
"""Bytes of one body, after decompression."""

CONNECT_SECONDS = 5.0

SILENCE_SECONDS = 60.0
"""A service that has not sent a byte for this long will not answer any more, however late the read's deadline is."""

Dial = Callable[[str, int, float], socket.socket]
"""(host, port, seconds) → a connected socket: how to reach what only another host can reach."""


class BodyTooLarge(NotUnderstood):
    """The answer is larger than any sane one."""


def _guarded(base: type[HTTPConnection], dial: Dial | None) -> type[HTTPConnection]:
    class Guarded(base):  # type: ignore[misc, valid-type]
        """A connection that the deadline of the current thread can end."""

        host: str

        def _new_conn(self) -> socket.socket:
            sock: socket.socket
            if dial is not None:
                sock = dial(self.host, self.port, CONNECT_SECONDS)
            else:
                sock = self._connected()
            self._guard(sock)
            return sock

        def _connected(self) -> socket.socket:
            """A connection to the first address of the host that accepts one; the lookup has its limit, too."""
            name, held = self.host, deadline.current()
            left = min(CONNECT_SECONDS, held.remaining()) if held is not None else CONNECT_SECONDS
            try:
                addresses = lookup(name, self.port, left)
            except socket.gaierror as error:
                raise NameResolutionError(name, self, error) from error
            try:
                for more, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
                    self.host = address
                    try:
                        return cast(socket.socket, super()._new_conn())
                    except (NewConnectionError, ConnectTimeoutError):
                        if not more:
                            raise
                raise AssertionError("a name has at least one address")
            finally:
                self.host = name

        def _guard(self, sock: Any) -> None:
            if (held := deadline.current()) is not None:
                # A channel through SSH has no descriptor of its own.
                plain = isinstance(sock, socket.socket)
                self._watched = (ref(held), held.guard_socket(sock) if plain else held.guard(sock.close))

        def request(self, *args: Any, **kwargs: Any) -> None:
            if self.sock is not None and not self._is_guarded():
                self._guard(self.sock)
            super().request(*args, **kwargs)

        def _is_guarded(self) -> bool:
            """By the deadline of this thread: a read of 300 pages must not hold 300 duplicates of one descriptor."""
            held = deadline.current()
            whose, key = getattr(self, "_watched", (None, -1))
            return held is not None and whose is not None and whose() is held and held.guards(key)

    return Guarded


class GuardedAdapter(HTTPAdapter):
    """Reads whole bodies under the deadline and the cap."""

    def __init__(self, dial: Dial | None = None, cap: int = CAP) -> None:
        self._dial = dial
        self._cap = cap
        super().__init__(pool_connections=16, pool_maxsize=8)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        """A pool manager whose connections are guarded."""

        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._guarded_pools()

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The same on the way through a proxy."""
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not known and not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._guarded_pools()
        return manager

    def _guarded_pools(self) -> dict[str, type[HTTPConnectionPool]]:
        class Plain(HTTPConnectionPool):
            ConnectionCls = _guarded(HTTPConnection, self._dial)

        class Secure(HTTPSConnectionPool):
            ConnectionCls = _guarded(HTTPSConnection, self._dial)  # type: ignore[assignment]

        return {"http": Plain, "https": Secure}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, then read the body up to the cap. Raises what requests raises, or `BodyTooLarge`."""
        held = deadline.current()
        left = held.remaining() if held is not None else 30.0
        kwargs["timeout"] = (min(CONNECT_SECONDS, left), min(SILENCE_SECONDS, left))
        kwargs["stream"] = True
        response = super().send(request, *args, **kwargs)
        body = bytearray()
        try:
            for chunk in response.raw.stream(1 << 16, decode_content=True):
                body += chunk
                if len(body) > self._cap:
                    response.raw.close()
                    raise BodyTooLarge(address_of(str(request.url)), f"the answer is larger than {self._cap >> 20} MiB")
        except (HTTPError, OSError) as error:
            response.raw.close()
            raise requests.exceptions.ConnectionError(error, request=request) from error
        if held is not None and held.expired:
            raise requests.exceptions.ReadTimeout("the deadline passed", request=request)
        vars(response).update(_content=bytes(body), _content_consumed=True)
        response.raw.release_conn()
        return response


def guarded_session(dial: Dial | None = None, cap: int = CAP) -> requests.Session:
    """A requests session in which nothing outlives the deadline of its thread."""
    session = requests.Session()
    adapter = GuardedAdapter(dial, cap)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def address_of(url: str) -> str:
    """`url` without user information, query and fragment: safe to show."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that is none"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def server_time(response: requests.Response) -> float | None:
    """The service's own clock (HTTP Date), seconds since the epoch; None when it does not say."""
    stamp = response.headers.get("Date")
    if not stamp:
        return None
    try:
        found = parsedate_to_datetime(stamp)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def cause(error: BaseException) -> str:
    """The innermost cause in the operating system's words: `Connection refused`, `Name or service not known`."""
    found: BaseException = error
    seen: set[int] = set()
    while id(found) not in seen:
        seen.add(id(found))
        inner: Any = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
        reason = getattr(found, "reason", None)
        if isinstance(reason, BaseException):
            inner = reason
        elif found.args and isinstance(found.args[0], BaseException):
            inner = found.args[0]
        elif len(found.args) > 1 and isinstance(found.args[1], BaseException):
            inner = found.args[1]
        if inner is None:
            break
        found = inner
    if isinstance(found, TimeoutError):
        return "no answer in time"
    if isinstance(found, ssl.SSLCertVerificationError):
        return found.verify_message
    if isinstance(found, ssl.SSLError) and found.reason:
        words = found.reason.lower().replace("_", " ")
        return f"{words}: that port speaks no TLS" if "wrong version" in words else words
    if isinstance(found, OSError) and found.strerror:
        return found.strerror
    text = str(found)
    return text.rsplit(": ", 1)[-1] if "object at 0x" in text else text or type(found).__name__
