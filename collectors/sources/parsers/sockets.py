"""`ss -H -tunap`: who listens, who talks to whom, and by which process."""

from __future__ import annotations

import re
from typing import Any

_PROCESS = re.compile(r'\("((?:[^"\\]|\\.)*)",pid=(\d+),fd=(\d+)\)')


def sockets(output: bytes) -> list[dict[str, Any]]:
    """One mapping per socket; several processes may hold one (the first is told, and how many)."""
    found = []
    for line in output.decode("utf-8", "replace").splitlines():
        words = line.split(None, 6)
        if not words:
            continue
        if len(words) < 6 or words[0] not in ("tcp", "udp") or not (words[2] + words[3]).isdigit():
            raise ValueError(f"a line that ss does not print: {line[:80]!r}")
        local, local_port = _divided(words[4])
        peer, peer_port = _divided(words[5])
        holders = _PROCESS.findall(words[6]) if len(words) > 6 else []
        names = list(dict.fromkeys(name for name, _, _ in holders))
        found.append(
            {
                "protocol": words[0],
                "state": words[1],
                "waiting": int(words[2]),
                "unsent": int(words[3]),
                "local": local,
                "local_port": local_port,
                "peer": peer,
                "peer_port": peer_port,
                "process": ", ".join(names) or None,
                "pid": int(holders[0][1]) if holders else None,
                "fd": int(holders[0][2]) if holders else None,
                "holders": len({pid for _, pid, _ in holders}) or None,
            }
        )
    return found


def _divided(place: str) -> tuple[str, str]:
    """Address and port: `[::ffff:10.0.0.1]:5672` → (`10.0.0.1`, `5672`), `*:9697` → (`*`, `9697`)."""
    address, _, port = place.rpartition(":")
    return address.partition("%")[0].strip("[]").removeprefix("::ffff:"), port
