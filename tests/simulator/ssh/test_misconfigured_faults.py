"""A wrong bridge mapping, another secret for metadata, a group without the client: as hosts and APIs tell of them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from runbooks.ground.declared import FaultError
from runbooks.simulator.clock import Clock
from runbooks.simulator.faults import Faults
from runbooks.simulator.http.neutron import API as NEUTRON
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.cloud import Cloud, build
from runbooks.simulator.model.network.records import Port
from runbooks.simulator.model.wires.metadata import SOCKET, agent_of
from tests.simulator.calls import Client
from tests.simulator.ssh.conftest import NOW, Run

CONTROLLERS = ("ctl01", "ctl02", "ctl03")
SWITCH_LOG = "/var/log/kolla/neutron/neutron-openvswitch-agent.log"
METADATA_LOG = "/var/log/kolla/neutron/neutron-metadata-agent.log"


@pytest.fixture
def cloud() -> Cloud:
    """With several servers in a project."""
    return build(Layout(net=212, computes=2), Seed(), Clock(lambda: NOW), servers=24)


@pytest.fixture
def faults(cloud: Cloud) -> Faults:
    return Faults(cloud)


def mapped(cloud: Cloud, host: str) -> tuple[bool, Any]:
    """(alive, bridge_mappings) of the host's switch agent, as Neutron tells it."""
    agents = Client(cloud, NEUTRON).get("/v2.0/agents")["agents"]
    found = next(one for one in agents if (one["host"], one["agent_type"]) == (host, "Open vSwitch agent"))
    return found["alive"], found["configurations"]["bridge_mappings"]


def floating(cloud: Cloud, host: str) -> str:
    """A floating IP whose router is active on the host."""
    routers = cloud.network.routers
    return next(
        one.address
        for one in cloud.network.floating_ips.ascending()
        if one.port_id and one.router_id and routers.active.get(one.router_id) == host
    )


def pinged(run: Run, address: str) -> bool:
    return " 0% packet loss" in run(f"ping -c 1 -W 1 {address}").out


def logs(run: Run, path: str, *hosts: str) -> str:
    return "".join(run(f"cat {path}", host=host, user="root").out for host in hosts)


# -- a bridge mapping ------------------------------------------------------------------------------------------------


def test_what_a_wrong_bridge_mapping_does(run: Run, cloud: Cloud, faults: Faults) -> None:
    address = floating(cloud, "net01")

    def flows(bridge: str) -> str:
        return run(f"ovs-ofctl dump-flows {bridge}", host="net01", user="root").out

    assert "pop_vlan,NORMAL" in flows("br-ex")
    assert "Mapping physical network physnet1 to bridge br-ex" in logs(run, SWITCH_LOG, "net01")
    assert pinged(run, address)
    fault = faults.inject("bridge-mapping-wrong", {"host": "net01"})
    assert mapped(cloud, "net01") == (True, {"physnet-1": "br-ex"})
    assert mapped(cloud, "net02") == (True, {"physnet1": "br-ex"})
    assert mapped(cloud, "cmp01") == (True, {})
    assert "pop_vlan" not in flows("br-ex")
    assert "vlan_tci=0x0000/0x1fff" not in flows("br-int")
    cloud.clock.advance(10)
    lines = logs(run, SWITCH_LOG, "net01")
    assert "Mapping physical network physnet-1 to bridge br-ex" in lines
    assert (
        " ERROR neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent [-] Cannot provision flat network for "
        f"net-id={cloud.network.external_id} - no bridge for physical_network physnet1\n"
    ) in lines
    assert not pinged(run, address)
    assert pinged(run, floating(cloud, "net02"))
    faults.undo(fault.id)
    assert "pop_vlan,NORMAL" in flows("br-ex")
    assert pinged(run, address)


def test_the_file_that_has_the_wrong_mapping(run: Run, cloud: Cloud, faults: Faults) -> None:
    path = "/etc/kolla/neutron-openvswitch-agent/openvswitch_agent.ini"
    changed = "sudo find /etc -xdev -type f -mmin -60 -printf '%T@ %s %p\\n'"
    assert path not in run(changed, host="net01").out
    faults.inject("bridge-mapping-wrong", {"host": "net01"})
    assert "bridge_mappings = physnet-1:br-ex\n" in run(f"sudo cat {path}", host="net01").out
    assert "Permission denied" in run(f"cat {path}", host="net01").err
    assert path in run(changed, host="net01").out
    assert "bridge_mappings = physnet1:br-ex\n" in run(f"sudo cat {path}", host="net02").out


