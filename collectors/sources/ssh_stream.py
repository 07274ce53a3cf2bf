"""One long-running command on one host, read line by line until it ends, is cancelled, or has printed too much.

It has a session of its own on the host's shared connection, and at most a few are open on one: batches need the rest.
A cancel closes the session, not the connection. What the command says on standard error is kept for when it fails.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from collectors.deadline import Deadline
from collectors.errors import NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.sources.batch import rendered
from collectors.sources.channels import HostConnections
from collectors.sources.connection import Connection
from collectors.sources.entries import Command
from collectors.sources.findings import SUDO_SAYS
from collectors.sources.routes import Hop
from collectors.sources.ssh_login import explained
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from paramiko import Channel

CONNECT_SECONDS = 20.0
LONGEST_LINE = 65_536
"""Bytes of one line; the rest of a longer one is left out."""
_CHUNK = 65_536
_SLICE = 0.25
_ERRORS = 4096
_LAST_WORDS = 5.0
"""Seconds between the end of the output and the exit status."""
_TIMED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:")
DENIED = (
    *(b"permission denied", b"insufficient permissions", b"not seeing messages from other users"),
    b"operation not permitted (you must be root)",
)
"""How journalctl, tail, grep, nft and the containers' engines say that we may not (in lower case)."""


class Stream:
    """A command that runs; iterate over `lines`, then look at `status` and `errors`."""

    def __init__(self, command: Command, hop: Hop) -> None:
        self.command = command
        self.hop = hop
        self.status: int | None = None
        self.begun = False
        """The command was sent."""
        self.errors = b""
        self._rest = b""
        self.size = 0
        """Bytes of output so far."""

    def lines(
        self, connections: HostConnections, cancel: Deadline, *, sudo: bool
    ) -> Generator[list[bytes], None, None]:
        """Whole lines as they arrive; empty when nothing came for a moment. Raises `SourceError`."""
        for last in (False, True):
            connect = Deadline(min(CONNECT_SECONDS, cancel.remaining()))
            with connections.using(self.hop, connect) as (connection, fresh):
                try:
                    yield from self._read(connection, cancel, sudo=sudo)
                    break
                except SourceError:
                    raise
                except Exception as error:
                    if cancel.expired:
                        return
                    if fresh or last or self.begun:
                        raise explained(error, self.hop, connect) from error
            connections.drop(connection)  # it died while nobody looked: a new one may do better
        if self.status is None and not cancel.expired:
            raise Unreachable(f"ssh {self.hop.title}", "the connection was cut", "read it again (ctrl-r)")

    def _read(self, connection: Connection, cancel: Deadline, *, sudo: bool) -> Iterator[list[bytes]]:
        if not connection.streams.acquire(blocking=False):
            raise TooLate(
                f"logs of {self.hop.name}", "as many of its logs as may be are being read already", "close one"
            )
        key = -1
        try:
            channel = connection.transport.open_session(timeout=min(CONNECT_SECONDS, cancel.remaining()))
            with channel:
                key = cancel.guard(channel.close)
                line = rendered(self.command, root=self.hop.user == "root", sudo=sudo)
                channel.exec_command(f"exec sh -c {_script(f'export LC_ALL=C TZ=UTC; exec {line}')}")
                if not self.command.entry.held:
                    channel.shutdown_write()
                self.begun = True
                yield from self._printed(channel, cancel)
                if not cancel.expired and channel.status_event.wait(_LAST_WORDS):
                    self.status = channel.recv_exit_status()
                if found := self._said(channel):
                    yield found
        finally:
            cancel.release(key)
            connection.streams.release()

    def _printed(self, channel: Channel, cancel: Deadline) -> Iterator[list[bytes]]:
        """Lines of both streams until standard output ends."""
        rest = b""
        while not cancel.expired:
            if found := self._said(channel):
                yield found
            channel.settimeout(min(_SLICE, cancel.remaining()))
            try:
                data = channel.recv(_CHUNK)
            except TimeoutError:
                yield []
                continue
            self.size += len(data)
            if not data:
                if rest:
                    yield [rest]
                return
            *whole, rest = (rest + data).split(b"\n")
            rest = rest[:LONGEST_LINE]
            yield [each[:LONGEST_LINE] for each in whole]
            if self.size > self.command.entry.limit:
                raise self._too_much()

    def _said(self, channel: Channel) -> list[bytes]:
        """Read standard error. Containers log to it as well: there, only what has no time is the client's own word."""
        found: list[bytes] = []
        while channel.recv_stderr_ready():
            data = channel.recv_stderr(_CHUNK)
            self.size += len(data)
            if not self.command.entry.both:
                self.errors = (self.errors + data)[:_ERRORS]
                continue
            *whole, self._rest = (self._rest + data).split(b"\n")
            self._rest = self._rest[:LONGEST_LINE]
            found += [line for line in whole if _TIMED.match(line)]
            own = b"\n".join(line for line in whole if not _TIMED.match(line))
            self.errors = (self.errors + own)[:_ERRORS]
        return found

    @property
    def denied(self) -> bool:
        """True when the host did not let us read (some of) it."""
        return any(words in self.errors.lower() for words in DENIED)

    def problem(self) -> SourceError | None:
        """Why it gave less than was asked for; None when all is well."""
        entry, words = self.command.entry, " ".join(self.command.words)
        said = clipped(neutral(_first(self.errors)), 200)
        if self.denied or any(word in said for word in SUDO_SAYS):
            words = "/bin/sh" if entry.held else words
            hint = f"allow {self.hop.user} to run it by sudo without a password: NOPASSWD: {clipped(words, 120)}"
            return Refused(f"log on {self.hop.title}", said or "permission denied", hint)
        if self.status is None or self.status in entry.accept or (self.status == 124 and "timeout" in words):
            return None
        return Unreachable(
            f"log on {self.hop.title}",
            said or f"exit status {self.status}",
            f"ssh {self.hop.name} {clipped(words, 120)}",
        )

    def _too_much(self) -> SourceError:
        shown = f"{self.command.entry.limit // 1_048_576} MiB"
        return NotUnderstood(
            f"log on {self.hop.title}", f"printed more than {shown}; it was cut there", "--since, --grep"
        )


def _first(data: bytes) -> str:
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[0] if lines else ""


def _script(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
