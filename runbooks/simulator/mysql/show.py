"""SHOW."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runbooks.simulator.model.databases import schemas
from runbooks.simulator.mysql import describe, errors, schema, select
from runbooks.simulator.mysql.result import (
    DATETIME,
    DOUBLE,
    LONG,
    LONGLONG,
    LONGTEXT,
    Column,
    Result,
    ResultSet,
    table,
)
from runbooks.simulator.mysql.text import Words, like, names, unquoted

if TYPE_CHECKING:
    from runbooks.simulator.mysql.session import Session

_NOT_PLAYED = names("INDEX INDEXES KEYS PRIVILEGES PROFILE PROFILES EXPLAIN ANALYZE BINLOG RELAYLOG AUTHORS PACKAGE")
"""MariaDB has them; nothing here stands behind them."""

Maker = Callable[["Session", Words], ResultSet]


def show(session: Session, words: Words) -> Result:
    """SHOW …, with LIKE on the first column or WHERE on all."""
    key = " ".join(words.upper(place) for place in range(1, len(words.words)))
    for begin, make in _FORMS:
        if key == begin or key.startswith(begin + " "):
            return _filtered(session, words, make(session, words))
    if words.upper(1) in _NOT_PLAYED:
        raise errors.not_supported(f"SHOW {words.upper(1)}")
    raise errors.syntax(words.after(1))


def _filtered(session: Session, words: Words, found: ResultSet) -> ResultSet:
    upper = [word.upper() for word in words.words]
    if "LIKE" in upper:
        place = upper.index("LIKE")
        if place + 1 >= len(upper) or upper[place + 1][0] not in "'\"":
            raise errors.syntax(words.after(place + 1) or "")
        pattern = unquoted(words.words[place + 1])
        wanted = like(pattern)
        kept = found.only([n for n, row in enumerate(found.rows) if wanted.fullmatch(str(row[0]))])
        if kept.columns[0].name == "Database" or kept.columns[0].name.startswith("Tables_in_"):
            first = Column(f"{kept.columns[0].name} ({pattern})", kept.columns[0].kind)
            return ResultSet([first, *kept.columns[1:]], kept.rows)
        return kept
    if "WHERE" in upper:
        return select.where(session, found, words.after(upper.index("WHERE") + 1))
    return found


def _pairs(found: dict[str, str]) -> ResultSet:
    return table(["Variable_name", "Value"], list(found.items()))


def _status(session: Session, words: Words) -> ResultSet:
    return _pairs(session.status())


def _variables(session: Session, words: Words) -> ResultSet:
    return _pairs(session.variables())


def _global_variables(session: Session, words: Words) -> ResultSet:
    return _pairs(session.variables(everywhere=True))


def _databases(session: Session, words: Words) -> ResultSet:
    return table(["Database"], [(name,) for name in session.schemas()])


def _processes(session: Session, words: Words) -> ResultSet:
    full = words.upper(1) == "FULL"
    rows = [
        (
            p.id,
            p.user,
            p.host,
            p.db,
            p.command,
            p.seconds,
            p.state,
            p.info if full or not p.info else p.info[:100],
            "0.000",
        )
        for p in session.processes()
    ]
    columns: list[str | tuple[str, int]] = [("Id", LONGLONG), "User", "Host", "db", "Command", ("Time", LONG), "State"]
    return table([*columns, ("Info", LONGTEXT) if full else "Info", ("Progress", DOUBLE)], rows)


def _from(session: Session, words: Words, start: int) -> str:
    """The database that a SHOW names after FROM or IN, else the default one."""
    for place in range(start, len(words.words) - 1):
        if words.upper(place) in ("FROM", "IN"):
            name = unquoted(words.words[place + 1])
            if name.lower() not in schemas():
                raise errors.unknown_database(name)
            if name.lower() not in session.schemas():
                raise errors.no_access_to_database(session.account.quoted, name)
            return name.lower()
    if session.database is None:
        raise errors.no_database()
    return session.database


def _tables(session: Session, words: Words) -> ResultSet:
    full = words.upper(1) == "FULL"
    database = _from(session, words, 2)
    rows = sorted((t.name, t.kind) for t in schema.catalogue(session) if t.schema == database)
    if full:
        return table([f"Tables_in_{database}", "Table_type"], rows)
    return table([f"Tables_in_{database}"], [row[:1] for row in rows])


_STATUS_COLUMNS: tuple[str | tuple[str, int], ...] = (
    *("Name", "Engine", ("Version", LONGLONG), "Row_format", ("Rows", LONGLONG), ("Avg_row_length", LONGLONG)),
    *(("Data_length", LONGLONG), ("Max_data_length", LONGLONG), ("Index_length", LONGLONG), ("Data_free", LONGLONG)),
    *(("Auto_increment", LONGLONG), ("Create_time", DATETIME), ("Update_time", DATETIME), ("Check_time", DATETIME)),
    *("Collation", ("Checksum", LONGLONG), "Create_options", "Comment", ("Max_index_length", LONGLONG), "Temporary"),
)


def _table_status(session: Session, words: Words) -> ResultSet:
    database = _from(session, words, 3)
    view = schema.table_of(session, "information_schema", "TABLES")
    rows = schema.rows_of(session, view) if view is not None else iter(())
    return table(_STATUS_COLUMNS, [(row[2], *row[4:]) for row in rows if row[1] == database])


def _grants(session: Session, words: Words) -> ResultSet:
    return table([f"Grants for {session.account.name}@%"], [(session.account.grants(),)])


def _warnings(session: Session, words: Words) -> ResultSet:
    return table(["Level", ("Code", LONG), "Message"], session.warnings)


def _engines(session: Session, words: Words) -> ResultSet:
    view = schema.table_of(session, "information_schema", "ENGINES")
    rows = list(schema.rows_of(session, view)) if view is not None else []
    return table(["Engine", "Support", "Comment", "Transactions", "XA", "Savepoints"], rows)


def _plugins(session: Session, words: Words) -> ResultSet:
    rows = [
        ("binlog", "ACTIVE", "STORAGE ENGINE", None, "GPL"),
        ("mysql_native_password", "ACTIVE", "AUTHENTICATION", None, "GPL"),
        ("wsrep", "ACTIVE", "REPLICATION", None, "GPL"),
        ("InnoDB", "ACTIVE", "STORAGE ENGINE", None, "GPL"),
    ]
    return table(["Name", "Status", "Type", "Library", "License"], rows)


def _collation(session: Session, words: Words) -> ResultSet:
    view = schema.table_of(session, "information_schema", "COLLATIONS")
    rows = list(schema.rows_of(session, view)) if view is not None else []
    return table(["Collation", "Charset", ("Id", LONGLONG), "Default", "Compiled", ("Sortlen", LONGLONG)], rows)


def _charset(session: Session, words: Words) -> ResultSet:
    view = schema.table_of(session, "information_schema", "CHARACTER_SETS")
    rows = list(schema.rows_of(session, view)) if view is not None else []
    found = [(row[0], row[2], row[1], row[3]) for row in rows]
    return table(["Charset", "Description", "Default collation", ("Maxlen", LONGLONG)], found)


def _master(session: Session, words: Words) -> ResultSet:
    session.need("SUPER", "BINLOG MONITOR")
    return table(["File", ("Position", LONGLONG), "Binlog_Do_DB", "Binlog_Ignore_DB"])


def _slave(session: Session, words: Words) -> ResultSet:
    session.need("SUPER", "SLAVE MONITOR")
    return table(["Slave_IO_State", "Master_Host"])


def _binary_logs(session: Session, words: Words) -> ResultSet:
    raise errors.no_binary_log()


def _innodb(session: Session, words: Words) -> ResultSet:
    session.need("PROCESS")
    rule = "=" * 37
    text = (
        f"\n{rule}\n{schema.stamp(session.now)} 0x7f0e382da6c0 INNODB MONITOR OUTPUT\n{rule}\n"
        "Per second averages calculated from the last 10 seconds\n------------\nTRANSACTIONS\n------------\n"
        f"Trx id counter {int(session.galera.seqno)}\nHistory list length {int(session.now) % 40}\n"
        "LIST OF TRANSACTIONS FOR EACH SESSION:\n----------------------------\nEND OF INNODB MONITOR OUTPUT\n"
        "============================\n"
    )
    return table(["Type", "Name", "Status"], [("InnoDB", "", text)])


def _open_tables(session: Session, words: Words) -> ResultSet:
    rows = [(t.schema, t.name, 0, 0) for t in schema.catalogue(session) if t.kind == "BASE TABLE"]
    return table(["Database", "Table", ("In_use", LONGLONG), ("Name_locked", LONGLONG)], rows[:400])


def _nothing(*columns: str) -> Maker:
    return lambda session, words: table(columns)


_FORMS: tuple[tuple[str, Maker], ...] = (
    ("GLOBAL STATUS", _status),
    ("SESSION STATUS", _status),
    ("LOCAL STATUS", _status),
    ("STATUS", _status),
    ("GLOBAL VARIABLES", _global_variables),
    ("SESSION VARIABLES", _variables),
    ("LOCAL VARIABLES", _variables),
    ("VARIABLES", _variables),
    ("DATABASES", _databases),
    ("SCHEMAS", _databases),
    ("PROCESSLIST", _processes),
    ("FULL PROCESSLIST", _processes),
    ("TABLE STATUS", _table_status),
    ("TABLES", _tables),
    ("FULL TABLES", _tables),
    ("GRANTS", _grants),
    ("WARNINGS", _warnings),
    ("ERRORS", _nothing("Level", "Code", "Message")),
    ("ENGINES", _engines),
    ("STORAGE ENGINES", _engines),
    ("ENGINE INNODB STATUS", _innodb),
    ("PLUGINS", _plugins),
    ("COLLATION", _collation),
    ("CHARACTER SET", _charset),
    ("CHARSET", _charset),
    ("MASTER STATUS", _master),
    ("BINLOG STATUS", _master),
    ("SLAVE STATUS", _slave),
    ("REPLICA STATUS", _slave),
    ("ALL SLAVES STATUS", _slave),
    ("BINARY LOGS", _binary_logs),
    ("MASTER LOGS", _binary_logs),
    ("COLUMNS", describe.columns),
    ("FIELDS", describe.columns),
    ("FULL COLUMNS", describe.columns),
    ("CREATE", describe.create),
    ("OPEN TABLES", _open_tables),
    ("EVENTS", _nothing("Db", "Name")),
    ("TRIGGERS", _nothing("Trigger", "Event")),
    ("PROCEDURE STATUS", _nothing("Db", "Name")),
    ("FUNCTION STATUS", _nothing("Db", "Name")),
)
