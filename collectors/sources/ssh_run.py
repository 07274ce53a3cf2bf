"""One batch on one host: send the command line, read both streams until its end or the deadline."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from collectors.deadline import Deadline
from collectors.errors import NotUnderstood, SourceError, TooLate, Unreachable
from collectors.sources.batch import Replies, Reply, command_line, new_word, rendered
from collectors.sources.channels import HostConnections
from collectors.sources.connection import Connection
from collectors.sources.entries import Command
from collectors.sources.routes import Hop
from collectors.sources.ssh_login import explained
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from paramiko import Channel

_CHUNK = 65_536
BEGIN_SECONDS = 7.0
"""A host whose shell does not begin within this time is stuck."""
_SLICE = 0.25
"""Seconds of waiting for one stream before looking at the other."""
_SPARE = 4
"""A batch that prints more than so many times its limits is cut off."""


class _Mute(Exception):  # noqa: N818 - a state of the host, told as an error elsewhere
    """The host accepted the batch and does not begin with it."""


def run_commands(
    connections: HostConnections, hop: Hop, commands: Sequence[Command], sudo: set[str], deadline: Deadline
) -> list[Reply]:
    """Run all of `commands` on the host at the end of `hop`; those in `sudo` by sudo. Raises `SourceError`.

    When the deadline comes in the middle, the commands that were done count, and the others have no status: unless
    none was done, which is `TooLate`.
    """
    while True:
        with connections.using(hop, deadline) as (connection, fresh):
            replies = _attempt(connections, connection, fresh, commands, sudo, deadline)
        if replies is not None:
            return replies


def _attempt(
    connections: HostConnections,
    connection: Connection,
    fresh: bool,
    commands: Sequence[Command],
    sudo: set[str],
    deadline: Deadline,
) -> list[Reply] | None:
    """The replies; None when the connection had died while nobody looked, so that a new one may do better."""
    hop, replies = connection.hop, Replies(commands, new_word())
    key = deadline.guard(connection.cut)
    try:
        _exchange(connection, commands, sudo, replies, deadline)
    except SourceError:
        raise
    except Exception as error:
        connections.drop(connection)
        if deadline.expired:
            return _so_far(replies, hop, deadline)
        if fresh:
            raise _stuck(hop) if isinstance(error, _Mute) else explained(error, hop, deadline) from error
        return None
    finally:
        deadline.release(key)
    if replies.complete:
        return replies.replies
    if deadline.expired:
        connections.drop(connection)
        return _so_far(replies, hop, deadline)
    if connection.alive:
        raise _ended_early(replies, hop)
    connections.drop(connection)
    if fresh:
        hint = "look at sshd's log there: journalctl -u ssh"
        raise Unreachable(f"ssh {hop.title}", "the connection was cut", hint)
    return None


def _exchange(
    connection: Connection, commands: Sequence[Command], sudo: set[str], replies: Replies, deadline: Deadline
) -> None:
    root = connection.hop.user == "root"
    lines = [rendered(each, root=root, sudo=each.name in sudo) for each in commands]
    most = _SPARE * sum(each.entry.limit for each in commands) + 1_048_576
    with connection.session(deadline) as channel:
        replies.asked = time.time()
        channel.settimeout(min(deadline.remaining(), BEGIN_SECONDS))
        channel.exec_command(command_line(lines, replies.word))
        channel.shutdown_write()
        _read(channel, replies, most, deadline, connection.hop)
    replies.close()


def _read(channel: Channel, replies: Replies, most: int, deadline: Deadline, hop: Hop) -> None:
    """Feed `replies` until it is complete, the channel ends, or the deadline comes."""
    received = 0
    ended = False
    begin = Deadline(BEGIN_SECONDS)
    while not replies.complete and not deadline.expired:
        while channel.recv_stderr_ready():
            data = channel.recv_stderr(_CHUNK)
            received += len(data)
            replies.feed_errors(data)
        if replies.complete:
            return
        if begin.expired and not replies.begun:
            raise _Mute
        if received > most:
            raise NotUnderstood(
                f"ssh {hop.title}",
                f"printed more than {most // 1_048_576} MiB",
                "run the command there by hand and look",
            )
        if ended:
            if channel.exit_status_ready() or channel.closed:
                return
            channel.status_event.wait(min(_SLICE, deadline.remaining()))
            continue
        channel.settimeout(min(_SLICE, deadline.remaining()))
        try:
            data = channel.recv(_CHUNK)
        except TimeoutError:
            continue
        ended = not data
        received += len(data)
        replies.feed(data)


def _stuck(hop: Hop) -> Unreachable:
    hint = "is the host overloaded, or the user's home directory on a dead server?"
    return Unreachable(f"ssh {hop.title}", f"logs us in, but ran nothing within {BEGIN_SECONDS:g} s", hint)


def _so_far(replies: Replies, hop: Hop, deadline: Deadline) -> list[Reply]:
    """What was done by the deadline."""
    if all(reply.status is None for reply in replies.replies):
        first = replies.replies[0].command.name
        raise TooLate(
            f"ssh {hop.title}", f"did not finish within {deadline.seconds:g} s (at `{first}`)",
            f"ssh {hop.name} and run it by hand: is a disk or a daemon stuck?",
        )  # fmt: skip
    return replies.replies


def _ended_early(replies: Replies, hop: Hop) -> NotUnderstood:
    """The login shell did not run our line to its end: a forced command, /sbin/nologin, a broken profile."""
    said = replies.noise or replies.replies[0].err
    lines = neutral(said.decode("utf-8", "replace").strip()).split("\\n")
    return NotUnderstood(
        f"ssh {hop.user}@{hop.title}",
        f"the login shell ended before our commands did: {clipped(lines[0], 120) or 'it printed nothing'}",
        "check the user's shell, a ForceCommand, and what its profile prints",
    )
