"""Statements that act on the server: KILL, FLUSH, UNLOCK; and the answer to everything that is not played here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.model.databases import schemas
from runbooks.simulator.mysql import errors
from runbooks.simulator.mysql.result import Done, Result
from runbooks.simulator.mysql.text import Words, names, unquoted

if TYPE_CHECKING:
    from runbooks.simulator.mysql.session import Session

_WRITES = {
    "INSERT": "INSERT",
    "REPLACE": "INSERT",
    "UPDATE": "UPDATE",
    "DELETE": "DELETE",
    "TRUNCATE": "DROP",
    "CREATE": "CREATE",
    "DROP": "DROP",
    "ALTER": "ALTER",
    "RENAME": "ALTER",
    "OPTIMIZE": "SELECT",
    "ANALYZE": "SELECT",
    "CHECK": "SELECT",
    "CHECKSUM": "SELECT",
    "REPAIR": "SELECT",
    "LOAD": "INSERT",
    "LOCK": "SELECT",
}
_NOISE = names(
    "INTO TABLE TABLES DATABASE SCHEMA FROM IGNORE LOW_PRIORITY QUICK ONLY IF EXISTS NOT OR REPLACE TEMPORARY LOCAL "
    "DELAYED"
)
_ADMIN = {"GRANT": "CREATE USER", "REVOKE": "CREATE USER", "SHUTDOWN": "SHUTDOWN", "PURGE": "BINLOG ADMIN"}
_KNOWN = frozenset(
    {"CALL", "CHANGE", "EXECUTE", "PREPARE", "DEALLOCATE", "HELP", "INSTALL", "UNINSTALL", "XA", "HANDLER"}
)


def kill_thread(session: Session, words: Words) -> Result:
    """KILL [HARD|SOFT] [CONNECTION|QUERY] id."""
    rest = [word for word in words.words[1:] if word.upper() not in ("HARD", "SOFT", "CONNECTION", "QUERY", "ID")]
    if len(rest) != 1:
        raise errors.syntax(words.after(1))
    if not rest[0].isdigit():
        raise errors.unknown_column(rest[0], "KILL")
    query = any(word.upper() == "QUERY" for word in words.words)
    done = session.kill(int(rest[0]), query=query)
    session.wrote(words.sql)
    return done


def flush(session: Session, words: Words) -> Result:
    """FLUSH STATUS begins the averages anew; FLUSH TABLES WITH READ LOCK stops applying."""
    session.need("RELOAD")
    galera, now = session.galera, session.now
    if words.are("FLUSH", "STATUS") or words.begin("FLUSH", "GLOBAL", "STATUS"):
        galera.count(now)
        galera[session.member].flushed, galera[session.member].paused = now, 0.0
    elif words.begin("FLUSH", "TABLES", "WITH", "READ", "LOCK"):
        galera.lock(session.member)
        galera.cloud.settle()
    session.wrote(words.sql)
    return Done()


def unlock(session: Session, words: Words) -> Result:
    """UNLOCK TABLES."""
    if session.galera[session.member].locked and session.account.may("RELOAD"):
        session.galera.lock(session.member, locked=False)
        session.galera.cloud.settle()
        session.wrote(words.sql)
    return Done()


def other(session: Session, words: Words) -> Result:
    """A statement that would change tables or accounts: refused as the account's rights or the member's state say."""
    if words.first in ("GRANT", "REVOKE") and not session.account.may("CREATE USER"):
        raise errors.SqlError(1045, "28000", f"Access denied for user {session.account.quoted} (using password: YES)")
    if words.first in _ADMIN:
        session.need(_ADMIN[words.first])
        raise errors.not_supported(words.first)
    if words.first in _KNOWN:
        raise errors.not_supported(words.first)
    privilege = _WRITES.get(words.first)
    if privilege is None:
        raise errors.syntax(words.sql)
    if words.upper(1) in ("DATABASE", "SCHEMA", "USER"):
        if words.upper(1) == "USER":
            session.need("CREATE USER")
        elif not session.account.may(privilege):
            raise errors.no_access_to_database(session.account.quoted, unquoted(words.words[-1]))
        session.need_ready(reads=False)
        raise errors.not_supported(f"{words.first} {words.upper(1)}")
    target = next((word for word in words.words[1:] if word.upper() not in _NOISE), "")
    database, _, name = unquoted(target).rpartition(".")
    database = (database or session.database or "").strip("`")
    if not database:
        raise errors.no_database()
    if not session.account.may(privilege):
        raise errors.command_denied(privilege, session.account.name, session.host, f"`{database}`.`{name}`")
    session.need_ready(reads=False)
    if database not in schemas():
        raise errors.unknown_database(database)
    raise errors.not_supported(words.first)
