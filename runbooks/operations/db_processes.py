"""Connections to the database: end what one does, or end it altogether.

A query that is killed is rolled back; the services repeat a request that failed so, or tell their client. A service
whose connection is killed opens another one at once. Replication's own threads must never be touched.
"""

from __future__ import annotations

from typing import Any

from collectors.untrusted import clipped
from collectors.values import age
from runbooks.expect import Expect
from runbooks.operation import Asked, Guard, Operation, Step, Verdict, Work, is_closed, is_open, work
from runbooks.operations.entries import sql_call

_SHOWN = 120


def _kill_query(asked: Asked) -> Work:
    row = asked.row
    return work(
        Step(
            f"kill what {_whose(row)} does on {row.member}",
            sql_call(row.member, "kill-query", id=str(row.thread)),
            expect=Expect("db-processes", row.id, "command=Query", absent=True, target=row.member),
            seconds=30.0,
            call_seconds=10.0,
        ),
        stops="its statement ends with error 1317 and is rolled back, which takes as long again as it has run",
        notes=(f"It runs: {clipped(row.statement or 'nothing', _SHOWN)}",),
    )


def _kill_connection(asked: Asked) -> Work:
    row = asked.row
    return work(
        Step(
            f"close the connection of {_whose(row)} to {row.member}",
            sql_call(row.member, "kill-connection", id=str(row.thread)),
            expect=Expect("db-processes", row.id, absent=True, target=row.member),
            seconds=30.0,
            call_seconds=10.0,
        ),
        stops="its transaction is rolled back; a service connects again at once",
        notes=("What comes back under another number comes from a pool: look at its service, not at the connection.",),
    )


def _whose(row: Any) -> str:
    return f"{row.user or 'nobody'} from {row.client or 'here'}"


def _ours(row: Any) -> str:
    """Why a thread is not to be touched."""
    if row.user == "system user":
        return "is a thread of replication itself: killing it takes the member out of the cluster"
    if row.command in ("Daemon", "Binlog Dump"):
        return f"is a thread of the server itself ({row.command})"
    return ""


def _no_query(row: Any) -> str:
    return _ours(row) or ("" if row.command not in (None, "Sleep") else "runs nothing")


def _seen(asked: Asked) -> Verdict:
    """User and age, for whoever confirms it; they are no part of the plan, since they grow."""
    row = asked.row
    if why := _ours(row):
        return is_closed(f"it {why}")
    doing = f"{row.command or 'nothing'}" + (f", {row.state}" if row.state else "")
    return is_open(f"{_whose(row)}, database {row.db or 'none'}: {doing} for {age(row.time or 0)}")


_SEEN = Guard(
    "no-system-user", _seen, "whose thread it is and for how long it has done what it does; never replication's"
)

OPERATIONS = (
    Operation(
        name="db-process.kill-query",
        kind="db-processes",
        title="kill the query of {user} on {member} (thread {thread})",
        about="end the statement that a connection runs; the connection stays",
        risk="R2",
        account="galera",
        closed=_no_query,
        guards=(_SEEN,),
        work=_kill_query,
        at_once=4,
    ),
    Operation(
        name="db-process.kill",
        kind="db-processes",
        title="close the connection of {user} to {member} (thread {thread})",
        about="end a connection with all that it does",
        risk="R2",
        account="galera",
        closed=_ours,
        guards=(_SEEN,),
        work=_kill_connection,
        at_once=4,
    ),
)
