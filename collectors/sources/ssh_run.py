"""One batch on one host: replies as they arrive, until all are there or the deadline comes.

It is one round trip, unless a command hangs: then the ones after it are run in a session beside it, so that it costs
only itself. A connection that had died while nobody looked is made again once.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

from collectors.deadline import Deadline
from collectors.errors import NotUnderstood, SourceError, Unreachable
from collectors.sources.batch import Reply
from collectors.sources.channels import HostConnections
from collectors.sources.connection import Connection
from collectors.sources.entries import Command
from collectors.sources.exchange import BEGIN_SECONDS, Exchange, Mute
from collectors.sources.routes import Hop
from collectors.sources.ssh_login import explained
from collectors.untrusted import clipped, neutral

_SLICE = 0.25
"""Seconds of waiting for one stream before looking at the other."""
_BESIDE = 0.05
"""And where several sessions are listened to in turn."""
_SESSIONS = 4
"""Sessions of one batch at the same time; sshd allows ten on a connection, which are not for one reader alone."""


class Arrived(NamedTuple):
    """Replies that became whole together, often none, when only a moment has passed."""

    replies: Sequence[Reply]
    trips: int = 0
    """Sessions that were opened since the last."""


def run_commands(
    connections: HostConnections, hop: Hop, commands: Sequence[Command], sudo: set[str], deadline: Deadline
) -> Generator[Arrived, None, None]:
    """Run all of `commands` on the host at the end of `hop`; those in `sudo` by sudo. Raises `SourceError`.

    Each reply is given once, nearly in the order of the commands; at the deadline those that were not done come without
    a status. Closing this early ends what is under way.
    """
    left = list(commands)
    while left:
        with connections.using(hop, deadline) as (connection, fresh):
            for arrived in _attempt(connections, connection, fresh, left, sudo, deadline):
                done = {id(reply.command) for reply in arrived.replies}
                left = [each for each in left if id(each) not in done] if done else left
                yield arrived
        if deadline.expired:
            break
    if left:
        yield Arrived([Reply(each) for each in left])


def _attempt(
    connections: HostConnections,
    connection: Connection,
    fresh: bool,
    commands: Sequence[Command],
    sudo: set[str],
    deadline: Deadline,
) -> Iterator[Arrived]:
    """The replies; ends early at the deadline, or when the connection had died while nobody looked."""
    hop = connection.hop
    sessions = _Sessions(connection, sudo, deadline)
    key = deadline.guard(connection.cut)
    try:
        yield from sessions.replies(commands)
        if sessions.under_way and not deadline.expired:
            if connection.alive:
                raise _ended_early(sessions.under_way[0], hop)
            if fresh:
                hint = "look at sshd's log there: journalctl -u ssh"
                raise Unreachable(f"ssh {hop.title}", "the connection was cut", hint)
    except SourceError:
        raise
    except Exception as error:
        connections.drop(connection)
        if fresh and not deadline.expired:
            raise _stuck(hop) if isinstance(error, Mute) else explained(error, hop, deadline) from error
    finally:
        deadline.release(key)
        if sessions.under_way:
            # What has not ended by now holds a session there, and sshd has ten for a connection.
            connections.drop(connection)
        sessions.close()


class _Sessions:
    """The sessions of one batch: one, and further ones beside those in which a command hangs."""

    def __init__(self, connection: Connection, sudo: set[str], deadline: Deadline) -> None:
        self.under_way: list[Exchange] = []
        self.opened = 0
        self._connection = connection
        self._sudo = sudo
        self._deadline = deadline
        self._most = _SESSIONS

    def replies(self, commands: Sequence[Command]) -> Iterator[Arrived]:
        """Until all are there, the deadline comes, or a session has ended early."""
        self._open(commands)
        told = 0
        while self.under_way and not self._deadline.expired:
            wait = min(_SLICE if len(self.under_way) == 1 else _BESIDE, self._deadline.remaining())
            for each in list(self.under_way):
                arrived = each.listen(wait)
                if each.over:
                    self.under_way.remove(each)
                    each.close()
                elif each.ended:
                    return
                yield Arrived(arrived, self.opened - told)
                told = self.opened
            newest = self.under_way[-1] if self.under_way else None
            if newest is not None and newest.mute and self.opened == 1:
                raise Mute
            if newest is not None and newest.stuck and len(self.under_way) < self._most:
                self._beside(newest)

    def _open(self, commands: Sequence[Command]) -> None:
        self.under_way.append(Exchange(self._connection, commands, self._sudo, self._deadline))
        self.opened += 1

    def _beside(self, stuck: Exchange) -> None:
        try:
            self._open(stuck.rest)
        except Exception:  # noqa: BLE001  no further session to be had: they wait, as they would have without
            self._most = 0
            return
        stuck.leave_rest()

    def close(self) -> None:
        """End all that is under way."""
        while self.under_way:
            self.under_way.pop().close()


def _stuck(hop: Hop) -> Unreachable:
    hint = "is the host overloaded, or the user's home directory on a dead server?"
    return Unreachable(f"ssh {hop.title}", f"logs us in, but ran nothing within {BEGIN_SECONDS:g} s", hint)


def _ended_early(exchange: Exchange, hop: Hop) -> NotUnderstood:
    """The login shell did not run our line to its end: a forced command, /sbin/nologin, a broken profile."""
    exchange.replies.close()
    said = exchange.replies.noise or exchange.replies.replies[0].err
    lines = neutral(said.decode("utf-8", "replace").strip()).split("\\n")
    return NotUnderstood(
        f"ssh {hop.user}@{hop.title}",
        f"the login shell ended before our commands did: {clipped(lines[0], 120) or 'it printed nothing'}",
        "check the user's shell, a ForceCommand, and what its profile prints",
    )
