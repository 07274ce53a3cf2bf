"""Parsers of what is read only when it is opened: flows, forwarding entries, firewall rules, sockets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from collectors.sources.parsers import fdb, firewall, flows, sockets
from tests.collectors.sources.parsers.test_parsers import recorded

ROUTER = "qrouter-eb88347f-9276-4a50-aa12-0c0d64d97dc8"


@pytest.mark.parametrize(
    ("host", "name"),
    [("net02", "ovs-flows-br-int"), ("net02", "ovs-flows-br-tun"), ("cmp03", "ovs-flows-br-int"),
     ("net01", "flows-br-int"), ("cmp01", "flows-br-int"), ("cmp01", "flows-br-tun"), ("net01", "flows-br-ex")],
)  # fmt: skip
def test_every_recorded_flow_is_taken_apart_whole(host: str, name: str) -> None:
    lines = recorded(host, name).decode().splitlines()[1:]
    found = flows.flows(recorded(host, name))
    assert len(found) == len(lines) > 2
    assert all("raw" not in flow for flow in found)
    for flow in found:
        # what is left of the line without what is known by name is the match
        match = f",{flow['match']}" if flow["match"] else ""
        end = f"priority={flow['priority']}{match} actions={flow['actions']}"
        (line,) = [each for each in lines if f"table={flow['table']}, " in each and each.endswith(end)]
        assert f"n_packets={flow['n_packets']}, " in line
    order = [(flow["table"], -flow["priority"]) for flow in found]
    assert order == sorted(order)


OPENFLOW_10 = b"""NXST_FLOW reply (xid=0x4):
 cookie=0x9f1, duration=4.079s, table=20, n_packets=3, n_bytes=294, hard_timeout=300, idle_age=2, hard_age=2, \
priority=1,vlan_tci=0x0001/0x0fff,dl_dst=ea:35:90:06:22:e4 actions=load:0->NXM_OF_VLAN_TCI[],output:4
 cookie=0x0, duration=4.325s, table=0, n_packets=15, n_bytes=1286, idle_age=0, in_port=1 actions=resubmit(,2)
 cookie=0x1, duration=1s, table=71, n_packets=0, n_bytes=0, reset_counts priority=110,ct_state=+trk actions=drop
 what is this
