"""Open vSwitch's database as `ovs-vsctl` prints it: tables in the recorded columns, and `show`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runbooks.simulator.model.wires.links import OUTSIDE
from runbooks.simulator.model.wires.switch import Plug, Switch
from runbooks.simulator.ssh.programs.ovsdb import EMPTY, NONE, mapping, several

COLUMNS: dict[str, tuple[str, ...]] = {
    "Bridge": (
        *("_uuid", "auto_attach", "controller", "datapath_id", "datapath_type", "datapath_version", "external_ids"),
        *("fail_mode", "flood_vlans", "flow_tables", "ipfix", "mcast_snooping_enable", "mirrors", "name", "netflow"),
        *("other_config", "ports", "protocols", "rstp_enable", "rstp_status", "sflow", "status", "stp_enable"),
    ),
    "Port": (
        *("_uuid", "bond_active_slave", "bond_downdelay", "bond_fake_iface", "bond_mode", "bond_updelay", "cvlans"),
        *("external_ids", "fake_bridge", "interfaces", "lacp", "mac", "name", "other_config", "protected", "qos"),
        *("rstp_statistics", "rstp_status", "statistics", "status", "tag", "trunks", "vlan_mode"),
    ),
    "Interface": (
        *("_uuid", "admin_state", "bfd", "bfd_status", "cfm_fault", "cfm_fault_status", "cfm_flap_count"),
        *("cfm_health", "cfm_mpid", "cfm_remote_mpids", "cfm_remote_opstate", "duplex", "error", "external_ids"),
        *("ifindex", "ingress_policing_burst", "ingress_policing_kpkts_burst", "ingress_policing_kpkts_rate"),
        *("ingress_policing_rate", "lacp_current", "link_resets", "link_speed", "link_state", "lldp", "mac"),
        *("mac_in_use", "mtu", "mtu_request", "name", "ofport", "ofport_request", "options", "other_config"),
        *("statistics", "status", "type"),
    ),
    "Controller": (
        *("_uuid", "connection_mode", "controller_burst_limit", "controller_queue_size", "controller_rate_limit"),
        *("enable_async_messages", "external_ids", "inactivity_probe", "is_connected", "local_gateway", "local_ip"),
        *("local_netmask", "max_backoff", "other_config", "role", "status", "target", "type"),
    ),
}
"""Table → its columns in alphabetical order, as recorded."""
_ZEROS = ("ingress_policing_burst", "ingress_policing_kpkts_burst", "ingress_policing_kpkts_rate",
          "ingress_policing_rate", "ifindex", "link_resets", "bond_downdelay", "bond_updelay")  # fmt: skip
_FALSE = ("bond_fake_iface", "fake_bridge", "protected", "mcast_snooping_enable", "rstp_enable", "stp_enable")
_MAPS = ("external_ids", "other_config", "status", "statistics", "options", "bfd", "bfd_status", "lldp", "auto_attach",
         "flow_tables", "rstp_status", "rstp_statistics")  # fmt: skip


def _uuid(switch: Switch, *words: str) -> list[str]:
    return ["uuid", switch.cloud.seed.uuid("ovsdb", switch.host.name, *words)]


def _row(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """All columns of a table; what is not told has its empty value."""
    empty: dict[str, Any] = dict.fromkeys(COLUMNS[name], NONE)
    empty |= {column: 0 for column in _ZEROS if column in empty}
    empty |= {column: False for column in _FALSE if column in empty}
    empty |= {column: EMPTY for column in _MAPS if column in empty and column != "auto_attach"}
    return empty | values


def table(switch: Switch, name: str) -> list[dict[str, Any]]:
    """The rows of a table."""
    tables: dict[str, Callable[[Switch], list[dict[str, Any]]]] = {
        "Bridge": _bridges, "Controller": _controllers,
        "Port": lambda found: [_port(found, plug) for plug in found.plugs],
        "Interface": lambda found: [_interface(found, plug) for plug in found.plugs],
    }  # fmt: skip
    return tables[name](switch)


def _bridges(switch: Switch) -> list[dict[str, Any]]:
    return [
        _row("Bridge", {
            "_uuid": _uuid(switch, "bridge", bridge),
            "controller": _uuid(switch, "controller", bridge) if switch.tunnelled else NONE,
            "datapath_id": "0000" + switch.cloud.seed.hex("dpid", switch.host.name, bridge)[:12],
            "datapath_type": "system",
            "datapath_version": "<unknown>",
            "fail_mode": "secure",
            "name": bridge,
            "other_config": mapping({"disable-in-band": "true", "mac-table-size": "50000"}),
            "ports": several([_uuid(switch, "port", plug.name) for plug in switch.plugs if plug.bridge == bridge]),
            "protocols": ["set", ["OpenFlow10", "OpenFlow13", "OpenFlow14"]],
        })
        for bridge in switch.bridges
    ]  # fmt: skip


def _controllers(switch: Switch) -> list[dict[str, Any]]:
    return [
        _row("Controller", {
            "_uuid": _uuid(switch, "controller", bridge), "is_connected": switch.controlled(),
            "target": "tcp:127.0.0.1:6633", "connection_mode": "out-of-band",
        })
        for bridge in (switch.bridges if switch.tunnelled else ())
    ]  # fmt: skip


def _port(switch: Switch, plug: Plug) -> dict[str, Any]:
    wiring: dict[str, str] = {}
    if plug.port is not None and switch.tunnelled:
        network = switch.cloud.network.networks[plug.port.network_id]
        wiring = {"net_uuid": network.id, "network_type": network.kind, "physical_network": str(network.physical),
                  "tag": str(switch.vlans[network.id])}  # fmt: skip
        if network.segment is not None:
            wiring["segmentation_id"] = str(network.segment)
    return _row("Port", {
        "_uuid": _uuid(switch, "port", plug.name), "name": plug.name, "other_config": mapping(wiring),
        "interfaces": _uuid(switch, "interface", plug.name), "tag": NONE if plug.tag is None else plug.tag,
    })  # fmt: skip


def _interface(switch: Switch, plug: Plug) -> dict[str, Any]:
    hidden = plug.inside or (plug.type == "internal" and plug.port is None)
    state = "down" if hidden else "up"
    values: dict[str, Any] = {
        "_uuid": _uuid(switch, "interface", plug.name), "name": plug.name, "type": plug.type,
        "admin_state": state, "link_state": state, "ofport": plug.ofport, "options": mapping(plug.options),
        "mac_in_use": switch.cloud.seed.mac("interface", switch.host.name, plug.name),
    }  # fmt: skip
    if plug.port is not None:
        outside = {"attached-mac": plug.port.mac, "iface-id": plug.port.id, "iface-status": "active"}
        if not plug.inside:
            outside["vm-uuid"] = plug.port.device_id
        values["external_ids"] = mapping(outside)
    if plug.type in ("", "internal"):
        mtu = switch.cloud.network.networks[plug.port.network_id].mtu if plug.port is not None else 1500
        values |= {"mtu": mtu, "duplex": "full" if plug.name == OUTSIDE else NONE}
    if plug.type in ("vxlan", "geneve"):
        values["status"] = mapping({"tunnel_egress_iface": "eth1", "tunnel_egress_iface_carrier": "up"})
    packets = int((switch.cloud.now() - switch.host.booted) * (switch.cloud.seed.number(40, plug.name) + 1) / 10)
    values["statistics"] = mapping({
        "rx_bytes": packets * 500, "rx_dropped": 0, "rx_errors": 0, "rx_packets": packets,
        "tx_bytes": packets * 450, "tx_dropped": 0, "tx_errors": 0, "tx_packets": packets,
    })  # fmt: skip
    return _row("Interface", values)


def show(switch: Switch) -> str:
    """`ovs-vsctl show`."""
    lines = [switch.cloud.seed.uuid("ovsdb", switch.host.name)]
    for bridge in switch.bridges:
        lines.append(f"    Bridge {bridge}")
        if switch.tunnelled:
            lines.append('        Controller "tcp:127.0.0.1:6633"')
            lines += ["            is_connected: true"] if switch.controlled() else []
        lines += ["        fail_mode: secure", "        datapath_type: system"]
        for plug in switch.plugs:
            if plug.bridge != bridge:
                continue
            lines.append(f"        Port {plug.name}")
            if plug.tag is not None:
                lines.append(f"            tag: {plug.tag}")
            lines.append(f"            Interface {plug.name}")
            if plug.type:
                lines.append(f"                type: {plug.type}")
            if plug.options:
                told = ", ".join(f"{key}={_quoted(value)}" for key, value in sorted(plug.options.items()))
                lines.append(f"                options: {{{told}}}")
    return "\n".join(lines)


def _quoted(value: str) -> str:
    return f'"{value}"' if value == "true" or value[:1].isdigit() else value
