"""Bridges and what is plugged into them: rows from recorded output, and the ways in which they fail silently."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from collectors.health import Health
from collectors.kinds import bridge_ports, bridges
from collectors.kinds.bridge_ports import BridgePort
from collectors.kinds.bridges import Bridge
from tests.collectors.kinds.host_recordings import NOW, findings, recorded_rows, rows

GONE = b"NXST_AGGREGATE reply (xid=0x4): packet_count=0 byte_count=0 flow_count=0\n"
NOBODY = (1, b"ovs-ofctl: br-tun is not a bridge or a socket\n")


def agents(alive: bool) -> Any:
    return {"agents": {"1": SimpleNamespace(agent_type="Open vSwitch agent", host="net02", alive=alive)}}


def named(host: str, joins: Any = None, **outputs: Any) -> dict[str, Bridge]:
    found = recorded_rows(host, bridges.KIND, joins, **outputs)
    return {row.name: row for row in found if isinstance(row, Bridge)}


def test_recorded_bridges_are_well() -> None:
    found = named("net02", agents(True))
    assert {row.name: (row.ports, row.runs, row.agent_alive) for row in found.values()} == {
        "br-int": (7, True, True), "br-tun": (6, True, True), "br-ex": (3, True, True), "br-phy": (2, None, True),
    }  # fmt: skip
    assert all(row.flows for row in found.values() if row.name != "br-phy")
    assert {bridges.health(row, NOW).level for row in found.values()} == {"ok"}
    assert findings("net02", bridges.KIND).errors == []


def test_a_bridge_that_a_host_does_not_have_is_no_error() -> None:
    assert findings("cmp03", bridges.KIND).errors == []  # no br-ex on a compute
    assert set(named("cmp03")) == {"br-int", "br-tun", "br-phy"}
    assert {bridges.health(row, NOW).level for row in named("cmp03").values()} == {"ok"}


@pytest.mark.parametrize(
    ("joins", "reason"),
    [
        (None, "flows gone: nothing passes"),
        (agents(True), "flows gone: nothing passes; the Open vSwitch agent is alive: restart it"),
        (agents(False), "flows gone: nothing passes; the Open vSwitch agent is dead"),
    ],
)
def test_flows_that_are_gone(joins: Any, reason: str) -> None:
    row = named("net02", joins, ovs_flow_count_br_tun=GONE)["br-tun"]
    assert (row.controlled, row.flows) == (True, 0)
    assert bridges.health(row, NOW) == Health("critical", reason)


def test_a_switch_that_does_not_run() -> None:
    """The database has the bridge, and ovs-vswitchd is dead."""
    row = named("net02", ovs_flow_count_br_tun=NOBODY)["br-tun"]
    assert (row.runs, row.flows) == (False, None)
    assert bridges.health(row, NOW).reason == (
        "it is configured, but Open vSwitch does not run it: is ovs-vswitchd alive?"
    )


def test_a_database_that_does_not_answer_is_an_error() -> None:
    told = b"ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed (No such file or directory)\n"
    (error,) = findings("net02", bridges.KIND, ovs_bridges=(1, told)).errors
    assert "database connection failed" in error.why
    assert named("net02", ovs_bridges=(1, told)) == {}


def test_flows_that_could_not_be_counted_are_unknown_not_gone() -> None:
    refused = (1, b"ovs-ofctl: br-tun: failed to connect to socket (Permission denied)\n")
    row = named("net02", ovs_flow_count_br_tun=refused)["br-tun"]
    assert (row.runs, row.flows, bridges.health(row, NOW).level) == (None, None, "unknown")
    assert findings("net02", bridges.KIND, ovs_flow_count_br_tun=refused).refusal is not None


def bridge(**fields: Any) -> Bridge:
    item = {"host": "net01", "name": "br-int", "engine": "openvswitch", "fail_mode": "secure", "flows": 9} | fields
    (row,) = rows(bridges.KIND, [item])
    assert isinstance(row, Bridge), row
    return row


@pytest.mark.parametrize(
    ("fields", "level", "reason"),
    [
        ({}, "ok", ""),
        ({"controllers": [True, True]}, "ok", ""),
        ({"controllers": [True, None]}, "warning",
         "its controller is not connected: what it has stays, nothing new is wired"),
        ({"flows": 0, "fail_mode": "standalone"}, "ok", ""),
        ({"flows": None, "name": "br-provider"}, "ok", ""),
        ({"engine": "linux", "flows": None, "fail_mode": None, "ports": 3}, "ok", ""),
        ({"engine": "linux", "flows": None, "fail_mode": None, "ports": 0}, "ok", "nothing is plugged into it"),
    ],
)  # fmt: skip
def test_health(fields: dict[str, Any], level: str, reason: str) -> None:
    assert bridges.health(bridge(**fields), NOW) == Health(level, reason)  # type: ignore[arg-type]


def test_recorded_ports_are_well() -> None:
    for host in ("net02", "cmp03"):
        found = [row for row in recorded_rows(host, bridge_ports.KIND) if isinstance(row, BridgePort)]
        assert {bridge_ports.health(row, NOW).level for row in found} == {"ok"}
        taps = [row for row in found if row.name.startswith("tap")]
        assert taps
        assert all(row.port_id and row.name == f"tap{row.port_id[:11]}" for row in taps)
        assert {row.switch for row in taps} == {f"{host}/br-int"}


def port(**fields: Any) -> BridgePort:
    item = {"host": "cmp01", "name": "tap1", "bridge": "br-int", "engine": "openvswitch", "type": "system",
            "tag": 1, "ofport": 3, "link_state": "up"} | fields  # fmt: skip
    (row,) = rows(bridge_ports.KIND, [item])
    assert isinstance(row, BridgePort), row
    return row


@pytest.mark.parametrize(
    ("fields", "level", "reason"),
    [
        ({}, "ok", ""),
        ({"tag": 4095}, "critical", "on the dead VLAN 4095: its agent has cut it off"),
        ({"tag": 4095, "port_id": "p-1"}, "critical", "on the dead VLAN 4095: its agent has cut it off (port p-1)"),
        ({"error": "could not open network device tap1 (No such device)", "ofport": -1, "port_id": "p-1"}, "warning",
         "its device is gone: what used it has ended, or died (port p-1)"),
        ({"error": "tap1: could not add: File exists", "ofport": -1}, "critical", "tap1: could not add: File exists"),
        ({"ofport": -1}, "critical", "Open vSwitch could not plug it in"),
        ({"type": "vxlan", "remote_ip": "10.0.1.9", "link_state": "up"}, "ok", ""),
        ({"type": "vxlan", "remote_ip": "10.0.1.9", "carrier": "down", "leaves_by": "eth1"}, "critical",
         "tunnel to 10.0.1.9: eth1, by which it leaves, has no carrier"),
        ({"type": "geneve", "remote_ip": "10.0.1.9", "bfd": "down"}, "critical",
         "tunnel to 10.0.1.9: the other side is not heard (BFD down)"),
        ({"type": "geneve", "remote_ip": "10.0.1.9", "bfd": "up"}, "ok", ""),
        ({"type": "internal", "link_state": "down"}, "ok", ""),  # it lives in a namespace
        ({"link_state": "down"}, "critical", "link down"),
        ({"link_state": "down", "port_id": "p-1"}, "warning", "link down: its guest is off or hangs (port p-1)"),
        ({"engine": "linux", "spanning_tree": "blocking"}, "warning", "blocked by the spanning tree"),
    ],
)  # fmt: skip
def test_health_of_a_port(fields: dict[str, Any], level: str, reason: str) -> None:
    assert bridge_ports.health(port(**fields), NOW) == Health(level, reason)  # type: ignore[arg-type]


def test_a_host_without_open_vswitch_or_its_container_has_no_bridges() -> None:
    for told in ((127, b""), (1, b"Error response from daemon: No such container: openvswitch_vswitchd\n")):
        found = findings("net02", bridges.KIND, ovs_bridges=told, ovs_flow_count_br_int=told,
                         ovs_flow_count_br_tun=told, ovs_flow_count_br_ex=told)  # fmt: skip
        assert (found.rows, found.errors) == ([], [])


def test_a_container_that_is_stopped_is_an_error() -> None:
    told = (1, b"Error response from daemon: container 12ab is not running\n")
    (error,) = findings("net02", bridges.KIND, ovs_bridges=told).errors
    assert "is not running" in error.why
