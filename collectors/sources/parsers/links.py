"""`ip -j -d -s addr`: interfaces of one network namespace with kind, counters and addresses; `ip -j netns list`.

iproute2 before 5.14 prints an empty object for each interface that a filter leaves out, and may end a list with one;
those are passed over. A veth's peer in another namespace is known by its index there and by that namespace's number.
What belongs to a bond, a team or a bridge says so itself; here each master is told its members, too.
"""

from __future__ import annotations

from typing import Any

import msgspec


def decoded_list(output: bytes) -> list[Any]:
    """The JSON list that `ip -j` prints; for an empty one it may print nothing."""
    text = output.strip()
    if not text:
        return []
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(f"no JSON ({error}): is iproute2 older than 4.16?") from error
    if not isinstance(found, list):
        raise ValueError(f"no list: {output[:60]!r}")
    return [item for item in found if item != {}]


def some(output: bytes) -> list[Any]:
    """The same of a list that is never empty, because there always is `lo`."""
    found = decoded_list(output)
    if not found:
        raise ValueError(f"no interface at all: {output[:60]!r}")
    return found


def links(output: bytes) -> list[dict[str, Any]]:
    """One mapping per interface."""
    found = some(output)
    names = {link["ifindex"]: link["ifname"] for link in found if _named(link)}
    made = [_link(link, names) if _named(link) else {"raw": str(link)[:200]} for link in found]
    members: dict[str, list[dict[str, Any]]] = {}
    for link in made:
        if link.get("master"):
            members.setdefault(link["master"], []).append(link)
    return [link | _members(link, members.get(link.get("name", ""), [])) for link in made]


_IN_SYNC, _COLLECTING, _DISTRIBUTING, _DEFAULTED, _EXPIRED = 8, 16, 32, 64, 128
"""Bits of an LACP port state (IEEE 802.1AX, 6.4.2.3)."""


def _members(link: dict[str, Any], members: list[dict[str, Any]]) -> dict[str, Any]:
    """What a master knows of those that belong to it, and which of them carry nothing now."""
    if not members and link.get("kind") not in ("bond", "team", "bridge"):
        return {}
    return {
        "members": [member["name"] for member in members],
        "members_down": [member["name"] for member in members if _down(member)],
        "members_apart": [
            member["name"]
            for member in members
            if link.get("aggregator") is not None
            and member["in_aggregator"] not in (None, link["aggregator"])
            and not _down(member)
        ],
    }


def _down(member: dict[str, Any]) -> bool:
    """Without carrier, switched off, or not used by its bond."""
    return "LOWER_UP" not in (member.get("flags") or ()) or (member.get("mii_status") or "UP").upper() != "UP"


def _lacp(state: object) -> str | None:
    """What is wrong with how the partner sees a port; None when it sends and receives on it, or nothing is known."""
    if not isinstance(state, int):
        return None
    if state & (_DEFAULTED | _EXPIRED):
        return "the switch says nothing"
    if not state & _IN_SYNC:
        return "the switch has it out of sync"
    return None if state & _COLLECTING and state & _DISTRIBUTING else "the switch neither sends nor receives on it"


def _named(link: object) -> bool:
    return isinstance(link, dict) and isinstance(link.get("ifname"), str) and isinstance(link.get("ifindex"), int)


def _link(link: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    info = _mapping(link, "linkinfo")
    data = _mapping(info, "info_data")
    slave = _mapping(info, "info_slave_data")
    kind = info.get("info_kind")
    lower = link.get("link_index")
    return {
        "name": link["ifname"],
        "index": link["ifindex"],
        "flags": link.get("flags"),
        "state": link.get("operstate"),
        "mtu": link.get("mtu"),
        "mac": link.get("address") if link.get("link_type") == "ether" else None,
        "loopback": link.get("link_type") == "loopback",
        "kind": data.get("type") if kind == "tun" else kind,
        "master": link.get("master"),
        "promiscuity": link.get("promiscuity"),
        "below": link.get("link") or (names.get(lower) if "link_netnsid" not in link and lower else None),
        "below_index": lower,
        "namespace_number": link.get("link_netnsid"),
        "addresses": [
            f"{each['local']}/{each['prefixlen']}"
            for each in link.get("addr_info") or ()
            if isinstance(each, dict) and "local" in each and "prefixlen" in each
        ],
        "vlan": data.get("id") if kind in ("vlan", "vxlan") else None,
        "bond_mode": data.get("mode") if kind == "bond" else None,
        "active_slave": data.get("active_slave") if kind == "bond" else None,
        "lacp_partner": _mapping(data, "ad_info").get("partner_mac") if kind == "bond" else None,
        "aggregator": _mapping(data, "ad_info").get("aggregator") if kind == "bond" else None,
        "in_aggregator": slave.get("ad_aggregator_id"),
        "lacp_trouble": _lacp(slave.get("ad_partner_oper_port_state")),
        "failures": slave.get("link_failure_count"),
        "slave_state": slave.get("state") if info.get("info_slave_kind") == "bond" else None,
        "mii_status": slave.get("mii_status") if info.get("info_slave_kind") == "bond" else None,
    } | _counters(link.get("stats64") or link.get("stats"))


def _mapping(info: dict[str, Any], name: str) -> dict[str, Any]:
    found = info.get(name)
    return found if isinstance(found, dict) else {}


def _counters(stats: object) -> dict[str, Any]:
    """Received and sent since the interface was made."""
    if not isinstance(stats, dict):
        return {}
    rx, tx = _mapping(stats, "rx"), _mapping(stats, "tx")
    return {
        "received": rx.get("bytes"),
        "sent": tx.get("bytes"),
        "packets": _sum(rx.get("packets"), tx.get("packets")),
        "errors": _sum(rx.get("errors"), tx.get("errors")),
        "dropped": _sum(rx.get("dropped"), tx.get("dropped")),
    }


def _sum(first: object, second: object) -> int | None:
    return first + second if isinstance(first, int) and isinstance(second, int) else None


def namespace_numbers(output: bytes) -> list[dict[str, Any]]:
    """`ip -j netns list`: the numbers by which interfaces here refer to other namespaces."""
    return [
        {"namespace_number": each["id"], "peer_namespace": each.get("name")}
        for each in decoded_list(output)
        if isinstance(each, dict) and isinstance(each.get("id"), int)
    ]
