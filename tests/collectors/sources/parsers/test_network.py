"""Parsers of the host's network: against recordings of two clouds, older versions' forms, and what is not theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from collectors.sources.parsers import bridges, links, namespaces, openvswitch
from tests.collectors.sources.parsers.test_parsers import recorded

NET02, CMP03 = "net02", "cmp03"
QROUTER = "qrouter-eb88347f-9276-4a50-aa12-0c0d64d97dc8"
QDHCP = "qdhcp-68e4f01b-1df1-4543-b6a8-144d3c607a13"


def by_name(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in found}


def test_links_are_the_recorded_ones() -> None:
    for host in (NET02, CMP03):
        told = {each["ifname"]: each for each in json.loads(recorded(host, "links"))}
        found = by_name(links.links(recorded(host, "links")))
        assert set(found) == set(told)
        for name, link in found.items():
            assert (link["index"], link["mtu"], link["state"]) == (
                told[name]["ifindex"], told[name]["mtu"], told[name]["operstate"]
            )  # fmt: skip
            assert link["received"] == told[name]["stats64"]["rx"]["bytes"]
    assert found["eth0"]["addresses"][0] == "10.78.0.33/24"
    assert (found["br-int"]["kind"], found["eth0"]["kind"], found["lo"]["mac"]) == ("tap", "veth", None)
    tap = next(link for name, link in found.items() if name.startswith("tap"))
    assert (tap["below_index"], tap["namespace_number"], tap["below"]) == (2, 1, None)


def test_links_of_the_other_recordings_come_without_counters() -> None:
    """`ip -d link` and `ip addr` as another cloud printed them: what is missing is missing, not zero."""
    for name in ("ip-j-link", "ip-j-addr"):
        found = by_name(links.links(recorded("net01", name)))
        assert set(found) == {"lo", "eth0", "ovs-netdev", "br-ex", "br-int", "br-tun"}
        assert "errors" not in found["eth0"]
    assert found["br-ex"]["addresses"] == ["10.66.0.51/24", "fe80::8cd7:58ff:fe03:324f/64"]


OLDER = json.dumps([
    {},  # iproute2 5.5 leaves holes for what a filter left out
    {"ifindex": 2, "ifname": "eno1", "flags": ["BROADCAST", "SLAVE", "UP", "LOWER_UP"], "mtu": 9000, "operstate": "UP",
     "master": "bond0", "link_type": "ether", "address": "aa:bb:cc:00:00:01",
     "linkinfo": {"info_slave_kind": "bond", "info_slave_data": {"state": "ACTIVE", "mii_status": "UP"}},
     "addr_info": [{}],
     "stats64": {"rx": {"bytes": 10, "packets": 2, "errors": 1, "dropped": 3},
                 "tx": {"bytes": 20, "packets": 3, "errors": 4, "dropped": 5}}},
    {"ifindex": 5, "ifname": "bond0", "flags": ["BROADCAST", "MASTER", "UP", "LOWER_UP"], "mtu": 9000,
     "operstate": "UP", "link_type": "ether", "address": "aa:bb:cc:00:00:01",
     "linkinfo": {"info_kind": "bond", "info_data": {"mode": "active-backup", "active_slave": "eno1"}}},
    {"ifindex": 6, "link": "bond0", "ifname": "bond0.12", "flags": [], "mtu": 1500, "operstate": "DOWN",
     "link_type": "ether", "address": "aa:bb:cc:00:00:01",
     "linkinfo": {"info_kind": "vlan", "info_data": {"protocol": "802.1Q", "id": 12}}},
    {"ifindex": 7, "ifname": None},
]).encode()  # fmt: skip


def test_an_older_iproute_bonds_and_vlans() -> None:
    *good, odd = links.links(OLDER)
    found = by_name(good)
    slave, bond, vlan = found["eno1"], found["bond0"], found["bond0.12"]
    assert (slave["master"], slave["slave_state"], slave["mii_status"]) == ("bond0", "ACTIVE", "UP")
    assert (slave["errors"], slave["dropped"], slave["packets"], slave["addresses"]) == (5, 8, 5, [])
    assert (bond["kind"], bond["bond_mode"], bond["active_slave"]) == ("bond", "active-backup", "eno1")
    assert (vlan["kind"], vlan["vlan"], vlan["below"]) == ("vlan", 12, "bond0")
    assert set(odd) == {"raw"}


def lacp(name: str, state: dict[str, Any], *, up: bool = True) -> dict[str, Any]:
    """A bond's interface as iproute2 6.1 tells it."""
    data = {"state": "ACTIVE", "mii_status": "UP" if up else "DOWN", "link_failure_count": 2, "queue_id": 0}
    return {"ifindex": len(name), "ifname": name, "flags": ["SLAVE", "UP", *(["LOWER_UP"] if up else [])],
            "master": "bond0", "operstate": "UP",
            "linkinfo": {"info_slave_kind": "bond", "info_slave_data": data | state}}  # fmt: skip


