"""The packets of one client's connection: mysql-mimic's handshake and framing, MariaDB's answers.

mysql-mimic reads the handshake, checks mysql_native_password and frames packets; what is said is ours, because its own
errors, column definitions and login failures are MySQL 8's. A member that hangs accepts packets and stays mute.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from mysql_mimic import packets as mimic
from mysql_mimic.auth import IdentityProvider, NativePasswordAuthPlugin, Success, User
from mysql_mimic.connection import Connection
from mysql_mimic.control import Control
from mysql_mimic.errors import MysqlError
from mysql_mimic.session import BaseSession
from mysql_mimic.stream import ConnectionClosed, MysqlStream
from mysql_mimic.types import Capabilities, Commands, ServerStatus
from mysql_mimic.variables import GlobalVariables, SessionVariables

from runbooks.simulator.mysql import errors
from runbooks.simulator.mysql.accounts import Account
from runbooks.simulator.mysql.errors import SqlError
from runbooks.simulator.mysql.result import Done, Result, packets
from runbooks.simulator.mysql.session import Session

CAPABILITIES = (
    Capabilities.CLIENT_FOUND_ROWS
    | Capabilities.CLIENT_LONG_FLAG
    | Capabilities.CLIENT_CONNECT_WITH_DB
    | Capabilities.CLIENT_ODBC
    | Capabilities.CLIENT_IGNORE_SPACE
    | Capabilities.CLIENT_PROTOCOL_41
    | Capabilities.CLIENT_INTERACTIVE
    | Capabilities.CLIENT_TRANSACTIONS
    | Capabilities.CLIENT_SECURE_CONNECTION
    | Capabilities.CLIENT_MULTI_RESULTS
    | Capabilities.CLIENT_PLUGIN_AUTH
    | Capabilities.CLIENT_CONNECT_ATTRS
    | Capabilities.CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA
    | Capabilities.CLIENT_DEPRECATE_EOF
)
"""MariaDB's, less what is not played: TLS, compression, several statements at once, session tracking."""
HANDSHAKE_VERSION = "5.5.5-10.11.19-MariaDB-0+deb12u1"
"""With the prefix that keeps old replicas from mistaking 10 for 1."""
_STATISTICS = 0x09
_PROCESS_KILL = 0x0C
_GARBAGE = (MysqlError, ValueError, LookupError, TypeError, AssertionError, struct.error)
"""What mysql-mimic raises for bytes that are no handshake."""
MUTE = 0.1
"""Seconds between looks at whether a hung member has thawed."""

Begin = Callable[[Account, str], Session]
"""(account, client's address with port) → its session. Raises SqlError."""


class _Accounts(IdentityProvider):  # type: ignore[misc]
    def __init__(self, accounts: dict[str, Account]) -> None:
        self.accounts = accounts

    async def get_user(self, username: str) -> User | None:
        found = self.accounts.get(username)
        # An unknown name is told the same as a wrong password, after the same exchange.
        stored = found.stored if found else "00" * 20
        return User(username, stored, NativePasswordAuthPlugin.name)


class _Front(BaseSession):  # type: ignore[misc]
    """What mysql-mimic wants to know of a session."""

    def __init__(self) -> None:
        self.variables = SessionVariables(GlobalVariables())
        self.variables.set("version", HANDSHAKE_VERSION, force=True)
        self.username: str | None = None
        self.database: str | None = None
        self.handle: Callable[[str], Result] | None = None

    async def handle_query(self, sql: str, attrs: dict[str, str]) -> Any:
        """The one way from a packet to an answer."""
        assert self.handle is not None
        return self.handle(sql)