def test_a_router_that_moves_there_cannot_be_bound(run: Run, cloud: Cloud, faults: Faults) -> None:
    fault = faults.inject("bridge-mapping-wrong", {"host": "net02"})
    address = floating(cloud, "net01")
    gone = faults.inject("host-down", {"host": "net01"})
    cloud.clock.advance(30)
    cloud.catch_up()

    def bindings() -> set[tuple[str, str]]:
        ports = Client(cloud, NEUTRON).get("/v2.0/ports?device_owner=network:router_gateway")["ports"]
        return {(p["binding:vif_type"], p["status"]) for p in ports if p["binding:host_id"] == "net02"}

    assert ("binding_failed", "DOWN") in bindings()
    told = logs(run, "/var/log/kolla/neutron/neutron-server.log", *CONTROLLERS)
    assert re.search(r"Failed to bind port [0-9a-f-]{36} on host net02 for vnic_type normal using segments \[\{", told)
    dead = run("ovs-vsctl --format=json --columns=name find Port tag=4095", host="net02", user="root").out
    assert "qg-" in dead
    assert not pinged(run, address)
    faults.undo(fault.id)
    assert bindings() == {("ovs", "ACTIVE")}
    assert pinged(run, address)
    faults.undo(gone.id)


def test_a_port_is_not_bound_where_its_network_is_not(cloud: Cloud, faults: Faults) -> None:
    def bound(host: str) -> str:
        body = {"port": {"network_id": cloud.network.external_id, "binding:host_id": host}}
        return str(Client(cloud, NEUTRON).do("POST", "/v2.0/ports", body)["port"]["binding:vif_type"])

    assert (bound("net01"), bound("cmp01")) == ("ovs", "binding_failed")
    faults.inject("bridge-mapping-wrong", {"host": "net01"})
    assert (bound("net01"), bound("net02")) == ("binding_failed", "ovs")


# -- another secret --------------------------------------------------------------------------------------------------


def asked_as(run: Run, cloud: Cloud, port: Port, host: str, path: str = "/latest/meta-data/instance-id") -> str:
    """What a server would be answered: the agent itself is asked, as its proxy would ask it."""
    routers = cloud.network.routers.by_id
    router = next(p.device_id for p in cloud.network.ports.of_services(port.network_id) if p.device_id in routers)
    heads = f"-H 'X-Forwarded-For: {port.fixed_ips[0][1]}' -H 'X-Neutron-Router-ID: {router}'"
    line = f"curl -s -w '%{{http_code}}' --unix-socket {SOCKET} {heads} http://localhost{path}"
    return run(line, host=host, user="root").out


def guest(cloud: Cloud, host: str) -> Port:
    """A server's port behind the metadata agent of the host."""
    return next(
        port
        for server in cloud.compute.servers.newest()
        if server.vm_state == "active"
        for port in cloud.network.ports.of_server(server)
        if agent_of(cloud, port) == host
    )


def test_a_metadata_agent_with_another_secret(run: Run, cloud: Cloud, faults: Faults) -> None:
    port = guest(cloud, "net01")
    assert re.fullmatch(r"i-[0-9a-f]{8}200", asked_as(run, cloud, port, "net01"))
    fault = faults.inject("metadata-secret-wrong", {"host": "net01"})
    refused = asked_as(run, cloud, port, "net01")
    assert refused.endswith("403")
    assert "Access was denied to this resource." in refused
    assert asked_as(run, cloud, guest(cloud, "net02"), "net02").endswith("200")
    kept = 'sudo sh -c "grep shared_secret {} | sha256sum"'
    nova = run(kept.format("/etc/kolla/nova-api/nova.conf")).out
    agents = [
        run(kept.format("/etc/kolla/neutron-metadata-agent/metadata_agent.ini"), host=host).out
        for host in ("net01", "net02")
    ]
    assert [one == nova for one in agents] == [False, True]
    faults.undo(fault.id)
    assert asked_as(run, cloud, port, "net01").endswith("200")


def test_what_a_server_is_told_of_itself(run: Run, cloud: Cloud) -> None:
    port = guest(cloud, "net01")
    server = cloud.compute.servers.get(port.device_id)
    assert server is not None

    def told(path: str) -> str:
        return asked_as(run, cloud, port, "net01", path)

    assert json.loads(told("/openstack/latest/meta_data.json").removesuffix("200"))["uuid"] == server.id
    assert told("/openstack").endswith("latest200")
    assert told("/").startswith("1.0\n2007-01-19\n")
    assert told("/latest/meta-data/local-ipv4") == f"{port.fixed_ips[0][1]}200"
    assert told("/latest/meta-data").startswith("ami-id\nhostname\n")
    assert told("/latest/meta-data/placement/availability-zone") == "nova200"
    for path in ("/nope", "/latest/nope", "/latest/meta-data/nope", "/openstack/nope", "/openstack/latest/nope"):
        assert told(path).endswith("404"), path


