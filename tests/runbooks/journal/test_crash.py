"""The process is killed (SIGKILL) at each point of an append: no record that was returned is ever lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runbooks.journal import Record, read, verify
from tests.runbooks.journal.written import filled, journal, lines

DYING = """
import os, signal, sys
from pathlib import Path
import runbooks.journal.append as append

path, point = Path(sys.argv[1]), sys.argv[2]
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
write = os.write

def cut(descriptor, data):
    '''Writes as much as it may, and is killed.'''
    size = int(point)
    write(descriptor, bytes(data[:size if size >= 0 else len(data) + size]))
    die()

def sync(descriptor):
    if point == "sync":
        die()
    os.fsync(descriptor)
    if point == "synced":
        die()

def told(words):
    if point == "told":
        die()

own = append.Journal(path, lambda: 1.8e9, told, sync=sync)
if point == "locked":
    append.tail = lambda *rest: die()
if point.lstrip("-").isdigit():
    os.write = cut
own.append("about", "dying", {"target": "cmp01", "text": "disable it"})
"""


def killed(path: Path, point: str) -> None:
    done = subprocess.run([sys.executable, "-c", DYING, str(path), point], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("point", ["locked", "0", "1", "8", "100", "-2", "-1", "sync", "synced", "told"])
def test_killed_at(tmp_path: Path, point: str) -> None:
    path = tmp_path / "j"
    before = filled(path, 3)
    killed(path, point)
    assert lines(path)[:3] == before
    whole = [r for r in read(path) if isinstance(r, Record)]
    assert verify(path).state in ("ok", "torn")
    if point in ("sync", "synced", "told"):
        assert whole[-1].run == "dying", "it was on its way to the disk, or there"
    after = journal(path).append("armed", "", {})
    verdict = verify(path)
    assert verdict.ok, verdict
    assert verdict.records == after.seq
    cut = point in ("1", "8", "100", "-2")
    assert bool(verdict.torn) is cut


def test_killed_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "j"
    filled(path, 1)
    for point in ("5", "60", "-2", "0", "sync", "9"):
        killed(path, point)
    journal(path).append("armed", "", {})
    verdict = verify(path)
    assert verdict.ok, verdict
    assert len(verdict.torn) >= 3
