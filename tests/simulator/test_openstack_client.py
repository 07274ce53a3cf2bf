"""python-openstackclient against a running simulator: the ids and states it lists are the model's."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.cloud import Cloud, build
from tests.ground import ROOT, Ground

COMMANDS = {
    "services": "service list",
    "endpoints": "endpoint list",
    "catalog": "catalog list",
    "regions": "region list",
    "projects": "project list",
    "users": "user list",
    "roles": "role list",
    "assignments": "role assignment list",
    "computes": "compute service list",
    "hypervisors": "hypervisor list",
    "servers": "server list --all-projects --long --no-name-lookup",
    "stopped": "server list --all-projects --status SHUTOFF --no-name-lookup",
    "on cmp02": "server list --all-projects --host cmp02 --no-name-lookup",
    "flavors": "flavor list --all",
    "aggregates": "aggregate list --long",
    "migrations": "server migration list",
    "zones": "availability zone list --compute",
    "groups": "server group list --all-projects",
    "providers": "--os-placement-api-version 1.39 resource provider list",
    "traits": "--os-placement-api-version 1.39 trait list",
    "token": "token issue",
}
AS_OTHERS = {
    "second region": ("simulator", "RegionTwo", "compute service list"),
    "as a system admin": ("simulator-system", "RegionOne", "user list"),
    "with a credential": ("simulator-credential", "RegionOne", "compute service list"),
    "as a reader": ("simulator-reader", "RegionOne", "server list --no-name-lookup"),
    "refused": ("simulator-reader", "RegionOne", "hypervisor list"),
}
"""Name → cloud, region, command."""


def client(ground: Ground, commands: list[list[str]], cloud: str, region: str) -> list[dict[str, Any]]:
    """Status, stdout and stderr of each command, all in one process."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.simulator.openstack_commands"],
        cwd=ROOT,
        env=ground.environment(cloud) | {"OS_REGION_NAME": region},
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    answers: list[dict[str, Any]] = json.loads(found.stdout)
    return answers


def run(
    ground: Ground, commands: list[str], cloud: str = "simulator", region: str = "RegionOne"
) -> list[dict[str, Any]]:
    """The same, each printing JSON."""
    return client(ground, [[*command.split(), "-f", "json"] for command in commands], cloud, region)


@pytest.fixture(scope="module")
def answers(ground: Ground) -> dict[str, dict[str, Any]]:
    found = dict(zip(COMMANDS, run(ground, list(COMMANDS.values())), strict=True))
    for name, (cloud, region, command) in AS_OTHERS.items():
        found[name] = run(ground, [command], cloud, region)[0]
    return found


@pytest.fixture(scope="module")
def model(ground: Ground) -> Cloud:
    """What the running one was built from: the same seed gives the same ids."""
    return build(Layout(ground.net), Seed(0), Clock())


def rows(answers: dict[str, dict[str, Any]], name: str) -> list[dict[str, Any]]:
    answer = answers[name]
    assert answer["status"] == 0, answer["err"]
    found: list[dict[str, Any]] = json.loads(answer["out"])
    return found


def pairs(answers: dict[str, dict[str, Any]], name: str, *columns: str) -> set[tuple[Any, ...]]:
    return {tuple(row[column] for column in columns) for row in rows(answers, name)}


def test_services_and_endpoints(answers: dict[str, Any], model: Cloud) -> None:
    catalog = model.identity.catalog
    assert pairs(answers, "services", "ID", "Name", "Type") == {
        (each.id, each.name, each.type) for each in catalog.services.values()
    }
    assert pairs(answers, "endpoints", "ID", "Region", "Service Name", "Interface", "URL", "Enabled") == {
        (each.id, each.region_id, catalog.services[each.service_id].name, each.interface, each.url, True)
        for each in catalog.endpoints.values()
    }
    assert pairs(answers, "catalog", "Name", "Type") == {(each.name, each.type) for each in catalog.services.values()}
    assert pairs(answers, "regions", "Region") == {("RegionOne",), ("RegionTwo",)}


def test_projects_users_roles(answers: dict[str, Any], model: Cloud) -> None:
    identity = model.identity
    assert pairs(answers, "projects", "ID", "Name") == {(each.id, each.name) for each in identity.projects.values()}
    assert pairs(answers, "users", "ID", "Name") == {
        (each.id, each.name) for each in identity.users.values() if each.domain_id == "default"
    }
    assert pairs(answers, "roles", "ID", "Name") == {(each.id, each.name) for each in identity.roles.values()}
    assert pairs(answers, "assignments", "Role", "User", "Project") == {
        (each.role_id, each.user_id, each.project_id) for each in identity.assignments
    }


def test_compute_services(answers: dict[str, Any], model: Cloud) -> None:
    expected = {(each.id, each.binary, each.host, each.zone, "enabled", "up") for each in model.compute.services}
    columns = ("ID", "Binary", "Host", "Zone", "Status", "State")
    assert pairs(answers, "computes", *columns) == expected
    assert pairs(answers, "with a credential", *columns) == expected


