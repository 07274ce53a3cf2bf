"""libvirt's domains: the table of `virsh list --all`, whose columns are as wide as what is in them."""

from __future__ import annotations

import re
from typing import Any

_ROW = re.compile(r"(\d+|-)\s+(\S+)\s+(\S.*?)")


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def domains(output: bytes) -> list[dict[str, Any]]:
    """One mapping per domain: its name, its state in libvirt's words, and its number while it runs."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").split("\n") if line.strip()]
    if not lines or lines[0].split() != ["Id", "Name", "State"]:
        raise ValueError(f"not what virsh list prints: {lines[0][:60] if lines else 'nothing'!r}")
    found: list[dict[str, Any]] = []
    for line in lines[1:]:
        if set(line) == {"-"}:
            continue
        match = _ROW.fullmatch(line)
        if match is None:
            found.append({"raw": line[:200]})
        else:
            number = int(match[1]) if match[1].isdigit() else None
            found.append({"name": match[2], "state": match[3], "number": number})
    return found


def uuids(output: bytes) -> list[dict[str, Any]]:
    """`virsh list --uuid --name`: the id of each domain, which is that of Nova's server, by its name."""
    found: list[dict[str, Any]] = []
    for line in output.decode("utf-8", "replace").split("\n"):
        words = line.split()
        if not words:
            continue
        if not _UUID.fullmatch(words[0]) or len(words) > 2:
            raise ValueError(f"not what virsh list --uuid prints: {line[:60]!r}")
        if len(words) == 2:
            found.append({"name": words[1], "uuid": words[0]})
    return found
