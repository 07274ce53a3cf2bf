"""What a table consists of: DESCRIBE, EXPLAIN, SHOW COLUMNS, SHOW CREATE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.model.databases import schemas
from runbooks.simulator.mysql import errors, schema
from runbooks.simulator.mysql.result import BLOB, LONGLONG, Result, ResultSet, table
from runbooks.simulator.mysql.text import Words, unquoted

if TYPE_CHECKING:
    from runbooks.simulator.mysql.session import Session


def _target(session: Session, word: str, database: str = "") -> tuple[str, str]:
    """(database, table) of `db.table`, `` `db`.`table` `` or a bare name."""
    head, _, name = word.replace("`", "").rpartition(".")
    found = (database or head or session.database or "").lower()
    if not found:
        raise errors.no_database()
    return found, name


def _columns_of(session: Session, database: str, name: str, *, full: bool = False) -> ResultSet:
    found = schema.table_of(session, database, name)
    if found is None:
        raise errors.no_such_table(database, name)
    session.need_table("SELECT", database, name)
    rows = []
    for column in schema.columns_of(found):
        key = column.name == "id"
        declared = "varchar(255)" if column.kind >= BLOB else "int(11)"
        rows.append(
            (column.name, declared, "NO" if key else "YES", "PRI" if key else "", None, "auto_increment" if key else "")
        )
    return table(["Field", ("Type", BLOB), "Null", "Key", ("Default", BLOB), "Extra"], rows)


def columns(session: Session, words: Words) -> ResultSet:
    """SHOW COLUMNS FROM table FROM database."""
    places = [n for n in range(2, len(words.words) - 1) if words.upper(n) in ("FROM", "IN")]
    if not places:
        raise errors.syntax("")
    database = unquoted(words.words[places[1] + 1]) if len(places) > 1 else ""
    return _columns_of(session, *_target(session, words.words[places[0] + 1], database))


def create(session: Session, words: Words) -> ResultSet:
    """SHOW CREATE DATABASE and TABLE."""
    kind, word = words.upper(2), words.words[3] if len(words.words) > 3 else ""
    if kind in ("DATABASE", "SCHEMA"):
        name = unquoted(word)
        if name not in schemas():
            raise errors.unknown_database(name)
        text = f"CREATE DATABASE `{name}` /*!40100 DEFAULT CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci */"
        return table(["Database", "Create Database"], [(name, text)])
    if kind != "TABLE":
        raise errors.syntax(words.after(2))
    database, name = _target(session, word)
    _columns_of(session, database, name)
    session.need_ready()
    text = (
        f"CREATE TABLE `{name}` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB "
        "DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci"
    )
    return table(["Table", "Create Table"], [(name, text)])


def describe(session: Session, words: Words) -> Result:
    """DESCRIBE table; EXPLAIN SELECT has no plan to tell."""
    if words.upper(1) in ("SELECT", "EXTENDED", "FORMAT"):
        plan: tuple[str | tuple[str, int], ...] = (
            *(("id", LONGLONG), "select_type", "table", "type", "possible_keys"),
            *("key", "key_len", "ref", "rows", "Extra"),
        )
        return table(plan, [(1, "SIMPLE", None, None, None, None, None, None, None, "No tables used")])
    if len(words.words) < 2:
        raise errors.syntax("")
    return _columns_of(session, *_target(session, words.words[1]))
