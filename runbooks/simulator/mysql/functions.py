"""The functions of SELECT: those of the session and the server, and what MariaDB has and SQLite lacks."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runbooks.simulator.mysql import errors
from runbooks.simulator.mysql.result import DATETIME, DECIMAL, LONGLONG, TEXT
from runbooks.simulator.mysql.schema import stamp
from runbooks.simulator.mysql.text import like

if TYPE_CHECKING:
    from runbooks.simulator.mysql.session import Session

WIDE = -1

Plain = str | int | float | None
Function = Callable[..., Plain]


def _of_session(session: Session) -> dict[str, tuple[int, Function]]:
    """Name → (number of arguments, -1 for any; function)."""
    who = f"{session.account.name}@{session.host}"
    now = session.now
    return {
        "version": (0, lambda: session.variable("version")),
        "database": (0, lambda: session.database),
        "schema": (0, lambda: session.database),
        "user": (0, lambda: who),
        "session_user": (0, lambda: who),
        "system_user": (0, lambda: who),
        "current_user": (0, lambda: f"{session.account.name}@%"),
        "current_role": (0, lambda: None),
        "connection_id": (0, lambda: session.identity),
        "last_insert_id": (0, lambda: 0),
        "row_count": (0, lambda: 0),
        "found_rows": (0, lambda: 0),
        "now": (0, lambda: stamp(now)),
        "sysdate": (0, lambda: stamp(now)),
        "curdate": (0, lambda: stamp(now)[:10]),
        "utc_timestamp": (0, lambda: stamp(now)),
        "unix_timestamp": (0, lambda: int(now)),
    }


_PLAIN: dict[str, tuple[int, Function]] = {
    "sleep": (1, lambda seconds: 0),
    "benchmark": (2, lambda times, value: 0),
    "if": (3, lambda test, yes, no: yes if test else no),
    "concat": (-1, lambda *parts: None if None in parts else "".join(map(str, parts))),
    "concat_ws": (-1, lambda between, *parts: str(between).join(str(p) for p in parts if p is not None)),
    "left": (2, lambda text, width: str(text)[: int(width)]),
    "right": (2, lambda text, width: str(text)[-int(width) :]),
    "char_length": (1, lambda text: len(str(text))),
    "locate": (2, lambda part, text: str(text).lower().find(str(part).lower()) + 1),
    "greatest": (-1, lambda *values: max(values)),
    "least": (-1, lambda *values: min(values)),
    "truncate": (2, lambda value, places: int(value * 10**places) / 10**places),
    "number_to_str": (2, lambda value, places: f"{float(value):,.{int(places)}f}"),
    "uuid": (0, lambda: "dec006cd-e557-11f1-8a85-d796603ad4d9"),
    "substring_index": (3, lambda text, mark, count: _substring_index(str(text), str(mark), int(count))),
    "sec_to_time": (
        1,
        lambda seconds: f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}",
    ),
    "from_unixtime": (1, lambda at: stamp(float(at))),
    "regexp": (2, lambda pattern, text: text is not None and bool(re.search(str(pattern), str(text), re.IGNORECASE))),
    "like": (2, lambda pattern, text: text is not None and bool(like(str(pattern)).fullmatch(str(text)))),
}


def _substring_index(text: str, mark: str, count: int) -> str:
    parts = text.split(mark)
    return mark.join(parts[:count] if count >= 0 else parts[count:])


def register(session: Session, base: sqlite3.Connection) -> None:
    """Give SQLite all of them."""
    for name, (width, function) in {**_PLAIN, **_of_session(session)}.items():
        base.create_function(name, width, function)


def check(session: Session, tree: Any) -> None:
    """Raise ERROR 1305 for a function that nobody has."""
    from sqlglot import exp

    known = {*_PLAIN, *_of_session(session)}
    for found in tree.find_all(exp.Anonymous):
        if found.name.lower() not in known:
            database = f"{session.database}." if session.database else ""
            raise errors.unknown_function(f"{database}{found.name}")


def replace(session: Session, tree: Any) -> None:
    """Put values where the statement names variables, and calls where SQLite would answer for itself."""
    from sqlglot import exp

    calls = {
        exp.CurrentVersion: "version",
        exp.CurrentSchema: "database",
        exp.CurrentDate: "curdate",
        exp.CurrentTimestamp: "now",
        exp.SessionUser: "session_user",
    }
    for node in list(tree.walk()):
        if isinstance(node, exp.SessionParameter):
            node.replace(_literal(_system_variable(session, node)))
        elif isinstance(node, exp.Parameter):
            node.replace(_literal(session.user_variables.get(node.name.lower())))
        elif type(node) in calls:
            node.replace(exp.Anonymous(this=calls[type(node)]))


def _system_variable(session: Session, node: Any) -> Plain:
    everywhere = node.text("kind").upper() == "GLOBAL"
    value = session.variable(node.name, everywhere=everywhere)
    if value is None:
        raise errors.unknown_variable(node.name)
    if value in ("ON", "OFF"):
        return int(value == "ON")
    return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value


def _literal(value: Plain) -> Any:
    from sqlglot import exp

    return exp.convert(value)


def kind(found: Any, types: dict[str, int]) -> int:
    """The type of one projection, 0 when its values tell; WIDE for a variable: text, or a wide integer."""
    from sqlglot import exp

    if isinstance(found, exp.SessionParameter | exp.Parameter):
        return WIDE

    if isinstance(found, exp.Column):
        return types.get(found.name.lower(), TEXT)
    if isinstance(found, exp.Max | exp.Min):
        return kind(found.this, types)
    if isinstance(found, exp.Count):
        return LONGLONG
    if isinstance(found, exp.Sum | exp.Avg | exp.Round | exp.Div):
        return DECIMAL
    if isinstance(found, exp.CurrentTimestamp) or (isinstance(found, exp.Anonymous) and found.name.lower() == "now"):
        return DATETIME
    return 0


def scale(found: Any) -> int | None:
    """Decimal places of a DECIMAL projection: each division adds four, ROUND says them; None when unknown."""
    from sqlglot import exp

    if isinstance(found, exp.Round):
        places = found.args.get("decimals")
        return int(places.name) if places is not None and places.name.isdigit() else 0
    if isinstance(found, exp.Div):
        return (scale(found.this) or 0) + 4
    if isinstance(found, exp.Paren):
        return scale(found.this)
    if isinstance(found, exp.Avg):
        return 4
    return 0 if isinstance(found, exp.Sum) else None
