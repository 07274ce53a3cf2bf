"""A booted host: systemd-nspawn on its root, in its network namespace and its own control groups.

`leader` is the host's process 1 as this machine sees it. It is remembered with the time at which it began, so that
another process with the same id is never taken for it. Killing systemd-nspawn would not end a host; killing the
leader does.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from runbooks.lab import spawn
from runbooks.lab.shell import PLAIN, LabError, alive, began, called, children, pause, wait_until

_HIERARCHIES = ("unified", "systemd", "memory", "pids", "cpu", "cpuacct")
_POWER_OFF = signal.SIGRTMIN + 4
"""What systemd as process 1 takes for `poweroff`."""


def groups(name: str) -> list[Path]:
    """The control groups of a host, on machines with one hierarchy and with several."""
    base = Path("/sys/fs/cgroup")
    if (base / "cgroup.controllers").exists():
        return [base / name]
    return [base / each / name for each in _HIERARCHIES if (base / each).is_dir()]


def memory(name: str) -> int:
    """Bytes of memory that the host's processes hold (page cache not counted)."""
    for group in groups(name):
        file = group / "memory.stat"
        if file.is_file():
            found = dict(line.split() for line in file.read_text().splitlines())
            older = int(found.get("total_rss", 0)) + int(found.get("total_shmem", 0))
            return older or int(found.get("anon", 0)) + int(found.get("shmem", 0))
    return 0


def thaw(name: str) -> None:
    """Let a host go on that was frozen as a whole."""
    for group in groups(name):
        if (group / "cgroup.freeze").exists():
            (group / "cgroup.freeze").write_text("0")


def remove_groups(name: str) -> None:
    """Remove the host's control groups, which must hold no process any more."""
    for group in groups(name):
        for _ in range(20):
            if _removed(group):
                break
            pause(0.1)


def _removed(group: Path) -> bool:
    for folder, _, _ in os.walk(group, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            return False
    return True


def leader(folder: Path) -> int:
    """The host's process 1; 0 when it is off."""
    try:
        words = (folder / "leader").read_text().split()
        pid, when = int(words[0]), words[1]
    except (OSError, ValueError, IndexError):
        return 0
    return pid if alive(pid) and began(pid) == when else 0


def boot(folder: Path, name: str, space: str, binds: Iterable[str]) -> None:
    """Start the host whose root is mounted at `folder`/root; returns when its process 1 is there."""
    for group in groups(space):
        group.mkdir(exist_ok=True)
    log = folder / "console.log"
    log.unlink(missing_ok=True)
    (folder / "leader").unlink(missing_ok=True)
    words = [sys.executable, "-I", spawn.__file__, str(log), *(str(group) for group in groups(space)), "--"]
    words += ["systemd-nspawn", "--quiet", "--boot", f"--directory={folder / 'root'}", f"--machine={name}"]
    words += ["--register=no", "--keep-unit", f"--network-namespace-path=/run/netns/{space}", "--capability=all"]
    words += ["--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=pipe", *binds]
    words += ["systemd.unit=multi-user.target", "systemd.show_status=no"]
    environment = {
        **PLAIN,
        "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
        "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
        "SYSTEMD_SECCOMP": "0",
    }
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, env=environment, cwd="/")
    (folder / "nspawn").write_text(f"{process.pid} {began(process.pid)}\n")
    if not wait_until(lambda: process.poll() is not None or bool(_first(process.pid)), 20, 0.05):
        process.kill()
        raise LabError(f"{name} does not boot", "no process 1 after 20 s", f"see {log}")
    first = _first(process.pid)
    if not first:
        said = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
        raise LabError(f"{name} does not boot", said[0] if said else "systemd-nspawn ended", f"see {log}")
    (folder / "leader").write_text(f"{first} {began(first)}\n")


def _first(nspawn: int) -> int:
    """The process 1 below a systemd-nspawn, once it has become systemd."""
    return next((pid for pid in children(nspawn) if called(pid) in ("systemd", "init")), 0)


def end(folder: Path, seconds: float) -> None:
    """Power off; what is not off after `seconds` is killed."""
    first = leader(folder)
    if first:
        os.kill(first, _POWER_OFF)
        if not wait_until(lambda: not alive(first), seconds):
            kill(folder)
    _reap(folder)


def kill(folder: Path) -> None:
    """End the host as a pulled plug would."""
    first = leader(folder)
    if first:
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not alive(first), 10)
    _reap(folder)


def _reap(folder: Path) -> None:
    """Wait until systemd-nspawn itself has ended; one that never got a process 1 is killed."""
    try:
        words = (folder / "nspawn").read_text().split()
        pid, when = int(words[0]), words[1]
    except (OSError, ValueError, IndexError):
        return
    if not wait_until(lambda: _gone(pid, when), 5, 0.05):
        for each in children(pid):
            os.kill(each, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: _gone(pid, when), 5, 0.05)
    for name in ("nspawn", "leader"):
        (folder / name).unlink(missing_ok=True)


def _gone(pid: int, when: str) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return not alive(pid) or began(pid) != when
