"""OVN: `cluster/status` of a member of a database, northd's status, and lists of both databases as JSON.

Lists are in the notation of Open vSwitch's database. A reference to another row is its UUID; columns that an older OVN
lacks are missing, and so unknown. `cluster/status` is for people: `Name: value` lines, then the servers one by one.
"""

from __future__ import annotations

import re
from typing import Any, Final

from collectors.sources.parsers.openvswitch import listed, tables

_SERVER: Final = re.compile(
    r"(?P<id>[0-9a-f]+) \([0-9a-f]+ at (?P<address>[^)\s]+)\)(?P<self> \(self\))?"
    r"(?:.*?next_index=(?P<next>\d+) match_index=(?P<match>\d+))?(?:.*?last msg (?P<last>\d+) ms ago)?"
)
_LOG: Final = re.compile(r"\[(\d+), (\d+)\]")


def raft(output: bytes) -> dict[str, Any]:
    """`cluster/status`. Raises ValueError for anything else."""
    text = output.decode("utf-8", "replace")
    found = dict(re.findall(r"^([A-Z][A-Za-z ]*?): +(\S.*?) *$", text, re.MULTILINE))
    if "Role" not in found or "Status" not in found:
        raise ValueError(f"no status of a cluster: {text[:60]!r}")
    identity = re.search(r"^Server ID: ([0-9a-f]+)", text, re.MULTILINE)
    log = _LOG.match(found.get("Log", ""))
    elected = re.search(r"^Last Election won: (\d+) ms ago", text, re.MULTILINE)
    return {
        "name": found.get("Name"),
        "cluster_id": found.get("Cluster ID", "").partition(" ")[0] or None,
        "server_id": identity[1] if identity else None,
        "address": found.get("Address"),
        "status": found["Status"],
        "role": found["Role"],
        "term": _number(found.get("Term")),
        "leader": found.get("Leader"),
        "elected": int(elected[1]) / 1000 if elected else None,
        "election_timer": _seconds(found.get("Election timer")),
        "last_index": int(log[2]) - 1 if log else None,
        "uncommitted": _number(found.get("Entries not yet committed")),
        "unapplied": _number(found.get("Entries not yet applied")),
        "disconnections": _number(found.get("Disconnections")),
        "servers": [_server(match) for match in _SERVER.finditer(text.partition("\nServers:\n")[2])],
    }


def _server(match: re.Match[str]) -> dict[str, Any]:
    return {
        "server_id": match["id"],
        "address": match["address"],
        "self": match["self"] is not None,
        "match_index": int(match["match"]) if match["match"] else None,
        "silent": int(match["last"]) / 1000 if match["last"] else None,
    }


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def _seconds(milliseconds: str | None) -> float | None:
    number = _number(milliseconds)
    return None if number is None else number / 1000


def northd(output: bytes) -> dict[str, Any]:
    """`Status: active`, `standby` or `paused`; an OVN before 20.03 says it without the word."""
    text = output.decode("utf-8", "replace").strip().removeprefix("Status: ")
    if text not in ("active", "standby", "paused"):
        raise ValueError(f"no status of northd: {text[:60]!r}")
    return {"northd": text}


def chassis(output: bytes) -> dict[str, Any]:
    """Chassis, Chassis_Private, Encap, SB_Global and where the port bindings are."""
    found, private, encaps, sb_global, bound = tables(output, 5)
    by_chassis = {one.get("chassis"): one for one in private}
    tunnels = {one["_uuid"]: one for one in encaps}
    here: dict[str, list[str]] = {}
    for binding in bound:
        here.setdefault(str(binding.get("chassis")), []).append(str(binding.get("type")))
    items = [_chassis(one, by_chassis.get(one["_uuid"], {}), tunnels, here.get(one["_uuid"], [])) for one in found]
    items += [
        {
            "name": one.get("name"),
            "nb_cfg": one.get("nb_cfg"),
            "updated": _moment(one, "nb_cfg_timestamp"),
            "left": True,
        }
        for one in private
        if not one.get("chassis")
    ]
    return {"chassis": items, "wanted": next((one.get("nb_cfg") for one in sb_global), None)}


