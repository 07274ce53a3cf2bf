"""A kind: everything the console knows about one type of thing, declared as data.

Grid, describe pane, filter, palette, overview, `get`, help and docs are generic over kinds; a new kind is one new file
and one fixture. A kind never connects, sleeps, logs or reads a clock: `row` and `health` are pure functions.

The flat row is the meeting point: its fields are the columns, named as in `-o json`; nested values have become text or
numbers before they get there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Generic, Literal, TypeAlias, TypeVar

import msgspec

from collectors.health import Health
from collectors.request import HostCommands, Request
from collectors.rollup import Rollup
from collectors.trend import Trend

Value: TypeAlias = str | int | float | bool | None


class Wire(msgspec.Struct, gc=False, kw_only=True, omit_defaults=True):
    """Base of what arrives. Every field but the key has a default; unknown fields are ignored."""


class Row(msgspec.Struct, frozen=True, gc=False, kw_only=True, weakref=False):
    """Base of a flat row: text, numbers, booleans or None only; times are seconds since the epoch."""


Role: TypeAlias = Literal[
    "text",  # anything
    "name",  # what people call it
    "id",
    "status",  # the system's own word for its state
    "ref",  # names another object
    "time",  # seconds since the epoch, shown as an age
    "duration",  # seconds
    "bytes",
    "number",
    "percent",
    "flag",
    "url",
]


class Column(msgspec.Struct, frozen=True):
    """One field of the row as people see it.

    `priority` 1 is shown at any width; higher numbers go first when the screen is narrow. `wide` columns show only in
    wide mode (`w`) and in data formats. `fresh` is the age in seconds below which a `time` column shows nothing.
    """

    name: str
    title: str
    role: Role = "text"
    priority: int = 3
    wide: bool = False
    help: str = ""
    fresh: float = 0.0
    joined: bool = False
    """Filled from one of the kinds that `joins` names: a command that does not show it need not read that kind."""

    @property
    def numeric(self) -> bool:
        """True where values compare as numbers."""
        return self.role in ("time", "duration", "bytes", "number", "percent")


class Link(msgspec.Struct, frozen=True):
    """From a row to the kind it drills down to: rows there whose `column` equals this row's `field`.

    `title` completes "enter …" in the key hints: `servers on it`.
    """

    kind: str
    column: str
    field: str
    title: str
    when: str = ""
    """A filter `column=value` that must hold for this link to be offered (`binary=nova-compute`)."""


class Runs(msgspec.Struct, frozen=True):
    """Where that which a row stands for runs, and what of it a log tells: formats over the row's fields, or empty."""

    host: str = ""
    """The machine of the site: a shell can be opened there."""
    unit: str = ""
    """The service whose log is meant, by any of its names; empty: the whole journal of the machine."""
    request: str = ""
    """An id that every log is searched for instead."""
    namespace: str = ""
    """The network namespace that a shell is opened in."""


class Scope(msgspec.Struct, frozen=True):
    """Where a kind is read: per `cloud` or `region`, per `member`, per `host` with `roles`, or below a `parent` row."""

    per: Literal["cloud", "region", "member", "host", "parent"] = "region"
    roles: tuple[str, ...] = ()
    parent: str = ""
    """Of `parent`: the parent kind, `servers`; the filter that names the parent row is `parameter`."""
    parameter: str = ""


class Reading(msgspec.Struct, frozen=True):
    """What a pure row function may know besides the wire value."""

    target: str
    """The service, member or host that it came from."""
    now: float
    """The service's own clock at the reading, seconds since the epoch."""
    parent: str = ""
    joins: Mapping[str, Mapping[str, Any]] = msgspec.field(default_factory=dict)
    """Kind name → row id → row, of the kinds that `joins` names and that have been read."""


W = TypeVar("W", bound=Wire)
R = TypeVar("R", bound=Row)


class Kind(msgspec.Struct, Generic[W, R], frozen=True, kw_only=True):
    """The declaration. See the module docstring; DESIGN names every part."""

    name: str
    """Plural, kebab-case; the file is the name with underscores."""
    title: str
    aliases: tuple[str, ...] = ()
    about: str
    """One line for completion and help: what one row is."""
    system: str
    """Group of the overview: identity, api, compute, placement, network, …; `console/generate.py` has their order."""
    scope: Scope = Scope()
    read: Request
    wire: type[W]
    row: Callable[[W, Reading], R]
    fields: type[R]
    key: str = "id"
    """The row field that is the stable id, unique in the snapshot."""
    name_field: str = "name"
    """The row field that people call it by (describe NAME, headlines)."""
    columns: tuple[Column, ...]
    health: Callable[[R, float], Health]
    rollup: Rollup
    keep: Callable[[R, float], bool] | None = None
    """Rows for which this is false are left out: what the source cannot filter. (row, the service's clock)."""
    links: tuple[Link, ...] = ()
    element: str = ""
    """C4 element, a format over row fields: `nova-compute@{host}`."""
    trends: tuple[Trend, ...] = ()
    """Values worth following over time; the first one has a sparkline in the list, beside its column."""
    runs: Runs | None = None
    """Whose log and shell `l` and `s` mean on a row."""
    runbooks: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    optional: bool = False
    """Many clouds do not have its service: the overview says nothing of it until it has answered once."""
    detail: bool = False
    """It is about parts of what another kind of its system is about: the overview's line is silent about it while it is
    well, and only names it when another kind is as bad. What it says stands beside the list, in full."""
    judged_with: tuple[str, ...] = ()
    """Of `joins`, those that the health rule looks at: whoever reads the kind to judge it reads them too."""
    period: float = 10.0
    """Seconds between reads while visible."""
    deadline: float = 20.0
    """Seconds that one whole read may take."""
    sort: tuple[str, ...] = ()
    """Columns after health that give the default order; `-at` from the highest down."""
    server_filters: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Column → query parameter, for exact `column=value` filters that the API can apply itself.

    A `~` at the end of the parameter says that the API takes a regular expression there (Nova's `name`).
    """
    list_command: str = ""
    """The equivalent command line for the list."""
    show_command: str = ""
    """The same for one row, a format over row fields; values are quoted when filled in."""
    describe: Request | None = None
    """A second, more expensive read for the one row that is described; its `{parent}` is the row's key."""

    @property
    def key_of(self) -> Callable[[Any], str]:
        """Row → stable id."""
        return attrgetter(self.key)

    @property
    def name_of(self) -> Callable[[Any], str]:
        """Row → what people call it."""
        return attrgetter(self.name_field)

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((c for c in self.columns if c.name == name), None)


def _decoded_nowhere(wire: Wire, reading: Reading) -> Any:
    raise TypeError("these rows are made here; no source reads them")


class MadeHere(Kind[Wire, R], Generic[R], frozen=True, kw_only=True):
    """Rows that no source reads (lines of a log, runs of the journal), with columns and filters like all others.

    In no registry, so nothing ever asks for them; whoever has them makes a snapshot of them.
    """

    scope: Scope = Scope("cloud")
    read: Request = HostCommands(())
    wire: type[Wire] = Wire
    row: Callable[[Wire, Reading], R] = _decoded_nowhere


AnyKind: TypeAlias = Kind[Any, Any]