class Client(Connection):  # type: ignore[misc]
    """One connection."""

    def __init__(
        self,
        stream: MysqlStream,
        identity: int,
        peer: tuple[str, int],
        accounts: dict[str, Account],
        begin: Begin,
        hangs: Callable[[], bool],
        before: Callable[[], None],
    ) -> None:
        super().__init__(stream, _Front(), Control(), _Accounts(accounts), CAPABILITIES)
        self.connection_id = identity
        self.status_flags = ServerStatus.SERVER_STATUS_AUTOCOMMIT
        self.peer = peer
        self.accounts = accounts
        self.begin = begin
        self.hangs = hangs
        self.before = before
        self.mine: Session | None = None

    async def serve(self) -> None:
        """From handshake to goodbye."""
        with suppress(ConnectionClosed, ConnectionError, asyncio.IncompleteReadError):
            try:
                await self.awake()
                await self.greet()
                await self.command_phase()
            except SqlError as refused:
                await self.stream.write(self.refusal(refused))
            except MysqlError:  # a packet out of order
                await self.stream.write(
                    self.refusal(SqlError(1158, "08S01", "Got an error reading communication packets"))
                )

    async def greet(self) -> None:
        """Handshake and login. Raises SqlError for whoever does not speak the protocol."""
        try:
            await self.connection_phase()
        except _GARBAGE:
            raise SqlError(1043, "08S01", "Bad handshake") from None

    async def awake(self) -> None:
        """Wait as long as the member hangs."""
        while self.hangs():
            await asyncio.sleep(MUTE)

    async def authenticate(self, username: str, auth_response: bytes, *args: Any, **kwargs: Any) -> None:
        """Check the password, then open the session (and its database) before saying OK. Raises SqlError."""
        plugin = NativePasswordAuthPlugin()
        user = await self.identity_provider.get_user(username)
        client_plugin = kwargs.get("client_plugin_name")
        state = kwargs.get("auth_state")
        if client_plugin not in (None, plugin.name) or state is None:
            decision, state = await plugin.start()
            switch = mimic.make_auth_switch_request(self.server_charset, plugin.name, decision)
            await self.stream.write(switch)
            auth_response = await self.stream.read()
            self.handshake_auth_data = decision
        info = _info(username, auth_response, user, self.handshake_auth_data)
        decision = await state.asend(info)
        account = self.accounts.get(username)
        if not isinstance(decision, Success) or account is None:
            raise errors.access_denied(username, self.peer[0], password=bool(auth_response))
        self.before()
        self.mine = self.begin(account, f"{self.peer[0]}:{self.peer[1]}")
        self.session.handle = self.mine.execute
        if self.session.database:
            self.mine.use(self.session.database)
        await self.stream.write(self.ok())

    async def command_phase(self) -> None:
        """Commands until the client says goodbye."""
        commands: dict[int, Callable[[bytes], Awaitable[None]]] = {
            Commands.COM_QUERY: self.handle_query,
            Commands.COM_INIT_DB: self.handle_init_db,
            Commands.COM_FIELD_LIST: self.handle_field_list,
            Commands.COM_STMT_PREPARE: self.handle_stmt_prepare,
            Commands.COM_STMT_CLOSE: self.handle_stmt_close,
            Commands.COM_PING: self.handle_ping,
            Commands.COM_RESET_CONNECTION: self.handle_reset_connection,
            Commands.COM_CHANGE_USER: self.handle_change_user,
            _STATISTICS: self.handle_statistics,
            _PROCESS_KILL: self.handle_process_kill,
        }
        while True:
            data = await self.stream.read()
            if not data or data[0] == Commands.COM_QUIT:
                return
            await self.awake()
            self.before()
            try:
                handle = commands.get(data[0])
                if handle is None:
                    raise errors.unknown_command()
                await handle(data[1:])
            except SqlError as refused:
                await self.stream.write(self.refusal(refused))
            finally:
                self.stream.reset_seq()

    def refusal(self, refused: SqlError, *, early: bool = False) -> bytes:
        """An ERR packet; one in place of the handshake (`early`) carries no SQL state."""
        state = b"" if early else b"#" + refused.state.encode()
        return b"\xff" + struct.pack("<H", refused.code) + state + refused.message.encode()

    async def handle_query(self, data: bytes) -> None:
        """COM_QUERY."""
        while self.mine is not None and self.mine.waits(data.decode(errors="replace")):
            await asyncio.sleep(MUTE)
        found = await self.session.handle_query(data.decode(errors="replace"), {})
        await self.answer(found)

    async def answer(self, found: Result) -> None:
        """Send an OK or a result set."""
        if isinstance(found, Done):
            await self.stream.write(self.ok(affected_rows=found.rows, warnings=found.warnings))
            return
        between = None if self.deprecate_eof() else self.eof()
        self.stream.write_many(list(packets(found, between, self.ok_or_eof())))
        await self.stream.drain()

    async def handle_init_db(self, data: bytes) -> None:
        """COM_INIT_DB: the client's `use`."""
        self._session().use(data.decode(errors="replace"))
        await self.stream.write(self.ok())

    async def handle_field_list(self, data: bytes) -> None:
        """COM_FIELD_LIST: the interactive client asks for each table's columns; none are told."""
        await self.stream.write(self.eof())

    async def handle_stmt_prepare(self, data: bytes) -> None:
        """Prepared statements are not played."""
        raise errors.not_supported("PREPARE")

    async def handle_statistics(self, data: bytes) -> None:
        """COM_STATISTICS: one line of text (`\\s`, mysqladmin status)."""
        found = self._session().status()
        up = max(int(found["Uptime"]), 1)
        text = (
            f"Uptime: {up}  Threads: {found['Threads_connected']}  Questions: {found['Questions']}  "
            f"Slow queries: {found['Slow_queries']}  Opens: 632  Open tables: {found['Open_tables']}  "
            f"Queries per second avg: {int(found['Questions']) / up:.3f}"
        )
        await self.stream.write(text.encode())

    async def handle_process_kill(self, data: bytes) -> None:
        """COM_PROCESS_KILL."""
        identity = struct.unpack_from("<I", data)[0]
        self._session().execute(f"KILL {identity}")
        await self.stream.write(self.ok())

    def _session(self) -> Session:
        assert self.mine is not None
        return self.mine


def _info(username: str, response: bytes, user: User | None, nonce: bytes | None) -> Any:
    from mysql_mimic.auth import AuthInfo

    return AuthInfo(
        username=username,
        data=response,
        user=user,
        connect_attrs={},
        client_plugin_name=NativePasswordAuthPlugin.name,
        handshake_auth_data=nonce,
        handshake_plugin_name=NativePasswordAuthPlugin.name,
    )