def test_a_bond_knows_its_interfaces_and_what_the_switch_says_to_each() -> None:
    info = {"aggregator": 1, "num_ports": 1, "actor_key": 9, "partner_key": 32768, "partner_mac": "00:1c:73:01:02:03"}
    told = [
        lacp("e1", {"ad_aggregator_id": 1, "ad_partner_oper_port_state": 61}),
        lacp("en2", {"ad_aggregator_id": 2, "ad_partner_oper_port_state": 61}),
        lacp("eno3", {"ad_aggregator_id": 2, "ad_partner_oper_port_state": 1}, up=False),
        lacp("eno04", {"ad_aggregator_id": 1, "ad_partner_oper_port_state": 5}),
        lacp("eno005", {"ad_aggregator_id": 1, "ad_partner_oper_port_state": 69}),
        lacp("eno0006", {"ad_aggregator_id": 1, "ad_partner_oper_port_state": 13}),
        {"ifindex": 50, "ifname": "bond0", "flags": ["MASTER", "UP", "LOWER_UP"],
         "linkinfo": {"info_kind": "bond", "info_data": {"mode": "802.3ad", "ad_info": info}}},
        {"ifindex": 51, "ifname": "br-empty", "flags": ["UP"], "linkinfo": {"info_kind": "bridge"}},
    ]  # fmt: skip
    found = by_name(links.links(json.dumps(told).encode()))
    bond = found["bond0"]
    assert bond["members"] == ["e1", "en2", "eno3", "eno04", "eno005", "eno0006"]
    assert (bond["members_down"], bond["members_apart"]) == (["eno3"], ["en2"])
    assert (bond["bond_mode"], bond["lacp_partner"]) == ("802.3ad", "00:1c:73:01:02:03")
    assert found["br-empty"]["members"] == []
    assert "members" not in found["e1"]
    assert [found[name]["lacp_trouble"] for name in ("e1", "eno04", "eno005", "eno0006")] == [
        None, "the switch has it out of sync", "the switch says nothing",
        "the switch neither sends nor receives on it",
    ]  # fmt: skip
    assert found["e1"]["failures"] == 2


def test_namespaces_have_numbers() -> None:
    wanted = [{"namespace_number": 2, "peer_namespace": QDHCP}, {"namespace_number": 1, "peer_namespace": QROUTER}]
    assert links.namespace_numbers(recorded(NET02, "namespace-numbers")) == wanted
    assert len(links.namespace_numbers(recorded("net01", "ip-j-netns"))) == 2
    assert links.namespace_numbers(b"") == links.namespace_numbers(b"[ ]\n") == []
    assert links.namespace_numbers(b'[{"name":"fresh"}]') == []  # it gets a number when something leads into it


