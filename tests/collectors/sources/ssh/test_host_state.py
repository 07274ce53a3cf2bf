"""Clocks, versions, changes and libvirt's domains of simulated hosts are what the model has."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from collectors.connections import Connections
from collectors.kinds import changes, clocks, libvirt_domains, versions
from collectors.read import read
from collectors.snapshot import Snapshot
from runbooks.simulator.faults import Faults
from runbooks.simulator.model.cloud import Cloud
from tests.collectors.sources.ssh.test_simulated_site import connected
from tests.ssh_ground import SshGround


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshGround]:
    with SshGround(tmp_path_factory.mktemp("state"), computes=2) as running:
        yield running


@pytest.fixture
def connections(ground: SshGround) -> Iterator[Connections]:
    with connected(ground) as opened:
        yield opened


def snapshot(kind: object, connections: Connections, **joined: Snapshot) -> Snapshot:
    found = read(kind, connections, clock=time.time, joined=joined)  # type: ignore[arg-type]
    assert (found.errors, found.odd) == ((), 0)
    return found


def test_a_wrong_clock_is_measured_against_ours(ground: SshGround, connections: Connections) -> None:
    rows = {row.host: row for row in snapshot(clocks.KIND, connections).rows}  # type: ignore[union-attr]
    assert {row.measured for row in rows.values()} == {"by chrony"}  # type: ignore[union-attr]
    faults = Faults(ground.cloud)
    made = ground.change(lambda cloud: faults.inject("host-clock-wrong", {"host": "ctl02", "seconds": "-90"}))
    found = snapshot(clocks.KIND, connections)
    ground.change(lambda cloud: faults.undo(made.id))
    index = found.keys["ctl02"]
    row = found.rows[index]
    assert isinstance(row, clocks.Clock)
    assert row.offset is not None
    assert abs(row.offset + 90) < 2
    assert found.healths[index].level == "critical"
    assert {health.level for health in found.healths[:index] + found.healths[index + 1 :]} == {"ok"}  # type: ignore[operator]


def test_versions_are_images_and_packages_and_a_mixed_one_is_named(ground: SshGround, connections: Connections) -> None:
    whole = snapshot(versions.KIND, connections)
    row = whole.rows[whole.keys["cmp01/docker/nova_compute"]]
    assert isinstance(row, versions.Version)
    assert row.version == "2025.1-debian-bookworm"
    assert "ctl01/deb/docker-ce" in whole.keys

    def upgrade(cloud: Cloud) -> str:
        unit = cloud.hosts["ctl01"].units["keystone"]
        before, unit.image = unit.image, unit.image.replace("2025.1", "2025.2")
        return before

    before = ground.change(upgrade)
    whole = snapshot(versions.KIND, connections)
    found = snapshot(versions.KIND, connections, versions=whole)
    bad = [(row.id, h.reason) for row, h in zip(found.rows, found.healths, strict=True) if h.level != "ok"]  # type: ignore[union-attr]
    assert bad == [
        ("ctl01/docker/keystone", "keystone is 2025.2-debian-bookworm here, 2025.1-debian-bookworm on 2 hosts")
    ]
    ground.change(lambda cloud: setattr(cloud.hosts["ctl01"].units["keystone"], "image", before))


def test_only_what_changed_in_the_last_hour_is_told(ground: SshGround, connections: Connections) -> None:
    assert snapshot(changes.KIND, connections).rows == []

    def restart(cloud: Cloud) -> None:
        for unit in ("chrony", "nova_compute"):
            cloud.hosts.set_unit("cmp02", unit, "stopped", cloud.now() - 9)
            cloud.hosts.set_unit("cmp02", unit, "running", cloud.now() - 8)

    ground.change(restart)
    rows = snapshot(changes.KIND, connections).rows
    assert {(row.host, row.what, row.name, row.detail) for row in rows} == {  # type: ignore[union-attr]
        ("cmp02", "unit", "chrony", "started"), ("cmp02", "container", "nova_compute", "started"),
    }  # fmt: skip


def test_domains_are_the_servers_of_the_computes(ground: SshGround, connections: Connections) -> None:
    found = snapshot(libvirt_domains.KIND, connections)
    model = {s.id: s.host for s in ground.cloud.compute.servers.newest() if s.vm_state in ("active", "stopped")}
    ours = {row.uuid: row.host for row in found.rows}  # type: ignore[union-attr]
    assert ours
    assert {identity: host for identity, host in model.items() if host in ("cmp01", "cmp02")}.items() <= ours.items()
