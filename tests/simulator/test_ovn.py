"""The simulated OVN: its programs answer in the recorded columns and words, and all of them from one model."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from collectors.sources.entries import command, parser
from runbooks.ground.declared import FaultError
from runbooks.simulator.faults import Faults
from runbooks.simulator.http.neutron import API as NEUTRON
from runbooks.simulator.model.cloud import Cloud
from tests.collectors.kinds.ovn_recordings import RECORDINGS, printed
from tests.simulator.calls import Client, cloud
from tests.simulator.ovn_shell import entry, pass_time, shell

VERSION = "23.03"
LISTS = sorted(path.stem for path in (RECORDINGS / VERSION).glob("*.txt") if "-status" not in path.stem
               and not path.stem.endswith(("-dead", "-quorum")))  # fmt: skip


@pytest.fixture
def model() -> Cloud:
    return cloud(network="ovn")


@pytest.fixture
def faults(model: Cloud) -> Faults:
    return Faults(model)


def leader(model: Cloud, name: str) -> str:
    """The host that leads the database that a list is in."""
    assert model.ovn is not None
    return str(model.ovn.rafts["nb" if command(name).words[0] == "ovn-nbctl" else "sb"].leader)


# -- as recorded ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_lists_have_the_recorded_columns(model: Cloud, name: str) -> None:
    status, out, err = entry(model, name, leader(model, name))
    assert (status, err) == (0, "")
    real = [json.loads(line)["headings"] for line in printed(VERSION, name).out.splitlines()]
    assert [json.loads(line)["headings"] for line in out.splitlines()] == real
    assert parser(command(name).entry.parser)(out.encode())


@pytest.mark.parametrize("name", LISTS)
def test_values_are_of_the_recorded_shapes(model: Cloud, name: str) -> None:
    """Whatever is in a column, it is a set, a map, a UUID, a text, a number or a flag as in some recorded row."""
    _, out, _ = entry(model, name, leader(model, name))
    for ours, theirs in zip(out.splitlines(), printed(VERSION, name).out.splitlines(), strict=True):
        real = json.loads(theirs)
        for place, heading in enumerate(real["headings"]):
            shapes = {_shape(row[place]) for row in real["data"]}
            if shapes:
                assert {_shape(row[place]) for row in json.loads(ours)["data"]} <= shapes | ALSO.get(heading, set())


ALSO = {
    "chassis": {"uuid"}, "requested_chassis": {"uuid"}, "physical": {"set"}, "networks": {"set"}, "enabled": {"flag"},
    "other_config": {"map"}, "external_ids": {"map"}, "nat": {"uuid", "set"}, "mac": {"text"}, "ports": {"uuid", "set"},
    "gateway_chassis": {"uuid"}, "static_routes": {"set"},
}  # fmt: skip
"""What a column holds besides where there is more than was recorded: an optional value, one of a set, several."""


def _shape(value: Any) -> str:
    if isinstance(value, list):
        return str(value[0])
    return {bool: "flag", int: "number"}.get(type(value), "text")


@pytest.mark.parametrize("database", ["northbound", "southbound"])
def test_a_status_has_the_recorded_lines(model: Cloud, database: str) -> None:
    assert model.ovn is not None
    name = f"ovn-{database}-status"
    by_role: dict[str, list[list[str]]] = {}  # a follower has heard the other one, or has not
    for member in ("ctl01", "ctl02", "ctl03"):
        text = printed(VERSION, f"{name}-{member}").out.decode()
        by_role.setdefault(re.search(r"Role: (\w+)", text)[1], []).append(_labels(text))  # type: ignore[index]
    for member in model.ovn.members:
        status, out, _ = entry(model, name, member)
        assert status == 0
        role = re.search(r"Role: (\w+)", out)[1]  # type: ignore[index]
        assert _labels(out) in by_role[role]


def _labels(text: str) -> list[str]:
    """The words before the colons, in order, without numbers; servers with what is told of them."""
    plain = [re.sub(r"\b[0-9a-f]{4}\b|tcp:[\d.:]+|\d+", "#", line) for line in text.splitlines()[1:]]
    servers = sorted(line for line in plain if line.startswith("    "))
    return [*(line.partition(":")[0] for line in plain if not line.startswith("    ")), *servers]


def test_who_lost_the_majority_says_so_in_the_recorded_words(model: Cloud, faults: Faults) -> None:
    faults.inject("ovn-no-quorum", {})
    pass_time(model, 20)
    assert model.ovn is not None
    (left,) = model.ovn.alive("sb")
    _, out, _ = entry(model, "ovn-southbound-status", left)
    real = printed(VERSION, "ovn-southbound-status-ctl01-no-quorum").out.decode()
    for line in ("Status: disconnected from the cluster (election timeout)", "Role: candidate", "Leader: unknown"):
        assert line in out
        assert line in real
    gone = next(name for name in model.ovn.members if name != left)
    assert entry(model, "ovn-southbound-status", gone)[::2] == (
        1, 'ovn-appctl: cannot connect to "/var/run/ovn/ovnsb_db.ctl" (Connection refused)\n',
    )  # fmt: skip
    status, _, err = entry(model, "ovn-chassis", left)
    assert (status, err) == (1, printed(VERSION, "ovn-chassis-no-quorum").err.decode())
    assert entry(model, "ovn-northd-status-kolla", left)[1] == "Status: standby\n"


# -- as clients see it ------------------------------------------------------------------------------------------------


def test_neutrons_agents(model: Cloud) -> None:
    agents = Client(model, NEUTRON).get("/v2.0/agents")["agents"]
    kinds = sorted((each["agent_type"], each["host"]) for each in agents)
    assert kinds == sorted([
        *(("OVN Controller Gateway agent", host) for host in ("net01", "net02")),
        *(("OVN Controller agent", f"cmp0{number}") for number in (1, 2, 3, 4)),
        *(("OVN Metadata agent", f"cmp0{number}") for number in (1, 2, 3, 4)),
    ])  # fmt: skip
    assert all(each["alive"] for each in agents)
    one = next(each for each in agents if each["host"] == "net01")
    assert (one["id"], one["configurations"]) == (
        "net01", {"chassis_name": "net01", "bridge-mappings": "physnet1:br-ex"},
    )  # fmt: skip
    assert "started_at" not in one


def test_networks_are_geneve_and_ports_are_bound_by_ovn(model: Cloud) -> None:
    client = Client(model, NEUTRON)
    networks = {each["name"]: each for each in client.get("/v2.0/networks")["networks"]}
    web = networks["web-shop-net"]
    assert (web["provider:network_type"], web["mtu"]) == ("geneve", 1442)
    owners = {each["device_owner"] for each in client.get("/v2.0/ports")["ports"]}
    assert owners == {"compute:nova", "network:distributed", "network:router_gateway", "network:router_interface"}
    port = next(each for each in client.get("/v2.0/ports")["ports"] if each["device_owner"] == "compute:nova")
    assert port["binding:vif_details"]["bound_drivers"] == {"0": "ovn"}


def test_show_list_find_and_get(model: Cloud) -> None:
    assert model.ovn is not None
    north, south = (str(model.ovn.rafts[database].leader) for database in ("nb", "sb"))
    shown = shell(model, "ovn-nbctl show", north)[1]
    assert "(aka web-shop-net)" in shown
    assert re.search(r"gateway chassis: \[net0\d net0\d\]", shown)
    assert "Chassis cmp01\n    hostname: cmp01\n    Encap geneve\n" in shell(model, "ovn-sbctl show", south)[1]
    assert shell(model, "ovn-nbctl ls-list", north)[1].count("(neutron-") == 7
    counts = shell(model, "ovn-nbctl get NB_Global . nb_cfg sb_cfg hv_cfg", north)[1].split()
    assert len(set(counts)) == 1
    found = shell(model, "ovn-sbctl find Port_Binding type=chassisredirect | grep -c logical_port", south)[1]
    assert found == "6\n"
    assert shell(model, "ovn-nbctl bogus", north)[2] == "ovn-nbctl: unknown command 'bogus'; use --help for help\n"
    assert shell(model, "ovn-nbctl list bogus", north)[2] == 'ovn-nbctl: unknown table "bogus"\n'
    follower = next(name for name in model.ovn.members if name != south)
    refused = "ovn-sbctl: unix:/var/run/ovn/ovnsb_db.sock: database connection failed ()\n"
    assert shell(model, "ovn-sbctl show", follower)[2] == refused  # it wants the leader
    assert shell(model, "ovn-sbctl --no-leader-only show", follower)[0] == 0
    assert "Permission denied" in shell(model, "ovn-sbctl show", south, user="guest")[2]


def test_where_a_host_is_connected(model: Cloud, faults: Faults) -> None:
    line = "ovn-appctl -t ovn-controller connection-status"
    assert shell(model, line, "cmp01")[1] == "connected\n"
    faults.inject("ovn-no-quorum", {})
    assert shell(model, line, "cmp01")[1] == "not connected\n"
    assert shell(model, line, "ceph01")[0] == 127


def test_a_cloud_without_it_has_none_of_it() -> None:
    plain = cloud()
    assert shell(plain, "ovn-nbctl show")[0] == 127
    with pytest.raises(FaultError, match="no OVN: start it with --network ovn"):
        Faults(plain).inject("ovn-no-quorum", {})


def test_a_tunnel_begins_in_the_integration_bridge(model: Cloud) -> None:
    ports = shell(model, "ovs-vsctl list-ports br-int", "cmp01")[1].split()
    assert {"ovn-cmp02-0", "ovn-net01-0"} < set(ports)
    assert shell(model, "ovs-vsctl list-br", "cmp01")[1] == "br-int\n"
    assert "Controller" not in shell(model, "ovs-vsctl show", "cmp01")[1]


def test_metadata_is_served_on_hosts_with_servers_of_the_network(model: Cloud, faults: Faults) -> None:
    names = shell(model, "ip netns list", "cmp01")[1].split()[::3]
    assert names
    assert all(name.startswith("ovnmeta-") for name in names)
    assert shell(model, "ip netns list", "net01")[1] == ""
    addresses = shell(model, f"ip -n {names[0]} -j addr", "cmp01")[1]
    assert "169.254.169.254" in addresses
    listening = f"ip netns exec {names[0]} ss -tlnp"
    assert "169.254.169.254:80" in shell(model, listening, "cmp01")[1]
    assert shell(model, f"ip netns exec {names[0]} iptables-save", "cmp01")[1] == ""
    faults.inject("unit-killed", {"host": "cmp01", "unit": "neutron_ovn_metadata_agent"})
    assert "haproxy" not in shell(model, listening, "cmp01")[1]
