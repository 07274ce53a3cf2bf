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


def test_flows_that_were_made_anew_behind_an_empty_table_0_let_nothing_through() -> None:
    """As seen on a real br-tun: all flows were deleted, and news of ports elsewhere brought back table 22."""
    row = named("net02", ovs_entry_count_br_tun=GONE)["br-tun"]
    assert (row.flows, row.entries) == (29, 0)
    assert bridges.health(row, NOW) == Health("critical", "flows gone: nothing passes")
    assert named("net02")["br-tun"].entries == 6


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
        ({"entries": 0}, "critical", "flows gone: nothing passes"),
        ({"entries": 4}, "ok", ""),
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
                         ovs_flow_count_br_tun=told, ovs_flow_count_br_ex=told,
                         ovs_entry_count_br_int=told, ovs_entry_count_br_tun=told)  # fmt: skip
        assert (found.rows, found.errors) == ([], [])


def test_a_container_that_is_stopped_is_an_error() -> None:
    told = (1, b"Error response from daemon: container 12ab is not running\n")
    (error,) = findings("net02", bridges.KIND, ovs_bridges=told).errors
    assert "is not running" in error.why


RULE = b"*filter\n:INPUT ACCEPT [0:0]\n[3:360] -A INPUT -s 10.78.1.21/32 -p udp -m udp --dport 4789 -j DROP\nCOMMIT\n"
EVERYBODY = b"""table inet own {
	chain input {
		type filter hook input priority filter; policy accept;
		udp dport 4789 counter packets 2 bytes 99 drop # handle 4
	}
}
"""
FLOW = (
    b"OFPST_FLOW reply (OF1.3) (xid=0x6):\n cookie=0x6e, duration=9.5s, table=0, n_packets=4, n_bytes=9, "
    b"priority=1000,udp,nw_src=10.78.1.21,tp_dst=4789 actions=drop\n"
)


@pytest.mark.parametrize(
    ("outputs", "cut", "by"),
    [
        ({"tunnel_stops_iptables": RULE}, {"10.78.1.21"}, "iptables, INPUT"),
        ({"tunnel_stops_flows": FLOW}, {"10.78.1.21"}, "a flow of the tunnels' bridge"),
        ({"tunnel_stops_nft": EVERYBODY}, None, "nft, input"),
    ],
)
def test_what_drops_the_packets_of_tunnels(outputs: dict[str, bytes], cut: set[str] | None, by: str) -> None:
    """On a recorded host, one of whose peers is given the address that the rule is about."""
    found = [row for row in recorded_rows("cmp03", bridge_ports.KIND) if isinstance(row, BridgePort)]
    ends = sorted(str(row.remote_ip) for row in found if row.type == "vxlan")
    given = {name: text.replace(b"10.78.1.21", ends[0].encode()) for name, text in outputs.items()}
    rows_now = [r for r in recorded_rows("cmp03", bridge_ports.KIND, None, **given) if isinstance(r, BridgePort)]
    stopped = {str(row.remote_ip): row for row in rows_now if row.stopped_by}
    assert set(stopped) == ({ends[0]} if cut else set(ends))
    for end, row in stopped.items():
        assert bridge_ports.health(row, NOW) == Health(
            "critical", f"cut: what {end} sends through this tunnel is dropped here, by {by}"
        )


def test_the_host_at_the_other_end_is_named_where_its_agent_told_its_address() -> None:
    agents: Any = {"agents": {"1": SimpleNamespace(tunneling_ip="10.0.1.9", host="net01")}}
    item = {"host": "cmp01", "name": "vxlan-1", "engine": "openvswitch", "type": "vxlan", "remote_ip": "10.0.1.9",
            "stopped_by_nft": [{"source": "any", "by": "nft, input"}]}  # fmt: skip
    (row,) = rows(bridge_ports.KIND, [item], agents)
    assert isinstance(row, BridgePort)
    assert (row.peer_host, row.stopped_by) == ("net01", "nft, input")
    assert bridge_ports.health(row, NOW).reason.startswith("cut: what net01 sends")


