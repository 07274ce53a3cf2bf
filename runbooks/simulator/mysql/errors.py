"""MariaDB's refusals, in its own words, with their numbers and SQL states (10.11, as real servers said them)."""

from __future__ import annotations


class SqlError(Exception):
    """An ERR packet."""

    def __init__(self, code: int, state: str, message: str) -> None:
        super().__init__(code, state, message)
        self.code = code
        self.state = state
        self.message = message


def too_many_connections() -> SqlError:
    return SqlError(1040, "08004", "Too many connections")


def no_access_to_database(account: str, database: str) -> SqlError:
    """`account` is quoted: `'monitor'@'%'`."""
    return SqlError(1044, "42000", f"Access denied for user {account} to database '{database}'")


def access_denied(user: str, host: str, *, password: bool) -> SqlError:
    used = "YES" if password else "NO"
    return SqlError(1045, "28000", f"Access denied for user '{user}'@'{host}' (using password: {used})")


def no_database() -> SqlError:
    return SqlError(1046, "3D000", "No database selected")


def not_ready() -> SqlError:
    """Of a member that is not part of the Primary component, or not yet synced."""
    return SqlError(1047, "08S01", "WSREP has not yet prepared node for application use")


def unknown_command() -> SqlError:
    return SqlError(1047, "08S01", "Unknown command")


def unknown_database(name: str) -> SqlError:
    return SqlError(1049, "42000", f"Unknown database '{name}'")


def unknown_column(name: str, clause: str) -> SqlError:
    """`clause`: SELECT, WHERE, GROUP BY, ORDER BY, KILL."""
    return SqlError(1054, "42S22", f"Unknown column '{name}' in '{clause}'")


def syntax(near: str) -> SqlError:
    """`near`: the statement from the word that was not understood on."""
    words = (
        "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for "
        f"the right syntax to use near '{near[:80]}' at line 1"
    )
    return SqlError(1064, "42000", words)


def empty_query() -> SqlError:
    return SqlError(1065, "42000", "Query was empty")


def unknown_thread(identity: int) -> SqlError:
    return SqlError(1094, "HY000", f"Unknown thread id: {identity}")


def not_owner(identity: int) -> SqlError:
    return SqlError(1095, "HY000", f"You are not owner of thread {identity}")


def high_priority() -> SqlError:
    words = (
        "This is a high priority thread/query and cannot be killed without compromising the consistency of the cluster"
    )
    return SqlError(1095, "HY000", words)


def unknown_schema_table(name: str) -> SqlError:
    return SqlError(1109, "42S02", f"Unknown table '{name}' in information_schema")


def command_denied(command: str, user: str, host: str, table: str) -> SqlError:
    """`table` is quoted: `` `nova`.`instances` ``."""
    return SqlError(1142, "42000", f"{command} command denied to user '{user}'@'{host}' for table {table}")


def no_such_table(database: str, table: str) -> SqlError:
    return SqlError(1146, "42S02", f"Table '{database}.{table}' doesn't exist")


def unknown_variable(name: str) -> SqlError:
    return SqlError(1193, "HY000", f"Unknown system variable '{name}'")


def wrong_arguments(function: str) -> SqlError:
    return SqlError(1210, "HY000", f"Incorrect arguments to {function}")


def privilege_needed(names: str) -> SqlError:
    words = f"Access denied; you need (at least one of) the {names} privilege(s) for this operation"
    return SqlError(1227, "42000", words)


def global_only(name: str) -> SqlError:
    return SqlError(1229, "HY000", f"Variable '{name}' is a GLOBAL variable and should be set with SET GLOBAL")


def wrong_value(name: str, value: str) -> SqlError:
    return SqlError(1231, "42000", f"Variable '{name}' can't be set to the value of '{value}'")


def wrong_type(name: str) -> SqlError:
    return SqlError(1232, "42000", f"Incorrect argument type to variable '{name}'")


def not_supported(what: str) -> SqlError:
    return SqlError(1235, "42000", f"This version of MariaDB doesn't yet support '{what}'")


def read_only_variable(name: str) -> SqlError:
    return SqlError(1238, "HY000", f"Variable '{name}' is a read only variable")


def unknown_function(name: str) -> SqlError:
    return SqlError(1305, "42000", f"FUNCTION {name} does not exist")


def no_binary_log() -> SqlError:
    return SqlError(1381, "HY000", "You are not using binary logging")
