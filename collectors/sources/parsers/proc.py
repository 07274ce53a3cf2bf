"""Files of /proc, and /etc/os-release. Sizes in bytes, times in seconds since the epoch."""

from __future__ import annotations

import re
import shlex
from typing import Any


def load(output: bytes) -> dict[str, Any]:
    """/proc/loadavg: `0.37 1.03 1.81 1/1967 2605`."""
    words = output.split()
    if len(words) != 5:
        raise ValueError(f"no load averages: {output[:60]!r}")
    return {"load_1": float(words[0]), "load_5": float(words[1]), "load_15": float(words[2])}


_MEMORY = {
    "MemTotal": "memory_total",
    "MemAvailable": "memory_available",
    "SwapTotal": "swap_total",
    "SwapFree": "swap_free",
}


def memory(output: bytes) -> dict[str, Any]:
    """/proc/meminfo: lines `MemTotal:       24684084 kB`; before Linux 3.14 there is no MemAvailable."""
    found = {}
    for name, kib in re.findall(r"^(\w+): +(\d+) kB$", output.decode("ascii", "replace"), re.MULTILINE):
        if name in _MEMORY:
            found[_MEMORY[name]] = int(kib) * 1024
    if "memory_total" not in found:
        raise ValueError(f"no MemTotal: {output[:60]!r}")
    return found


def boot_time(output: bytes) -> dict[str, Any]:
    """The line `btime 1795209334` of /proc/stat."""
    words = output.split()
    if len(words) != 2 or words[0] != b"btime":
        raise ValueError(f"no boot time: {output[:60]!r}")
    return {"booted": int(words[1])}


def os_release(output: bytes) -> dict[str, Any]:
    """/etc/os-release: shell assignments, of which PRETTY_NAME (else NAME and VERSION) is for people."""
    values = {}
    for line in output.decode("utf-8", "replace").splitlines():
        name, is_one, value = line.partition("=")
        if is_one and name.isidentifier():
            values[name] = " ".join(shlex.split(value))
    pretty = values.get("PRETTY_NAME") or f"{values.get('NAME', '')} {values.get('VERSION', '')}".strip()
    if not pretty:
        raise ValueError(f"no name: {output[:60]!r}")
    return {"os": pretty}
