"""What can be done to the rows of a list (`a`): what is offered on its kind; one that makes no sense here says why.

Nothing is read for it: what a row itself says decides. What the cloud says beyond that is for the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from collectors.query import parse_arguments
from collectors.snapshot import OddRow
from collectors.table import Table, finish
from runbooks import registry
from runbooks.operation import READS, Operation
from views.choices import Choice, Choices
from views.desk import Wanted, want
from views.header import Identity
from views.links import name_of
from views.list_pane import PaneScreen
from views.offered import aim

FEW = 3
"""Names that the title tells."""
LOOKED_AT = 500
"""Chosen rows that are looked at for the menu, so that no key waits; the plan looks at all of them."""


def can_be_done(kind_name: str) -> bool:
    """True when there are operations on that kind; imports none of them."""
    return bool(registry.entries_of(kind_name))


def menu(table: Table, rows: Sequence[int]) -> list[tuple[Operation, Choice]]:
    """What is offered on these rows: each with its risk, or why none of them can be its target. Pure."""
    found, rows = list(registry.of_kind(table.kind.name)), rows[:LOOKED_AT]
    things = {each.name.partition(".")[0] for each in found}
    return [(each, _choice(each, table, rows, short=len(things) == 1)) for each in found]


def _choice(operation: Operation, table: Table, rows: Sequence[int], *, short: bool) -> Choice:
    """`short`: the verb alone, where all operations are about the same thing."""
    label = operation.name.partition(".")[2] if short else operation.name
    if operation.kind != table.kind.name:
        about, why = f"{operation.risk} {operation.about}", aim(operation, table, rows).closed
        return Choice(label, about, f"closed: {why}" if why else "")
    reasons = {at: reason for at in rows if (reason := _closed(operation, table, at))}
    for at in set(rows) - _fitting(operation, table, rows):
        reasons.setdefault(at, f"only for {operation.rows}")
    about = f"{operation.risk} {operation.about}"
    if len(reasons) == len(rows):
        at, told = next(iter(reasons.items()))
        return Choice(label, about, f"closed: {_said(table, at, told)}")
    if reasons:
        at, told = next(iter(reasons.items()))
        return Choice(
            label, f"{operation.risk} for {len(rows) - len(reasons)} of {len(rows)}: {_said(table, at, told)}"
        )
    return Choice(label, about)


def _fitting(operation: Operation, table: Table, rows: Sequence[int]) -> set[int]:
    """Those of the rows that can be targets at all; only they are looked at, however long the list is."""
    if not operation.rows:
        return set(rows)
    snapshot = table.snapshot
    few = replace(
        snapshot, rows=[snapshot.rows[at] for at in rows], healths=[snapshot.healths[at] for at in rows], keys={}
    )
    query = parse_arguments(table.kind, operation.rows.split())
    return {rows[at] for at in finish(Table(few).select(query, snapshot.at))}


def _said(table: Table, at: int, reason: str) -> str:
    """`cmp01 is enabled already`; a reason with a subject of its own as it stands."""
    return f"{name_of(table, at)} {reason}" if reason.partition(" ")[0] in ("is", "has") else reason


def _closed(operation: Operation, table: Table, at: int) -> str:
    row = table.snapshot.rows[at]
    return f"the row could not be understood: {row.reason}" if isinstance(row, OddRow) else operation.closed(row)


def chosen(operation: Operation, table: Table, rows: Sequence[int]) -> Wanted:
    """The wish for that operation on these rows."""
    if operation.kind != table.kind.name:
        found = aim(operation, table, rows)
        return Wanted(operation.name, found.targets, found.targets, given=found.given)
    targets = tuple(table.snapshot.id_at(at) for at in rows)
    return Wanted(operation.name, targets, tuple(name_of(table, at) for at in rows))


def title(table: Table, rows: Sequence[int], identity: Identity, offered: Sequence[Operation] = ()) -> list[str]:
    """What it is about, and whether anything can begin now."""
    names = [name_of(table, at) for at in rows[:FEW]]
    more = f" and {len(rows) - FEW} more" if len(rows) > FEW else ""
    found = [f"{len(rows)} {table.kind.name}: {', '.join(names)}{more}" if len(rows) > 1 else f"{names[0]}"]
    reading = f" (but {READS}, which only reads)" if any(each.only_reads for each in offered) else ""
    if identity.locked:
        found.append(f"READ-ONLY, plans can be looked at{reading}: {identity.locked}")
    elif not identity.armed:
        found.append(f"READ-ONLY: plans can be looked at; :arm 10m WHY lets them begin{reading}")
    return found


class OperationsScreen(PaneScreen):
    """A list, and what can be done to its rows."""

    _choose: Callable[[int], None]
    """What the choice on the screen means."""

    def action_row_actions(self) -> None:
        """What can be done to the marked rows, or to the one under the cursor."""
        table = self.grid.table
        if table is None or not (rows := list(self._chosen())):
            self.say("there is no row here")
            return
        found = menu(table, rows)
        if not found:
            self.say(f"nothing can be done to {table.kind.name} from here; :help lists what can be seen")
            return

        def choose(index: int) -> None:
            want(self, chosen(found[index][0], table, rows))

        self.offer(
            [choice for _, choice in found], choose, title(table, rows, self.identity, [each for each, _ in found])
        )

    def action_run_undo(self) -> None:
        """Take back the last operation that can be."""
        want(self, Wanted(undoes=""))

    def offer(self, options: Sequence[Choice], choose: Callable[[int], None], about: Sequence[str] = ()) -> None:
        """Let somebody choose."""
        self._choose = choose
        self.query_one(Choices).offer(options, about)
        self.tell()

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        """Do it; what is closed says why, and one may choose something else."""
        choice = self.query_one(Choices).options[event.index]
        if choice.closed:
            self.say(f"{choice.label}: {choice.closed}", error=True)
            return
        self.on_choices_left()
        self._choose(event.index)

    def on_choices_left(self) -> None:
        """Stay here."""
        self.query_one(Choices).close()
        self.give_keys(self.pane if self.pane.is_open and not self.grid.display else self.grid)
        self.tell()
