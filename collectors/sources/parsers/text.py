"""Output that is one short line."""

from __future__ import annotations

import re
from typing import Any


def line(output: bytes) -> str:
    """The only line. Raises ValueError for none or several."""
    text = output.decode("utf-8", "replace").strip()
    if not text or "\n" in text:
        raise ValueError(f"one line expected, not {text[:60]!r}")
    return text


def cpus(output: bytes) -> dict[str, Any]:
    """`nproc`."""
    return {"cpus": int(line(output))}


def kernel(output: bytes) -> dict[str, Any]:
    """`uname -r`."""
    return {"kernel": line(output)}


def boot_id(output: bytes) -> dict[str, Any]:
    """/proc/sys/kernel/random/boot_id: another one after each boot."""
    text = line(output)
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        raise ValueError(f"no boot id: {text[:60]!r}")
    return {"boot_id": text}


def clock(output: bytes) -> dict[str, Any]:
    """`date +%s.%N`; a date without nanoseconds prints `.N` or `.%N`."""
    found = re.fullmatch(r"(\d{9,12})(\.\d+)?(?:\.%?N)?", line(output))
    if found is None:
        raise ValueError(f"no time: {line(output)[:60]!r}")
    return {"clock": float(found[1] + (found[2] or ""))}


def nothing(output: bytes) -> dict[str, Any]:
    """A command that only succeeds or fails."""
    return {}