def _chassis(one: dict[str, Any], private: dict[str, Any], tunnels: dict[str, Any], here: list[str]) -> dict[str, Any]:
    settings = _map(one, "external_ids") | _map(one, "other_config")
    ends = [tunnels[uuid] for uuid in listed(one.get("encaps")) if uuid in tunnels]
    return {
        "name": one["name"],
        "hostname": one.get("hostname"),
        "encaps": sorted({str(end.get("type")) for end in ends}),
        "addresses": sorted({str(end.get("ip")) for end in ends}),
        "nb_cfg": private.get("nb_cfg", one.get("nb_cfg")),
        "updated": _moment(private, "nb_cfg_timestamp"),
        "gateway": "enable-chassis-as-gw" in settings.get("ovn-cms-options", "").split(","),
        "mappings": settings.get("ovn-bridge-mappings") or None,
        "datapath": settings.get("datapath-type") or None,
        "zones": [str(zone) for zone in listed(one.get("transport_zones"))],
        "ports": sum(1 for kind in here if kind != "chassisredirect"),
        "gateway_ports": sum(1 for kind in here if kind == "chassisredirect"),
    }


def configuration(output: bytes) -> dict[str, Any]:
    """NB_Global: how often the configuration was counted up (`nb_cfg`), and who has taken that over until when."""
    (found,) = tables(output, 1)
    one = found[0] if found else {}
    return {
        "configuration": {
            "nb_cfg": one.get("nb_cfg"),
            "sb_cfg": one.get("sb_cfg"),
            "hv_cfg": one.get("hv_cfg"),
            "counted": _moment(one, "nb_cfg_timestamp"),
        }
    }


def logical_switches(output: bytes) -> dict[str, Any]:
    """Switches, each with its ports."""
    switches, found = tables(output, 2)
    ports = {one["_uuid"]: one for one in found}
    return {"switches": [_switch(one, ports) for one in switches]}


def _switch(one: dict[str, Any], ports: dict[str, Any]) -> dict[str, Any]:
    told, own = _map(one, "external_ids"), [ports[uuid] for uuid in listed(one.get("ports")) if uuid in ports]
    plain = [port for port in own if not port.get("type")]
    wanted = [p for p in plain if _map(p, "options").get("requested-chassis") and p.get("enabled") is not False]
    return {
        "id": one["_uuid"],
        "name": one.get("name"),
        "network": told.get("neutron:network_name"),
        "mtu": _number(told.get("neutron:mtu")),
        "revision": _number(told.get("neutron:revision_number")),
        "ports": len(own),
        "server_ports": len(plain),
        "wanted": len(wanted),
        "wanted_up": sum(1 for port in wanted if port.get("up") is True),
        "router_ports": sum(1 for port in own if port.get("type") == "router"),
        "physical": sorted({str(_map(p, "options").get("network_name")) for p in own if p.get("type") == "localnet"}),
    }


def datapaths(output: bytes) -> dict[str, Any]:
    """What northd made of switches and routers: their UUIDs in the northbound database → tunnel key."""
    (found,) = tables(output, 1)
    return {"tunnel_keys": {_logical(one)[1]: one.get("tunnel_key") for one in found}}


def _logical(datapath: dict[str, Any]) -> tuple[str, str]:
    """(`switch` or `router`, its UUID in the northbound database)."""
    told = _map(datapath, "external_ids")
    switch = told.get("logical-switch")
    return ("switch", str(switch)) if switch else ("router", str(told.get("logical-router", "")))


def logical_routers(output: bytes) -> dict[str, Any]:
    """Routers, each with its gateway ports and who may serve them."""
    routers, ports, nats, gateway_chassis, groups, ha_chassis = tables(output, 6)
    by_uuid = {one["_uuid"]: one for table in (ports, nats, gateway_chassis, groups, ha_chassis) for one in table}
    return {"routers": [_router(one, by_uuid) for one in routers]}


