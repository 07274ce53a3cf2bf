"""The real hosts' network: each row is what the host's own commands say, healthy and in each fault."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.lab.real import RealLab, until
from tests.lab.test_hosts import names

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

SWITCHES = ("net01", "net02", "cmp01", "cmp02", "cmp03")


def bad(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Row id → reason, of those that are not well."""
    return {row["id"]: row["reason"] for row in rows if row["health"] != "ok"}


def ill(rows: list[dict[str, Any]]) -> bool:
    """Some row is not well."""
    return bool(bad(rows))


def test_interfaces_say_what_ip_says(lab: RealLab) -> None:
    ours = {row["id"]: row for row in lab.get("interfaces")}
    theirs = {}
    for host in names(lab):
        for link in json.loads(lab.on(host, "ip -j -d addr")):
            theirs[f"{host}/{link['ifname']}"] = link
    assert set(ours) == set(theirs)
    for name, link in theirs.items():
        row = ours[name]
        assert (row["state"], row["mtu"], row["index"]) == (link["operstate"], link["mtu"], link["ifindex"])
        assert (row["addresses"] or "").split(", ") == [
            f"{each['local']}/{each['prefixlen']}" for each in link["addr_info"]
        ] or not link["addr_info"]
        assert row["peer"] == (f"#{link['link_index']}" if "link_index" in link else None)
    assert bad(list(ours.values())) == {}


def test_the_other_end_of_a_veth_is_in_the_namespace_that_it_names(lab: RealLab) -> None:
    found = [row for row in lab.get("interfaces") if row["peer_namespace"]]
    assert found
    for row in found:
        inside = json.loads(lab.on(row["host"], f"ip -n {row['peer_namespace']} -j link"))
        assert {link["ifindex"]: link["link_index"] for link in inside if "link_index" in link}[
            int(row["peer"].removeprefix("#"))
        ] == row["index"]


def test_bridges_say_what_open_vswitch_says(lab: RealLab) -> None:
    rows = {row["id"]: row for row in lab.get("bridges")}
    theirs = {f"{host}/{name}" for host in SWITCHES for name in lab.on(host, "ovs-vsctl list-br").split()}
    assert set(rows) == theirs
    for row in rows.values():
        listed = lab.on(row["host"], f"ovs-vsctl list-ports {row['name']}").split()
        assert row["ports"] == len(listed) + 1  # its own is not listed
        assert row["agent_alive"] is True
        if row["flows"] is not None:
            lines = lab.on(row["host"], f"ovs-ofctl dump-flows {row['name']}").splitlines()
            # learnt flows come and go
            assert abs(row["flows"] - sum("cookie=" in line for line in lines)) <= 5
    assert bad(list(rows.values())) == {}


def test_ports_say_what_open_vswitch_says(lab: RealLab) -> None:
    rows = {row["id"]: row for row in lab.get("bridge-ports")}
    for host in SWITCHES:
        names_here = set()
        for bridge in lab.on(host, "ovs-vsctl list-br").split():
            listed = {*lab.on(host, f"ovs-vsctl list-ifaces {bridge}").split(), bridge}
            assert {row["name"] for row in rows.values() if (row["host"], row["bridge"]) == (host, bridge)} == listed
            names_here |= listed
        for name in names_here:
            row = rows[f"{host}/{name}"]
            tag = lab.on(host, f"ovs-vsctl get Port {name} tag").strip()
            assert str(row["tag"] if row["tag"] is not None else "[]") == tag
            assert str(row["ofport"]) == lab.on(host, f"ovs-vsctl get Interface {name} ofport").strip()
    assert bad(list(rows.values())) == {}


def test_the_switchs_ports_are_neutrons(lab: RealLab) -> None:
    neutron = {row["id"]: row for row in lab.get("ports")}
    taps = [row for row in lab.get("bridge-ports") if row["port_id"]]
    assert len(taps) > 6
    for row in taps:
        assert row["port_id"] in neutron
        assert row["network_id"] == neutron[row["port_id"]]["network_id"]
        assert row["mac"] == neutron[row["port_id"]]["mac_address"]


def test_namespaces_say_what_ip_netns_says(lab: RealLab) -> None:
    rows = {row["id"]: row for row in lab.get("namespaces")}
    for host in SWITCHES:
        listed = [line.split()[0] for line in lab.on(host, "ip netns list").splitlines()]
        assert {row["name"] for row in rows.values() if row["host"] == host} == set(listed)
        for name in listed:
            row = rows[f"{host}/{name}"]
            pids = set(lab.on(host, f"ip netns pids {name}").split())
            # helpers of agents come and go
            assert len(pids ^ set(re.findall(r" (\d+)(?:,|$)", row["programs"] or ""))) <= 2, row
            assert row["processes"] is not None
    networks = {row["id"]: row["name"] for row in lab.get("networks")}
    dhcp = [row for row in rows.values() if row["purpose"] == "DHCP"]
    assert {networks[row["network_id"]] for row in dhcp} == {row["neutron_name"] for row in dhcp}
    assert bad(list(rows.values())) == {}


