"""python-openstackclient against a simulator process: what it lists of Neutron, Cinder and Glance is in the model.

The model is built a second time here, from the same seed: ids and states must be the same ones.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.cloud import Cloud, build
from tests.ground import ROOT, Ground, simulator

CLIENT = """
import contextlib, io, json, shlex, sys
from openstackclient.shell import main
answers = []
for command in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(shlex.split(command))
    answers.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(answers))
"""
"""The client runs several commands in one process: its start costs three seconds."""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with simulator(tmp_path_factory.mktemp("resources")) as ground:
        yield ground


@pytest.fixture(scope="module")
def model(cloud: Ground) -> Cloud:
    return build(Layout(cloud.net), Seed(0), Clock(), servers=40)


def run(ground: Ground, *commands: str) -> list[tuple[int, str, str]]:
    """(exit status, stdout, stderr) of each command."""
    done = subprocess.run(
        [sys.executable, "-c", CLIENT],
        input=json.dumps(list(commands)),
        cwd=ROOT,
        env=ground.environment(),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(code, out, err) for code, out, err in json.loads(done.stdout)]


def rows(ground: Ground, *commands: str) -> list[Any]:
    """The JSON that each command prints; all must succeed."""
    found = []
    for command, (code, out, err) in zip(commands, run(ground, *(f"{one} -f json" for one in commands)), strict=True):
        assert code == 0, (command, err)
        found.append(json.loads(out))
    return found


def test_lists_are_the_models(cloud: Ground, model: Cloud) -> None:
    found = rows(
        cloud,
        "network agent list",
        "network list --long",
        "subnet list",
        "port list --long",
        "router list",
        "floating ip list",
        "security group list",
        "volume service list",
        "volume list --all-projects --long",
        "image list --long",
    )
    agents, networks, subnets, ports, routers, floating, groups, services, volumes, images = found
    network, storage = model.network, model.storage
    assert {(row["ID"], row["Binary"], row["Host"], row["Alive"]) for row in agents} == {
        (one.id, one.binary, one.host, True) for one in network.agents.all()
    }
    assert {(row["ID"], row["Name"], row["Status"], row["Network Type"]) for row in networks} == {
        (one.id, one.name, "ACTIVE", one.kind) for one in network.networks.values()
    }
    assert {(row["ID"], row["Network"], row["Subnet"]) for row in subnets} == {
        (one.id, one.network_id, one.cidr) for one in network.subnets.values()
    }
    assert {(row["ID"], row["MAC Address"], row["Status"], row["Device Owner"]) for row in ports} == {
        (one.id, one.mac, one.status, one.device_owner) for one in network.ports.ascending()
    }
    assert {(row["ID"], row["Status"], row["HA"]) for row in routers} == {
        (one.id, "ACTIVE", one.ha) for one in network.routers.by_id.values()
    }
    assert {(row["ID"], row["Floating IP Address"], row["Port"]) for row in floating} == {
        (one.id, one.address, one.port_id) for one in network.floating_ips.ascending()
    }
    assert {(row["ID"], row["Name"], row["Project"]) for row in groups} == {
        (one.id, one.name, one.project_id) for one in network.security_groups.values()
    }
    assert {(row["Binary"], row["Host"], row["State"]) for row in services} == {
        (one.binary, one.host, "up") for one in storage.services
    }
    assert {(row["ID"], row["Name"], row["Status"], row["Size"]) for row in volumes} == {
        (one.id, one.name, storage.volumes.status(one), one.size) for one in storage.volumes.newest()
    }
    assert {(row["ID"], row["Name"], row["Status"], row["Visibility"]) for row in images} == {
        (one.id, one.name, one.status, one.visibility) for one in model.images.newest() if not one.hidden
    }


def test_one_of_each_is_shown(cloud: Ground, model: Cloud) -> None:
    tenant = model.tenants[0]
    port = next(model.network.ports.of_device(tenant.router_id))
    volume = next(model.storage.volumes.of_project(tenant.project_id))
    found = rows(
        cloud,
        f"network show {tenant.network_name}",
        f"subnet show {tenant.subnet_id}",
        f"port show {port.id}",
        "router show web-shop-router",
        f"network agent list --router {tenant.router_id} --long",
        f"volume show {volume.id}",
        "image show debian-12",
        "quota show --network admin",
        "volume backend pool list --long",
        "ip availability list",
    )
    network, subnet, shown, router, agents, disk, image, quota, pools, availability = found
    assert (network["id"], network["subnets"]) == (tenant.network_id, [tenant.subnet_id])
    assert subnet["cidr"] == tenant.cidr
    assert (shown["binding_host_id"], shown["device_id"]) == (port.host, tenant.router_id)
    assert router["external_gateway_info"]["network_id"] == model.network.external_id
    assert {row["HA State"] for row in agents} == {"active", "standby"}
    assert (disk["size"], disk["os-vol-host-attr:host"]) == (volume.size, volume.host)
    assert image["status"] == "active"
    assert {row["Resource"]: row["Limit"] for row in quota}["routers"] == 10
    assert len(pools) == 3
    assert {row["Network ID"] for row in availability} == set(model.network.networks)


def test_an_operator_makes_a_network_and_takes_it_down(cloud: Ground) -> None:
    made = run(
        cloud,
        "network create seven",
        "subnet create --network seven --subnet-range 192.168.7.0/24 seven-subnet",
        "router create --external-gateway public seven-router",
        "router add subnet seven-router seven-subnet",
        "port create --network seven --fixed-ip subnet=seven-subnet,ip-address=192.168.7.77 seven-port",
        "floating ip create --port seven-port --description for-seven public",
        "security group create seven-group",
        "security group rule create --protocol tcp --dst-port 443 seven-group",
        "port set --security-group seven-group seven-port",
        "network set --tag red seven",
    )
    assert [(code, err) for code, _, err in made if code] == []
    port, floating, network = rows(cloud, "port show seven-port", "floating ip list --long", "network list --tags red")
    assert port["fixed_ips"][0]["ip_address"] == "192.168.7.77"
    mine = next(row for row in floating if row["Description"] == "for-seven")
    assert (mine["Fixed IP Address"], mine["Status"]) == ("192.168.7.77", "ACTIVE")
    assert [row["Name"] for row in network] == ["seven"]
    refused = run(cloud, "network delete seven", "router delete seven-router")
    assert [code for code, _, _ in refused] == [1, 1]
    assert "There are one or more ports still in use on the network" in refused[0][2]
    gone = run(
        cloud,
        f"floating ip delete {mine['ID']}",
        "port delete seven-port",
        "router remove subnet seven-router seven-subnet",
        "router delete seven-router",
        "security group delete seven-group",
        "subnet delete seven-subnet",
        "network delete seven",
    )
    assert [(code, err) for code, _, err in gone if code] == []


def test_an_operator_moves_what_agents_host(cloud: Ground, model: Cloud) -> None:
    agents = {(one.kind, one.host): one.id for one in model.network.agents.all()}
    dhcp = agents["DHCP agent", "net01"]
    legacy = next(one for one in model.network.routers.by_id.values() if not one.ha)
    here = model.network.routers.hosts[legacy.id][0]
    there = {"net01": "net02", "net02": "net01"}[here]
    network = model.tenants[0].network_id
    moved = run(
        cloud,
        f"network agent remove network --dhcp {dhcp} {network}",
        f"network agent add network --dhcp {dhcp} {network}",
        f"network agent remove router --l3 {agents['L3 agent', here]} {legacy.id}",
        f"network agent add router --l3 {agents['L3 agent', there]} {legacy.id}",
        f"network agent set --disable {dhcp}",
        f"network agent set --enable {dhcp}",
    )
    assert [(code, err) for code, _, err in moved if code] == []
    hosting = rows(cloud, f"network agent list --router {legacy.id}", f"network agent list --network {network}")
    assert [row["Host"] for row in hosting[0]] == [there]
    assert sorted(row["Host"] for row in hosting[1]) == ["net01", "net02"]


def test_an_operator_makes_volumes_over_time(cloud: Ground, model: Cloud) -> None:
    server = next(one for one in model.compute.servers.on_host("cmp01") if one.vm_state == "active")
    made = run(cloud, "volume create --size 3 --property a=b three", "volume service list")
    assert [(code, err) for code, _, err in made if code] == []
    cloud.ask("clock", advance=5)
    volume = rows(cloud, "volume show three")[0]
    assert (volume["status"], volume["size"]) == ("available", 3)
    attached = run(cloud, f"server add volume {server.id} three", "volume set --size 5 three")
    assert attached[0][0] == 0, attached[0][2]
    cloud.ask("clock", advance=5)
    shown, told = rows(cloud, "volume show three", f"server show {server.id}")
    assert shown["attachments"][0]["server_id"] == server.id
    assert volume["id"] in [one["id"] for one in told["volumes_attached"]]
    ended = run(cloud, "volume delete three", f"server remove volume {server.id} three")
    assert ended[0][0] == 1
    assert "Volume status must be available or error" in ended[0][2]
    assert ended[1][0] == 0, ended[1][2]
    cloud.ask("clock", advance=5)
    gone = run(
        cloud,
        "volume snapshot create --volume three before",
        "volume set --state error three",
        "volume service set --disable --disable-reason disks ctl01@rbd-1 cinder-volume",
        "volume service set --enable ctl01@rbd-1 cinder-volume",
    )
    assert [(code, err) for code, _, err in gone if code] == []
    assert rows(cloud, "volume show three")[0]["status"] == "error"


def test_an_operator_changes_images(cloud: Ground) -> None:
    done = run(  # the client uploads what its stdin holds: nothing
        cloud,
        "image create --disk-format raw --container-format bare --property os_distro=debian fresh",
        "image set --name fresher --tag a --property os_version=13 fresh",
        "image set --deactivate rocky-9",
        "image set --activate rocky-9",
    )
    assert [(code, err) for code, _, err in done if code] == []
    shown = rows(cloud, "image show fresher")[0]
    assert (shown["status"], shown["tags"], shown["properties"]["os_version"]) == ("active", ["a"], "13")
    ended = run(cloud, "image delete fresher", "image delete debian-12", "image show fresher")
    assert [code for code, _, _ in ended] == [0, 1, 1]
    assert "is protected and cannot be deleted" in ended[1][2]
