"""Settings of the machine's kernel that many hosts on it need; the values from before come back with the last lab.

What was changed is noted in /run, which is as short-lived as the settings themselves.
"""

from __future__ import annotations

import json
from pathlib import Path

from runbooks.lab.layout import NETWORKS, NUMBERS

NOTE = Path("/run/nephoscope-lab-kernel.json")
AT_LEAST = {
    "fs/inotify/max_user_instances": 4096,  # each systemd takes a dozen, and root has 128 for all of them
    "fs/inotify/max_user_watches": 524288,
}
EXACTLY = {
    # Frames between the hosts must not pass the machine's own filter rules.
    "net/bridge/bridge-nf-call-iptables": 0,
    "net/bridge/bridge-nf-call-ip6tables": 0,
    "net/bridge/bridge-nf-call-arptables": 0,
}


def prepare(note: Path = NOTE, root: Path = Path("/proc/sys")) -> list[str]:
    """Set what must be set; returns what was changed, in words."""
    before = _noted(note)
    changed = []
    for name, wanted in (AT_LEAST | EXACTLY).items():
        file = root / name
        if not file.exists():
            continue
        found = int(file.read_text())
        if found == wanted or (name in AT_LEAST and found > wanted):
            continue
        before.setdefault(name, found)
        note.write_text(json.dumps(before) + "\n")
        file.write_text(f"{wanted}\n")
        changed.append(f"{name.replace('/', '.')} = {wanted} (was {found})")
    return changed


def restore(note: Path = NOTE, root: Path = Path("/proc/sys"), devices: Path = Path("/sys/class/net")) -> None:
    """Back to the values from before, unless another lab is up."""
    if note.exists() and not labs(devices):
        for name, value in _noted(note).items():
            if (root / name).exists():
                (root / name).write_text(f"{value}\n")
        note.unlink()


def labs(devices: Path) -> list[int]:
    """The numbers of the labs that are up."""
    return [number for number in NUMBERS if (devices / f"nl{number}-{NETWORKS[0]}").exists()]


def _noted(note: Path) -> dict[str, int]:
    try:
        return {str(name): int(value) for name, value in json.loads(note.read_text()).items()}
    except (FileNotFoundError, ValueError, AttributeError):
        return {}