def test_the_inside_of_a_namespace(lab: RealLab) -> None:
    active = 0
    for row in lab.get("namespaces", "purpose=router"):
        done = lab.nephoscope("describe", "namespaces", row["id"], "-o", "json")
        assert done.returncode == 0, done.stderr
        (inside,) = json.loads(done.stdout)["detail"]
        told = json.loads(lab.on(row["host"], f"ip -n {row['name']} -j addr"))
        assert [line.split()[0] for line in inside["interfaces"]] == [link["ifname"] for link in told]
        saved = lab.on(row["host"], f"ip netns exec {row['name']} iptables-save -t nat")
        rules = [line for line in saved.splitlines() if re.search(r"-j (DNAT|SNAT|REDIRECT|MASQUERADE) ", line)]
        assert [line.rpartition("  (")[0] for line in inside["nat"]] == rules
        active += any(line.startswith("qg-") and "no address" not in line for line in inside["interfaces"])
    assert active == 1


# -- faults ----------------------------------------------------------------------------------------------------------


def test_a_tap_on_the_dead_vlan(lab: RealLab) -> None:
    with lab.broken("tap-dead-vlan", host="cmp02"):
        found = bad(until(lambda: lab.get("bridge-ports", "host=cmp02"), ill))
        ((identity, reason),) = found.items()
        assert identity.startswith("cmp02/tap")
        port = lab.row("bridge-ports", identity)
        assert port["tag"] == 4095
        assert reason == f"on the dead VLAN 4095: its agent has cut it off (port {port['port_id']})"
    until(lambda: lab.get("bridge-ports", "host=cmp02"), lambda rows: not bad(rows))


@pytest.mark.long
def test_flows_that_are_gone_under_a_living_agent(lab: RealLab) -> None:
    with lab.broken("flows-deleted", host="cmp03"):
        found = bad(lab.get("bridges", "host=cmp03"))
        assert found == {
            "cmp03/br-tun": "flows gone: nothing passes; the Open vSwitch agent is alive: restart it",
        }
        units = lab.get("units", "host=cmp03", "name=openvswitch-switch")
        assert {row["health"] for row in units} <= {"ok"}  # nothing else tells
    until(lambda: lab.get("bridges", "host=cmp03"), lambda rows: not bad(rows), 180)


def test_a_frozen_dhcp_server(lab: RealLab) -> None:
    with lab.broken("dhcp-silent", host="net02"):
        found = bad(lab.get("namespaces", "host=net02"))
        assert set(found.values()) == {"frozen: dnsmasq; it is there and answers nobody"}
        assert all(identity.startswith("net02/qdhcp-") for identity in found)
    until(lambda: lab.get("namespaces", "host=net02"), lambda rows: not bad(rows))


def test_a_tunnel_that_is_too_narrow(lab: RealLab) -> None:
    with lab.broken("tunnel-mtu-low", host="cmp02"):
        found = bad(until(lambda: lab.get("interfaces", "host=cmp02"), ill))
        assert found == {"cmp02/br-phy": "carries tunnels with an MTU of 1450: full packets of the servers need 1500"}
    until(lambda: lab.get("interfaces", "host=cmp02"), lambda rows: not bad(rows))


def test_a_cut_cable_and_what_the_peers_tunnel_says(lab: RealLab) -> None:
    with lab.broken("link-cut", host="cmp03", link="eth1"):
        rows = until(lambda: lab.get("interfaces", "host=cmp03"), ill)
        assert bad(rows)["cmp03/eth1"] == "no carrier: its other end is down"
        ports = lab.get("bridge-ports", "host=cmp03")
        assert bad(ports)["cmp03/eth1"] == "link down"
        peer = [row for row in lab.get("bridge-ports", "host=cmp02") if row["type"] == "vxlan"]
        assert {row["link_state"] for row in peer} == {"up"}  # it says so whatever the other side does
    until(lambda: lab.get("interfaces", "host=cmp03"), lambda rows: not bad(rows))


def test_a_tunnel_that_is_missing(lab: RealLab) -> None:
    """Somebody removes one of the host's tunnels: the agent makes it anew when it starts."""
    name = next(row["name"] for row in lab.get("bridge-ports", "host=cmp03") if row["peer_host"] == "net01")
    lab.on("cmp03", f"ovs-vsctl del-port br-tun {name}")
    try:
        rows = until(lambda: lab.get("bridges", "host=cmp03"), ill)
        assert bad(rows)["cmp03/br-tun"].startswith("no tunnel to net01, where ports of the same networks are")
    finally:
        lab.on("cmp03", "systemctl restart neutron-openvswitch-agent")
    until(lambda: lab.get("bridges", "host=cmp03"), lambda rows: not bad(rows), 180)