def _router(one: dict[str, Any], by_uuid: dict[str, Any]) -> dict[str, Any]:
    told = _map(one, "external_ids")
    own = [by_uuid[uuid] for uuid in listed(one.get("ports")) if uuid in by_uuid]
    kinds = [by_uuid[uuid].get("type") for uuid in listed(one.get("nat")) if uuid in by_uuid]
    return {
        "id": one["_uuid"],
        "name": one.get("name"),
        "router": told.get("neutron:router_name"),
        "enabled": one.get("enabled"),
        "fixed": _map(one, "options").get("chassis"),
        "ports": len(own),
        "addresses": [str(network) for port in own for network in listed(port.get("networks"))],
        "snat": sum(1 for kind in kinds if kind == "snat"),
        "floating": sum(1 for kind in kinds if kind == "dnat_and_snat"),
        "routes": len(listed(one.get("static_routes"))),
        "gateways": [gateway for port in own if (gateway := _gateway(port, by_uuid))["candidates"]],
    }


def _gateway(port: dict[str, Any], by_uuid: dict[str, Any]) -> dict[str, Any]:
    group = by_uuid.get(str(port.get("ha_chassis_group")), {})
    uuids = [*listed(port.get("gateway_chassis")), *listed(group.get("ha_chassis"))]
    found = [by_uuid[uuid] for uuid in uuids if uuid in by_uuid]
    by_name = {str(one.get("chassis_name")): int(one.get("priority") or 0) for one in found}
    return {"port": port.get("name"), "candidates": sorted(by_name.items(), key=lambda each: (-each[1], each[0]))}


def gateways(output: bytes) -> dict[str, Any]:
    """Who serves each gateway port now (chassis name, or None), and the hosts of all chassis by name."""
    redirects, found = tables(output, 2)
    names = {one["_uuid"]: one["name"] for one in found}
    serving = {
        str(_map(one, "options").get("distributed-port") or str(one["logical_port"]).removeprefix("cr-")): names.get(
            str(one.get("chassis"))
        )
        for one in redirects
    }
    return {"serving": serving, "hosts": {one["name"]: one.get("hostname") or one["name"] for one in found}}


def port_bindings(output: bytes) -> dict[str, Any]:
    """Where every logical port is bound."""
    bindings, found, paths = tables(output, 3)
    hosts = {one["_uuid"]: one.get("hostname") or one["name"] for one in found}
    by_uuid = {one["_uuid"]: one for one in paths}
    words = sorted({word for one in found for word in (one["name"], one.get("hostname")) if word})
    return {"bindings": [_binding(one, hosts, by_uuid) for one in bindings], "chassis_names": words}


def _binding(one: dict[str, Any], hosts: dict[str, str], datapaths: dict[str, Any]) -> dict[str, Any]:
    told, options = _map(one, "external_ids"), _map(one, "options")
    path = datapaths.get(str(one.get("datapath")), {})
    of = _map(path, "external_ids")
    return {
        "port": one["logical_port"],
        "type": one.get("type") or "vif",
        "name": told.get("neutron:port_name") or told.get("name"),
        "device_id": told.get("neutron:device_id"),
        "device_owner": told.get("neutron:device_owner"),
        "datapath": of.get("name"),
        "datapath_name": of.get("name2"),
        "of": _logical(path)[0] if path else None,
        "host": hosts.get(str(one.get("chassis"))),
        "further": [hosts[uuid] for uuid in listed(one.get("additional_chassis")) if uuid in hosts],
        "wanted": [word for word in str(options.get("requested-chassis", "")).split(",") if word],
        "up": one.get("up"),
        "tunnel_key": one.get("tunnel_key"),
        "addresses": [str(address) for address in listed(one.get("mac"))],
        "peer": options.get("peer") or options.get("distributed-port"),
        "parent": one.get("parent_port") or one.get("virtual_parent"),
    }


def _map(row: dict[str, Any], column: str) -> dict[str, Any]:
    found = row.get(column)
    return found if isinstance(found, dict) else {}


def _moment(row: dict[str, Any], column: str) -> float | None:
    """Milliseconds since the epoch as seconds; 0 means never."""
    found = row.get(column)
    return found / 1000 if isinstance(found, int) and found else None
