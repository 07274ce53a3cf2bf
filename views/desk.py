"""What the screens need of whoever plans and carries out: the wishes, the answers, and the door between them.

`console/desk.py` is behind it. What waits for a system or a file says so; screens call it on threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec
from textual.message import Message
from textual.widget import Widget

from runbooks.operation import Operation
from runbooks.plan import Plan
from runbooks.seen import RunSeen
from runbooks.settle import Flight


class Wanted(msgspec.Struct, frozen=True):
    """What somebody wants to be planned: an operation, or taking back a run."""

    operation: str = ""
    targets: tuple[str, ...] = ()
    """Ids."""
    names: tuple[str, ...] = ()
    """What people call them, for as long as there is no plan."""
    words: tuple[str, ...] = ()
    """Ids, names and filters as they were typed; instead of `targets`."""
    given: Mapping[str, str] = {}
    """Parameters that are known already."""
    undoes: str | None = None
    """The run to take back; empty: the last that can be. None: an operation is wanted."""
    part: int = 0
    """Of the ways to take a run back."""


class Planned(msgspec.Struct, frozen=True):
    """A plan and what goes with it."""

    plan: Plan
    operation: Operation
    wanted: Wanted
    approved_by: tuple[str, ...] = ()
    """Who approved it, where a second person must."""
    file: str = ""
    """Where it was written for that person."""
    no_approval: str = ""
    """Why nobody's approval can count here, if so."""
    undoes: str = ""
    """The run that it takes back."""
    more: int = 0
    """Further plans that belong to it."""


class Desk(Protocol):
    """Where operations are planned, begun and remembered."""

    @property
    def locked(self) -> str:
        """Why nothing may ever be changed from here; empty when it may."""

    def refusal(self, plan: Plan | None) -> str:
        """Why the plan may not be begun now, with what opens the window; empty when it may, or only reads."""

    @property
    def reason(self) -> str:
        """Why the window was opened: the reason of what is begun in it, unless another is given."""

    def plan(self, wanted: Wanted) -> Planned:
        """Make a plan. Waits. Raises `UsageError`, `SourceError`."""

    def begin(self, planned: Planned, names: Sequence[str], reason: str) -> RunSeen:
        """Begin it in the background; what it does is told by `RunTold`. Returns at once."""

    def resume(self, run: RunSeen) -> RunSeen:
        """Go on with a run that was interrupted, in the background."""

    def cancel(self, number: int) -> None:
        """Begin no further step of a run."""

    def going(self) -> Sequence[RunSeen]:
        """The runs of this console that go on."""

    def look(self, number: int) -> RunSeen:
        """A run of this console as it is now."""

    def journal(self) -> Sequence[RunSeen]:
        """The newest runs on this cloud, the newest first. Waits. Raises `SourceError`."""

    def look_up(self, run: str) -> Sequence[Flight]:
        """What was in flight, looked up in the cloud and kept. Waits. Raises `SourceError`, `UsageError`."""

    def settle(self, run: str, words: str) -> None:
        """It is over. Waits. Raises `SourceError`, `UsageError`."""


class RunTold(Message):
    """Something happened to a run of this console; only how it is now matters."""

    def __init__(self, seen: RunSeen) -> None:
        self.seen = seen
        super().__init__()

    def can_replace(self, message: Message) -> bool:
        """An older state of the same run need not be handled, unless it is how it ended."""
        return isinstance(message, RunTold) and message.seen.number == self.seen.number


class StepDone(Message):
    """A step was carried out: rows of these kinds are not what they were."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.kinds = tuple(kinds)
        super().__init__()


class RunsChanged(Message):
    """The journal says something new of a run: it was settled."""

    def __init__(self, run: str) -> None:
        self.run = run
        super().__init__()


@runtime_checkable
class Opener(Protocol):
    """The app, which opens plans and runs at once, not by a message: keys typed ahead are for what is opened."""

    def want(self, wanted: Wanted) -> None:
        """Open the plan screen."""

    def show_run(self, seen: RunSeen) -> None:
        """Show a run; the plan that it was begun from gives way."""


def want(widget: Widget, wanted: Wanted) -> None:
    """Open the plan screen from any widget."""
    assert isinstance(widget.app, Opener)
    widget.app.want(wanted)


def show_run(widget: Widget, seen: RunSeen) -> None:
    """Show a run from any widget."""
    assert isinstance(widget.app, Opener)
    widget.app.show_run(seen)
