"""Commands of one batch in one session on a host: sent as one line, both streams read as they arrive.

A command that hangs, or prints without end, must not cost those after it: `rest` takes them out, so that another
session can run them, and this one ends with the command that is under way.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from collectors.deadline import Deadline
from collectors.sources.batch import Replies, Reply, command_line, new_word, rendered
from collectors.sources.connection import Connection
from collectors.sources.entries import Command

if TYPE_CHECKING:
    from paramiko import Channel

_CHUNK = 65_536
BEGIN_SECONDS = 7.0
"""A host whose shell does not begin within this time is stuck."""
PATIENCE = 4.0
"""Seconds of silence that the commands after one wait for it."""
_SPARE = 4
_MORE = 1_048_576
"""A command that prints more than so many times its limit, and this many bytes, is cut off."""


class Mute(Exception):  # noqa: N818 - a state of the host, told as an error elsewhere
    """The host accepted the batch and does not begin with it."""


class Exchange:
    """One session in which commands run one after the other. Close it when it is `over`, or no longer of interest.

    The constructor raises paramiko's exceptions, and `TooLate` when all sessions of the connection stay taken.
    """

    def __init__(self, connection: Connection, commands: Sequence[Command], sudo: set[str], deadline: Deadline) -> None:
        root = connection.hop.user == "root"
        lines = [rendered(each, root=root, sudo=each.name in sudo) for each in commands]
        self.replies = Replies(commands, new_word())
        self.ended = False
        """Nothing more will come."""
        self._commands = commands
        self._wanted = len(commands)
        self._told = 0
        self._silent = 0.0
        """Seconds that we listened in vain since the command under way began: what we spend elsewhere is not its."""
        self._printed = 0
        """Bytes of the command under way, on both streams."""
        self._out_ended = False
        self._stack = ExitStack()
        with ExitStack() as opening:
            self._channel: Channel = opening.enter_context(connection.session(deadline))
            self.replies.asked = time.time()
            self._channel.settimeout(min(deadline.remaining(), BEGIN_SECONDS))
            self._channel.exec_command(command_line(lines, self.replies.word))
            self._channel.shutdown_write()
            self._stack = opening.pop_all()

    @property
    def over(self) -> bool:
        """Every command that is its own is done."""
        return self._told >= self._wanted

    @property
    def mute(self) -> bool:
        """It should have begun long ago."""
        return not self.replies.begun and self._silent > BEGIN_SECONDS

    @property
    def stuck(self) -> bool:
        """Others wait for a command that takes too long, or that has printed too much."""
        waited = self._silent > PATIENCE or self._flooded
        return waited and self.replies.begun and self.replies.done + 1 < self._wanted

    @property
    def _flooded(self) -> bool:
        done = self.replies.done
        return done < len(self._commands) and self._printed > _SPARE * self._commands[done].entry.limit + _MORE

    @property
    def rest(self) -> Sequence[Command]:
        """The commands after the one that is under way."""
        return self._commands[self.replies.done + 1 : self._wanted]

    def leave_rest(self) -> None:
        """Those after the one that is under way are run elsewhere."""
        self._wanted = min(self.replies.done + 1, self._wanted)

    def listen(self, seconds: float) -> list[Reply]:
        """Read what has arrived, waiting up to `seconds` for more. Replies that became whole, each given once.

        Raises `Mute`, OSError, EOFError and paramiko's exceptions.
        """
        if self._flooded and not self.stuck:
            return self._cut_off()
        done, channel = self.replies.done, self._channel
        self._complaints()
        if not self._out_ended:
            channel.settimeout(max(seconds, 0.001))
            try:
                data = channel.recv(_CHUNK)
            except TimeoutError:
                data = None
                self._silent += seconds
            if data is not None:
                self._out_ended = not data
                self._printed += len(data)
                self.replies.feed(data)
            self._complaints()
        elif channel.exit_status_ready() or channel.closed:
            self._complaints()
            self.ended = not self.replies.complete
        else:
            channel.status_event.wait(seconds)
        if self.replies.done != done:
            self._silent, self._printed = 0.0, 0
        return self._new(self.replies.done)

    def _complaints(self) -> None:
        while self._channel.recv_stderr_ready():
            data = self._channel.recv_stderr(_CHUNK)
            self._printed += len(data)
            self.replies.feed_errors(data)
            if self._flooded:
                return

    def _cut_off(self) -> list[Reply]:
        """What the command under way has printed is its reply; nobody waits for the end of it."""
        running = self.replies.replies[self.replies.done]
        self.replies.close()
        running.size = max(running.size, self._printed)
        return self._new(self.replies.done + 1)

    def _new(self, done: int) -> list[Reply]:
        done = min(done, self._wanted)
        found = self.replies.replies[self._told : done]
        self._told = max(self._told, done)
        return found

    def close(self) -> None:
        """End the session; what still runs there has nobody to write to."""
        self._stack.close()
