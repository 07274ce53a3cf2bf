"""An operation: everything the console knows about one guarded verb, declared as data and pure functions.

Plan screen, menu, command line, journal, help and docs are generic over operations; a new operation is one declaration
in `runbooks/operations/` and its contract test. An operation never connects: from the row and what was read it says
which calls it would make (`Work`), what must then be true, and how it is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol, TypeAlias

import msgspec

from collectors.call import Call
from runbooks.cloud import Cloud
from runbooks.expect import Expect

Risk: TypeAlias = Literal["R0", "R1", "R2", "R3", "R4"]

READS: Final[Risk] = "R0"
"""The class of what writes nothing anywhere: journaled like all others, and nobody has to allow it first."""

RISKS: Final[Mapping[str, str]] = {
    READS: "reads only",
    "R1": "restarts one stateless process, or enables what was disabled",
    "R2": "moves or recreates what tenants use",
    "R3": "changes membership, allocations or records of state",
    "R4": "may lose data or split a cluster if it is wrong",
}
"""Class → what it means; R4 wants a second person."""

GuardState: TypeAlias = Literal["open", "closed", "unknown"]
Values: TypeAlias = Mapping[str, str]
"""Parameter → value, all of them, defaults filled in."""


class Verdict(msgspec.Struct, frozen=True):
    """What a guard says; unknown closes as well."""

    state: GuardState
    words: str
    """What was seen: `23 of 23 fit elsewhere`; of a closed one also what would open it."""


def is_open(words: str) -> Verdict:
    """It may be done."""
    return Verdict("open", words)


def is_closed(words: str) -> Verdict:
    """It must not be done."""
    return Verdict("closed", words)


def is_unknown(words: str) -> Verdict:
    """Nobody can tell, so it must not be done."""
    return Verdict("unknown", words)


class Asked(msgspec.Struct, frozen=True):
    """What a plan for one target is made from."""

    row: Any
    """The target's row, of the operation's kind."""
    identity: str
    name: str
    values: Values
    cloud: Cloud
    now: float
    also: tuple[str, ...] = ()
    """Ids of all targets of the plan: two members restarted by one plan are two at a time."""


class Guard(msgspec.Struct, frozen=True):
    """A condition that must be true before anything starts, and is looked at again when it starts."""

    name: str
    """One of the words of the guards: `quorum-kept`, `one-at-a-time`, `no-task`, `capacity` …"""
    check: Callable[[Asked], Verdict]
    """Raises `SourceError` for what cannot be read, which is unknown."""
    about: str = ""
    """What it looks at, for the docs."""


class Parameter(msgspec.Struct, frozen=True):
    """What an operation wants to know besides its targets."""

    name: str
    about: str
    default: str | None = None
    """None: it must be given."""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    """A regular expression that the value must match from end to end."""
    of: str = ""
    """A kind: the value is the id or unique name of one of its rows (the plan holds the id)."""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call and what it must lead to."""

    text: str
    """What it does: `live-migrate web-3`."""
    call: Call | None = None
    """None: it only waits for what it expects."""
    command: str = ""
    """The equivalent command line, for a POSIX shell; empty: made from the call."""
    expect: Expect | None = None
    """None only for what nothing in the cloud shows; an answer that is lost then stays unknown."""
    seconds: float = 60.0
    """How long the call and what it leads to may take."""
    call_seconds: float = 60.0
    """How long the call alone may take."""
    unless: Expect | None = None
    """When this is there already, nothing is sent: in a long run others go on working, and move or delete a server."""
    tolerant: bool = False
    """Its failure does not end the operation; it is told at the end."""


