"""Which addresses a bridge has heard behind which port: `ovs-appctl fdb/show`, `bridge -j fdb show`."""

from __future__ import annotations

import re
from typing import Any

from collectors.sources.parsers.links import decoded_list

_ENTRY = re.compile(r"\s*(\d+|LOCAL)\s+(\d+)\s+([0-9a-f:]{17})\s+(\d+|\?|static|-)\s*")
_PORT = re.compile(r" (\d+|LOCAL)\((.+?)\): addr:.*")


def openvswitch(output: bytes) -> list[dict[str, Any]]:
    """Lines `    3     1  ee:bd:ff:41:3d:4b  277` under ` port  VLAN  MAC                Age`."""
    lines = output.decode("utf-8", "replace").splitlines()
    if not lines or lines[0].split() != ["port", "VLAN", "MAC", "Age"]:
        raise ValueError(f"no addresses of Open vSwitch: {output[:60]!r}")
    found: list[dict[str, Any]] = []
    for line in lines[1:]:
        match = _ENTRY.fullmatch(line)
        if match is None:
            found.append({"raw": line[:200]})
            continue
        port, vlan, mac, age = match.groups()
        found.append({"ofport": port, "vlan": int(vlan), "mac": mac, "age": int(age) if age.isdigit() else None,
                      "static": age == "static"})  # fmt: skip
    return found


def port_names(output: bytes) -> list[dict[str, Any]]:
    """`ovs-ofctl show`: the names of a bridge's ports by their numbers."""
    if b"reply" not in output and b"REPLY" not in output:
        raise ValueError(f"no description of a bridge: {output[:60]!r}")
    found = [_PORT.fullmatch(line) for line in output.decode("utf-8", "replace").splitlines()]
    return [{"ofport": match[1], "port": match[2]} for match in found if match is not None]


def linux(output: bytes) -> list[dict[str, Any]]:
    """`bridge -j fdb show br NAME`: learnt addresses, and remote ends of a VXLAN (`dst`)."""
    return [
        {
            "port": each["ifname"],
            "vlan": each.get("vlan"),
            "mac": each["mac"],
            "remote_ip": each.get("dst"),
            "static": each.get("state") in ("permanent", "static"),
        }
        if isinstance(each, dict) and isinstance(each.get("mac"), str) and isinstance(each.get("ifname"), str)
        else {"raw": str(each)[:200]}
        for each in decoded_list(output)
    ]