@pytest.mark.parametrize(
    "text",
    [
        b"*filter\n[0:0] -A INPUT -p udp -m udp --dport 4789 -j ACCEPT\nCOMMIT\n",
        b"*filter\n[0:0] -A INPUT -p tcp -m tcp --dport 4789 -j DROP\nCOMMIT\n",
        b"*filter\n[0:0] -A INPUT -p udp -m udp --dport 53 -j DROP\nCOMMIT\n",
        b"*filter\n[0:0] -A OUTPUT -p udp -m udp --dport 4789 -j DROP\nCOMMIT\n",
        b"*filter\n:INPUT DROP [0:0]\nCOMMIT\n",
    ],
)
def test_other_rules_cut_no_tunnel(text: bytes) -> None:
    found = recorded_rows("cmp03", bridge_ports.KIND, tunnel_stops_iptables=text)
    assert [row.stopped_by for row in found if isinstance(row, BridgePort) and row.stopped_by] == []


def test_who_may_not_see_rules_sees_ports() -> None:
    refused = (1, b"iptables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied "
                  b"(you must be root)\n")  # fmt: skip
    assert findings("cmp03", bridge_ports.KIND, tunnel_stops_iptables=refused).errors == []
    assert recorded_rows("cmp03", bridge_ports.KIND, tunnel_stops_iptables=refused)


def wired(host: str, name: str, **fields: Any) -> tuple[str, Any]:
    """A port of a bridge as a join holds it."""
    told: dict[str, Any] = {"host": host, "type": "system", "remote_ip": None, "network_type": None, "network_id": None,
                            "tag": 1}  # fmt: skip
    return f"{host}/{name}", SimpleNamespace(**(told | fields))


def tap(host: str, network: str, **fields: Any) -> tuple[str, Any]:
    return wired(host, f"tap-{network}", **({"network_type": "vxlan", "network_id": network} | fields))


def tunnel(host: str, end: str) -> tuple[str, Any]:
    return wired(host, f"vxlan-{end}", type="vxlan", remote_ip=end)


AGENTS = {
    str(number): SimpleNamespace(agent_type="Open vSwitch agent", host=f"cmp0{number}", alive=True,
                                 tunneling_ip=f"10.0.1.{number}")
    for number in (1, 2, 3)
}  # fmt: skip


@pytest.mark.parametrize(
    ("ports", "missing"),
    [
        ([tap("cmp01", "n"), tap("cmp02", "n"), tunnel("cmp01", "10.0.1.2")], None),
        ([tap("cmp01", "n"), tap("cmp02", "n")], "cmp02"),
        ([tap("cmp01", "n"), tap("cmp02", "n"), tap("cmp03", "n"), tunnel("cmp01", "10.0.1.3")], "cmp02"),
        ([tap("cmp01", "n"), tap("cmp02", "n"), tap("cmp03", "n")], "cmp02, cmp03"),
        ([tap("cmp01", "n"), tap("cmp02", "other")], None),
        ([tap("cmp01", "n"), tap("cmp02", "n", network_type="flat")], None),
        ([tap("cmp01", "n"), tap("cmp02", "n", tag=4095)], None),
        ([tap("cmp01", "n"), tap("cmp09", "n")], None),  # nobody knows where its tunnels end
    ],
)
def test_a_tunnel_that_is_missing(ports: list[tuple[str, Any]], missing: str | None) -> None:
    joins: Any = {"agents": AGENTS, "bridge-ports": dict(ports)}
    item = {"host": "cmp01", "name": "br-tun", "engine": "openvswitch", "fail_mode": "secure", "flows": 9}
    (row,) = rows(bridges.KIND, [item], joins)
    assert isinstance(row, Bridge)
    assert row.no_tunnel_to == missing
    verdict = bridges.health(row, NOW)
    assert verdict.level == ("critical" if missing else "ok")
    if missing:
        assert verdict.reason.startswith(f"no tunnel to {missing}, where ports of the same networks are; the Open vSwi")