def test_tunnels_begin_at_one_address() -> None:
    assert openvswitch.tunnel_addresses(recorded(CMP03, "tunnel-addresses")) == {"tunnel_addresses": ["10.78.1.33"]}
    assert openvswitch.tunnel_addresses(b'{"data":[],"headings":["options"]}') == {"tunnel_addresses": []}
    assert openvswitch.tunnel_addresses(recorded("net01", "ovs-interfaces-json")) == {
        "tunnel_addresses": ["10.66.0.51"]
    }


def test_bridges_of_open_vswitch() -> None:
    found = by_name(openvswitch.bridges(recorded(NET02, "ovs-bridges")))
    assert set(found) == {"br-int", "br-tun", "br-ex", "br-phy"}
    assert (found["br-int"]["fail_mode"], found["br-int"]["controllers"]) == ("secure", [True])
    assert (found["br-phy"]["fail_mode"], found["br-phy"]["controllers"]) == ("standalone", [])
    assert (found["br-ex"]["ports"], found["br-ex"]["datapath"]) == (3, "netdev")


def test_a_bridge_of_the_kernels_datapath_with_two_controllers() -> None:
    table = {
        "data": [["br-int", ["set", []], ["set", [["uuid", "a"], ["uuid", "b"]]], ["set", []], "", False, False]],
        "headings": ["name", "ports", "controller", "fail_mode", "datapath_type", "stp_enable", "rstp_enable"],
    }
    controllers = {"data": [[["uuid", "a"], True, "tcp:1"], [["uuid", "b"], False, "tcp:2"]],
                   "headings": ["_uuid", "is_connected", "target"]}  # fmt: skip
    (bridge,) = openvswitch.bridges(f"{json.dumps(table)}\n{json.dumps(controllers)}\n".encode())
    assert (bridge["datapath"], bridge["controllers"], bridge["ports"]) == ("system", [True, False], 0)
    assert bridge["fail_mode"] is None


@pytest.mark.parametrize(
    ("printed", "flows"),
    [
        (b"NXST_AGGREGATE reply (xid=0x4): packet_count=207 byte_count=29616 flow_count=28\n", 28),
        (b"OFPST_AGGREGATE reply (OF1.3) (xid=0x2): packet_count=0 byte_count=0 flow_count=0\n", 0),
    ],
)
def test_flows_are_counted_in_both_protocols(printed: bytes, flows: int) -> None:
    (found,) = openvswitch.flow_count(printed)
    assert found["flows"] == flows


def test_flows_of_recorded_bridges_are_counted() -> None:
    (found,) = openvswitch.flow_count(recorded(NET02, "ovs-flow-count-br-int"))
    assert found["flows"] > 20


def test_ports_of_open_vswitch() -> None:
    found = by_name(openvswitch.ports(recorded(NET02, "ovs-ports")))
    assert {port["bridge"] for port in found.values()} == {"br-int", "br-tun", "br-ex", "br-phy"}
    tunnel = found["vxlan-0a4e011f"]
    assert (tunnel["type"], tunnel["remote_ip"], tunnel["local_ip"]) == ("vxlan", "10.78.1.31", "10.78.1.22")
    assert (tunnel["leaves_by"], tunnel["carrier"], tunnel["tag"]) == ("br-phy", "up", None)
    assert (found["patch-int"]["type"], found["patch-int"]["peer"]) == ("patch", "patch-tun")
    taps = [port for name, port in found.items() if name.startswith("tap")]
    assert all(port["port_id"][:11] == port["name"][3:] and port["tag"] in range(1, 9) for port in taps)
    assert {port["network_type"] for port in taps} == {"vxlan", "flat"}
    assert all(port["error"] is None for port in found.values())


