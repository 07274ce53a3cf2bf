"""`ovs-ofctl dump-flows`: `NXST_FLOW reply` of OpenFlow 1.0, `OFPST_FLOW reply` of later ones."""

from __future__ import annotations

import re
from typing import Any

_FLOW = re.compile(r" ?cookie=(0x[0-9a-f]+), (.*?) ?actions=(.*)")
_HEAD = re.compile(r"\w+ reply .*:")
_NUMBERS = ("table", "n_packets", "n_bytes", "priority", "idle_age", "hard_age", "idle_timeout", "hard_timeout")
_WORDS = ("reset_counts", "send_flow_rem", "check_overlap", "no_packet_counts", "no_byte_counts")
DEFAULT_PRIORITY = 32768
"""Which is not printed."""


def flows(output: bytes) -> list[dict[str, Any]]:
    """One mapping per flow, in the order in which they are tried: by table, the highest priority first."""
    lines = output.decode("utf-8", "replace").splitlines()
    if not lines or not _HEAD.fullmatch(lines[0]):
        raise ValueError(f"no flows of ovs-ofctl: {output[:60]!r}")
    found = [_flow(line) for line in lines[1:] if line.strip()]
    return sorted(found, key=lambda flow: (flow.get("table", 256), -flow.get("priority", 0)))


def _flow(line: str) -> dict[str, Any]:
    found = _FLOW.fullmatch(line)
    if found is None:
        return {"raw": line[:200]}
    cookie, told, actions = found.groups()
    values: dict[str, Any] = {"table": 0, "priority": DEFAULT_PRIORITY}
    match = []
    for word in re.split(r",\s*|\s+", told):
        name, _, value = word.partition("=")
        if name in _NUMBERS and value.isdigit():
            values[name] = int(value)
        elif name == "duration":
            values[name] = float(value.removesuffix("s"))
        elif word and word not in _WORDS:
            match.append(word)
    return {"cookie": cookie, "match": ",".join(match), "actions": actions} | values
