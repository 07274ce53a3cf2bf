"""`ovs-vsctl --format=json`: tables of Open vSwitch's database, and what its bridges, ports and tunnels are.

Several lists in one call come as several JSON documents, one a line, in the order asked for. A value is plain, or a
pair: `["set", […]]`, `["map", [[key, value], …]]`, `["uuid", "…"]`; an empty set means that the column is not set.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec


def plain(value: Any) -> Any:
    """A value of the database: sets as lists (None for an empty one), maps as dictionaries, UUIDs as text."""
    if not isinstance(value, list) or len(value) != 2:
        return value
    what, inner = value
    if what == "uuid":
        return inner
    if what == "set" and isinstance(inner, list):
        return [plain(each) for each in inner] or None
    if what == "map" and isinstance(inner, list):
        return {str(plain(key)): plain(each) for key, each in inner}
    return value


def listed(value: Any) -> list[Any]:
    """A column that may hold one value or several."""
    return [] if value is None else value if isinstance(value, list) else [value]


def tables(output: bytes, count: int) -> list[list[dict[str, Any]]]:
    """The rows of each table. Raises ValueError when there are not `count` of them."""
    found = [_table(line) for line in output.splitlines() if line.strip()]
    if len(found) != count:
        raise ValueError(f"{count} tables expected, not {len(found)}: {output[:60]!r}")
    return found


def _table(text: bytes) -> list[dict[str, Any]]:
    try:
        found = msgspec.json.decode(text)
        headings, data = found["headings"], found["data"]
        return [dict(zip(headings, map(plain, row), strict=True)) for row in data]
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no table of Open vSwitch's database: {text[:60]!r}") from error


def tunnel_addresses(output: bytes) -> dict[str, Any]:
    """`find Interface type=vxlan`: the addresses at which tunnels of this host begin."""
    (interfaces,) = tables(output, 1)
    found = {str(address) for each in interfaces if (address := _map(each, "options").get("local_ip"))}
    return {"tunnel_addresses": sorted(found)}


def bridges(output: bytes) -> list[dict[str, Any]]:
    """`list Bridge` and `list Controller`: one mapping per bridge."""
    found, controllers = tables(output, 2)
    connected = {each["_uuid"]: each.get("is_connected") for each in controllers}
    return [
        {
            "name": bridge["name"],
            "bridge": bridge["name"],
            "engine": "openvswitch",
            "ports": len(listed(bridge.get("ports"))),
            "fail_mode": bridge.get("fail_mode"),
            "datapath": bridge.get("datapath_type") or "system",
            "controllers": [connected.get(uuid) for uuid in listed(bridge.get("controller"))],
            "spanning_tree": bool(bridge.get("stp_enable") or bridge.get("rstp_enable")),
        }
        for bridge in found
    ]


def flow_count(output: bytes) -> list[dict[str, Any]]:
    """`ovs-ofctl dump-aggregate`: `NXST_AGGREGATE reply (xid=0x4): packet_count=… flow_count=28`, or OFPST's."""
    found = re.search(rb"AGGREGATE reply .*\bpacket_count=(\d+).*\bflow_count=(\d+)", output)
    if found is None:
        raise ValueError(f"no aggregate of flows: {output[:60]!r}")
    return [{"packets": int(found[1]), "flows": int(found[2])}]


def entry_count(output: bytes) -> list[dict[str, Any]]:
    """The same of table 0 alone."""
    return [{"entries": each["flows"]} for each in flow_count(output)]


def ports(output: bytes) -> list[dict[str, Any]]:
    """`list Bridge`, `list Port` and `list Interface`: one mapping per interface of a port (a bond has several)."""
    of_bridges, of_ports, of_interfaces = tables(output, 3)
    interfaces = {each["_uuid"]: each for each in of_interfaces}
    by_port = {uuid: bridge["name"] for bridge in of_bridges for uuid in listed(bridge.get("ports"))}
    return [
        _port(by_port.get(port["_uuid"]), port, interfaces[uuid], several)
        for port in of_ports
        for several in [len(listed(port.get("interfaces"))) > 1]
        for uuid in listed(port.get("interfaces"))
        if uuid in interfaces  # one that was plugged between the two lists has no row yet
    ]


def _port(bridge: str | None, port: dict[str, Any], interface: dict[str, Any], several: bool) -> dict[str, Any]:
    options, status = _map(interface, "options"), _map(interface, "status")
    outside, wiring, numbers = (
        _map(interface, "external_ids"),
        _map(port, "other_config"),
        _map(interface, "statistics"),
    )
    error = interface.get("error")
    return {
        "name": interface["name"],
        "bridge": bridge,
        "engine": "openvswitch",
        "bond": port["name"] if several else None,
        "bond_mode": port.get("bond_mode") if several else None,
        "type": interface.get("type") or "system",
        "tag": port.get("tag"),
        "trunks": listed(port.get("trunks")),
        "vlan_mode": port.get("vlan_mode"),
        "ofport": interface.get("ofport"),
        "admin_state": interface.get("admin_state"),
        "link_state": interface.get("link_state"),
        "error": error if isinstance(error, str) and error else None,
        "mtu": interface.get("mtu"),
        "peer": options.get("peer"),
        "remote_ip": options.get("remote_ip"),
        "local_ip": options.get("local_ip"),
        "leaves_by": status.get("tunnel_egress_iface"),
        "carrier": status.get("tunnel_egress_iface_carrier"),
        "bfd": _map(interface, "bfd_status").get("state"),
        "port_id": outside.get("iface-id"),
        "mac": outside.get("attached-mac"),
        "network_id": wiring.get("net_uuid"),
        "network_type": wiring.get("network_type"),
        "segment": wiring.get("segmentation_id"),
        "packets": _both(numbers, "packets"),
        "errors": _both(numbers, "errors"),
        "dropped": _both(numbers, "dropped"),
    }


def _map(row: dict[str, Any], column: str) -> dict[str, Any]:
    found = row.get(column)
    return found if isinstance(found, dict) else {}


def _both(numbers: dict[str, Any], what: str) -> int | None:
    rx, tx = numbers.get(f"rx_{what}"), numbers.get(f"tx_{what}")
    return rx + tx if isinstance(rx, int) and isinstance(tx, int) else None