def test_a_missing_device_a_trunk_and_a_bond() -> None:
    def table(headings: str, *rows: list[Any]) -> str:
        return json.dumps({"data": rows, "headings": headings.split()})

    none: list[Any] = ["set", []]
    told = "\n".join([
        table("name ports", ["br-ex", ["set", [["uuid", "p1"], ["uuid", "p2"]]]], ["br-int", ["uuid", "p3"]]),
        table("_uuid name tag trunks vlan_mode bond_mode interfaces other_config",
              [["uuid", "p1"], "bond0", none, none, none, "balance-tcp", ["set", [["uuid", "i1"], ["uuid", "i2"]]],
               ["map", []]],
              [["uuid", "p2"], "gone", 4095, ["set", [10, 20]], "trunk", none, ["uuid", "i3"], ["map", []]],
              [["uuid", "p3"], "late", none, none, none, none, ["uuid", "not-yet"], ["map", []]]),
        table("_uuid name type options external_ids ofport admin_state link_state error mtu statistics status "
              "bfd_status",
              *([["uuid", f"i{n}"], f"eth{n}", "", ["map", []], ["map", []], n, "up", "up", none, 1500, ["map", []],
                 ["map", []], ["map", []]] for n in (1, 2)),
              [["uuid", "i3"], "gone", "", ["map", []], ["map", [["iface-id", "x"]]], -1, none, none,
               "could not open network device gone (No such device)", none, ["map", []], ["map", []],
               ["map", [["state", "down"]]]]),
    ])  # fmt: skip
    found = by_name(openvswitch.ports(told.encode()))
    assert set(found) == {"eth1", "eth2", "gone"}
    assert (found["eth2"]["bond"], found["eth2"]["bond_mode"], found["eth2"]["bridge"]) == (
        "bond0", "balance-tcp", "br-ex",
    )  # fmt: skip
    gone = found["gone"]
    assert (gone["tag"], gone["trunks"], gone["ofport"], gone["bfd"]) == (4095, [10, 20], -1, "down")
    assert gone["error"] == "could not open network device gone (No such device)"


def test_linux_bridges_and_their_ports() -> None:
    told = [
        {"ifindex": 3, "ifname": "brq1", "operstate": "UP",
         "linkinfo": {"info_kind": "bridge", "info_data": {"stp_state": 0, "vlan_filtering": 1}}},
        {"ifindex": 4, "ifname": "tap1", "master": "brq1"},
    ]  # fmt: skip
    (bridge,) = bridges.bridges(json.dumps(told).encode())
    assert (bridge["name"], bridge["ports"], bridge["vlan_filtering"], bridge["spanning_tree"]) == (
        "brq1", 1, True, False,
    )  # fmt: skip
    assert bridges.bridges(recorded(NET02, "linux-bridges")) == []
    printed = [{"ifindex": 4, "ifname": "tap1", "flags": ["UP", "LOWER_UP"], "mtu": 1450, "master": "brq1",
                "state": "blocking", "priority": 32, "cost": 2}]  # fmt: skip
    (port,) = bridges.ports(json.dumps(printed).encode())
    assert (port["bridge"], port["link_state"], port["spanning_tree"]) == ("brq1", "up", "blocking")
    assert bridges.ports(recorded(NET02, "linux-bridge-ports")) == []


def test_namespaces_and_their_processes() -> None:
    assert {each["name"] for each in namespaces.namespaces(recorded(NET02, "namespaces"))} == {QROUTER, QDHCP}
    assert len(namespaces.namespaces(recorded("net01", "ip-j-netns"))) == 2
    where = {each["name"]: str(each["inode"]) for each in namespaces.inodes(recorded(NET02, "namespace-inodes"))}
    found = namespaces.processes(recorded(NET02, "namespace-processes"))["processes"]
    assert [process["name"] for process in found[where[QDHCP]]] == ["dnsmasq"]
    assert {process["name"] for process in found[where[QROUTER]]} >= {"keepalived", "haproxy"}
    assert "systemd" not in {process["name"] for each in found.values() for process in each}


