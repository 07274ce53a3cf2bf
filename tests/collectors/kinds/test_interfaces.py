"""Interfaces: rows from recorded output, and what makes one ill or only look so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from collectors.decode import rows_of
from collectors.health import Health
from collectors.kind import Reading
from collectors.kinds.interfaces import KIND, Interface, health
from collectors.sources.base import Page
from tests.collectors.kinds.host_recordings import NOW, findings, recorded_rows

NETWORKS = {
    "networks": {
        "a": SimpleNamespace(mtu=1450, network_type="vxlan"),
        "b": SimpleNamespace(mtu=9000, network_type="flat"),
        "c": SimpleNamespace(mtu=None, network_type="vxlan"),
    }
}
UP = ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"]
DEAD = ["NO-CARRIER", "BROADCAST", "MULTICAST", "UP"]


def interface(joins: Any = None, **fields: Any) -> Interface:
    """A card that is up and has an address, unless told otherwise."""
    item = {"host": "net01", "name": "eth1", "flags": UP, "mtu": 1500, "mac": "aa:bb:cc:00:00:01",
            "addresses": ["10.0.1.21/24"]} | fields  # fmt: skip
    (row,) = rows_of(Page(items=[item]), KIND, Reading("net01", NOW, joins=joins or {}))
    assert isinstance(row, Interface), row
    return row


def named(host: str, joins: Any = None, **outputs: Any) -> dict[str, Interface]:
    rows = recorded_rows(host, KIND, joins, **outputs)
    return {row.name: row for row in rows if isinstance(row, Interface)}


@pytest.mark.parametrize("host", ["net02", "cmp03"])
def test_recorded_interfaces_are_well(host: str) -> None:
    found = named(host, NETWORKS)
    assert {health(row, NOW).level for row in found.values()} == {"ok"}
    assert (found["br-phy"].carries_tunnels, found["br-phy"].needs_mtu, found["br-phy"].mtu) == (True, 1500, 1500)
    assert (found["eth0"].carries_tunnels, found["eth0"].needs_mtu) == (False, None)
    assert found["br-int"].state == "DOWN"
    assert health(found["br-int"], NOW).reason == "down, as ports of Open vSwitch's own are"


def test_the_other_end_is_found_across_namespaces() -> None:
    found = named("net02")
    inside = {row.peer_namespace.partition("-")[0] for row in found.values() if row.peer_namespace}
    assert inside == {"qdhcp", "qrouter"}
    assert {row.peer for row in found.values() if row.peer_namespace} >= {"#2", "#3", "#4"}
    assert (found["eth0"].peer, found["eth0"].peer_namespace) == ("#15", None)  # a namespace without a name here


def test_without_open_vswitch_nothing_is_known_of_tunnels() -> None:
    told = b"ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed (No such file or directory)"
    found = findings("cmp03", KIND, tunnel_addresses=(1, told))
    assert found.errors == []
    assert named("cmp03", tunnel_addresses=(1, told))["br-phy"].carries_tunnels is None
    assert findings("cmp03", KIND, tunnel_addresses=(127, b"")).errors == []


def test_a_database_that_refuses_is_told() -> None:
    (error,) = findings("cmp03", KIND, tunnel_addresses=(1, b"ovs-vsctl: unix:/x: Permission denied")).errors
    assert "Permission denied" in error.why


def test_what_tunnels_need() -> None:
    tunnel = {"tunnel_addresses": ["10.0.1.21"], "mtu": 1450}
    assert health(interface(NETWORKS, **tunnel), NOW) == Health(
        "warning", "carries tunnels with an MTU of 1450: full packets of the servers need 1500"
    )
    assert health(interface(NETWORKS, **tunnel | {"mtu": 1500}), NOW).level == "ok"
    assert health(interface(NETWORKS, mtu=1450, tunnel_addresses=[]), NOW).level == "ok"
    assert health(interface(None, **tunnel), NOW).level == "ok"  # the networks are not known


@pytest.mark.parametrize(
    ("fields", "level", "reason"),
    [
        ({}, "ok", ""),
        ({"flags": None}, "unknown", "its flags are missing"),
        ({"flags": DEAD}, "critical", "no carrier: cable, switch port or peer is down"),
        ({"flags": DEAD, "addresses": []}, "ok", "no carrier, and nobody uses it"),
        ({"flags": DEAD, "addresses": ["fe80::1/64"]}, "ok", "no carrier, and nobody uses it"),
        ({"flags": DEAD, "addresses": [], "promiscuity": 1}, "critical",
         "no carrier: cable, switch port or peer is down"),
        ({"flags": DEAD, "kind": "veth"}, "critical", "no carrier: its other end is down"),
        ({"flags": DEAD, "kind": "bridge"}, "ok", "no carrier: nothing is plugged into it"),
        ({"flags": DEAD, "master": "bond0", "slave_state": "BACKUP", "mii_status": "DOWN"}, "warning",
         "no carrier: bond0 runs without it"),
        ({"master": "bond0", "slave_state": "BACKUP", "mii_status": "GOING_BACK"}, "warning",
         "bond0 does not use it: its link is GOING_BACK"),
        ({"master": "bond0", "slave_state": "ACTIVE", "mii_status": "UP"}, "ok", ""),
        ({"kind": "bond", "members": ["eno1", "eno2"], "members_down": ["eno2"]}, "warning",
         "runs on 1 of 2 interfaces: eno2 down"),
        ({"kind": "team", "members": ["eno1", "eno2", "eno3"], "members_down": ["eno1", "eno3"]}, "warning",
         "runs on 1 of 3 interfaces: eno1, eno3 down"),
        ({"kind": "bridge", "members": ["tap1", "tap2"], "members_down": ["tap2"]}, "ok", ""),
        ({"kind": "bond", "members": ["eno1"], "lacp_partner": "00:00:00:00:00:00"}, "warning",
         "no switch answers its LACP: are its ports a channel there?"),
        ({"kind": "bond", "members": ["eno1", "eno2"], "lacp_partner": "aa:00:00:00:00:01", "members_apart": ["eno2"]},
         "warning", "eno2: in another channel of the switch, so it is not used"),
        ({"kind": "bond", "flags": DEAD, "members": ["eno1"], "members_down": ["eno1"]}, "critical",
         "no carrier: cable, switch port or peer is down"),
        ({"master": "bond0", "slave_state": "ACTIVE", "mii_status": "UP", "lacp_trouble": "the switch says nothing"},
         "warning", "bond0 does not use it: the switch says nothing"),
        ({"flags": ["BROADCAST"]}, "ok", "switched off"),
        ({"flags": ["BROADCAST"], "master": "bond0"}, "warning", "switched off, though it belongs to bond0"),
        ({"flags": ["BROADCAST"], "kind": "openvswitch", "name": "br-int"}, "ok",
         "down, as ports of Open vSwitch's own are"),
        ({"errors": 5000, "packets": 100_000}, "warning", "5,000 errors, 5.0 % of its packets"),
        ({"errors": 99, "packets": 100}, "ok", ""),
        ({"errors": 5000, "packets": 10**9}, "ok", ""),
    ],
)  # fmt: skip
def test_health(fields: dict[str, Any], level: str, reason: str) -> None:
    assert health(interface(**fields), NOW) == Health(level, reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ((127, b""), "not found"),
        ((255, b'Option "-j" is unknown, try "ip -help".\n'), 'Option "-j" is unknown'),
        (b"1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n", "is iproute2 older than 4.16?"),
    ],
)
def test_a_host_without_a_new_enough_ip_says_so(told: Any, words: str) -> None:
    found = findings("cmp03", KIND, links=told)
    assert found.rows == []
    assert words in found.errors[0].why
