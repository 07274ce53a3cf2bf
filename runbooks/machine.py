"""Who we are to others: this process exactly, and the person behind it.

A pid alone says little: it is used again after a while, after every boot, and in every container.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec


class Process(msgspec.Struct, frozen=True):
    """A process of one boot of one machine."""

    host: str
    pid: int
    boot: str = ""
    """Id of the boot."""
    space: str = ""
    """The pid namespace: `pid:[4026531836]`."""
    started: str = ""
    """When it started, in ticks since the boot."""

    @property
    def gone(self) -> bool:
        """True when it surely does not run any more; of another machine nobody here can tell."""
        here = me()
        if self.host != here.host or not self.boot or not here.boot:
            return False
        if self.boot != here.boot:
            return True
        if self.space != here.space:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            pass  # it is somebody else's
        # Where /proc hides the processes of others, a live pid has to be enough.
        return _started(self.pid) not in ("", self.started)


def me() -> Process:
    """This process."""
    pid = os.getpid()
    boot = _line("/proc/sys/kernel/random/boot_id")
    space = ""
    with suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")
    return Process(os.uname().nodename, pid, boot, space, _started(pid))


def _started(pid: int) -> str:
    """Field 22 of /proc/PID/stat, or `ended` for one that is only waited for; empty when it cannot be seen."""
    fields = _line(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(fields) < 20:
        return ""
    return "ended" if fields[0] in ("Z", "X") else fields[19]


def _line(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def users(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the person at the keyboard: the account that this runs as, and who became it by sudo.

    LOGNAME and USER are not asked: anybody may set them.
    """
    found = [real_user()]
    if (sudo := environ.get("SUDO_USER", "")) and sudo not in found:
        found.insert(0, sudo)
    return tuple(found)


def real_user() -> str:
    """The account that this process runs as."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