class Stage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Steps of which at most `at_once` run at the same time; the next stage begins when all are done."""

    steps: tuple[Step, ...]
    at_once: int = 1
    text: str = ""
    """What all of them do, where there are many: `live-migrate 23 servers, 2 at a time`."""


class Inverse(msgspec.Struct, frozen=True, omit_defaults=True):
    """The operation that takes it back, and for how long that makes sense."""

    operation: str
    target: str = ""
    """Id of its target; empty: the row that the first proof (`verify`) found, for what was created."""
    values: Values = {}
    words: str = ""
    """What taking it back restores and what not: `moves nothing back`."""
    seconds: float = 7 * 86400.0
    """How long it stays valid, if what we did still stands."""


class Work(msgspec.Struct, frozen=True):
    """What an operation would do to one target."""

    stages: tuple[Stage, ...]
    verify: tuple[Expect, ...]
    """What must be true afterwards, read again from the cloud."""
    inverse: Inverse | None = None
    stops: str = ""
    """What stops or pauses, and for how long: `nothing`, `its 23 servers cannot be changed meanwhile`."""
    less: str = ""
    """What becomes scarcer: `az-2 keeps 31 % free memory (now 38 %)`."""
    notes: tuple[str, ...] = ()
    """What else an operator should know before Enter."""
    answer: tuple[str, ...] = ()
    """What was found out, in lines, where that is what it is for (R0); a line that begins with blanks belongs to the
    one above it, and what follows two blanks may be long."""


def work(*steps: Step, verify: tuple[Expect, ...] = (), **more: Any) -> Work:
    """Steps one after another; without `verify`, the last step's expectation is the proof."""
    proof = verify or tuple(step.expect for step in steps[-1:] if step.expect is not None)
    return Work(tuple(Stage((step,)) for step in steps), proof, **more)


class Offer(msgspec.Struct, frozen=True):
    """It is offered on rows of another kind as well: a link of theirs leads to the target."""

    kind: str
    given: Mapping[str, str] = {}
    """Parameter → field of that row which has its value."""

    def field(self, of: str) -> str:
        """The field of that kind's rows which holds the id of a row of the kind `of`."""
        from collectors.registry import kind

        return next(link.field for link in kind(self.kind).links if link.kind == of and link.column == kind(of).key)


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration."""

    name: str
    """`THING.verb`, the thing as the kind's singular: `compute-service.disable`."""
    kind: str
    """Of which the targets are rows."""
    title: str
    """A format over the row's fields and the parameters: `disable {binary} on {host}`."""
    about: str
    """One line for menu, completion and docs: what it does and when it is right."""
    risk: Risk
    rows: str = ""
    """A filter: only rows that satisfy it can be targets (`binary=nova-compute`)."""
    parameters: tuple[Parameter, ...] = ()
    offers: tuple[Offer, ...] = ()
    """Where else it can be chosen."""
    roles: tuple[str, ...] = ("admin",)
    """Roles of the token, any of which may do it; the site's role map is asked as well."""
    account: Literal["openstack", "galera", "rabbitmq", "ssh", "ceph"] = "openstack"
    """As whom it writes."""
    reads: tuple[str, ...] = ()
    """Further kinds that planning looks at; they are read side by side."""
    closed: Callable[[Any], str] = lambda row: ""
    """Why it makes no sense on this row (`is disabled already`), or nothing; from the row alone, for the menu."""
    guards: tuple[Guard, ...] = ()
    work: Callable[[Asked], Work]
    """Raises `UsageError` for values that fit no such row, `SourceError` for what cannot be read."""
    irreversible: bool = False
    """It cannot be taken back: the name must be typed."""
    scope: str = ""
    """What it locks, a format over the row's fields: `galera`, `host:{host}`; empty: the row itself."""
    at_once: int = 1
    """Targets that are worked on at the same time."""

    @property
    def only_reads(self) -> bool:
        """It changes nothing."""
        return self.risk == READS

    @property
    def system(self) -> str:
        """The group of its kind, for menus and docs."""
        from collectors.registry import entries

        return entries()[self.kind].system


class Verb(Protocol):
    """Makes one operation of a family."""

    def __call__(
        self, verb: str, title: str, about: str, risk: Risk, work: Callable[[Asked], Work], **more: Any
    ) -> Operation:
        """`THING.verb`; `more` are further fields of the operation, before what the family has in common."""


def family(thing: str, kind: str, **common: Any) -> Verb:
    """A maker of the operations on one thing (`osd`, of the kind `osds`); `common` is what they have in common."""

    def verb(verb: str, title: str, about: str, risk: Risk, work: Callable[[Asked], Work], **more: Any) -> Operation:
        name = f"{thing}.{verb}"
        return Operation(name=name, kind=kind, title=title, about=about, risk=risk, work=work, **{**common, **more})

    return verb
