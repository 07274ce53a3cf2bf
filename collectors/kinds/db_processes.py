"""Connections to the database members and what they do: the process list of each member.

Most of them are the services' pools, asleep until needed. What runs long, or waits for a lock or for certification,
holds others up. Statements are cut: they can be long and hold what tenants wrote.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import MINUTE, word
from collectors.request import Sql
from collectors.rollup import Worst
from collectors.untrusted import clipped
from collectors.values import age

LONG: Final = 2 * MINUTE
"""Seconds after which a running statement is worth a look: the services' take milliseconds."""
WAITING: Final = 5.0
"""Seconds of waiting for a lock or for certification that are worth a look."""
SHOWN: Final = 500
"""Characters of a statement that are kept."""


class ProcessWire(Wire):
    """One row of the statement `processes`."""

    id: int
    member: str = ""
    user: str | None = None
    client: str | None = None
    db: str | None = None
    command: str | None = None
    time: int | None = None
    state: str | None = None
    info: str | None = None


class Process(Row, frozen=True):
    """One thread of one member."""

    id: str
    thread: int
    member: str
    user: str | None
    client: str | None
    port: int | None
    db: str | None
    command: str | None
    time: int | None
    state: str | None
    statement: str | None


def row(wire: ProcessWire, reading: Reading) -> Process:
    """A thread's number is unique on its member only; the client's port is split off its address."""
    client, _, port = (wire.client or "").rpartition(":")
    member = wire.member or reading.target
    return Process(
        id=f"{member}/{wire.id}",
        thread=wire.id,
        member=word(member) or "",
        user=word(wire.user),
        client=word(client if port.isdigit() and client else wire.client),
        port=int(port) if port.isdigit() and client else None,
        db=word(wire.db),
        command=word(wire.command),
        time=wire.time,
        state=word(wire.state),
        statement=clipped(" ".join(wire.info.split()), SHOWN) if wire.info else None,
    )


def health(process: Process, now: float) -> Health:
    """Waiting and long-running statements are warnings; replication's own threads always run."""
    seconds = process.time or 0
    state = process.state or ""
    if process.user == "system user":
        applying = "row" in state and seconds > LONG
        return warning(f"has been applying one transaction for {age(seconds)}: {state}") if applying else OK
    if process.command in (None, "Sleep", "Daemon", "Binlog Dump"):
        return OK
    if seconds >= WAITING and "waiting for certification" in state.lower():
        return warning(f"has waited {age(seconds)} for certification: flow control, or a member that is slow")
    if seconds >= WAITING and "lock" in state.lower():
        return warning(f"has waited {age(seconds)}: {state}")
    if seconds >= LONG:
        return warning(f"has run for {age(seconds)}" + (f": {state}" if state else ""))
    return OK


KIND = Kind(
    name="db-processes",
    title="Database processes",
    aliases=("db-process", "processlist", "dbp"),
    about="one row per connection to a database member: who, from where, what it does and for how long",
    system="galera",
    scope=Scope("member"),
    read=Sql("processes"),
    wire=ProcessWire,
    row=row,
    fields=Process,
    name_field="id",
    columns=(
        Column("thread", "ID", "id", 2, help="what KILL takes"),
        Column("member", "MEMBER", "ref", 2),
        Column("user", "USER", "name", 1),
        Column("client", "FROM", "text", 2, help="often HAProxy's address"),
        Column("db", "DATABASE", "ref", 3),
        Column("command", "COMMAND", "status", 2),
        Column("time", "TIME", "duration", 1, help="how long it has been doing so"),
        Column("state", "STATE", "text", 3),
        Column("statement", "STATEMENT", "text", 4),
        Column("port", "PORT", "id", 7, wide=True),
        Column("id", "KEY", "id", 8, wide=True, help="member and id"),
    ),
    sort=("member", "command", "thread"),
    health=health,
    rollup=Worst("processes", "well"),
    detail=True,
    links=(
        Link("galera-members", "member", "member", "its member"),
        Link("databases", "name", "db", "its database"),
    ),
    server_filters={"user": "user", "db": "db", "command": "command"},
    deadline=10.0,
    list_command='mariadb -h ADDRESS -e "SHOW FULL PROCESSLIST"',
)
