"""One AMQP connection: greeting, login, tuning, and the channels on it."""

from __future__ import annotations

import asyncio
from hmac import compare_digest
from typing import Any

from pamqp import body, commands, frame, header, heartbeat

from runbooks.simulator.amqp.channel import CHANNEL_METHODS, Channel
from runbooks.simulator.amqp.refusal import LOGIN, RefusalError, not_implemented
from runbooks.simulator.http.rabbitmq.ask import VHOST, User
from runbooks.simulator.http.rabbitmq.overview import VERSION, cluster_name
from runbooks.simulator.http.rabbitmq.users import users_of
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.guests import Guest

FRAME_MAX = 131_072
CHANNEL_MAX = 2047
HEARTBEAT = 60
CAPABILITIES = {
    "publisher_confirms": True,
    "exchange_exchange_bindings": True,
    "basic.nack": True,
    "consumer_cancel_notify": True,
    "connection.blocked": True,
    "consumer_priorities": True,
    "authentication_failure_close": True,
    "per_consumer_qos": True,
    "direct_reply_to": True,
}


def index_of(found: Any) -> tuple[int, int]:
    """(class, method) of a frame."""
    index = int(getattr(found, "index", 0))
    return index >> 16, index & 0xFFFF


class Client:
    """A client from its first frame to its last."""

    def __init__(self, cloud: Cloud, host: str, writer: asyncio.StreamWriter) -> None:
        self.cloud = cloud
        self.host = host
        self._writer = writer
        self._properties: dict[str, Any] = {}
        self._channels: dict[int, Channel] = {}
        self._user: User | None = None
        self._beats = 0
        self.guest: Guest | None = None
        self.closed = False

    @property
    def wants_heartbeats(self) -> bool:
        """It asked for heartbeats, and is logged in."""
        return self._beats > 0 and self.guest is not None

    @property
    def user(self) -> User:
        """Who logged in. Raises RefusalError before that."""
        if self._user is None:
            raise RefusalError(503, "COMMAND_INVALID - not logged in", hard=True)
        return self._user

    def send(self, channel: int, found: Any) -> None:
        """One frame."""
        if not self._writer.is_closing():
            self._writer.write(frame.marshal(found, channel))

    def greet(self) -> None:
        """`connection.start`."""
        told: dict[str, Any] = {
            "capabilities": CAPABILITIES,
            "cluster_name": cluster_name(self.cloud),
            "copyright": "Copyright (c) 2007-2022 VMware, Inc. or its affiliates.",
            "information": "Licensed under the MPL 2.0. Website: https://rabbitmq.com",
            "platform": "Erlang/OTP 25.2.3",
            "product": "RabbitMQ",
            "version": VERSION,
        }
        self.send(0, commands.Connection.Start(0, 9, told, "PLAIN AMQPLAIN", "en_US"))

    def received(self, number: int, found: Any) -> None:
        """One frame of the client's."""
        if isinstance(found, heartbeat.Heartbeat):
            return
        try:
            if number == 0:
                self._control(found)
            else:
                self._on_channel(number, found)
        except RefusalError as refused:
            self._refuse(number, found, refused)

    def _on_channel(self, number: int, found: Any) -> None:
        if isinstance(found, commands.Channel.Open):
            assert self.user
            self._channels[number] = Channel(self, number)
            self.send(number, commands.Channel.OpenOk())
            return
        channel = self._channels.get(number)
        if isinstance(found, commands.Channel.Close | commands.Channel.CloseOk):
            if channel is not None:
                self._channels.pop(number).leave()
            if isinstance(found, commands.Channel.Close):
                self.send(number, commands.Channel.CloseOk())
        elif channel is None:
            return  # what was under way when the channel was closed
        elif isinstance(found, header.ContentHeader | body.ContentBody | CHANNEL_METHODS):
            channel.received(found)
        else:
            raise not_implemented(str(getattr(found, "name", type(found).__name__)))

    def _refuse(self, number: int, found: Any, refused: RefusalError) -> None:
        kind, method = index_of(found)
        if refused.hard or number == 0:
            self.send(0, commands.Connection.Close(refused.code, refused.text, kind, method))
            return
        self.send(number, commands.Channel.Close(refused.code, refused.text, kind, method))
        if (channel := self._channels.pop(number, None)) is not None:
            channel.leave()

    def _control(self, found: Any) -> None:
        match found:
            case commands.Connection.StartOk():
                self._log_in(found)
            case commands.Connection.TuneOk():
                self._beats = found.heartbeat
            case commands.Connection.Open():
                if found.virtual_host != VHOST:
                    text = f"NOT_ALLOWED - vhost {found.virtual_host} not found"
                    raise RefusalError(530, text, hard=True)
                address, port = self._writer.get_extra_info("peername")[:2]
                guests = self.cloud.rabbitmq.guests
                self.guest = guests.enter(self.host, address, port, self.user.name, self._properties)
                self.send(0, commands.Connection.OpenOk())
            case commands.Connection.Close():
                self.send(0, commands.Connection.CloseOk())
                self.closed = True
            case commands.Connection.CloseOk():
                self.closed = True
            case _:
                raise not_implemented(str(getattr(found, "name", "frame")))

    def _log_in(self, found: commands.Connection.StartOk) -> None:
        self._properties = dict(found.client_properties or {})
        parts = str(found.response or "").split("\0")
        known = users_of(self.cloud.secrets).get(parts[1]) if len(parts) == 3 and found.mechanism == "PLAIN" else None
        if known is None or not compare_digest(known[1]().encode(), parts[2].encode()):
            raise RefusalError(403, LOGIN.format(found.mechanism), hard=True)
        self._user = known[0]
        self.send(0, commands.Connection.Tune(CHANNEL_MAX, FRAME_MAX, HEARTBEAT))

    def block(self) -> None:
        """An alarm is on and the client sends: it is told, and its messages wait unread."""
        resources = {resource for _, resource in self.cloud.rabbitmq.alarms()}
        self.send(0, commands.Connection.Blocked(" & ".join(f"low on {each}" for each in sorted(resources))))

    def leave(self) -> None:
        """It is gone."""
        for channel in self._channels.values():
            channel.leave()
        self._channels.clear()
        if self.guest is not None:
            self.cloud.rabbitmq.guests.leave(self.guest)
            self.guest = None
