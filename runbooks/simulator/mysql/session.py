"""One client's session with one member: who it is, what it has set, and each statement's way to its answer.

`execute` is plain and synchronous; the packets around it are `connection.py`'s business. A statement that touches a
table needs a member that is ready (ERROR 1047 otherwise); looking at the server itself never does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbooks.simulator.model.databases import SYSTEM, schemas
from runbooks.simulator.model.db_processes import Process, end_query, kill, services, system
from runbooks.simulator.model.galera import Galera
from runbooks.simulator.model.galera_status import status, variables
from runbooks.simulator.mysql import errors
from runbooks.simulator.mysql.result import Done, Result, ResultSet, table
from runbooks.simulator.mysql.text import Words, statement

if TYPE_CHECKING:
    from runbooks.simulator.mysql.accounts import Account

SESSION_ONLY = {
    "error_count": "0",
    "gtid_seq_no": "0",
    "identity": "0",
    "in_transaction": "0",
    "insert_id": "0",
    "last_gtid": "",
    "last_insert_id": "0",
    "rand_seed1": "0",
    "rand_seed2": "0",
    "skip_parallel_replication": "OFF",
    "skip_replication": "OFF",
    "sql_log_bin": "ON",
    "warning_count": "0",
}
"""Variables that no GLOBAL value stands behind."""


@dataclass(slots=True)
class Session:
    """One authenticated client."""

    galera: Galera
    member: str
    account: Account
    identity: int
    """The thread's id."""
    host: str
    """Where the client sits, without its port."""
    address: str
    """With its port, as the process list shows it."""
    others: Callable[[], list[Session]]
    """All sessions on this member."""
    end: Callable[[Session], None]
    """Cut a session's connection."""
    database: str | None = None
    set_here: dict[str, str] = field(default_factory=dict)
    user_variables: dict[str, str | int] = field(default_factory=dict)
    warnings: list[tuple[str, int, str]] = field(default_factory=list)
    running: str | None = None
    since: float = 0.0
    """When the statement (or the idling) began."""

    @property
    def now(self) -> float:
        return self.galera.cloud.now()

    def waits(self, sql: str) -> bool:
        """True while the statement hangs: under flow control, desyncing waits like a transaction."""
        words = " ".join(sql.upper().replace("=", " = ").split())
        return (
            words.startswith("SET GLOBAL WSREP_DESYNC = ")
            and bool(self.galera.slow)
            and (self.member in self.galera.component)
        )

    def execute(self, sql: str) -> Result:
        """Answer one statement. Raises SqlError."""
        self.running, self.since = sql, self.now
        try:
            words = statement(sql)
            if not words.first.startswith("SHOW"):
                self.warnings = []
            return self._dispatch(words)
        finally:
            self.running, self.since = None, self.now

    def _dispatch(self, words: Words) -> Result:
        from runbooks.simulator.mysql import administration, describe, select, settings, show

        handlers: dict[str, Callable[[Session, Words], Result]] = {
            "SHOW": show.show,
            "SELECT": select.select,
            "(": select.select,
            "WITH": select.select,
            "VALUES": select.select,
            "SET": settings.set_variables,
            "USE": lambda session, rest: session.use(rest.required(1).strip("`").strip()),
            "KILL": administration.kill_thread,
            "FLUSH": administration.flush,
            "UNLOCK": administration.unlock,
            "DESCRIBE": describe.describe,
            "DESC": describe.describe,
            "EXPLAIN": describe.describe,
        }
        if words.first in ("BEGIN", "START", "COMMIT", "ROLLBACK", "DO", "RELEASE", "SAVEPOINT"):
            return Done()
        handler = handlers.get(words.first)
        return handler(self, words) if handler else administration.other(self, words)

    def use(self, name: str) -> Done:
        """Make `name` the default database."""
        if name.lower() not in schemas():
            raise errors.unknown_database(name)
        if name.lower() not in self.schemas():
            raise errors.no_access_to_database(self.account.quoted, name)
        self.database = name.lower()
        return Done()

    def schemas(self) -> tuple[str, ...]:
        """The databases that this account sees."""
        return schemas() if self.account.may("SHOW DATABASES", "SELECT") else ("information_schema",)

    def need(self, *privileges: str) -> None:
        """Raise ERROR 1227 unless the account has one of `privileges`."""
        if not self.account.may(*privileges):
            raise errors.privilege_needed(", ".join(privileges))

    def need_ready(self, *, reads: bool = True) -> None:
        """Raise ERROR 1047 when this member does not serve applications."""
        dirty = reads and self.variable("wsrep_dirty_reads") == "ON"
        if not self.galera.ready(self.member) and not dirty:
            raise errors.not_ready()

    def need_table(self, command: str, database: str, name: str) -> None:
        """Raise ERROR 1142 unless the account may `command` on tables; information_schema is everybody's."""
        if database != "information_schema" and not self.account.may(command):
            raise errors.command_denied(command, self.account.name, self.host, f"`{database}`.`{name}`")

    def status(self) -> dict[str, str]:
        """SHOW GLOBAL STATUS; the session's own numbers are not told apart."""
        connected = len(self.others()) + sum(1 for _ in services(self.galera, self.member))
        return status(self.galera, self.member, connected)

    def variables(self, *, everywhere: bool = False) -> dict[str, str]:
        """SHOW VARIABLES; with `everywhere`, SHOW GLOBAL VARIABLES."""
        found = variables(self.galera, self.member)
        if everywhere:
            return found
        own = SESSION_ONLY | {"pseudo_thread_id": str(self.identity), "timestamp": f"{self.now:.6f}"}
        return dict(sorted({**found, **own, **self.set_here}.items()))

    def variable(self, name: str, *, everywhere: bool = False) -> str | None:
        """One system variable, None when there is none of that name."""
        return self.variables(everywhere=everywhere).get(name.lower())

    def processes(self) -> list[Process]:
        """The process list as this account sees it."""
        found = [*system(self.galera, self.member), *services(self.galera, self.member)]
        if not self.account.may("PROCESS"):
            found = []
        for other in self.others():
            if other is not self and not self.account.may("PROCESS") and other.account != self.account:
                continue
            seconds = max(int(self.now - other.since), 0)
            busy = other.running is not None
            found.append(
                Process(
                    other.identity,
                    other.account.name,
                    other.address,
                    other.database,
                    "Query" if busy else "Sleep",
                    seconds,
                    "starting" if busy else "",
                    other.running,
                )
            )
        return found

    def kill(self, identity: int, *, query: bool) -> Done:
        """End a thread, or only what it runs."""
        if any(process.id == identity for process in system(self.galera, self.member)):
            raise errors.high_priority() if self.account.may("SUPER") else errors.not_owner(identity)
        own = next((other for other in self.others() if other.identity == identity), None)
        served = any(process.id == identity for process in services(self.galera, self.member))
        if own is None and not served:
            raise errors.unknown_thread(identity)
        if not self.account.may("SUPER", "CONNECTION ADMIN") and (own is None or own.account != self.account):
            raise errors.not_owner(identity)
        if query:
            if served:
                end_query(self.galera, self.member, identity)
            return Done()
        if own is not None:
            self.end(own)
        else:
            kill(self.galera, self.member, identity)
        return Done()

    def wrote(self, what: str) -> None:
        """Note a statement that changed something."""
        by = f"{self.account.name}@{self.member}"
        self.galera.cloud.wrote("galera", re.sub(r"\s+", " ", what)[:200], by, "ok")


def is_system(database: str) -> bool:
    """True for the server's own databases."""
    return database in SYSTEM


def warnings(session: Session) -> ResultSet:
    """SHOW WARNINGS."""
    return table(["Level", ("Code", 3), "Message"], session.warnings)
