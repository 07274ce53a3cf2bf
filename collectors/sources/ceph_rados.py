"""The first way to Ceph: the resident program (`ceph_helper`) on a monitor's host, over one SSH channel.

It is started on the first host that has Ceph's Python bindings and lets our user in, and kept; a command then costs a
millisecond. One question at a time goes through; whoever finds the program silent at its deadline ends it, and the
next one starts it anew.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from collectors.deadline import Deadline
from collectors.errors import NotOffered, NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.site import CephSite, Mon
from collectors.sources.batch import quoted
from collectors.sources.ceph_commands import COMMANDS, RBD, plain, sent
from collectors.sources.ssh_login import explained
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from paramiko import Channel

    from collectors.sources.connection import Connection
    from collectors.sources.ssh import SshSource

_START: Final = "import json, sys; exec(json.loads(sys.stdin.readline()))"
"""The program's text does not fit into a quoted word of one line: it comes as the first line of its input."""
START_SECONDS = 8.0
"""For logging in, starting Python and connecting to the cluster."""
LARGEST: Final = 64 << 20
"""Bytes of one answer."""
_CHUNK = 65_536


class RadosHelper:
    """The program on one host. Not for use by two threads at a time: `RadosWay` sees to it."""

    def __init__(self, ssh: SshSource, mon: Mon, site: CephSite) -> None:
        self.mon = mon
        self.what = f"ceph by rados on {mon.host}"
        self.fsid = ""
        self._ssh = ssh
        self._site = site
        self._channel: Channel | None = None
        self._connection: Connection | None = None
        self._rest = b""
        self._number = 0

    @property
    def runs(self) -> bool:
        """True while the program is there."""
        return self._channel is not None and not self._channel.closed

    def start(self, deadline: Deadline) -> None:
        """Log in, start the program, connect to the cluster. Raises `SourceError`."""
        self.close()
        hop = self._ssh.hop(self.mon.host)
        with self._ssh.connections.using(hop, deadline) as (connection, _):
            connection.hold(+1)
            self._connection = connection
        try:
            channel = connection.transport.open_session(timeout=deadline.remaining())
            self._channel, self._rest = channel, b""
            channel.exec_command(f"exec python3 -I -u -c {quoted(_START)}")
            self._send(files("collectors.sources").joinpath("ceph_helper.py").read_text("utf-8"), deadline)
            self._send({"user": self._site.user, "conf": self._site.conf}, deadline)
            said = self._line(deadline)
        except SourceError:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise explained(error, hop, deadline) from error
        if not said.get("ready"):
            self.close()
            raise self._refused(said)
        self.fsid = str(said.get("fsid", ""))

    def ask(self, commands: Sequence[object], deadline: Deadline) -> list[Any]:
        """The replies to `commands`, in order. Raises `SourceError`; the program is ended then."""
        self._number += 1
        try:
            self._send({"id": self._number, "commands": list(commands)}, deadline)
            while True:
                said = self._line(deadline)
                if said.get("id") == self._number:
                    return list(said.get("replies", ()))
        except SourceError:
            self.close()
            raise
        except Exception as error:
            self.close()
            why = f"the program there ended: {clipped(neutral(str(error)), 100) or type(error).__name__}"
            raise Unreachable(self.what, why, "it is started again with the next read") from error

    def _send(self, what: object, deadline: Deadline) -> None:
        assert self._channel is not None
        self._channel.settimeout(deadline.remaining())
        self._channel.sendall(json.dumps(what).encode() + b"\n")

    def _line(self, deadline: Deadline) -> dict[str, Any]:
        """The next line that is ours: a login shell may print others before."""
        while True:
            line, newline, self._rest = self._rest.partition(b"\n")
            if newline:
                if line.lstrip()[:1] == b"{":
                    found: dict[str, Any] = plain(line, self.what)
                    return found
                continue
            self._rest = line + self._more(deadline)
            if len(self._rest) > LARGEST:
                raise NotUnderstood(self.what, f"the answer is larger than {LARGEST >> 20} MiB", "nephoscope doctor")

    def _more(self, deadline: Deadline) -> bytes:
        assert self._channel is not None
        self._channel.settimeout(deadline.remaining())
        try:
            data = self._channel.recv(_CHUNK)
        except TimeoutError as error:
            why = f"no answer within {deadline.seconds:.0f} s"
            raise TooLate(self.what, why, "have the monitors a quorum? nephoscope get mons") from error
        if data:
            return data
        told = self._channel.recv_stderr(_CHUNK) if self._channel.recv_stderr_ready() else b""
        raise self._ended(neutral(told.decode("utf-8", "replace").strip()))

    def _ended(self, said: str) -> SourceError:
        """Why the program ended before it said anything."""
        if "not found" in said:
            return NotOffered(self.what, "there is no python3", "install python3-rados there")
        return Unreachable(self.what, f"the program there ended: {clipped(said, 160) or 'without a word'}")

    def _refused(self, said: Mapping[str, Any]) -> SourceError:
        """Why the program could not connect to the cluster."""
        kind, why = str(said.get("failed", "")), clipped(neutral(str(said.get("why", ""))), 200)
        user = f"client.{self._site.user}"
        if kind in ("ImportError", "ModuleNotFoundError"):
            return NotOffered(self.what, f"Ceph's Python bindings are missing ({why})", "install python3-rados there")
        if kind in ("PermissionDeniedError", "PermissionError", "ObjectNotFound"):
            keyring = f"/etc/ceph/ceph.{user}.keyring"
            return Refused(
                self.what, f"{user} is not let in: {why}", f"let our login read {keyring} on {self.mon.host}"
            )
        if kind in ("TimedOut", "InterruptedOrTimeoutError"):
            return TooLate(self.what, f"no monitor let us in within 5 s ({why})", "nephoscope get mons")
        return Unreachable(self.what, why or kind or "it did not start", "nephoscope get mons")

    def close(self) -> None:
        """End the program: it reads the end of its input."""
        channel, self._channel = self._channel, None
        connection, self._connection = self._connection, None
        if channel is not None:
            channel.close()
        if connection is not None:
            connection.hold(-1)


