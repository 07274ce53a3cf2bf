"""Port 3306 of each member, and of the virtual addresses as HAProxy serves them: all clients to one member.

Connection ids follow the member's `Connections` counter, as on a busy server. Beyond `max_connections` one more client
is let in if it is an administrator; everybody else is told ERROR 1040.
"""

from __future__ import annotations

import asyncio
import socket
from functools import partial

from mysql_mimic.stream import MysqlStream

from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.db_processes import services
from runbooks.simulator.model.galera import Galera
from runbooks.simulator.model.galera_status import status
from runbooks.simulator.model.hosts import Answer
from runbooks.simulator.mysql import errors
from runbooks.simulator.mysql.accounts import Account, accounts_of
from runbooks.simulator.mysql.connection import Client
from runbooks.simulator.mysql.session import Session

PORT = 3306


class Server:
    """The SQL server of one member: who is connected to it."""

    def __init__(self, galera: Galera, member: str) -> None:
        self.galera = galera
        self.member = member
        self.accounts = accounts_of(galera.cloud.secrets)
        self.clients: dict[int, Client] = {}
        self._last = 0

    def answer(self) -> Answer:
        """What connecting to the member meets now."""
        return self.galera.answer(self.member)

    def sessions(self) -> list[Session]:
        """The authenticated clients."""
        return [client.mine for client in self.clients.values() if client.mine is not None]

    def end(self, session: Session) -> None:
        """Cut a client's connection."""
        client = self.clients.pop(session.identity, None)
        if client is not None:
            client.stream.writer.transport.abort()

    def full(self, spare: int) -> bool:
        """True when `max_connections` and `spare` more are taken; the services' connections count."""
        limit = int(self.galera[self.member].options.get("max_connections", "10000"))
        return len(self.clients) + sum(1 for _ in services(self.galera, self.member)) >= limit + spare

    def begin(self, identity: int, account: Account, address: str) -> Session:
        """A session for a client whose password was right. Raises SqlError when there are too many."""
        if self.full(1) and not account.may("SUPER", "CONNECTION ADMIN"):
            raise errors.too_many_connections()
        return Session(
            galera=self.galera,
            member=self.member,
            account=account,
            identity=identity,
            host=address.rpartition(":")[0],
            address=address,
            others=self.sessions,
            end=self.end,
            since=self.galera.cloud.now(),
        )

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client to its end."""
        self.galera.cloud.catch_up()
        host, port = writer.get_extra_info("peername")[:2]
        counter = int(status(self.galera, self.member, len(self.clients))["Connections"])
        identity = self._last = max(self._last + 1, counter)
        client = Client(
            MysqlStream(reader, writer),
            identity,
            (host, port),
            self.accounts,
            partial(self.begin, identity),
            lambda: self.answer() == "hangs",
            self.galera.cloud.catch_up,
        )
        try:
            if self.full(1):
                await client.stream.write(client.refusal(errors.too_many_connections(), early=True))
            else:
                self.clients[identity] = client
                await client.serve()
        except asyncio.CancelledError:
            pass  # the simulator ends; asyncio 3.11 reports a cancelled task of a stream server as an error
        finally:
            self.clients.pop(identity, None)
            writer.close()

    async def start(self, sock: socket.socket) -> Running:
        """Serve on the member's own address."""
        return _Open(await asyncio.start_server(self.accept, sock=sock), [self])


class Balancer:
    """The virtual address: HAProxy hands every client to the one member that it uses."""

    def __init__(self, galera: Galera, servers: dict[str, Server]) -> None:
        self.galera = galera
        self.servers = servers

    def answer(self) -> Answer:
        """Some controller holds the address, or nobody does."""
        hosts = self.galera.cloud.hosts.with_role("control")
        if any(host.alive("haproxy") and host.alive("keepalived") for host in hosts):
            return "answers"
        return "refuses" if any(host.up and host.reachable for host in hosts) else "unreachable"

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand the client on; without a member it is dropped, as HAProxy does in TCP mode."""
        self.galera.cloud.catch_up()
        member = self.galera.writer()
        if member:
            await self.servers[member].accept(reader, writer)
        else:
            writer.close()

    async def start(self, sock: socket.socket) -> Running:
        """Serve on a virtual address."""
        return _Open(await asyncio.start_server(self.accept, sock=sock), [])


class _Open:
    """An open port; with it go the clients of `servers`."""

    def __init__(self, listening: asyncio.Server, servers: list[Server]) -> None:
        self._listening = listening
        self._servers = servers

    def cut(self) -> None:
        self._listening.close()
        for server in self._servers:
            for client in [*server.clients.values()]:
                client.stream.writer.transport.abort()


def listeners(cloud: Cloud) -> list[Listener]:
    """Every member's address and both virtual ones."""
    galera = cloud.galera
    servers = {name: Server(galera, name) for name in galera.members}
    balancer = Balancer(galera, servers)
    found = [
        Listener(cloud.hosts[name].machine.address, PORT, server.answer, server.start)
        for name, server in servers.items()
    ]
    for address in (cloud.layout.internal_vip, cloud.layout.vip):
        found.append(Listener(address, PORT, balancer.answer, balancer.start))
    return found