def test_a_server_that_boots_behind_it_is_refused_in_the_logs(run: Run, cloud: Cloud, faults: Faults) -> None:
    fault = faults.inject("metadata-secret-wrong", {"host": "net01"})
    port = guest(cloud, "net01")
    server = cloud.compute.servers.get(port.device_id)
    assert server is not None
    now = cloud.now()
    action = cloud.compute.actions.start("reboot", server, "req-1", server.user_id, server.project_id, now)
    action.end(action.begin("compute_reboot_instance", server.host or "", now), now + 2)
    cloud.clock.advance(40)
    assert logs(run, METADATA_LOG, "net01").count("The remote metadata server responded with Forbidden.") == 3
    assert "Forbidden" not in logs(run, METADATA_LOG, "net02")
    pattern = (
        r"WARNING nova\.api\.metadata\.handler \[None req-[0-9a-f-]+ - - - - - -\] X-Instance-ID-Signature: "
        r"([0-9a-f]{64}) does not match the expected value: ([0-9a-f]{64}) for id: "
        + rf"{server.id}\. Request From: {re.escape(port.fixed_ips[0][1])}\n"
    )
    found = re.findall(pattern, logs(run, "/var/log/kolla/nova/nova-api.log", *CONTROLLERS))
    assert len(found) == 3
    assert found[0][0] != found[0][1]
    faults.undo(fault.id)
    cloud.clock.advance(60)
    told = re.findall(pattern, logs(run, "/var/log/kolla/nova/nova-api.log", *CONTROLLERS))
    assert len(told) == 3, "what was refused stays in the log; nothing is refused any more"


# -- a group without the client --------------------------------------------------------------------------------------


def test_a_client_that_is_no_member(run: Run, cloud: Cloud, faults: Faults) -> None:
    named = {one.name: next(cloud.network.ports.of_server(one)) for one in cloud.compute.servers.newest() if one.nics}
    web, db = named["web-shop-web-01"], named["web-shop-db-02"]
    api = Client(cloud, NEUTRON)
    target, address = web.fixed_ips[0][1], db.fixed_ips[0][1]

    def members() -> list[str]:
        """The addresses that the rule of the server's port lets in."""
        flows = run("ovs-ofctl dump-flows br-int table=82", host=web.host, user="root").out
        tap = run(f"ovs-vsctl get Interface tap{web.id[:11]} ofport", host=web.host, user="root").out.strip()
        own = re.findall(rf"tcp,reg5=0x{int(tap):x},tp_dst=22 actions=conjunction\((\d+),2/2\)", flows)
        assert own, flows
        return re.findall(rf"nw_src=([\d.]+) actions=conjunction\({own[0]},1/2\)", flows)

    def traced() -> str:
        """The last word of the trace of the client's SYN where it comes to the server's switch."""
        dump = run("ovs-vsctl --format=json --columns=name,ofport find Interface", host=db.host, user="root").out
        number = re.search(rf'"tap{db.id[:11]}",(\d+)', dump)
        assert number is not None, dump
        flow = (
            f"in_port={number[1]},tcp,dl_src={db.mac},dl_dst={web.mac},nw_src={address},nw_dst={target},nw_ttl=64,"
            "tp_src=40000,tp_dst=22"
        )
        return run(f"ovs-appctl ofproto/trace br-int '{flow}'", host=db.host, user="root").out

    fault = faults.inject("security-group-member-missing", {})
    groups = {one["name"]: one for one in api.get("/v2.0/security-groups")["security_groups"]}
    servers, clients = groups["nephoscope-fault-servers"], groups["nephoscope-fault-clients"]
    (rule,) = [one for one in servers["security_group_rules"] if one["protocol"] == "tcp"]
    assert (rule["remote_group_id"], rule["port_range_min"]) == (clients["id"], 22)
    assert api.get(f"/v2.0/ports?security_groups={clients['id']}")["ports"] == []
    (holder,) = api.get(f"/v2.0/ports?security_groups={servers['id']}")["ports"]
    assert holder["id"] == web.id
    assert members() == []
    inside = f"ip netns exec qdhcp-{web.network_id}"
    ping, connect = f"{inside} ping -c 1 -W 1 {target}", f"{inside} nc -zv -w 1 {target} 22"
    assert " 0% packet loss" in run(ping, host="net01", user="root").out
    assert "timed out" in run(connect, host="net01", user="root").err
    assert web.host == db.host
    before = traced()
    cloud.network.ports.change(db, security_groups=(*db.security_groups, clients["id"]))
    assert members() == [address]
    after = traced()
    tap = run(f"ovs-vsctl get Interface tap{web.id[:11]} ofport", host=web.host, user="root").out.strip()
    assert (f"output:{tap}" in before, f"output:{tap}" in after) == (False, True)
    faults.undo(fault.id)
    assert run(connect, host="net01", user="root").status == 0
    left = cloud.network.ports.get(db.id)
    assert left is not None
    assert clients["id"] not in left.security_groups
    assert clients["id"] not in {one["id"] for one in api.get("/v2.0/security-groups")["security_groups"]}


def test_what_cannot_be_broken(cloud: Cloud, faults: Faults) -> None:
    with pytest.raises(FaultError, match="there is no server nobody that is ACTIVE"):
        faults.inject("security-group-member-missing", {"server": "nobody"})
    with pytest.raises(FaultError, match="no name of a server"):
        faults.inject("security-group-member-missing", {"server": "a b"})
    with pytest.raises(FaultError, match="are not two servers of one network"):
        faults.inject("security-group-member-missing", {"client": "ci-web-01"})
    cloud.hosts.set_unit("net01", "neutron_metadata_agent", "failed", cloud.now())
    with pytest.raises(FaultError, match="neutron_metadata_agent does not run on net01"):
        faults.inject("metadata-secret-wrong", {"host": "net01"})
