"""What every source is: the connection to one system, with its own deadlines and circuit breaker.

`read` yields pages as they arrive; `collectors/read.py` is its only caller. A source maps whatever its client library
raises to the tree of `collectors/errors.py`, closes its sockets at the deadline, and knows nothing of kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, Protocol, runtime_checkable

import msgspec

from collectors.deadline import Deadline
from collectors.kind import Scope
from collectors.request import Request


class Where(msgspec.Struct, frozen=True):
    """Which part of a kind is wanted.

    `parent` is the id of the parent row, `targets` limits members or hosts (names; empty is all), `query` are
    parameters that the API filters by itself, `since` asks for changes after that moment (the service's clock).
    `insist` asks a member or host that rests after failures as well: somebody waits for it to come back.
    """

    parent: str = ""
    targets: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    since: float | None = None
    insist: bool = False


EVERYWHERE: Final = Where()
"""The whole kind."""


class Page(msgspec.Struct, frozen=True):
    """A part of an answer: `raw` is the JSON text of a list, else `items` are parsed objects."""

    raw: bytes | None = None
    items: Sequence[Any] = ()
    server_time: float | None = None
    """The service's clock when it answered (HTTP Date), seconds since the epoch."""
    calls: int = 1
    """Requests that it took since the page before."""


class Fact(msgspec.Struct, frozen=True):
    """One line of `doctor` about one address of a system."""

    system: str
    address: str
    level: Literal["ok", "warning", "critical", "unknown"]
    identity: str = ""
    """Who we are there."""
    version: str = ""
    round_trip: float | None = None
    """Seconds."""
    refused: str = ""
    """What we may not do."""
    detail: str = ""
    next_step: str = ""


@runtime_checkable
class Keeping(Protocol):
    """What keeps answers for some seconds, to serve several reads."""

    def forget(self) -> None:
        """The next answers are new ones."""


class Asked(msgspec.Struct, frozen=True, eq=False):
    """One request to one target, with its own deadline."""

    request: Request
    where: Where
    deadline: Deadline


class Source(Protocol):
    """The connection to one system."""

    system: str
    workers: int
    """Threads that may read from it at the same time."""

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """The members or hosts to read, or one name for the system as a whole. Raises `UsageError` for unknown ones."""

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """Pages of `request` from `target`; raises `SourceError`."""

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """Who we are there, what we may do, how fast it answers, what to do next. Never raises `SourceError`."""

    def close(self) -> None:
        """Close every connection."""


@runtime_checkable
class Together(Protocol):
    """A source that answers several requests to one target in one round trip."""

    def read_together(
        self, target: str, asked: Sequence[Asked], deadline: Deadline
    ) -> Iterator[tuple[int, Iterator[Page]]]:
        """The index of each request with its pages, as they are answered; pages raise as those of `read` do.

        `deadline` is that of the whole round trip, and of nothing else.
        """
