"""A TCP connection made by a host, as a real socket here: TLS, timeouts and `dup` work on it like on any other."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from collectors.deadline import Deadline
from collectors.sources.channels import HostConnections
from collectors.sources.connection import Connection, no_channel
from collectors.sources.routes import Hop
from collectors.sources.ssh_login import explained

if TYPE_CHECKING:
    from paramiko import Channel

_CHUNK = 65_536


def tunnelled(connections: HostConnections, hop: Hop, address: str, port: int, deadline: Deadline) -> socket.socket:
    """A socket to `address`:`port` as the host at the end of `hop` sees it. Raises `SourceError`."""
    with connections.using(hop, deadline) as (connection, fresh):
        try:
            return _piped(connection, address, port, deadline)
        except Exception as error:
            if fresh or connection.alive:
                raise explained(error, hop, deadline) from error
        connections.drop(connection)
    with connections.using(hop, deadline) as (connection, _):
        return _piped(connection, address, port, deadline)


def _piped(connection: Connection, address: str, port: int, deadline: Deadline) -> socket.socket:
    """A socket whose bytes two threads carry to and from a channel, which holds the connection until it ends."""
    channel = _channel(connection, address, port, deadline)
    ours, theirs = socket.socketpair()
    connection.hold(+1)
    pumps = [
        threading.Thread(target=_outward, args=(theirs, channel), name=f"to-{address}:{port}", daemon=True),
        threading.Thread(
            target=_inward, args=(channel, theirs, connection), name=f"from-{address}:{port}", daemon=True
        ),
    ]
    for pump in pumps:
        pump.start()
    return ours


def _channel(connection: Connection, address: str, port: int, deadline: Deadline) -> Channel:
    from paramiko import ChannelException

    try:
        return connection.channel(address, port, deadline)
    except ChannelException as error:
        raise no_channel(error, connection.hop, f"{address} port {port}") from error


def _outward(sock: socket.socket, channel: Channel) -> None:
    with suppress(OSError, EOFError):
        while data := sock.recv(_CHUNK):
            channel.sendall(data)
        channel.shutdown_write()


def _inward(channel: Channel, sock: socket.socket, connection: Connection) -> None:
    with suppress(OSError, EOFError):
        while data := channel.recv(_CHUNK):
            sock.sendall(data)
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    with suppress(OSError, EOFError):
        channel.close()
    sock.close()
    connection.hold(-1)
