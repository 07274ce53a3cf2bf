"""A log as the console reads it: the hosts that are meant, a reading behind it, a store that fills."""

from __future__ import annotations

from collections.abc import Callable

from collectors.connections import Connections
from collectors.errors import UsageError
from collectors.logs.opening import log_reading
from collectors.logs.reading import FOR_EVER, Heard, Wanted
from collectors.logs.store import LogStore
from views.log_feed import Ask

LINES = 20_000
"""The latest so many of each log."""
SEARCH_SECONDS = 120.0


class CloudLog:
    """One reading of one `Ask`."""

    def __init__(self, connections: Connections, ask: Ask, clock: Callable[[], float]) -> None:
        """Raises `SourceError`, `UsageError`."""
        self.store = LogStore()
        self._changed: Callable[[], None] = lambda: None
        wanted = Wanted(
            units=ask.units,
            hosts=hosts_named(connections, ask.hosts),
            since=clock() - ask.back,
            lines=LINES,
            follow=not ask.request,
            request=ask.request,
            seconds=SEARCH_SECONDS if ask.request else FOR_EVER,
        )
        self._reading = log_reading(connections, wanted, self._told, lambda: self._changed())

    @property
    def heard(self) -> Heard:
        """How far it is."""
        return self._reading.heard

    def start(self, changed: Callable[[], None]) -> None:
        """Begin."""
        self._changed = changed
        self._reading.start()

    def stop(self) -> None:
        """End it."""
        self._changed = lambda: None
        self._reading.stop()

    def _told(self, lines: object) -> None:
        self.store.add(lines)  # type: ignore[arg-type]
        self._changed()


def hosts_named(connections: Connections, names: tuple[str, ...]) -> tuple[str, ...]:
    """The site's hosts that services call so (also by their full name); all of them for none. Raises `UsageError`."""
    known = {name.casefold(): name for name in connections.site.hosts}
    if not names:
        return tuple(known.values())
    found = []
    for name in names:
        host = known.get(name.casefold()) or known.get(name.partition(".")[0].casefold())
        if host is None:
            some = ", ".join(list(known.values())[:8])
            raise UsageError(
                f"{name} is no host of {connections.site.cloud or 'this site'}", f"Hosts: {some or 'none'}"
            )
        found.append(host)
    return tuple(found)
