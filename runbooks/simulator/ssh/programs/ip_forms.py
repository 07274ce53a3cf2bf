"""How `ip` writes an interface: its JSON with the recorded keys in their order, its text, its brief line."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from runbooks.simulator.model.wires.links import Link
from runbooks.simulator.ssh.program import Call, Place

_FOREVER = {"valid_life_time": 4294967295, "preferred_life_time": 4294967295}


def _flags(link: Link) -> list[str]:
    """In the kernel's order."""
    if link.name == "lo":
        return ["LOOPBACK", "UP", "LOWER_UP"]
    flags = ["BROADCAST", "MULTICAST", *(["PROMISC"] if link.promiscuous else []), *link.flags]
    if link.up:
        flags += ["UP", "LOWER_UP"] if link.carrier else ["UP"]
    return flags if link.carrier or not link.up else ["NO-CARRIER", *flags]


def as_json(place: Place, link: Link, family: str, *, addresses: bool, details: bool) -> dict[str, Any]:
    """`ip -j -s [-d] addr|link`, in its order of keys; `stats64` is always there."""
    loopback = link.name == "lo"
    found: dict[str, Any] = {
        "ifindex": link.index, "ifname": link.name, "flags": _flags(link), "mtu": link.mtu, "qdisc": link.queue,
        **({"master": link.master} if link.master else {}), "operstate": link.state,
        **({} if addresses else {"linkmode": "DEFAULT"}), "group": "default", "txqlen": 1000,
        "link_type": "loopback" if loopback else "ether", "address": link.mac,
        "broadcast": "00:00:00:00:00:00" if loopback else "ff:ff:ff:ff:ff:ff",
    }  # fmt: skip
    if details:
        found |= {
            "promiscuity": int(link.promiscuous), "allmulti": 0, "min_mtu": 0 if loopback else 68,
            "max_mtu": 0 if loopback else 65535, **({"linkinfo": link.info} if link.info else {}),
            **({} if addresses else {"inet6_addr_gen_mode": "eui64"}), "num_tx_queues": 1, "num_rx_queues": 1,
            "gso_max_size": 65536, "gso_max_segs": 65535, "tso_max_size": 524280, "tso_max_segs": 65535,
            "gro_max_size": 65536,
        }  # fmt: skip
    if addresses:
        found["addr_info"] = [info for info in map(_info(link), link.addresses) if family in ("", info["family"])]
    return found | {"stats64": _stats(place, link)}


def _info(link: Link) -> Any:
    def of(address: Any) -> dict[str, Any]:
        broadcast = {"broadcast": _last(address.local, address.length)} if address.broadcast else {}
        label = {"label": link.name} if address.family == "inet" else {}
        return {
            "family": address.family, "local": address.local, "prefixlen": address.length, **broadcast,
            "scope": address.scope, **label, **_FOREVER,
        }  # fmt: skip

    return of


def _last(address: str, length: int) -> str:
    return str(IPv4Network(f"{address}/{length}", strict=False).broadcast_address)


def _stats(place: Place, link: Link) -> dict[str, Any]:
    """Counters that grow with the host's time; nothing passes an interface that is down."""
    busy = place.cloud.seed.number(90, "traffic", place.host.name, link.name) + 5 if link.up and link.carrier else 0
    packets = int((place.now - place.host.booted) * busy)
    rx = {"bytes": packets * 620, "packets": packets, "errors": 0, "dropped": 0, "over_errors": 0, "multicast": 0}
    sent = packets * 4 // 5
    tx = {"bytes": sent * 540, "packets": sent, "errors": 0, "dropped": 0, "carrier_errors": 0, "collisions": 0}
    return {"rx": rx, "tx": tx}


def print_brief(call: Call, each: dict[str, Any]) -> None:
    """`ip -br addr|link`."""
    if "addr_info" in each:
        shown = " ".join(f"{info['local']}/{info['prefixlen']}" for info in each["addr_info"])
    else:
        shown = f"{each['address']} <{','.join(each['flags'])}>"
    call.print(f"{each['ifname']:<16} {each['operstate']:<14} {shown} ".rstrip() + " ")


def print_text(call: Call, each: dict[str, Any], *, stats: bool) -> None:
    """`ip addr|link`."""
    master = f" master {each['master']}" if "master" in each else ""
    mode = f" mode {each['linkmode']}" if "linkmode" in each else ""
    call.print(
        f"{each['ifindex']}: {each['ifname']}: <{','.join(each['flags'])}> mtu {each['mtu']} qdisc {each['qdisc']}"
        f"{master} state {each['operstate']}{mode} group default qlen {each['txqlen']}"
    )
    call.print(f"    link/{each['link_type']} {each['address']} brd {each['broadcast']}")
    for info in each.get("addr_info", []):
        label = f" {info['label']}" if "label" in info else ""
        broadcast = f" brd {info['broadcast']}" if "broadcast" in info else ""
        call.print(f"    {info['family']} {info['local']}/{info['prefixlen']}{broadcast} scope {info['scope']}{label}")
        call.print("       valid_lft forever preferred_lft forever")
    if stats:
        for way, names in (
            ("rx", "bytes packets errors dropped  missed   mcast"),
            ("tx", "bytes packets errors dropped carrier collsns"),
        ):
            call.print(f"    {way.upper()}:  {names}           ")
            call.print("    " + "".join(f"{count:>8}" for count in each["stats64"][way].values()) + " ")
