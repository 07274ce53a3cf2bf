"""The first ways to Ceph: the resident program (`ceph_helper`), on this machine or on a monitor's host over SSH.

It is started in the first place that has Ceph's Python bindings and lets our user in, and kept; a command then costs a
millisecond. One question at a time goes through; whoever finds the program silent at its deadline ends it, and the
next one starts it anew.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from collectors.deadline import Deadline
from collectors.errors import NotOffered, NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.sources.ceph_commands import NO_ORCHESTRATOR, RBD, NotThere, by_manager, plain, sent
from collectors.sources.ceph_pipes import Pipe
from collectors.untrusted import clipped, neutral

START_SECONDS = 8.0
"""For logging in, starting Python and connecting to the cluster."""
LARGEST: Final = 64 << 20
"""Bytes of one answer."""
_BUSY: Final = -16
"""`osd ok-to-stop` says no with it, and why in its answer all the same."""


class RadosHelper:
    """The program in one place. Not for use by two threads at a time: `RadosWay` sees to it."""

    def __init__(self, pipe: Pipe, user: str) -> None:
        self.pipe = pipe
        self.what = f"ceph by rados on {pipe.place}"
        self.fsid = ""
        self._user = user
        self._rest = b""
        self._number = 0

    @property
    def runs(self) -> bool:
        """True while the program is there."""
        return self.pipe.runs

    def start(self, deadline: Deadline) -> None:
        """Start the program, connect to the cluster. Raises `SourceError`.

        A connection that others use as well may be cut under our hands (a batch that hung): then once more.
        """
        try:
            said = self._started(deadline)
        except SourceError:
            raise
        except Exception:  # noqa: BLE001  the second try says what is wrong
            try:
                said = self._started(deadline)
            except SourceError:
                raise
            except Exception as error:
                raise self.pipe.explained(error, deadline) from error
        if not said.get("ready"):
            self.close()
            raise self._refused(said)
        self.fsid = str(said.get("fsid", ""))

    def _started(self, deadline: Deadline) -> dict[str, Any]:
        """What the program says first. Raises `SourceError`, or whatever the way there raises; it is ended then."""
        self.close()
        try:
            self._rest = b""
            self.pipe.open(deadline)
            try:
                self._send(files("collectors.sources").joinpath("ceph_helper.py").read_text("utf-8"), deadline)
                self._send({"user": self._user, "conf": self.pipe.conf}, deadline)
            except OSError as error:
                # It had ended before it was told anything: its own words say why, when it had any.
                if said := self.pipe.last_words():
                    raise self._ended(said) from error
                raise
            return self._line(deadline)
        except BaseException:
            self.close()
            raise

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
        self.pipe.send(json.dumps(what).encode() + b"\n", deadline)

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
        try:
            data = self.pipe.more(deadline)
        except TimeoutError as error:
            why = f"no answer within {deadline.seconds:.0f} s"
            raise TooLate(self.what, why, "have the monitors a quorum? nephoscope get mons") from error
        if data:
            return data
        raise self._ended(self.pipe.last_words())

    def _ended(self, said: str) -> SourceError:
        """Why the program ended before it said anything."""
        if "not found" in said:
            return NotOffered(self.what, "there is no python3", "install python3-rados there")
        return Unreachable(self.what, f"the program there ended: {clipped(said, 160) or 'without a word'}")

    def _refused(self, said: Mapping[str, Any]) -> SourceError:
        """Why the program could not connect to the cluster."""
        kind, why = str(said.get("failed", "")), clipped(neutral(str(said.get("why", ""))), 200)
        user = f"client.{self._user}"
        if kind in ("ImportError", "ModuleNotFoundError"):
            return NotOffered(self.what, f"Ceph's Python bindings are missing ({why})", "install python3-rados there")
        if kind in ("PermissionDeniedError", "PermissionError", "ObjectNotFound"):
            keyring = f"/etc/ceph/ceph.{user}.keyring"
            return Refused(
                self.what, f"{user} is not let in: {why}", f"let our login read {keyring} on {self.pipe.place}"
            )
        if kind in ("TimedOut", "InterruptedOrTimeoutError"):
            return TooLate(self.what, f"no monitor let us in within 5 s ({why})", "nephoscope get mons")
        return Unreachable(self.what, why or kind or "it did not start", "nephoscope get mons")

    def close(self) -> None:
        """End the program: it reads the end of its input."""
        self.pipe.close()


class RadosWay:
    """The program in the first place where it runs."""

    def __init__(self, pipes: Sequence[Pipe], user: str) -> None:
        self._helpers = [RadosHelper(pipe, user) for pipe in pipes]
        self._lock = threading.Lock()
        self._at = 0

    @property
    def title(self) -> str:
        """Which program answers."""
        return f"rados on {self._helpers[self._at].pipe.place}"

    def ask(self, names: Sequence[str], deadline: Deadline) -> dict[str, Any]:
        """Every command's answer or `SourceError`. Raises the first host's `SourceError` when none has the program."""
        if not self._lock.acquire(timeout=deadline.remaining()):
            raise TooLate(self.title, "another question is still waiting for its answer", "nephoscope get mons")
        try:
            helper = self._running(deadline)
            late = [name for name in names if by_manager(name)]
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
    out = str(reply.get("out", ""))
    if status == 0 or (status == _BUSY and out.lstrip().startswith("{")):
        try:
            return plain(out, what)
        except NotUnderstood as error:
            return error
    if status in (-1, -13):
        return Refused(what, said or "not permitted", "give the user mon 'allow r' mgr 'allow r'")
    if status in (-110, -4):
        return TooLate(what, f"no answer within 5 s ({said})", "nephoscope get mons, nephoscope get mgrs")
    if status == -2 and NO_ORCHESTRATOR in said:
        return NotThere(what, "no orchestrator deploys this cluster")
    if status == -22:
        return NotOffered(what, f"this release does not know it ({said})")
    return Unreachable(what, said or f"error {-status}", "nephoscope get mons")
