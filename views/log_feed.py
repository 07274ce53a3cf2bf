"""What a log screen asks for, and what it gets: a store that fills, and how far the reading is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import msgspec
from textual.message import Message

from collectors.logs.reading import Heard
from collectors.logs.store import LogStore

SPANS: Final = (600.0, 3600.0, 6 * 3600.0, 86400.0, 7 * 86400.0)
"""How far back a log may be looked at, in steps, seconds."""


class Ask(msgspec.Struct, frozen=True):
    """Whose log."""

    units: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    request: str = ""
    """Search all logs for this instead."""
    back: float = SPANS[0]

    @property
    def title(self) -> str:
        """`logs nova-compute on cmp01`, `search req-…`."""
        if self.request:
            return f"search {self.request}"
        hosts = ", ".join(self.hosts[:4]) + (f" and {len(self.hosts) - 4} more" if len(self.hosts) > 4 else "")
        return f"logs {', '.join(self.units) or 'journal'}" + (f" on {hosts}" if hosts else "")


class LogFeed(Protocol):
    """One reading; nothing here waits."""

    store: LogStore

    @property
    def heard(self) -> Heard:
        """How far it is."""

    def start(self, changed: Callable[[], None]) -> None:
        """Begin; `changed` is called on any thread when there is something new."""

    def stop(self) -> None:
        """End it."""


OpenLog = Callable[[Ask], LogFeed]
"""Makes a reading that has not begun. Raises `SourceError`, `UsageError`."""


class LogsRequested(Message):
    """Somebody wants to see a log."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        super().__init__()


class ShellRequested(Message):
    """Somebody wants a shell on a host, or in one of its namespaces."""

    def __init__(self, host: str, inside: str = "") -> None:
        self.host = host
        self.inside = inside
        """The namespace."""
        super().__init__()


class LogGrew(Message):
    """There is something new in the log that is shown."""

    def can_replace(self, message: Message) -> bool:
        """Only how it is now matters."""
        return isinstance(message, LogGrew)
