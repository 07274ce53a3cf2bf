"""An operation chosen on a row that is not its target but leads to it: a quota's row, to the project that it is of.

The row's link names the target, and its fields some of the parameters. Pure; what the target itself says is for the
plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from collectors.table import Table
from runbooks.operation import Operation
from views.links import value_of


class Aim(msgspec.Struct, frozen=True):
    """What is meant."""

    targets: tuple[str, ...] = ()
    """Ids, of the operation's kind."""
    given: Mapping[str, str] = {}
    """Parameters that the rows say."""
    closed: str = ""
    """Why it cannot be meant on all of these rows."""


def aim(operation: Operation, table: Table, rows: Sequence[int]) -> Aim:
    """What `operation` would be done to, chosen on these rows of another kind."""
    offer = next(each for each in operation.offers if each.kind == table.kind.name)
    field = offer.field(operation.kind)
    targets = tuple(dict.fromkeys(value for at in rows if (value := value_of(table, at, field))))
    if not targets:
        return Aim(closed=f"it does not say which of the {operation.kind} it is of")
    given: dict[str, str] = {}
    for parameter, name in offer.given.items():
        values = list(dict.fromkeys(value_of(table, at, name) for at in rows))
        if len(values) > 1:
            return Aim(closed=f"one {parameter} at a time, not {', '.join(values[:3])}")
        given[parameter] = values[0]
    return Aim(targets, given)
