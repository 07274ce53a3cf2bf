"""A scenario: how one operation is tried on the simulated cloud. Every operation has one; the contract tests run them.

What an operation must do is the same for all of them (`test_operation_contract.py`); a scenario only says on what it is
tried, what was done before, when its guards must refuse, and what taking it back must restore.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """A fault of the simulator."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Did:
    """An operation that was done before."""

    operation: str
    words: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ran:
    """A command of a real client that was run before: `openstack server create …`, `ssh cmp01 …`."""

    command: str


@dataclass(frozen=True)
class Passed:
    """Seconds that went by."""

    seconds: float


Before = Fault | Did | Ran | Passed


@dataclass(frozen=True)
class Closed:
    """A situation in which a guard must refuse."""

    guard: str
    words: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Before, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """How an operation is tried."""

    operation: str
    words: tuple[str, ...]
    """Targets as they are typed."""
    values: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Before, ...] = ()
    closed: tuple[Closed, ...] = ()
    restores: tuple[str, ...] = ()
    """Columns of the target's row that taking it back restores."""
    by_hand: bool = True
    """The equivalent commands do the same when real clients run them; False only with a reason in `why_not`."""
    why_not: str = ""
    hyperconverged: bool = False