class RadosWay:
    """The program on the first host where it runs."""

    def __init__(self, ssh: SshSource, site: CephSite) -> None:
        self._helpers = [RadosHelper(ssh, mon, site) for mon in site.mons]
        self._lock = threading.Lock()
        self._at = 0

    @property
    def title(self) -> str:
        """Which program answers."""
        return f"rados on {self._helpers[self._at].mon.host}"

    def ask(self, names: Sequence[str], deadline: Deadline) -> dict[str, Any]:
        """Every command's answer or `SourceError`. Raises the first host's `SourceError` when none has the program."""
        if not self._lock.acquire(timeout=deadline.remaining()):
            raise TooLate(self.title, "another question is still waiting for its answer", "nephoscope get mons")
        try:
            helper = self._running(deadline)
            late = [name for name in names if name in COMMANDS and COMMANDS[name].manager]
            found = _replied(helper, [name for name in names if name not in late], deadline)
            if late:
                found |= self._of_manager(helper, late, deadline)
        finally:
            self._lock.release()
        return found

    @staticmethod
    def _of_manager(helper: RadosHelper, names: Sequence[str], deadline: Deadline) -> dict[str, Any]:
        """What the active manager answers; without one it would be waited for, five seconds for each command."""
        stat = _replied(helper, ["mgr stat"], deadline)["mgr stat"]
        if isinstance(stat, dict) and not stat.get("available"):
            nobody = Unreachable(helper.what, "no manager is active", "nephoscope get mgrs")
            return dict.fromkeys(names, nobody)
        return _replied(helper, names, deadline)

    def _running(self, deadline: Deadline) -> RadosHelper:
        if self._helpers[self._at].runs:
            return self._helpers[self._at]
        first: SourceError | None = None
        for step in range(len(self._helpers)):
            place = (self._at + step) % len(self._helpers)
            try:
                self._helpers[place].start(Deadline(min(START_SECONDS, deadline.remaining())))
            except SourceError as error:
                first = first or error
                if deadline.expired:
                    break
            else:
                self._at = place
                return self._helpers[place]
        assert first is not None
        raise first

    def facts(self, deadline: Deadline) -> tuple[str, float]:
        """(the cluster's id, seconds of one command). Raises `SourceError`."""
        self.ask(["mgr stat"], deadline)
        began = time.perf_counter()
        self.ask(["mgr stat"], deadline)
        return self._helpers[self._at].fsid, time.perf_counter() - began

    def close(self) -> None:
        """End the program."""
        for helper in self._helpers:
            helper.close()


def _replied(helper: RadosHelper, names: Sequence[str], deadline: Deadline) -> dict[str, Any]:
    """Command → answer, or the `SourceError` that it alone failed with. Raises `SourceError`."""
    if not names:
        return {}
    replies = helper.ask([name if name == RBD else sent(name) for name in names], deadline)
    return {name: _understood(name, reply, helper.what) for name, reply in zip(names, replies, strict=True)}


def _understood(name: str, reply: Mapping[str, Any], what: str) -> Any:
    """One command's answer, or why there is none."""
    status, said = int(reply.get("status", 0)), clipped(neutral(str(reply.get("err", ""))), 200)
    what = f"{name}: {what}"
    if status == 0:
        try:
            return plain(str(reply.get("out", "")), what)
        except NotUnderstood as error:
            return error
    if status in (-1, -13):
        return Refused(what, said or "not permitted", "give the user mon 'allow r' mgr 'allow r'")
    if status in (-110, -4):
        return TooLate(what, f"no answer within 5 s ({said})", "nephoscope get mons, nephoscope get mgrs")
    if status == -22:
        return NotOffered(what, f"this release does not know it ({said})")
    return Unreachable(what, said or f"error {-status}", "nephoscope get mons")
