"""A command that changes something on a host: sent once, over a connection that has just proved to be alive.

A read may be sent again when a kept connection turns out to be dead; a write may not. So a harmless command goes first
on the same connection, and whatever happens after our line was sent leaves open whether it ran.
"""

from __future__ import annotations

from typing import Literal

from collectors.call import Answer, HostCall
from collectors.deadline import Deadline
from collectors.errors import NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.sources.batch import Reply
from collectors.sources.connection import Connection
from collectors.sources.entries import Command, Entry, command
from collectors.sources.exchange import Exchange
from collectors.sources.findings import SUDO_SAYS
from collectors.sources.ssh import SshSource
from collectors.sources.ssh_stream import DENIED
from collectors.untrusted import clipped, neutral

_LIMIT = 65_536
_SLICE = 0.25
"""Seconds of waiting before the deadline is looked at again."""


def written(source: SshSource, call: HostCall, deadline: Deadline) -> Answer:
    """Run it. Raises `SourceError`: `Unreachable` when nobody can say whether it ran."""
    hop = source.hop(call.host)
    what = f"{call.entry} on {call.host}"
    source.replies(call.host, [command("clock")], deadline)
    sudo: Literal["always", "never"] = "always" if call.root else "never"
    entry = Entry(call.words, "text.clock", _LIMIT, sudo=sudo, container=call.container, input=call.input)
    wanted = Command(call.entry, entry, call.words)
    with source.connections.using(hop, deadline) as (connection, _):
        key = deadline.guard(connection.cut)
        try:
            reply = _run(connection, wanted, deadline)
        except Exception as error:
            source.connections.drop(connection)
            raise _open(what, deadline) from error
        finally:
            deadline.release(key)
    if reply.status is None:
        raise _open(what, deadline)
    if reply.status not in call.accept:
        raise _refused(reply, what, hop.user)
    return Answer(reply.status, words=_line(reply.out or reply.err))


def _run(connection: Connection, wanted: Command, deadline: Deadline) -> Reply:
    """Send it, and listen until it has ended. Raises whatever happens on the way."""
    session = Exchange(connection, [wanted], set(), deadline)
    try:
        while not session.over and not session.ended and not deadline.expired:
            session.listen(min(_SLICE, deadline.remaining()))
        return session.replies.replies[0]
    finally:
        session.close()


def _open(what: str, deadline: Deadline) -> SourceError:
    """It was sent, and what became of it is not known."""
    if deadline.expired:
        return TooLate(what, f"did not end within {deadline.seconds:g} s", "it may still be running there")
    return Unreachable(what, "the connection was cut in the middle", "it is looked up")


def _refused(reply: Reply, what: str, user: str) -> SourceError:
    said = _line(reply.err or reply.out)
    if any(words in said for words in SUDO_SAYS):
        return Refused(what, said, f"let {user} run it there: sudoers, NOPASSWD")
    if any(words in reply.err.lower() for words in DENIED):
        return Refused(what, said, "log in as somebody who may, or allow it in sudoers")
    if reply.status == 127:
        return NotUnderstood(what, said or "there is no such program", "is it installed there?")
    error = NotUnderstood(what, f"exit status {reply.status}" + (f": {said}" if said else ""))
    error.status = reply.status or 0
    return error


def _line(data: bytes) -> str:
    """The last line that says anything."""
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    return clipped(neutral(lines[-1]), 300) if lines else ""
