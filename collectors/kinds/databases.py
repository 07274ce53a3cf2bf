"""The databases behind the services: tables, rows, sizes. The same on every member, so read from one of them.

Row counts are the engine's estimates. Only InnoDB tables are replicated by Galera: another engine in a service's
database means data that the other members do not have.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Sql
from collectors.rollup import Worst
from collectors.values import epoch

SYSTEM: Final = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
"""The server's own databases; theirs are other engines by design."""


class DatabaseWire(Wire):
    """One row of the statement `databases`."""

    name: str
    member: str = ""
    collation: str | None = None
    tables: int | None = None
    table_rows: int | None = None
    data_length: int | None = None
    index_length: int | None = None
    data_free: int | None = None
    update_time: str | None = None
    not_innodb: int | None = None


class Database(Row, frozen=True):
    """One database."""

    name: str
    tables: int | None
    rows: int | None
    size: int | None
    data: int | None
    indexes: int | None
    free: int | None
    updated_at: float | None
    not_innodb: int | None
    collation: str | None
    system: bool
    member: str | None


def row(wire: DatabaseWire, reading: Reading) -> Database:
    """The size is that of data and indexes."""
    known = wire.data_length is not None or wire.index_length is not None
    return Database(
        name=word(wire.name) or "",
        tables=wire.tables,
        rows=wire.table_rows,
        size=(wire.data_length or 0) + (wire.index_length or 0) if known else None,
        data=wire.data_length,
        indexes=wire.index_length,
        free=wire.data_free,
        updated_at=epoch(wire.update_time),
        not_innodb=wire.not_innodb,
        collation=word(wire.collation),
        system=wire.name.lower() in SYSTEM,
        member=word(wire.member),
    )


def health(database: Database, now: float) -> Health:
    """Tables that are not replicated are a warning; a database without tables says so."""
    if database.system:
        return OK
    if database.not_innodb:
        one = database.not_innodb == 1
        tables = "1 table is" if one else f"{database.not_innodb} tables are"
        return warning(f"{tables} not InnoDB: Galera does not replicate {'it' if one else 'them'}")
    return ok("no tables that we may see") if database.tables == 0 else OK


KIND = Kind(
    name="databases",
    title="Databases",
    aliases=("database", "db", "schemas"),
    about="one row per database: tables, rows, size of data and indexes",
    system="galera",
    read=Sql("databases"),
    wire=DatabaseWire,
    row=row,
    fields=Database,
    key="name",
    columns=(
        Column("name", "DATABASE", "name", 1),
        Column("size", "SIZE", "bytes", 1, help="data and indexes"),
        Column("rows", "ROWS", "number", 2, help="as the engine estimates them"),
        Column("tables", "TABLES", "number", 2),
        Column("data", "DATA", "bytes", 4),
        Column("indexes", "INDEXES", "bytes", 4),
        Column("updated_at", "WRITTEN", "time", 3, help="the last write that the server remembers", fresh=60.0),
        Column("free", "FREE", "bytes", 6, wide=True, help="allocated and empty"),
        Column("not_innodb", "NOT INNODB", "number", 6, wide=True, help="tables that Galera does not replicate"),
        Column("collation", "COLLATION", "text", 7, wide=True),
        Column("system", "SYSTEM", "flag", 7, wide=True, help="the server's own"),
        Column("member", "READ FROM", "ref", 7, wide=True),
    ),
    sort=("name",),
    health=health,
    rollup=Worst("databases", "well"),
    detail=True,
    links=(Link("db-processes", "db", "name", "connections to it"),),
    period=120.0,
    list_command='mariadb -e "SHOW DATABASES"',
)
