"""Where a log lies, by whatever name it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.logs.places import Has, Places, has, near, places

DEBIAN = Has(
    units=("nova-compute", "nova-api", "neutron-rpc-server", "neutron-api", "rabbitmq-server", "mariadb", "ssh"),
    files=(
        "/var/log/rabbitmq/rabbitmq-server.log",
        "/var/log/openvswitch/ovs-vswitchd.log",
        "/var/log/nova/nova-api.log",
    ),
)
KOLLA = Has(
    units=("docker", "ssh"),
    containers=tuple(
        ("docker", name)
        for name in ("nova_compute", "rabbitmq", "keystone", "neutron_server", "openvswitch_vswitchd")
    ),
    files=(
        "/var/log/kolla/nova/nova-compute.log",
        "/var/log/kolla/nova/nova-compute-ironic.log",
        "/var/log/kolla/rabbitmq/rabbit@ctl01.log",
        "/var/log/kolla/keystone/keystone.log",
        "/var/log/kolla/keystone/keystone-apache-public-error.log",
        "/var/log/kolla/openvswitch/ovs-vswitchd.log",
        "/var/log/kolla/neutron/neutron-server.log",
    ),
)  # fmt: skip


@pytest.mark.parametrize("name", ["nova-compute", "nova_compute", "openstack-nova-compute", "nova-compute.service"])
def test_a_service_has_many_names(name: str) -> None:
    assert places([name], DEBIAN) == Places(units=("nova-compute",))
    assert places([name], KOLLA).containers == (("docker", "nova_compute"),)
    assert places([name], KOLLA).files[0] == "/var/log/kolla/nova/nova-compute.log"


def test_names_that_differ_between_distributions() -> None:
    assert places(["neutron-server"], DEBIAN).units == ("neutron-rpc-server", "neutron-api")
    assert places(["rabbitmq"], DEBIAN) == Places(
        units=("rabbitmq-server",), files=("/var/log/rabbitmq/rabbitmq-server.log",)
    )
    assert places(["galera"], DEBIAN).units == ("mariadb",)
    assert places(["openvswitch_vswitchd"], KOLLA).files == ("/var/log/kolla/openvswitch/ovs-vswitchd.log",)


def test_folders_that_are_the_service() -> None:
    assert places(["rabbitmq"], KOLLA).files == ("/var/log/kolla/rabbitmq/rabbit@ctl01.log",)
    assert len(places(["keystone"], KOLLA).files) == 2


def test_globs_and_strangers() -> None:
    assert places(["nova-*"], DEBIAN).units == ("nova-compute", "nova-api")
    assert not places(["nova-scheduler"], DEBIAN)
    assert near(["nova-aip"], [DEBIAN]) == ["nova-api", "nova-compute"]
    assert "nova-compute" in near(["zzz"], [DEBIAN])


def test_what_a_host_has_comes_from_its_rows() -> None:
    rows: list[dict[str, Any]] = [
        {"name": "ssh", "engine": "systemd"},
        {"name": "nova_api", "engine": "docker"},
        {"path": "/var/log/old.log", "at": 5.0, "size": 1},
        {"path": "/var/log/new.log", "at": 20.0, "size": 1},
        {"path": "/var/log/newest.log", "at": 30.0, "size": 1},
        {"raw": "odd"},
    ]
    assert has(rows, since=10.0) == Has(
        ("ssh",), (("docker", "nova_api"),), ("/var/log/newest.log", "/var/log/new.log")
    )
