"""What one run of the console is made of, put together before the first screen: values and doors, nothing running yet.

The app gets everything from here, so tests give it a cloud of their own and `console/wiring.py` the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from collectors.board import Board
from collectors.kind import AnyKind
from collectors.schedule import Spent
from collectors.snapshot import Snapshot
from collectors.store import Subject
from console.desk import CloudDesk
from views.acknowledge import KnownProblems
from views.chart import Past
from views.clipboard import Multiplexer
from views.feed import Feed
from views.glyphs import UNICODE, Glyphs
from views.header import Identity
from views.keys import Keys
from views.log_feed import OpenLog
from views.place import OVERVIEW, Place
from views.recall import Recall
from views.theme import Choice

Swap = Callable[[Subject, Snapshot], None]
"""Told each swap, on any thread."""


class Readers(Feed, Protocol):
    """The feed as the app drives it. `raw_object`, `detail` and `parent_id` wait: they are called on threads."""

    def start(self) -> None:
        """Begin to read."""

    def stop(self) -> None:
        """End every read; returns at once."""

    def overview(self, in_front: bool) -> None:
        """The overview is in front and shows everything, or a list is."""

    def spent(self) -> Sequence[Spent]:
        """Requests of the last minute, by service."""

    def raw_object(self, subject: Subject, row_id: str) -> object:
        """One object as its system gives it now. Raises `SourceError`."""

    def detail(self, subject: Subject, row_id: str) -> list[object]:
        """What the second read of some kinds says about one row. Raises `SourceError`."""

    def parent_id(self, kind: AnyKind, word: str) -> str:
        """The id of the parent row that `word` names. Raises `SourceError`, `UsageError`."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One cloud, looked at by one person."""

    connect: Callable[[Swap], Readers]
    """Makes the readers; they tell swaps to the function given."""
    board: Board
    clock: Callable[[], float]
    """Seconds since the epoch."""
    identity: Identity = msgspec.field(default_factory=Identity)
    identify: Callable[[], Identity] | None = None
    """Asks the cloud who we are; waits for it, so it is called on a thread."""
    keys: Keys = msgspec.field(default_factory=Keys)
    theme: Choice = msgspec.field(default_factory=lambda: Choice("ansi", "by default"))
    themes: Sequence[str] = ()
    """Themes that can be chosen here."""
    glyphs: Glyphs = UNICODE
    multiplexer: Multiplexer = ""
    commands: Recall = msgspec.field(default_factory=Recall)
    filters: Recall = msgspec.field(default_factory=Recall)
    known_problems: KnownProblems | None = None
    clouds: Callable[[], Sequence[str]] = tuple
    """Names that `on cloud` knows; waits for files, so it is called on a thread. Without any, every name is tried."""
    open_log: OpenLog | None = None
    """Makes a reading of logs; None where no host is known."""
    open_shell: Callable[[str, str], str] | None = None
    """Lends this terminal to a shell on a host, in a namespace if one is named; what to say afterwards."""
    past: Past | None = None
    """Asks Prometheus about the past; None where the site has none."""
    no_shell: str = ""
    """Why no shell may be opened here, as a sentence."""
    desk: CloudDesk | None = None
    """Where operations are planned, begun and remembered; without one nothing can be done."""
    log_filters: Recall = msgspec.field(default_factory=Recall)
    start: Place = OVERVIEW
    """Where it begins."""
    complaints: Sequence[str] = ()
    """What was wrong with the settings, in words; told on the first screen."""


class Switch(msgspec.Struct, frozen=True):
    """How the app ends when another cloud is wanted: the caller opens that one at `place`."""

    cloud: str
    place: Place
