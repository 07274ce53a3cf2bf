"""Linux bridges: `ip -j -d link` for the bridges, `bridge -j link` for their ports."""

from __future__ import annotations

from collections import Counter
from typing import Any

from collectors.sources.parsers.links import decoded_list, some


def bridges(output: bytes) -> list[dict[str, Any]]:
    """One mapping per Linux bridge, with the number of interfaces that have it as their master."""
    found = [each for each in some(output) if isinstance(each, dict)]
    ports = Counter(each.get("master") for each in found)
    return [
        {
            "name": each.get("ifname"),
            "bridge": each.get("ifname"),
            "engine": "linux",
            "ports": ports[each.get("ifname")],
            "datapath": "kernel",
            "spanning_tree": bool(_data(each).get("stp_state")),
            "vlan_filtering": bool(_data(each).get("vlan_filtering")),
            "state": each.get("operstate"),
        }
        for each in found
        if _info(each).get("info_kind") == "bridge"
    ]


def _info(link: dict[str, Any]) -> dict[str, Any]:
    found = link.get("linkinfo")
    return found if isinstance(found, dict) else {}


def _data(link: dict[str, Any]) -> dict[str, Any]:
    found = _info(link).get("info_data")
    return found if isinstance(found, dict) else {}


def ports(output: bytes) -> list[dict[str, Any]]:
    """One mapping per port of a Linux bridge: `state` is the spanning tree's (forwarding, blocking, disabled)."""
    return [
        {
            "name": each["ifname"],
            "bridge": each["master"],
            "engine": "linux",
            "type": "system",
            "link_state": "up" if "LOWER_UP" in (each.get("flags") or ()) else "down",
            "admin_state": "up" if "UP" in (each.get("flags") or ()) else "down",
            "mtu": each.get("mtu"),
            "spanning_tree": each.get("state"),
        }
        if isinstance(each, dict) and isinstance(each.get("ifname"), str)
        else {"raw": str(each)[:200]}
        for each in decoded_list(output)
        if not isinstance(each, dict) or each.get("master")
    ]
