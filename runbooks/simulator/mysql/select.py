"""SELECT: read by sqlglot, run by SQLite in memory over the tables that the statement names.

The tables are made from the model for each statement; names compare regardless of case, as MariaDB's default collation
does. What SQLite cannot do becomes the error that MariaDB gives for what it cannot do.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from runbooks.simulator.model.databases import schemas
from runbooks.simulator.mysql import errors, functions, schema
from runbooks.simulator.mysql.result import (
    BLOB,
    CHAR,
    DATETIME,
    DECIMAL,
    DOUBLE,
    LONG,
    LONGLONG,
    TEXT,
    TINY,
    Column,
    ResultSet,
    Value,
)
from runbooks.simulator.mysql.text import Words, statement

if TYPE_CHECKING:
    from runbooks.simulator.mysql.session import Session

_INTEGERS = (TINY, LONG, LONGLONG)
_AFFINITY = {TEXT: "TEXT", BLOB: "TEXT", CHAR: "TEXT", DATETIME: "TEXT", DOUBLE: "REAL", DECIMAL: "NUMERIC"}
_NO_COLUMN = re.compile(r"no such column: (\S+)")
_NO_FUNCTION = re.compile(r"no such function: (\S+)")
_MISUSE = re.compile(r"wrong number of arguments to function (\w+)")


def select(session: Session, words: Words) -> ResultSet:
    """Answer a SELECT (or WITH, or a union in parentheses)."""
    from sqlglot import exp

    tree = _parsed(words.sql)
    if not isinstance(tree, exp.Query):
        raise errors.syntax(words.sql)
    if isinstance(tree, exp.Select) and not tree.expressions:
        raise errors.syntax(words.after(1))
    return _Select(session, words, tree).run()


def where(session: Session, found: ResultSet, condition: str) -> ResultSet:
    """The rows of a SHOW for which `condition` holds."""
    wanted = _Select(
        session, statement(f"SELECT 0 FROM found WHERE {condition}"), _parsed(f"SELECT 1 WHERE {condition}")
    )
    return found.only(wanted.places(found))


def _parsed(sql: str) -> Any:
    from sqlglot import parse_one
    from sqlglot.errors import SqlglotError

    try:
        return parse_one(sql, read="mysql")
    except SqlglotError as error:
        found = (getattr(error, "errors", None) or [{}])[0]
        word = found.get("highlight") or sql
        cut_short = "Required keyword" in str(found.get("description"))
        near = "" if cut_short else sql[max(sql.rfind(word), 0) :]
        raise errors.syntax(near) from None


class _Select:
    """One statement on its way through SQLite."""

    def __init__(self, session: Session, words: Words, tree: Any) -> None:
        self.session = session
        self.words = words
        self.tree = tree
        self.types: dict[str, int] = {}
        """Column name in small letters → type, of all tables of the statement."""

    def run(self) -> ResultSet:
        """Columns and rows. Raises SqlError."""
        with _database(self.session) as base:
            self._load(base)
            names, kinds = self._headers()
            functions.replace(self.session, self.tree)
            cursor = self._execute(base, self.tree)
            rows = cursor.fetchall()
            described = [column[0] for column in cursor.description]
        if len(names) != len(described):  # `SELECT *`
            names, kinds = described, [self.types.get(name.lower(), 0) for name in described]
        columns = [
            Column(name, kind if kind > 0 else _kind((row[place] for row in rows), wide=kind == functions.WIDE))
            for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
        ]
        scales = self._scales(len(columns))
        return ResultSet(columns, [_row(row, columns, scales) for row in rows])

    def places(self, found: ResultSet) -> list[int]:
        """The places of the rows that the WHERE holds for."""
        from sqlglot import exp

        with _database(self.session) as base:
            self._create(base, "found", found.columns, found.rows)
            functions.replace(self.session, self.tree)
            query = exp.select("rowid").from_("found").where(self.tree.args["where"].this)
            return [place - 1 for (place,) in self._execute(base, query).fetchall()]

    def _execute(self, base: sqlite3.Connection, tree: Any) -> sqlite3.Cursor:
        functions.check(self.session, self.tree)
        sql = tree.sql(dialect="sqlite", comments=False).replace("\0", "\ufffd")  # SQLite's statements end at a NUL
        try:
            return base.execute(sql)
        except sqlite3.Error as error:
            raise self._translated(str(error)) from None

    def _translated(self, said: str) -> errors.SqlError:
        if match := _NO_COLUMN.match(said):
            return errors.unknown_column(match[1].strip('"'), self._clause(match[1].strip('"')))
        if match := _NO_FUNCTION.match(said) or _MISUSE.match(said):
            return errors.not_supported(match[1])
        return errors.syntax(self.words.sql)

    def _clause(self, name: str) -> str:
        """Where an unknown column stands."""
        from sqlglot import exp

        wanted = name.rpartition(".")[2].lower()
        for clause, words in (("where", "WHERE"), ("group", "GROUP BY"), ("having", "HAVING"), ("order", "ORDER BY")):
            part = self.tree.args.get(clause)
            if part is not None and any(c.name.lower() == wanted for c in part.find_all(exp.Column)):
                return words
        return "SELECT"

    def _load(self, base: sqlite3.Connection) -> None:
        """Make the tables that the statement names, after the checks that the server makes."""
        from sqlglot import exp

        local = {cte.alias_or_name.lower() for cte in self.tree.find_all(exp.CTE)}
        made: set[str] = set()
        for node in list(self.tree.find_all(exp.Table)):
            name, database = node.name, node.db.lower()
            if not database and name.lower() in local:
                continue
            if not database and name.upper() == "DUAL":
                node.find_ancestor(exp.From).pop()
                continue
            key = self._table(base, database or (self.session.database or ""), name, made)
            alias = node.alias or name
            node.set("db", None)
            node.set("this", exp.to_identifier(key, quoted=True))
            if not node.alias:
                node.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))

    def _table(self, base: sqlite3.Connection, database: str, name: str, made: set[str]) -> str:
        """Make one table; returns its name in SQLite."""
        session = self.session
        if not database:
            raise errors.no_database()
        wanted = "global_priv" if (database, name.lower()) == ("mysql", "user") else name
        found = schema.table_of(session, database, wanted)
        if found is None and database == "information_schema":
            raise errors.unknown_schema_table(name)
        if database in schemas():
            session.need_table("SELECT", database, name)
        if database != "information_schema":
            session.need_ready()
        if found is None:
            raise errors.no_such_table(database, name)
        key = f"{database}.{found.name}"
        if key not in made:
            made.add(key)
            self._create(base, key, schema.columns_of(found), schema.rows_of(session, found))
        return key

    def _create(self, base: sqlite3.Connection, key: str, columns: Sequence[Column], rows: Any) -> None:
        self.types |= {column.name.lower(): column.kind for column in columns}
        listed = ", ".join(
            f'"{column.name}" {_AFFINITY.get(column.kind, "INTEGER")} COLLATE NOCASE' for column in columns
        )
        base.execute(f'CREATE TABLE "{key}" ({listed})')
        base.executemany(f'INSERT INTO "{key}" VALUES ({", ".join("?" * len(columns))})', rows)

    def _headers(self) -> tuple[list[str], list[int]]:
        """Names (an alias, a column as typed, or the expression's own text) and types (0: by value)."""
        from sqlglot import exp

        texts = _projections(self.words)
        projections = self.tree.selects
        if any(isinstance(found, exp.Star) or found.is_star for found in projections):
            return [], []
        names, kinds = [], []
        for place, found in enumerate(projections):
            text = texts[place] if len(texts) == len(projections) else found.sql(dialect="mysql")
            inner = found.unalias()
            plain = inner.name if isinstance(inner, exp.Column | exp.Literal) and not inner.is_number else text
            names.append(found.alias or plain)
            kinds.append(functions.kind(inner, self.types))
        return names, kinds

    def _scales(self, width: int) -> list[int | None]:
        projections = self.tree.selects
        if len(projections) != width:
            return [None] * width
        return [functions.scale(found.unalias()) for found in projections]


def _database(session: Session) -> Any:
    from contextlib import closing

    base = sqlite3.connect(":memory:")
    functions.register(session, base)
    return closing(base)


def _projections(words: Words) -> list[str]:
    """The text of each expression between SELECT and FROM."""
    if words.first != "SELECT":
        return []
    found, depth, start = [], 0, None
    for place in range(1, len(words.words)):
        word, at = words.words[place], words.starts[place]
        if start is None:
            if word.upper() in ("DISTINCT", "ALL", "SQL_NO_CACHE", "SQL_CACHE", "HIGH_PRIORITY", "STRAIGHT_JOIN"):
                continue
            start = at
        if depth == 0 and word.upper() in ("FROM", "LIMIT", "WHERE", "ORDER", "UNION", "INTO", "GROUP", "HAVING"):
            found.append(words.sql[start:at].strip())
            return found
        if depth == 0 and word == ",":
            found.append(words.sql[start:at].strip())
            start = at + 1
        depth += (word == "(") - (word == ")")
    if start is not None:
        found.append(words.sql[start:].strip())
    return found


def _kind(values: Any, *, wide: bool = False) -> int:
    """The type of computed values."""
    for value in values:
        if value is not None:
            if isinstance(value, int):
                return LONGLONG if wide or abs(value) >= 1 << 31 else LONG
            return DECIMAL if isinstance(value, float) else TEXT
    return TEXT


def _row(row: Sequence[Any], columns: Sequence[Column], scales: Sequence[int | None]) -> tuple[Value, ...]:
    return tuple(_value(value, column, scale) for value, column, scale in zip(row, columns, scales, strict=True))


def _value(value: Any, column: Column, scale: int | None) -> Value:
    if value is None or isinstance(value, str):
        return value
    if column.kind in _INTEGERS:
        return int(value)
    if column.kind == DECIMAL and isinstance(value, int | float):
        exact = Decimal(str(value))
        return exact.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP) if scale is not None else exact
    return value if isinstance(value, int | float) else str(value)