def test_hypervisors(answers: dict[str, Any], model: Cloud) -> None:
    columns = ("ID", "Hypervisor Hostname", "Hypervisor Type", "Host IP", "State")
    assert pairs(answers, "hypervisors", *columns) == {
        (each.id, each.host, "QEMU", each.address, "up") for each in model.compute.hypervisors
    }


def test_servers(answers: dict[str, Any], model: Cloud) -> None:
    everything = list(model.compute.servers.newest())
    assert [row["ID"] for row in rows(answers, "servers")] == [each.id for each in everything]
    assert pairs(answers, "servers", "ID", "Name", "Status", "Host", "Project ID") == {
        (each.id, each.name, each.status, each.host, each.project_id) for each in everything
    }
    assert pairs(answers, "stopped", "ID") == {(each.id,) for each in everything if each.status == "SHUTOFF"}
    assert pairs(answers, "on cmp02", "ID") == {(each.id,) for each in everything if each.host == "cmp02"}


def test_addresses_of_servers(answers: dict[str, Any], model: Cloud) -> None:
    for row in rows(answers, "servers"):
        server = model.compute.servers.get(row["ID"])
        assert server is not None
        for nic in server.nics:
            assert nic.address in row["Networks"][nic.network_name]


def test_flavors_aggregates_groups(answers: dict[str, Any], model: Cloud) -> None:
    compute = model.compute
    assert pairs(answers, "flavors", "ID", "Name", "RAM", "Disk", "VCPUs", "Is Public") == {
        (each.id, each.name, each.ram, each.disk, each.vcpus, each.public) for each in compute.flavors.values()
    }
    assert {(row["ID"], row["Name"], tuple(row["Hosts"])) for row in rows(answers, "aggregates")} == {
        (each.number, each.name, tuple(each.hosts)) for each in compute.aggregates.values()
    }
    assert pairs(answers, "groups", "ID", "Name", "Policy") == {
        (each.id, each.name, each.policy) for each in compute.groups.values()
    }
    assert pairs(answers, "zones", "Zone Name") == {("internal",), ("nova",)}


def test_migrations(answers: dict[str, Any], model: Cloud) -> None:
    columns = ("UUID", "Source Compute", "Dest Compute", "Status", "Server UUID", "Type")
    assert pairs(answers, "migrations", *columns) == {
        (each.id, each.source, each.dest, each.status, each.server_id, each.kind) for each in model.compute.migrations
    }


def test_resource_providers(answers: dict[str, Any], model: Cloud) -> None:
    assert pairs(answers, "providers", "uuid", "name") == {(each.id, each.host) for each in model.compute.hypervisors}
    assert ("HW_CPU_X86_VMX",) in pairs(answers, "traits", "name")


def test_the_second_region_is_another_cloud(answers: dict[str, Any], model: Cloud) -> None:
    assert {row["Host"] for row in rows(answers, "second region")} == {"r2ctl01", "r2cmp01", "r2cmp02"}
    assert not pairs(answers, "second region", "ID") & pairs(answers, "computes", "ID")


def test_who_may_see_what(answers: dict[str, Any], model: Cloud) -> None:
    assert pairs(answers, "as a system admin", "ID") == pairs(answers, "users", "ID")
    mine = {(each.id,) for each in model.compute.servers.of_project(model.tenants[0].project_id)}
    assert pairs(answers, "as a reader", "ID") == mine
    refused = answers["refused"]
    assert refused["status"] != 0
    assert "Policy doesn't allow os_compute_api:os-hypervisors:list" in refused["out"] + refused["err"]


def test_the_token_is_for_the_project_admin(answers: dict[str, Any], model: Cloud) -> None:
    admins = model.identity.project_named("admin")
    assert admins is not None
    token = json.loads(answers["token"]["out"])
    assert token["project_id"] == admins.id


def test_an_operators_day(ground: Ground) -> None:
    """Disable a compute with a reason, look, build a server, look, delete it, enable the compute."""
    plain(ground, "compute service set --disable --disable-reason disk cmp03 nova-compute")
    build = "server create --flavor m1.tiny --image debian-12 --network web-shop-net day"
    disabled, made = run(ground, ["compute service list --host cmp03 --service nova-compute", build])
    service = json.loads(disabled["out"])[0]
    assert (service["Status"], service["State"]) == ("disabled", "up")
    assert json.loads(made["out"])["status"] == "BUILD"
    ground.ask("clock", advance=10)
    shown, events = run(ground, ["server show day", "server event list day"])
    server = json.loads(shown["out"])
    assert server["status"] == "ACTIVE"
    assert server["OS-EXT-SRV-ATTR:host"] != "cmp03"
    assert [row["Action"] for row in json.loads(events["out"])] == ["create"]
    plain(ground, "server delete day", "compute service set --enable cmp03 nova-compute")
    ground.ask("clock", advance=10)
    assert json.loads(run(ground, ["server list --all-projects --name ^day$"])[0]["out"]) == []


def plain(ground: Ground, *commands: str) -> None:
    """Commands that print nothing."""
    for answer in client(ground, [command.split() for command in commands], "simulator", "RegionOne"):
        assert answer["status"] == 0, answer["err"]
