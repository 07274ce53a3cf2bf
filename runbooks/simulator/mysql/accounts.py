"""Who may log in to the databases, and what each account may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1

from runbooks.simulator.secret import Secrets

ALL = frozenset(
    {
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "CREATE",
        "DROP",
        "ALTER",
        "RELOAD",
        "PROCESS",
        "SHOW DATABASES",
        "SUPER",
        "BINLOG MONITOR",
        "SLAVE MONITOR",
        "CONNECTION ADMIN",
        "CREATE USER",
    }
)
"""What `ALL PRIVILEGES` means to the statements that we know."""
_READ = ("SELECT", "PROCESS", "SHOW DATABASES", "BINLOG MONITOR", "SLAVE MONITOR")


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """One `user@'%'`. `password` is asked for at each login, so that a changed one counts at once."""

    name: str
    password: Callable[[], str]
    granted: tuple[str, ...]
    """As GRANT prints them; `ALL PRIVILEGES` stands for all, an empty tuple is USAGE."""

    def may(self, *privileges: str) -> bool:
        """True when it has one of `privileges`."""
        return "ALL PRIVILEGES" in self.granted or any(name in self.granted for name in privileges)

    @property
    def quoted(self) -> str:
        return f"'{self.name}'@'%'"

    @property
    def stored(self) -> str:
        """mysql_native_password's hash as hexadecimal digits; empty without a password."""
        word = self.password()
        return sha1(sha1(word.encode()).digest()).hexdigest() if word else ""

    def grants(self) -> str:
        """SHOW GRANTS."""
        text = f"GRANT {', '.join(self.granted) or 'USAGE'} ON *.* TO `{self.name}`@`%`"
        if self.stored:
            text += f" IDENTIFIED BY PASSWORD '*{self.stored.upper()}'"
        return text + (" WITH GRANT OPTION" if "ALL PRIVILEGES" in self.granted else "")


def accounts_of(secrets: Secrets) -> dict[str, Account]:
    """The accounts by name. HAProxy's check needs one without password and without rights."""
    found = (
        Account("haproxy", lambda: "", ()),
        Account("monitor", lambda: secrets.galera_monitor, _READ),
        Account("root", lambda: secrets.galera_root, ("ALL PRIVILEGES",)),
    )
    return {account.name: account for account in found}
