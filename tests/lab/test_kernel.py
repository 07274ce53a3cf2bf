"""Settings of the kernel: raised, never lowered; the values from before come back with the last lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbooks.lab import kernel

INSTANCES = "fs/inotify/max_user_instances"
BRIDGE = "net/bridge/bridge-nf-call-iptables"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A pretended /proc/sys, with fewer settings than we know."""
    for name, value in ((INSTANCES, 128), (BRIDGE, 1), ("fs/inotify/max_user_watches", 9999999)):
        file = tmp_path / "sys" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{value}\n")
    return tmp_path / "sys"


def values(root: Path) -> list[str]:
    return [(root / name).read_text().strip() for name in (INSTANCES, BRIDGE, "fs/inotify/max_user_watches")]


def test_what_is_too_small_is_raised_and_told(root: Path, tmp_path: Path) -> None:
    told = kernel.prepare(tmp_path / "note", root)
    assert told == [
        "fs.inotify.max_user_instances = 4096 (was 128)",
        "net.bridge.bridge-nf-call-iptables = 0 (was 1)",
    ]
    assert values(root) == ["4096", "0", "9999999"]
    assert kernel.prepare(tmp_path / "note", root) == []


def test_the_last_lab_restores_what_the_first_one_found(root: Path, tmp_path: Path) -> None:
    devices, note = tmp_path / "net", tmp_path / "note"
    (devices / "nl80-mgmt").mkdir(parents=True)
    kernel.prepare(note, root)
    kernel.restore(note, root, devices)
    assert values(root) == ["4096", "0", "9999999"]
    (devices / "nl80-mgmt").rmdir()
    kernel.restore(note, root, devices)
    assert values(root) == ["128", "1", "9999999"]
    assert not note.exists()
    kernel.restore(note, root, devices)