def test_a_floating_address_without_its_rules(lab: RealLab) -> None:
    def rules(host: str) -> list[str]:
        (row,) = lab.get("namespaces", f"host={host}", "purpose=router")
        inside = json.loads(lab.nephoscope("describe", "namespaces", row["id"], "-o", "json").stdout)["detail"][0]
        active = any(line.startswith("qg-") and "no address" not in line for line in inside["interfaces"])
        return [line for line in inside["nat"] if "-j DNAT" in line] if active else []

    (host,) = [each for each in ("net01", "net02") if rules(each)]
    with lab.broken("floating-address-without-nat", host=host):
        assert rules(host) == []
    assert rules(host)


# -- what is opened --------------------------------------------------------------------------------------------------


def test_flows_say_what_ovs_ofctl_says(lab: RealLab) -> None:
    for host, bridge in (("net01", "br-int"), ("cmp01", "br-int"), ("cmp02", "br-tun"), ("net02", "br-ex")):
        printed = lab.on(host, f"ovs-ofctl -O OpenFlow13 dump-flows {bridge}").splitlines()[1:]
        ours = lab.get("flows", f"bridge={host}/{bridge}")
        lasting = [row for row in ours if row["hard_timeout"] is None]
        theirs = [line for line in printed if "hard_timeout" not in line.partition(" actions=")[0]]
        assert len(lasting) == len(theirs)
        for row in lasting:
            match = "" if row["match"] == "everything" else f",{row['match']}"
            (line,) = [x for x in theirs if f"table={row['table']}, " in x
                       and f"priority={row['priority']}{match} actions={row['actions']}" in x]  # fmt: skip
            assert row["use"]
            assert int(re.findall(r"n_packets=(\d+)", line)[0]) >= 0


@pytest.mark.long
def test_no_flows_are_listed_where_they_are_gone(lab: RealLab) -> None:
    with lab.broken("flows-deleted", host="cmp01"):
        assert lab.get("flows", "bridge=cmp01/br-tun") == []
        assert lab.get("flows", "bridge=cmp01/br-int")
    until(lambda: lab.get("flows", "bridge=cmp01/br-tun"), lambda rows: len(rows) > 10, 180)


def test_addresses_say_what_ovs_appctl_says(lab: RealLab) -> None:
    def both() -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
        printed = [line.split() for line in lab.on("net01", "ovs-appctl fdb/show br-int").splitlines()[1:]]
        ours = {(row["vlan"], row["mac"]) for row in lab.get("fdb-entries", "bridge=net01/br-int")}
        return ours, {(int(words[1]), words[2]) for words in printed}

    ours, _ = until(both, lambda found: found[0] == found[1])
    assert ours
    names = set(lab.on("net01", "ovs-vsctl list-ifaces br-int").split())
    assert {row["port"] for row in lab.get("fdb-entries", "bridge=net01/br-int")} <= names | {"br-int"}


def test_rules_say_what_iptables_save_says(lab: RealLab) -> None:
    for row in lab.get("namespaces", "purpose!=instance"):
        saved = lab.on(row["host"], f"ip netns exec {row['name']} iptables-save").splitlines()
        found = lab.get("firewall-rules", f"host={row['id']}", "engine=iptables")
        rules = [f"-A {each['chain']} {each['rule']}" for each in found if not each["rule"].startswith("policy ")]
        assert rules == [line for line in saved if line.startswith("-A")]
    assert lab.get("firewall-rules", "host=ctl01", "engine=iptables") == []


def test_sockets_say_what_ss_says(lab: RealLab) -> None:
    def both() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        printed = [line.split() for line in lab.on("ctl02", "ss -H -tunlp").splitlines()]
        ours = {(row["protocol"], row["local_port"]) for row in lab.get("sockets", "host=ctl02")
                if row["state"] in ("LISTEN", "UNCONN")}  # fmt: skip
        return ours, {(words[0], words[4].rpartition(":")[2]) for words in printed}

    ours, _ = until(both, lambda found: found[0] == found[1])
    assert {("tcp", "5672"), ("tcp", "3306"), ("tcp", "22")} <= ours
    rows = lab.get("sockets", "host=ctl02", "local_port=5672", "state=ESTAB")
    assert {"net01", "cmp01"} & {row["peer_host"] for row in rows}
    assert {row["process"] for row in rows} == {"beam.smp"}


def test_a_port_whose_device_is_missing(lab: RealLab) -> None:
    # it exits with an error of its own: the switch has no such device
    lab.on("cmp03", "ovs-vsctl --timeout=5 add-port br-int tapdead0001", check=False)
    try:
        row = until(lambda: lab.row("bridge-ports", "cmp03/tapdead0001"), bool)
        assert (row["health"], row["ofport"]) == ("warning", -1)
        assert row["reason"] == "its device is gone: what used it has ended, or died"
        assert "No such device" in row["error"]
    finally:
        lab.on("cmp03", "ovs-vsctl --timeout=5 del-port br-int tapdead0001")
    until(lambda: lab.get("bridge-ports", "host=cmp03"), lambda rows: not bad(rows))
