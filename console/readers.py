"""The readers behind the screens: poller, store and connections of one cloud, as the app drives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from collectors.connections import Connections
from collectors.errors import SourceError
from collectors.find import parent_id
from collectors.kind import AnyKind
from collectors.poller import Poller
from collectors.raw import detail, raw_object
from collectors.registry import kind
from collectors.request import Notifications
from collectors.schedule import Spent
from collectors.snapshot import Snapshot
from collectors.store import Store, Subject

if TYPE_CHECKING:
    from collectors.notifications import Event

RAW_SECONDS = 20.0


class CloudReaders:
    """Reads `background` kinds for the overview, and what is looked at."""

    def __init__(
        self,
        connections: Connections,
        background: Sequence[AnyKind],
        told: Callable[[Subject, Snapshot], None],
        clock: Callable[[], float],
    ) -> None:
        self._connections = connections
        self._background = background
        self._clock = clock
        self._store = Store()
        self._poller = Poller(connections, self._store, told, clock=clock)

    def start(self) -> None:
        """Begin to read everything that the overview shows."""
        for each in self._background:
            self._poller.watch(Subject(each.name), visible=False)
        self._poller.start()
        if self._connections.site.notifications and self._connections.has("amqp"):
            Thread(target=self._listen, name="listen-amqp", daemon=True).start()

    def _listen(self) -> None:
        """Hear what the services notify of; a password that cannot be fetched is told by the list of events."""
        from collectors.sources.amqp import AmqpSource

        with suppress(SourceError):
            source = self._connections.source(Notifications())
            assert isinstance(source, AmqpSource)
            source.listen().feed.listen(self._heard)

    def _heard(self, event: Event) -> None:
        """What an event is about is read again at once where it is on screen, and so is the list of events."""
        self._poller.hasten("events")
        if event.kind:
            self._poller.hasten(event.kind)

    def stop(self) -> None:
        """End every read; returns at once."""
        self._poller.stop()

    def get(self, subject: Subject) -> Snapshot | None:
        """The last snapshot, or None while nothing was read."""
        return self._store.get(subject)

    def watch(self, subject: Subject) -> None:
        """Keep it fresh while somebody looks at it."""
        self._poller.watch(subject)

    def unwatch(self, subject: Subject) -> None:
        """Nobody looks at it any more."""
        self._poller.unwatch(subject)

    def refresh(self, subject: Subject) -> None:
        """Read it now."""
        self._poller.refresh(subject)

    def overview(self, in_front: bool) -> None:
        """The overview is in front, or a list is."""
        self._poller.overview(in_front)

    def freeze(self, frozen: bool) -> None:
        """Start no reads while frozen."""
        self._poller.freeze(frozen)

    def next_try(self, subject: Subject) -> tuple[int, float]:
        """(failed reads in a row, seconds until the next one)."""
        return self._poller.next_try(subject)

    def spent(self) -> Sequence[Spent]:
        """Requests of the last minute, by service."""
        return self._poller.spent()

    def raw_object(self, subject: Subject, row_id: str) -> object:
        """One object as its system gives it now. Raises `SourceError`."""
        found = kind(subject.kind_name)
        return raw_object(found, self._connections, subject.where, row_id, self._clock(), RAW_SECONDS)

    def detail(self, subject: Subject, row_id: str) -> list[object]:
        """What the second read of some kinds says about one row. Raises `SourceError`."""
        return detail(kind(subject.kind_name), self._connections, row_id, RAW_SECONDS)

    def parent_id(self, kind: AnyKind, word: str) -> str:
        """The id of the parent row that `word` names. Raises `SourceError`, `UsageError`."""
        return parent_id(kind, word, self._connections, self._clock, RAW_SECONDS)
