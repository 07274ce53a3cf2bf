"""Where the resident program for Ceph runs: on this machine, or on a monitor's host over SSH; lines go in and come out.

On this machine only where the site names a ceph.conf for it: the file that lies in /etc/ceph may be another cluster's.
"""

from __future__ import annotations

import os
import select
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from collectors.deadline import Deadline
from collectors.errors import NotOffered, SourceError, Unreachable
from collectors.site import Mon
from collectors.sources.batch import quoted
from collectors.sources.ssh_login import explained
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from paramiko import Channel

    from collectors.sources.connection import Connection
    from collectors.sources.ssh import SshSource

START: Final = "import json, sys; exec(json.loads(sys.stdin.readline()))"
"""The program's text does not fit into a quoted word of one line: it comes as the first line of its input."""
PYTHON = "/usr/bin/python3"
"""Of this machine: Ceph's bindings belong to the distribution's own Python, and not to the one that we run in."""
HERE: Final = "this machine"
_CHUNK: Final = 65_536
_ENDING: Final = 2.0
"""Seconds for the program to end after its input has."""


class Pipe(Protocol):
    """A place where the program runs, once it is open."""

    place: str
    """`ceph01`, `this machine`."""
    conf: str
    """ceph.conf there."""

    @property
    def runs(self) -> bool:
        """True while the program is there."""

    def open(self, deadline: Deadline) -> None:
        """Start Python there. Raises `SourceError`, or whatever the way there raises."""

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Hand it to the program."""

    def more(self, deadline: Deadline) -> bytes:
        """What the program has printed since; empty at its end. Raises `TimeoutError`."""

    def last_words(self) -> str:
        """What it printed to stderr before it ended."""

    def explained(self, error: Exception, deadline: Deadline) -> SourceError:
        """A failure of `open` in our words."""

    def close(self) -> None:
        """End the program: it reads the end of its input."""


class SshPipe:
    """On a monitor's host, over one channel of a connection that is kept for it."""

    def __init__(self, ssh: SshSource, mon: Mon, conf: str) -> None:
        self.place, self.conf = mon.host, conf
        self._ssh = ssh
        self._channel: Channel | None = None
        self._connection: Connection | None = None

    @property
    def runs(self) -> bool:
        return self._channel is not None and not self._channel.closed

    def open(self, deadline: Deadline) -> None:
        hop = self._ssh.hop(self.place)
        with self._ssh.connections.using(hop, deadline) as (connection, _):
            connection.hold(+1)
            self._connection = connection
        channel = connection.transport.open_session(timeout=deadline.remaining())
        self._channel = channel
        channel.exec_command(f"exec python3 -I -u -c {quoted(START)}")

    def send(self, data: bytes, deadline: Deadline) -> None:
        assert self._channel is not None
        self._channel.settimeout(deadline.remaining())
        self._channel.sendall(data)

    def more(self, deadline: Deadline) -> bytes:
        assert self._channel is not None
        self._channel.settimeout(deadline.remaining())
        return self._channel.recv(_CHUNK)

    def last_words(self) -> str:
        channel = self._channel
        told = channel.recv_stderr(_CHUNK) if channel is not None and channel.recv_stderr_ready() else b""
        return neutral(told.decode("utf-8", "replace").strip())

    def explained(self, error: Exception, deadline: Deadline) -> SourceError:
        return explained(error, self._ssh.hop(self.place), deadline)

    def close(self) -> None:
        channel, self._channel = self._channel, None
        connection, self._connection = self._connection, None
        if channel is not None:
            channel.close()
        if connection is not None:
            connection.hold(-1)


class LocalPipe:
    """On the machine where we run, as a process of our own account."""

    def __init__(self, conf: Path) -> None:
        self.place, self.conf = HERE, str(conf)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def open(self, deadline: Deadline) -> None:
        what = f"ceph by rados on {HERE}"
        if not os.access(self.conf, os.R_OK):
            raise NotOffered(what, f"{self.conf} is not there, or not ours to read", "copy it from a monitor's host")
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        try:
            self._process = subprocess.Popen(
                [PYTHON, "-I", "-u", "-c", START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=environment,
                start_new_session=True,  # ^C at the console is not meant for it
            )
        except FileNotFoundError as error:
            raise NotOffered(what, f"there is no {PYTHON}", "install python3-rados here") from error

    def send(self, data: bytes, deadline: Deadline) -> None:
        """A pipe holds 64 KiB, and nothing that is sent is longer."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(data)

    def more(self, deadline: Deadline) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        if not select.select([descriptor], [], [], max(deadline.remaining(), 0.0))[0]:
            raise TimeoutError
        return os.read(descriptor, _CHUNK)

    def last_words(self) -> str:
        if self._process is None or self._process.stderr is None:
            return ""
        descriptor = self._process.stderr.fileno()
        ready = select.select([descriptor], [], [], 0.2)[0]
        return neutral(os.read(descriptor, _CHUNK).decode("utf-8", "replace").strip()) if ready else ""

    def explained(self, error: Exception, deadline: Deadline) -> SourceError:
        return Unreachable(f"ceph by rados on {HERE}", clipped(neutral(str(error)), 160) or type(error).__name__)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        try:
            process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
