"""A feed without readers: snapshots are put in by hand, what was asked of it is remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from collectors.board import Board
from collectors.errors import NoSuchObject
from collectors.kind import AnyKind
from collectors.schedule import Spent
from collectors.snapshot import Snapshot
from collectors.sources.base import Where
from collectors.store import Subject
from console.session import Session, Swap
from tests.views.made import NOW
from views.theme import Choice


class FakeFeed:
    """What `views.feed.Feed` and `console.session.Readers` promise."""

    def __init__(self) -> None:
        self.snapshots: dict[Subject, Snapshot] = {}
        self.watched: list[Subject] = []
        self.refreshed: list[Subject] = []
        self.frozen = False
        self.running = False
        self.in_front = True
        self.failed: dict[Subject, tuple[int, float]] = {}
        self.objects: dict[str, object] = {}
        self.details: dict[str, list[object]] = {}
        self.parents: dict[str, str] = {}
        self.tell: Swap = lambda subject, snapshot: None

    def connect(self, tell: Swap) -> FakeFeed:
        """As the app does it."""
        self.tell = tell
        return self

    def put(self, snapshot: Snapshot, where: Where | None = None) -> Subject:
        """A swap."""
        subject = Subject(snapshot.kind.name, where or Where())
        self.snapshots[subject] = snapshot
        self.tell(subject, snapshot)
        return subject

    def get(self, subject: Subject) -> Snapshot | None:
        return self.snapshots.get(subject)

    def watch(self, subject: Subject) -> None:
        self.watched.append(subject)

    def unwatch(self, subject: Subject) -> None:
        if subject in self.watched:
            self.watched.remove(subject)

    def refresh(self, subject: Subject) -> None:
        self.refreshed.append(subject)

    def freeze(self, frozen: bool) -> None:
        self.frozen = frozen

    def next_try(self, subject: Subject) -> tuple[int, float]:
        return self.failed.get(subject, (0, 0.0))

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False

    def overview(self, in_front: bool) -> None:
        self.in_front = in_front

    def spent(self) -> Sequence[Spent]:
        return []

    def raw_object(self, subject: Subject, row_id: str) -> object:
        if row_id not in self.objects:
            raise NoSuchObject(subject.kind_name, f"{row_id} is no longer there", "refresh")
        return self.objects[row_id]

    def detail(self, subject: Subject, row_id: str) -> list[object]:
        if row_id not in self.details:
            raise NoSuchObject(subject.kind_name, f"{row_id} has no usage", "refresh")
        return self.details[row_id]

    def parent_id(self, kind: AnyKind, word: str) -> str:
        if word not in self.parents:
            raise NoSuchObject(kind.scope.parent, f"none is called {word}", "say its id")
        return self.parents[word]


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def session(feed: FakeFeed, clock: Callable[[], float], kinds: Sequence[AnyKind] = (), **changes: object) -> Session:
    """A console on `feed`."""
    values: dict[str, object] = {"theme": Choice("ansi", "tests"), "themes": ("dark", "ansi", "mono")}
    board = Board(list(kinds), clock())
    return Session(connect=feed.connect, board=board, clock=clock, **{**values, **changes})  # type: ignore[arg-type]
