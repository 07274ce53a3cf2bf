"""The faults of the hosts' network, as the hosts' own commands show them, and how an agent's restart mends them."""

from __future__ import annotations

import json
import re

import pytest

from runbooks.ground.declared import FaultError
from runbooks.simulator.faults import Faults
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.ssh.conftest import Run
from tests.simulator.ssh.test_network import namespace, rows


@pytest.fixture
def faults(cloud: Cloud) -> Faults:
    return Faults(cloud)


def test_a_tap_on_the_dead_vlan(run: Run, cloud: Cloud, faults: Faults) -> None:
    before = run("ovs-ofctl dump-aggregate br-int", host="cmp01", user="root").out
    fault = faults.inject("tap-dead-vlan", {"host": "cmp01"})
    dead = run("ovs-vsctl --format=json --columns=name,tag find Port tag=4095", host="cmp01", user="root").out
    ((row,),) = rows(dead)
    assert row["name"].startswith("tap")
    assert run(f"ovs-vsctl get Port {row['name']} tag", host="cmp01", user="root").out == "4095\n"
    assert run("ovs-ofctl dump-aggregate br-int", host="cmp01", user="root").out != before
    assert "is_connected" not in run("ovs-vsctl show", host="cmp01", user="root").out  # its agent hangs
    faults.undo(fault.id)
    assert rows(run("ovs-vsctl --format=json find Port tag=4095", host="cmp01", user="root").out) == [[]]


def test_the_agents_restart_makes_flows_anew(run: Run, cloud: Cloud, faults: Faults) -> None:
    def count() -> str:
        return run("ovs-ofctl dump-aggregate br-tun", host="cmp01", user="root").out.split("flow_count=")[1]

    faults.inject("flows-deleted", {"host": "cmp01"})
    assert count() == "0\n"
    assert cloud.network.agents.alive(next(a for a in cloud.network.agents.all() if a.host == "cmp01"))
    cloud.clock.advance(60)
    assert run("sudo -n docker restart neutron_openvswitch_agent", host="cmp01").status == 0
    assert count() != "0\n"


def test_a_silent_dhcp_server(run: Run, faults: Faults) -> None:
    fault = faults.inject("dhcp-silent", {"host": "net01"})
    states = {line.split()[1] for line in run("ps -eo pid=,stat=,comm=", host="net01").out.splitlines()
              if line.endswith("dnsmasq")}  # fmt: skip
    assert states == {"T"}
    assert "T" not in {line.split()[1] for line in run("ps -eo pid=,stat=,comm=", host="net02").out.splitlines()}
    faults.undo(fault.id)
    assert " T " not in run("ps -eo pid=,stat=,comm=", host="net01").out


def test_a_dead_dhcp_agent_takes_its_servers_with_it(run: Run, faults: Faults) -> None:
    faults.inject("agent-dead", {"host": "net01", "binary": "neutron-dhcp-agent"})
    assert "dnsmasq" not in run("ps -eo pid=,comm=", host="net01").out
    assert run(f"ip netns pids {namespace(run, 'qdhcp')}", host="net01").out == ""


def test_rules_of_floating_addresses_that_are_gone(run: Run, faults: Faults) -> None:
    def rules(host: str) -> int:
        names = [w for w in run("ip netns list", host=host).out.split() if w.startswith("qrouter")]
        saved = [run(f"ip netns exec {name} iptables-save -t nat", host=host, user="root").out for name in names]
        return sum(each.count("-j DNAT --to-destination") for each in saved)

    before = rules("net01")
    assert before > 0
    fault = faults.inject("floating-address-without-nat", {"host": "net01"})
    assert (rules("net01"), rules("net02") > 0) == (0, True)
    faults.undo(fault.id)
    assert rules("net01") == before


def test_a_narrow_tunnel_and_a_cut_one(run: Run, faults: Faults) -> None:
    faults.inject("tunnel-mtu-low", {"host": "cmp01"})
    (eth1,) = json.loads(run("ip -j link show dev eth1", host="cmp01").out)
    assert eth1["mtu"] == 1450
    assert run("iptables-save", host="cmp01", user="root").out == ""
    faults.inject("tunnel-cut", {"host": "cmp01", "peer": "net01"})
    assert re.search(r"-A INPUT -s 10\.78\.211\.14/32 -p udp .*--dport 4789 -j DROP",
                     run("iptables-save", host="cmp01", user="root").out)  # fmt: skip


def test_a_router_that_is_active_twice(run: Run, faults: Faults) -> None:
    def active(name: str) -> list[str]:
        return [h for h in ("net01", "net02") if "qg-" in run(f"ip -n {name} -4 -br addr", host=h, user="root").out
                and "198.18." in run(f"ip -n {name} -4 addr", host=h, user="root").out]  # fmt: skip

    names = [w for w in run("ip netns list", host="net01").out.split() if w.startswith("qrouter")]
    assert all(len(active(name)) == 1 for name in names)
    faults.inject("router-two-active", {"host": "net01"})
    assert sorted(len(active(name)) for name in names)[-1] == 2


def bonds(run: Run, host: str) -> dict[str, dict[str, object]]:
    """`bond0` and its interfaces, as our own parser reads them."""
    from collectors.sources.parsers.links import links

    found = {link["name"]: link for link in links(run("ip -j -d -s addr", host=host).out.encode())}
    return {name: link for name, link in found.items() if name == "bond0" or link["master"] == "bond0"}


def test_a_bond_loses_an_interface_and_goes_on(run: Run, cloud: Cloud, faults: Faults) -> None:
    before = bonds(run, "net01")
    assert (before["bond0"]["members"], before["bond0"]["active_slave"]) == (["eth2", "eth3"], "eth2")
    fault = faults.inject("bond-slave-down", {"host": "net01", "link": "eth2"})
    found = bonds(run, "net01")
    assert (found["bond0"]["members_down"], found["bond0"]["active_slave"]) == (["eth2"], "eth3")
    assert (found["eth2"]["mii_status"], found["eth3"]["slave_state"]) == ("DOWN", "ACTIVE")
    assert found["bond0"]["state"] == "UP"
    second = faults.inject("bond-slave-down", {"host": "net01", "link": "eth3"})
    assert bonds(run, "net01")["bond0"]["state"] == "DOWN"
    faults.undo(second.id)
    faults.undo(fault.id)
    assert bonds(run, "net01") == before


def test_a_bond_with_lacp(run: Run, cloud: Cloud, faults: Faults) -> None:
    found = bonds(run, "ceph01")
    assert (found["bond0"]["bond_mode"], found["bond0"]["members"]) == ("802.3ad", ["eth1", "eth2"])
    assert [found[name]["lacp_trouble"] for name in ("eth1", "eth2")] == [None, None]
    assert found["bond0"]["lacp_partner"] == "00:1c:73:a4:00:01"
    faults.inject("bond-slave-down", {"host": "ceph01", "link": "eth1"})
    found = bonds(run, "ceph01")
    assert (found["bond0"]["members_down"], found["bond0"]["members_apart"]) == (["eth1"], [])


def test_a_host_without_a_bond_cannot_lose_one(cloud: Cloud, faults: Faults) -> None:
    with pytest.raises(FaultError, match="cmp01 has no eth2 in a bond: it has no bond"):
        faults.inject("bond-slave-down", {"host": "cmp01", "link": "eth2"})
