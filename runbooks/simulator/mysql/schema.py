"""The rows of information_schema (and the few tables of `mysql` that people look at), made from the model when asked.

Columns and their types are MariaDB's own (`mariadb.json`). A service's table holds its keys only: enough to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from runbooks.simulator.model.databases import Table, tables
from runbooks.simulator.model.galera_status import reference
from runbooks.simulator.mysql.result import LONG, TEXT, Column, Value

if TYPE_CHECKING:
    from runbooks.simulator.mysql.session import Session

Row = tuple[Value, ...]

MOST_ROWS = 200_000
"""Of a service's table: more are not made up."""

_ENGINES = (
    ("CSV", "YES", "Stores tables as CSV files", "NO", "NO", "NO"),
    ("MRG_MyISAM", "YES", "Collection of identical MyISAM tables", "NO", "NO", "NO"),
    ("MEMORY", "YES", "Hash based, stored in memory, useful for temporary tables", "NO", "NO", "NO"),
    (
        "Aria",
        "YES",
        "Crash-safe tables with MyISAM heritage. Used for internal temporary tables and privilege tables",
        "NO",
        "NO",
        "NO",
    ),
    ("MyISAM", "YES", "Non-transactional engine with good performance and small data footprint", "NO", "NO", "NO"),
    ("SEQUENCE", "YES", "Generated tables filled with sequential values", "YES", "NO", "YES"),
    (
        "InnoDB",
        "DEFAULT",
        "Supports transactions, row-level locking, foreign keys and encryption for tables",
        "YES",
        "YES",
        "YES",
    ),
    ("PERFORMANCE_SCHEMA", "YES", "Performance Schema", "NO", "NO", "NO"),
)
_MYSQL_USER = (Column("User", 254), Column("Host", 254), Column("plugin", 254))
KEYS = (Column("id", LONG),)
"""All that a service's table shows."""


@cache
def views() -> tuple[str, ...]:
    """information_schema's tables in capitals."""
    return tuple(sorted(name.upper() for name in reference()["tables"]))


@cache
def columns(view: str) -> tuple[Column, ...]:
    """The columns of an information_schema table."""
    return tuple(Column(name, kind) for name, kind in reference()["tables"][view.lower()])


