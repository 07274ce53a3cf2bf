"""One connection to one database member: pymysql on a socket that the deadline can end, read-only and bounded.

The session is declared READ ONLY to the server, waits for no locks and for no replication, and its statements are ended
by the server itself after a while. A password is never sent in the clear because a server asks for it.
"""

from __future__ import annotations

import datetime
import decimal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from collectors.deadline import Deadline
from collectors.errors import NotUnderstood
from collectors.site import GaleraSite

if TYPE_CHECKING:
    from pymysql.connections import Connection

CONNECT_SECONDS = 5.0
CAP = 32 << 20
"""Bytes that one statement may answer with."""
SERVER_SECONDS = 30
"""After which the server itself ends a statement of ours, even if we are gone."""

Dial = Callable[[str, int, Deadline], socket.socket]


class NoAnswerError(Exception):
    """Nobody acknowledged the attempt to connect, for so many seconds."""


def dialled(address: str, port: int, deadline: Deadline) -> socket.socket:
    """A TCP connection made from here. Raises OSError, `NoAnswerError`."""
    patience = min(CONNECT_SECONDS, deadline.remaining())
    try:
        return socket.create_connection((address, port), timeout=patience)
    except TimeoutError:
        raise NoAnswerError(patience) from None


class TooMuchError(Exception):
    """A statement answered with more than any sane one."""


class CleartextError(Exception):
    """The server asks for the password in the clear."""


@cache
def _class() -> type[Any]:
    """pymysql's connection with a limit on what it reads; made here because pymysql is imported late."""
    from pymysql.connections import Connection as Plain

    base: Any = Plain

    class Bounded(base):  # type: ignore[misc]
        """Counts what it reads."""

        taken = 0
        """Bytes since the statement began."""

        def _read_bytes(self, num_bytes: int) -> bytes:
            self.taken += num_bytes
            if self.taken > CAP:
                self._force_close()
                raise TooMuchError
            data: bytes = super()._read_bytes(num_bytes)
            return data

    return Bounded


class _Cleartext:
    def __init__(self, connection: object) -> None:
        """As pymysql makes its authentication plugins."""

    def authenticate(self, packet: object) -> None:
        """Never answer."""
        raise CleartextError


def opened(
    site: GaleraSite, address: str, port: int, dial: Dial, deadline: Deadline, *, reads_only: bool = True
) -> Connection[Any]:
    """Connect and log in under `deadline`; only operations want more than to read.

    Raises OSError, pymysql's errors, `SourceError` of the way there.
    """
    sock = dial(address, port, deadline)
    try:
        deadline.guard_socket(sock)
        with suppress(OSError):  # a channel through SSH has no such options
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection = _class()(
            host=address,
            port=port,
            user=site.user,
            password=site.password.reveal().encode(),
            charset="utf8mb4",
            autocommit=True,
            read_timeout=deadline.remaining(),
            write_timeout=deadline.remaining(),
            init_command="SET SESSION TRANSACTION READ ONLY" if reads_only else None,
            program_name="nephoscope",
            auth_plugin_map={"mysql_clear_password": _Cleartext, "dialog": _Cleartext},
            defer_connect=True,
            **_tls(site),
        )
        connection.connect(sock)
    except BaseException:
        sock.close()
        raise
    made: Connection[Any] = connection
    _modest(made)
    return made


def _tls(site: GaleraSite) -> dict[str, Any]:
    """Never an unverified TLS by surprise: none, or one that is checked against the site's CA or the system's."""
    if not site.tls:
        return {"ssl_disabled": True}
    return {"ssl": {"ca": str(site.ca) if site.ca else None, "check_hostname": True, "verify_mode": "required"}}


def _modest(connection: Connection[Any]) -> None:
    """Do not wait for replication or locks, and do not run on when nobody listens. Other servers lack the names."""
    from pymysql import err

    with suppress(err.OperationalError, err.ProgrammingError), connection.cursor() as cursor:
        cursor.execute(f"SET SESSION max_statement_time={SERVER_SECONDS}, lock_wait_timeout=5, wsrep_sync_wait=0")


def asked(
    connection: Connection[Any], sql: str, values: Mapping[str, str | None], limit: int, what: str
) -> tuple[list[str], list[Sequence[Any]]]:
    """Column names and rows of one statement. Raises pymysql's errors, OSError, `TooMuchError`, `NotUnderstood`."""
    from pymysql.cursors import SSCursor

    bounded: Any = connection
    bounded.taken = 0
    cursor: SSCursor = connection.cursor(SSCursor)
    try:
        cursor.execute(sql, dict(values) if values else None)
        names = [str(column[0]) for column in cursor.description or ()]
        rows: list[Sequence[Any]] = list(cursor.fetchmany(limit + 1))
        if len(rows) > limit:
            raise NotUnderstood(what, f"more than {limit:,} rows", "narrow it with a filter")
        cursor.close()
    except BaseException as error:
        if not _is_plain(error):
            _abandon(bounded, cursor)
        raise
    return names, rows


def _is_plain(error: BaseException) -> bool:
    """An error packet: the connection is as good as before."""
    from pymysql import err

    lost = error.args[:1] in ((0,), (2006,), (2013,), (2014,))
    return isinstance(error, err.MySQLError) and not isinstance(error, err.InternalError) and not lost


def _abandon(connection: Any, cursor: Any) -> None:
    """Throw the connection away with what is still to come on it, which pymysql would otherwise wait for."""
    for result in (connection._result, cursor._result):
        if result is not None:
            result.unbuffered_active = False
    cursor._result = connection._result = None
    connection._force_close()


def plain(value: Any) -> Any:
    """A value of pymysql's as JSON has it."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if value is None or isinstance(value, str | int | float) else str(value)
