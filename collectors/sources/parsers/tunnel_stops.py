"""What on a host stops the packets of tunnels: rules of iptables and nft, and flows of a bridge, that drop their ports.

Each stop says of whom the packets are (an address, or `any`) and what it is. Only what names a tunnel's port is told: a
policy that drops everything has exceptions that nobody can judge from here.
"""

from __future__ import annotations

import re
from typing import Any

from collectors.sources.parsers import firewall, flows

PORTS = ("4789", "6081")
"""VXLAN's and Geneve's UDP ports."""
_STOPS = ("drop", "reject")
_NAMES_PORT = re.compile(rf"\b(?:{'|'.join(PORTS)})\b")
_FROM = re.compile(r"(?:-s|ip saddr|nw_src=) ?(\d+(?:\.\d+){3})\b")
_COMES_IN = ("input", "prerouting")


def _of(engine: str, found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Rules for what comes in; those of a chain of another name are left to who reads the rules."""
    return [
        {"source": _source(rule["rule"]), "by": f"{engine}, {rule['chain']}"}
        for rule in found
        if (rule["target"] or "").lower() in _STOPS
        and rule["chain"].lower() in _COMES_IN
        and "udp" in rule["rule"]
        and _NAMES_PORT.search(rule["rule"])
    ]


def _source(text: str) -> str:
    found = _FROM.search(text)
    return found[1] if found is not None else "any"


def iptables(output: bytes) -> dict[str, Any]:
    """`iptables-save -c`."""
    return {"stopped_by_iptables": _of("iptables", firewall.iptables(output))}


def nft(output: bytes) -> dict[str, Any]:
    """`nft -a list ruleset`."""
    return {"stopped_by_nft": _of("nft", firewall.nft(output))}


def by_flows(output: bytes) -> dict[str, Any]:
    """`ovs-ofctl dump-flows BRIDGE udp`."""
    found = []
    for flow in flows.flows(output):
        match = str(flow.get("match", ""))
        if flow.get("actions") == "drop" and re.search(rf"\b(?:tp_dst|udp_dst)=(?:{'|'.join(PORTS)})\b", match):
            found.append({"source": _source(match), "by": "a flow of the tunnels' bridge"})
    return {"stopped_by_flows": found}