def stamp(at: float) -> str:
    """`2026-11-21 03:03:01`, as DATETIME is printed."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def catalogue(session: Session) -> list[Table]:
    """The tables that this account sees."""
    seen = session.account.may("SELECT")
    return [found for found in tables(session.galera, views()) if seen or found.schema == "information_schema"]


def table_of(session: Session, database: str, name: str) -> Table | None:
    """One table, whoever asks."""
    wanted = name.upper() if database == "information_schema" else name
    found = (t for t in tables(session.galera, views()) if (t.schema, t.name) == (database, wanted))
    return next(found, None)


def columns_of(found: Table) -> tuple[Column, ...]:
    """The columns of any table."""
    if found.schema == "information_schema":
        return columns(found.name)
    return _MYSQL_USER if (found.schema, found.name) == ("mysql", "global_priv") else KEYS


def rows_of(session: Session, found: Table) -> Iterator[Row]:
    """The rows of any table."""
    if found.schema == "information_schema":
        maker = _MAKERS.get(found.name)
        return maker(session) if maker else iter(())
    if (found.schema, found.name) == ("mysql", "global_priv"):
        from runbooks.simulator.mysql.accounts import accounts_of

        names = accounts_of(session.galera.cloud.secrets)
        return ((name, "%", "mysql_native_password") for name in names)
    return ((number,) for number in range(1, min(found.rows, MOST_ROWS) + 1))


def _schemata(session: Session) -> Iterator[Row]:
    for name in session.schemas():
        own = name == "information_schema"
        charset = "utf8mb4" if name == "mysql" else "utf8mb3"
        yield "def", name, "utf8mb3" if own else charset, f"{'utf8mb3' if own else charset}_general_ci", None, ""


def _tables(session: Session) -> Iterator[Row]:
    for found in catalogue(session):
        base = found.kind == "BASE TABLE"
        yield (
            "def",
            found.schema,
            found.name,
            found.kind,
            found.engine,
            10 if base else 11,
            "Dynamic" if base else "Fixed",
            found.rows if base else None,
            found.data // found.rows if base and found.rows else 0,
            found.data,
            0,
            found.keys,
            0,
            found.rows + 1 if base and found.rows else None,
            stamp(found.created),
            stamp(found.updated) if base else None,
            None,
            "utf8mb3_general_ci",
            None,
            "",
            "",
            0,
            "N",
        )


def _processlist(session: Session) -> Iterator[Row]:
    for number, found in enumerate(session.processes(), 1):
        yield (
            found.id,
            found.user,
            found.host,
            found.db,
            found.command,
            found.seconds,
            found.state,
            found.info,
            f"{found.seconds * 1000 + found.id % 1000}.{found.id * 37 % 1000:03}",
            0,
            0,
            "0.000",
            79_576 if found.info is None else 160_920,
            404_408,
            0,
            number,
            found.info,
            1000 + found.id,
        )


def _pairs(found: dict[str, str]) -> Iterator[Row]:
    return ((name.upper(), value) for name, value in found.items())


def _engines(session: Session) -> Iterator[Row]:
    return iter(_ENGINES)


def _charsets(session: Session) -> Iterator[Row]:
    yield from (
        ("latin1", "latin1_swedish_ci", "cp1252 West European", 1),
        ("utf8mb3", "utf8mb3_general_ci", "UTF-8 Unicode", 3),
        ("utf8mb4", "utf8mb4_general_ci", "UTF-8 Unicode", 4),
    )


def _collations(session: Session) -> Iterator[Row]:
    yield from (
        ("latin1_swedish_ci", "latin1", 8, "Yes", "Yes", 1),
        ("utf8mb3_general_ci", "utf8mb3", 33, "Yes", "Yes", 1),
        ("utf8mb4_general_ci", "utf8mb4", 45, "Yes", "Yes", 1),
        ("utf8mb4_bin", "utf8mb4", 46, "", "Yes", 1),
    )


def _columns(session: Session) -> Iterator[Row]:
    for found in catalogue(session):
        for place, column in enumerate(columns_of(found), 1):
            textual = column.kind >= TEXT - 1
            kind = "varchar" if textual else "int"
            declared = "varchar(255)" if textual else "int(11)"
            key = "PRI" if column.name == "id" else ""
            extra = "auto_increment" if key else ""
            yield (
                *("def", found.schema, found.name, column.name, place, None, "NO" if key else "YES", kind),
                *(255 if textual else None, 1020 if textual else None, None if textual else 10, None if textual else 0),
                *(
                    None,
                    "utf8mb3" if textual else None,
                    "utf8mb3_general_ci" if textual else None,
                    declared,
                    key,
                    extra,
                ),
                *("select", "", "NEVER", None),
            )


def _user_privileges(session: Session) -> Iterator[Row]:
    from runbooks.simulator.mysql.accounts import ALL

    account = session.account
    grantable = "YES" if "ALL PRIVILEGES" in account.granted else "NO"
    names = sorted(ALL) if "ALL PRIVILEGES" in account.granted else account.granted or ("USAGE",)
    return ((account.quoted, "def", name, grantable) for name in names)


_MAKERS: dict[str, Callable[[Session], Iterator[Row]]] = {
    "SCHEMATA": _schemata,
    "TABLES": _tables,
    "COLUMNS": _columns,
    "PROCESSLIST": _processlist,
    "GLOBAL_STATUS": lambda session: _pairs(session.status()),
    "SESSION_STATUS": lambda session: _pairs(session.status()),
    "GLOBAL_VARIABLES": lambda session: _pairs(session.variables(everywhere=True)),
    "SESSION_VARIABLES": lambda session: _pairs(session.variables()),
    "ENGINES": _engines,
    "CHARACTER_SETS": _charsets,
    "COLLATIONS": _collations,
    "USER_PRIVILEGES": _user_privileges,
}
