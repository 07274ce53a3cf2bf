"""The guards that many operations share, named once. Each says open, closed or unknown, and what it saw.

Unknown closes: what could not be read is not known to be safe. A guard looks at kinds, never at a system directly, so
that what it saw is what the operator can open on the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from collectors.query import parse
from collectors.snapshot import OddRow, Snapshot
from collectors.table import Table, finish
from runbooks.operation import Asked, Guard, Verdict, is_closed, is_open, is_unknown


def satisfying(snapshot: Snapshot, where: str) -> list[int]:
    """Numbers of the rows that satisfy a filter."""
    return finish(Table(snapshot).select(parse(snapshot.kind, where, screen=False), snapshot.at))


def named(snapshot: Snapshot, index: int) -> str:
    """What people call the row."""
    row = snapshot.rows[index]
    return row.name if isinstance(row, OddRow) else str(snapshot.kind.name_of(row) or snapshot.id_at(index))


def some(names: list[str], most: int = 3) -> str:
    """`cmp01, cmp02 and 4 more`."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def quorum_kept(kind: str, well: str, members: str = "") -> Guard:
    """After the target is gone, more than half of the configured rows of `kind` still satisfy `well`.

    `members` is a filter for the rows that count as configured.
    """

    def check(asked: Asked) -> Verdict:
        snapshot = asked.cloud.snapshot(kind)
        configured = satisfying(snapshot, members)
        gone = {asked.identity, *asked.also}
        left = [at for at in satisfying(snapshot, f"{members} {well}".strip()) if snapshot.id_at(at) not in gone]
        need = len(configured) // 2 + 1
        words = f"{len(left)} of {len(configured)} {kind} stay well without it, a majority is {need}"
        if len(left) >= need:
            return is_open(words)
        if snapshot.errors:
            return is_unknown(f"{words}; {snapshot.errors[0]}")
        return is_closed(words)

    return Guard("quorum-kept", check, f"a majority of the {kind} satisfies `{well}` without the target")


def one_at_a_time(kind: str, unwell: str, same: Callable[[Any, Any], bool] | None = None) -> Guard:
    """No other row of `kind` satisfies `unwell`; `same(row, target)` says which rows are of the target's group."""

    def check(asked: Asked) -> Verdict:
        snapshot = asked.cloud.snapshot(kind)
        if len(asked.also) > 1 and same is None:
            return is_closed(f"{len(asked.also)} targets at once: one after the other is safe")
        others = [
            named(snapshot, at)
            for at in satisfying(snapshot, unwell)
            if snapshot.id_at(at) != asked.identity
            and not isinstance(snapshot.rows[at], OddRow)
            and (same is None or same(snapshot.rows[at], asked.row))
        ]
        if others:
            return is_closed(f"{some(others)} is not well either: mend that first")
        if snapshot.errors:
            return is_unknown(str(snapshot.errors[0]))
        return is_open(f"no other of the {kind} is unwell")

    return Guard("one-at-a-time", check, f"no other of the {kind} satisfies `{unwell}`")


def no_task(task: Callable[[Any], str | None], about: str = "no task is in progress") -> Guard:
    """`task(row)` names the task that is in progress, or nothing."""

    def check(asked: Asked) -> Verdict:
        found = task(asked.row)
        return is_closed(f"{asked.name} is {found}: wait, or leave it out") if found else is_open("no task in progress")

    return Guard("no-task", check, about)


def given(name: str, parameter: str, words: str) -> Guard:
    """The operator states something that no system can tell (`fenced`, `backup`), in a parameter that is journaled."""

    def check(asked: Asked) -> Verdict:
        told = asked.values.get(parameter, "").strip()
        return is_open(f"stated: {told}") if told else is_closed(f"{words}: {parameter}=…")

    return Guard(name, check, words)


def window() -> Guard:
    """A maintenance window or an incident: confirming it takes a reason."""
    return Guard("window", lambda asked: is_open("its reason is asked for"), "a reason or an incident is given")