def test_a_frozen_process_and_what_is_hidden() -> None:
    told = b"4026531840       1 Ss   init\n4026532001     933 T    dnsmasq\n         -     934 S    secret\n"
    assert namespaces.processes(told) == {
        "processes": {"4026532001": [{"pid": 933, "stopped": True, "name": "dnsmasq"}]}
    }
    with pytest.raises(ValueError, match="hidden from us"):
        namespaces.processes(b"         -     1 Ss   init\n4026532001     933 T    dnsmasq\n")


def test_the_inside_of_a_router() -> None:
    inside = namespaces.interfaces(recorded(NET02, "namespace-interfaces-qrouter"))["interfaces"]
    assert [line.split()[0][:3] for line in inside] == ["lo", "ha-", "qg-", "qr-"]
    assert "192.168.10.1/24" in inside[3]
    assert namespaces.interfaces(recorded("net01", "netns-qrouter-addr"))["interfaces"][1].startswith(
        "qg-417b12a1-76 UNKNOWN mtu 1500 fa:16:3e:43:3f:6e 10.66.0.151/24"
    )
    assert (
        "default via 10.66.0.1 dev qg-417b12a1-76"
        in namespaces.routes(recorded("net01", "netns-qrouter-route"))["routes"]
    )
    assert any(
        r.startswith("default via ") for r in namespaces.routes(recorded(NET02, "namespace-routes-qrouter"))["routes"]
    )
    for host, name in ((NET02, "namespace-rules-qrouter"), ("net01", "netns-qrouter-rule")):
        assert namespaces.rules(recorded(host, name))["rules"][1] == "32766: from all lookup main"
    assert (
        "fe80::8cd7:58ff:fe03:324f dev qg-417b12a1-76 lladdr 8e:d7:58:03:32:4f STALE"
        in namespaces.neighbours(recorded("net01", "netns-qrouter-neigh"))["neighbours"]
    )


def test_the_nat_of_a_router() -> None:
    nat = namespaces.nat(recorded(NET02, "namespace-nat-qrouter"))["nat"]
    assert any("-j DNAT --to-destination 192.168.10." in rule for rule in nat)
    assert all(rule.endswith("packets)") for rule in nat)
    older = namespaces.nat(recorded("net01", "netns-qrouter-iptables"))["nat"]
    assert any("--to-source 10.66.0.151" in rule for rule in older)
    assert not any("DNAT --to-destination" in rule for rule in older)
    assert namespaces.nat(b"# Generated\n*nat\n-A X -d 10.0.0.1/32 -j DNAT --to-destination 1.2.3.4\nCOMMIT\n") == {
        "nat": ["-A X -d 10.0.0.1/32 -j DNAT --to-destination 1.2.3.4"]
    }


def test_who_listens_in_a_namespace() -> None:
    found = namespaces.listeners(recorded("net01", "netns-qdhcp-ss"))["listeners"]
    assert "udp 0.0.0.0:67 dnsmasq 30573" in found
    assert namespaces.listeners(recorded("net01", "netns-qrouter-ss"))["listeners"] == ["tcp *:9697 haproxy 30210"]
    assert any(
        "dnsmasq" in line for line in namespaces.listeners(recorded(NET02, "namespace-sockets-qdhcp"))["listeners"]
    )


@pytest.mark.parametrize(
    "parse",
    [
        links.links, links.namespace_numbers, openvswitch.tunnel_addresses, openvswitch.bridges, openvswitch.ports,
        openvswitch.flow_count, bridges.bridges, bridges.ports, namespaces.namespaces, namespaces.processes,
        namespaces.interfaces, namespaces.routes, namespaces.nat, namespaces.listeners,
    ],
)  # fmt: skip
@pytest.mark.parametrize("junk", [b"\x00\xff", b"Segmentation fault", b'{"a": 1}', b'"text"'])
def test_junk_is_refused_with_a_reason(parse: Callable[[bytes], object], junk: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse(junk)
