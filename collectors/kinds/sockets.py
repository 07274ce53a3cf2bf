"""Who listens on a host, who talks to whom, and which process it is; of a namespace too.

Read only for the one that is opened: `host=ctl01`, or `host=net01/qdhcp-…`. A program that hangs still listens: what it
does not accept waits in its queue, and a full queue is how one sees it.
"""

from __future__ import annotations

from typing import Any

from collectors.health import OK, Health, critical, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import word
from collectors.request import HostCommands
from collectors.rollup import Count

LISTENING = "LISTEN"
HALF = 0.5
"""Share of a listener's queue from which on its program is late."""


class SocketWire(Wire):
    """One line of `ss -tunap`. Of a listener, `waiting` are connections not accepted yet, `unsent` how many may be."""

    host: str
    protocol: str
    state: str
    local: str
    local_port: str
    peer: str
    peer_port: str
    waiting: int | None = None
    unsent: int | None = None
    process: str | None = None
    pid: int | None = None
    fd: int | None = None
    holders: int | None = None
    namespace: str | None = None


class Socket(Row, frozen=True):
    """One socket."""

    id: str
    local: str
    local_port: str
    protocol: str
    state: str
    peer: str | None
    peer_port: str | None
    peer_host: str | None
    process: str | None
    pid: int | None
    waiting: int | None
    unsent: int | None
    limit: int | None
    fd: int | None
    holders: int | None
    namespace: str | None
    host: str


def _host_of(reading: Reading, address: str) -> str | None:
    """The machine of the site that has this address."""
    hosts: Any = reading.joins.get("hosts", {})
    return next((host.name for host in hosts.values() if host.address == address), None)


def row(wire: SocketWire, reading: Reading) -> Socket:
    """Addresses `0.0.0.0`, `[::]` and `*` of nobody are left out."""
    listens = wire.state == LISTENING
    peer = None if wire.peer_port == "*" else wire.peer
    ends = f"{wire.local}:{wire.local_port}/{wire.peer}:{wire.peer_port}"
    return Socket(
        id=f"{wire.protocol}/{ends}/{wire.pid or ''}/{wire.fd or ''}",
        local=word(wire.local) or "",
        local_port=word(wire.local_port) or "",
        protocol=word(wire.protocol) or "",
        state=word(wire.state) or "",
        peer=word(peer),
        peer_port=word(wire.peer_port) if peer is not None else None,
        peer_host=word(_host_of(reading, peer)) if peer is not None else None,
        process=word(wire.process),
        pid=wire.pid,
        waiting=wire.waiting,
        unsent=None if listens else wire.unsent,
        limit=wire.unsent if listens and wire.protocol == "tcp" else None,
        fd=wire.fd,
        holders=wire.holders,
        namespace=word(wire.namespace),
        host=word(wire.host) or "",
    )


def health(socket: Socket, now: float) -> Health:
    """Connections that nobody accepts say that the program behind the port hangs."""
    if socket.limit is None or not socket.waiting:
        return OK
    who = socket.process or "its program"
    text = f"{socket.waiting} connections wait for {who} to accept them, {socket.limit} may"
    if socket.waiting >= socket.limit > 0:
        return critical(f"{text}: it hangs, and new ones are lost")
    return warning(f"{text}: it is late or hangs") if socket.waiting > HALF * socket.limit else OK


KIND = Kind(
    name="sockets",
    title="Sockets",
    aliases=("socket", "ss", "listeners"),
    about="one row per socket of a host or namespace: who listens, who talks to whom, which process",
    system="hosts",
    scope=Scope("parent", parent="hosts", parameter="host"),
    read=HostCommands(("sockets",), inside=("namespace-socket-list namespace={parent}",)),
    wire=SocketWire,
    row=row,
    fields=Socket,
    name_field="local_port",
    columns=(
        Column("process", "PROCESS", "text", 1),
        Column("local_port", "PORT", "name", 1),
        Column("state", "STATE", "status", 2, help="LISTEN, ESTAB, …; UNCONN: a UDP socket"),
        Column("local", "ADDRESS", "text", 2),
        Column("peer", "PEER", "text", 2),
        Column("peer_port", "PEER PORT", "text", 2),
        Column("peer_host", "PEER HOST", "ref", 3, joined=True, help="the machine of the site with that address"),
        Column("protocol", "PROTOCOL", "text", 4),
        Column("waiting", "WAITING", "number", 4, help="bytes not read; of a listener, connections not accepted"),
        Column("unsent", "UNSENT", "number", 5, help="bytes that the peer has not acknowledged"),
        Column("limit", "MAY WAIT", "number", 6, wide=True, help="how many connections a listener lets wait"),
        Column("pid", "PID", "number", 6, wide=True),
        Column("fd", "FD", "number", 7, wide=True),
        Column("holders", "HOLDERS", "number", 7, wide=True, help="processes that hold it"),
        Column("namespace", "NAMESPACE", "ref", 7, wide=True),
        Column("host", "HOST", "ref", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("state", "process", "local_port", "peer"),
    health=health,
    rollup=Count("sockets"),
    links=(
        Link("hosts", "name", "peer_host", "the host that it talks to"),
        Link("hosts", "name", "host", "its host"),
    ),
    joins=("hosts",),
    period=15.0,
    list_command="ss -tunap",
    show_command="ssh {host} ss -tunap",
)