"""


def test_flows_as_open_vswitch_printed_them_with_openflow_10() -> None:
    plain, learnt, reset, odd = flows.flows(OPENFLOW_10)
    assert (learnt["hard_timeout"], learnt["idle_age"], learnt["priority"], learnt["duration"]) == (300, 2, 1, 4.079)
    assert learnt["match"] == "vlan_tci=0x0001/0x0fff,dl_dst=ea:35:90:06:22:e4"
    assert (plain["match"], plain["priority"]) == ("in_port=1", 32768)  # the default one is not printed
    assert (reset["match"], reset["actions"]) == ("ct_state=+trk", "drop")
    assert set(odd) == {"raw"}
    assert flows.flows(b"OFPST_FLOW reply (OF1.3) (xid=0x2):\n") == []


def test_addresses_that_open_vswitch_has_heard() -> None:
    for host in ("net01", "cmp01"):
        for bridge in ("br-int", "br-ex", "br-tun"):
            lines = recorded(host, f"fdb-{bridge}").decode().splitlines()[1:]
            found = fdb.openvswitch(recorded(host, f"fdb-{bridge}"))
            assert [f"{e['ofport']} {e['vlan']} {e['mac']} {e['age']}" for e in found] == [
                " ".join(line.split()) for line in lines
            ]
    static, odd = fdb.openvswitch(b" port  VLAN  MAC                Age\n    1     0  aa:bb:cc:dd:ee:ff  static\n?\n")
    assert (static["static"], static["age"]) == (True, None)
    assert set(odd) == {"raw"}


def test_ports_have_names() -> None:
    for host, name in (("net01", "ofports-br-int"), ("net02", "ovs-port-names-br-int")):
        found = {each["ofport"]: each["port"] for each in fdb.port_names(recorded(host, name))}
        assert found["LOCAL"] == "br-int"
        assert {"patch-tun", "int-br-ex"} <= set(found.values())


def test_addresses_behind_a_linux_bridge() -> None:
    told = (
        b'[{"mac":"fa:16:3e:00:00:01","ifname":"tap1","master":"brq1","state":""},'
        b'{"mac":"00:00:00:00:00:00","ifname":"vxlan-7","dst":"10.0.1.32","flags":["self"],"state":"permanent"},{}]'
    )
    local, remote = fdb.linux(told)
    assert (local["port"], local["static"], local["remote_ip"]) == ("tap1", False, None)
    assert (remote["port"], remote["static"], remote["remote_ip"]) == ("vxlan-7", True, "10.0.1.32")
    assert len(fdb.linux(recorded("net01", "bridge-j-fdb"))) == 9
    assert fdb.linux(recorded("net02", "linux-fdb-br-int")) == []


@pytest.mark.parametrize(
    ("host", "name"),
    [("net01", "netns-qrouter-iptables"), ("net01", "netns-qdhcp-iptables"), ("net02", f"namespace-iptables-{ROUTER}")],
)
def test_every_recorded_rule_of_iptables_is_told(host: str, name: str) -> None:
    lines = recorded(host, name).decode().splitlines()
    found = firewall.iptables(recorded(host, name))
    rules = [rule for rule in found if not rule["rule"].startswith("policy ")]
    assert [f"[{r['packets']}:{r['bytes']}] -A {r['chain']} {r['rule']}" for r in rules] == [
        line for line in lines if " -A " in line
    ]
    assert len(found) - len(rules) == sum(" ACCEPT [" in line for line in lines)
    assert {rule["table"] for rule in found} == {"mangle", "raw", "filter", "nat"}


def test_a_firewall_without_counters_and_with_a_policy() -> None:
    told = b"*filter\n:INPUT DROP [7:420]\n:own - [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A own\nCOMMIT\n"
    policy, ssh, nothing = firewall.iptables(told)
    assert (policy["chain"], policy["target"], policy["packets"]) == ("INPUT", "DROP", 7)
    assert (ssh["target"], ssh["packets"]) == ("ACCEPT", None)
    assert (nothing["chain"], nothing["rule"], nothing["target"]) == ("own", "", None)
    assert firewall.iptables(recorded("net01", "iptables-save")) == []


NFT = b"""table inet firewall { # handle 7
\tset office {
\t\ttype ipv4_addr
\t\telements = { 10.0.0.1,
\t\t\t     10.0.0.2 }
\t}
\tchain input { # handle 1
\t\ttype filter hook input priority filter; policy drop;
\t\tct state established,related accept # handle 4
\t\tip saddr @office tcp dport 22 counter packets 5 bytes 300 accept # handle 5
\t\tlog prefix "no " counter packets 9 bytes 540 drop # handle 6
\t\tjump more
\t}
}
# Warning: table ip nat is managed by iptables-nft, do not touch!
table ip nat {
\tchain anything {
\t\ttype nat hook prerouting priority dstnat; policy accept;
\t\tcounter packets 1 bytes 60 accept
\t}
}
"""
"""As nft 1.0 prints it with and without handles."""


def test_rules_of_nft_are_told_but_not_iptables_own() -> None:
    found = firewall.nft(NFT)
    assert {(rule["family"], rule["table"]) for rule in found} == {("inet", "firewall")}
    policy, known, ssh, rest, jump = found
    assert (policy["rule"], policy["target"]) == ("policy drop", "drop")
    assert (known["rule"], known["target"]) == ("ct state established,related accept", "accept")
    assert (ssh["packets"], ssh["bytes"], ssh["target"]) == (5, 300, "accept")
    assert (rest["packets"], rest["target"]) == (9, "drop")
    assert jump["target"] == "jump"
    assert firewall.nft(b"") == []


def test_what_iptables_wrote_into_nft_is_told_once() -> None:
    """An older nft does not mark iptables' tables; ip6tables' are not in iptables-save and stay."""
    found = firewall.nft(recorded("net02", f"namespace-nft-{ROUTER}"))
    assert {rule["family"] for rule in found} == {"ip6"}
    assert "table ip nat" in recorded("net02", f"namespace-nft-{ROUTER}").decode()


@pytest.mark.parametrize("host", ["net02", "cmp03"])
def test_recorded_sockets(host: str) -> None:
    lines = recorded(host, "sockets").decode().splitlines()
    found = sockets.sockets(recorded(host, "sockets"))
    assert len(found) == len(lines) > 10
    assert Counter(s["state"] for s in found) == Counter(line.split()[1] for line in lines)
    assert {s["process"] for s in found if s["local_port"] == "22" and s["state"] == "LISTEN"} == {"sshd"}
    talking = [s for s in found if s["peer_port"] == "5672"]
    assert talking
    assert all(re.fullmatch(r"10\.78\.0\.1\d", s["peer"]) and s["pid"] for s in talking)


def test_sockets_without_processes_and_in_a_namespace() -> None:
    found = sockets.sockets(recorded("net01", "ss"))
    assert len(found) == 31
    assert {s["process"] for s in found} == {None}
    dhcp = sockets.sockets(recorded("net01", "netns-qdhcp-ss"))
    assert {(s["protocol"], s["local_port"]) for s in dhcp} == {("udp", "53"), ("udp", "67"), ("tcp", "53")}
    assert "fe80::f816:3eff:fe5c:b038" in {s["local"] for s in dhcp}
    (proxy,) = sockets.sockets(recorded("net01", "netns-qrouter-ss"))
    assert (proxy["local"], proxy["local_port"], proxy["process"], proxy["unsent"]) == ("*", "9697", "haproxy", 1024)


def test_a_socket_that_several_processes_hold() -> None:
    told = (
        b'tcp ESTAB 0 0 [::ffff:10.0.0.1]:443 [::ffff:10.0.0.9]:50000 users:(("a b",pid=7,fd=3),("a b",pid=8,fd=3))\n'
    )
    (found,) = sockets.sockets(told)
    assert (found["local"], found["peer"], found["process"], found["pid"], found["holders"]) == (
        "10.0.0.1", "10.0.0.9", "a b", 7, 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    "parse", [flows.flows, fdb.openvswitch, fdb.linux, firewall.iptables, firewall.nft, sockets.sockets]
)
@pytest.mark.parametrize("junk", [b"\x00\xff", b"Segmentation fault", b'{"a": 1}'])
def test_junk_is_refused_with_a_reason(parse: Callable[[bytes], Any], junk: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse(junk)
