"""What a unit is, and the guards that follow from it: pure, on rows as hosts give them."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.kind import AnyKind
from collectors.kinds.galera_members import KIND as MEMBERS
from collectors.kinds.units import KIND as UNITS
from collectors.snapshot import Snapshot
from runbooks.operation import Asked
from runbooks.unit_effects import effect, plain
from runbooks.unit_guards import majority, peers_verdict
from tests.collectors.kinds.host_recordings import NOW, rows


def snapshot(kind: AnyKind, *items: dict[str, Any]) -> Snapshot:
    """These rows, read at once."""
    made = rows(kind, list(items))
    return Snapshot(kind, made, [kind.health(row, NOW) for row in made], (), NOW)


def container(host: str, name: str = "nova_api", state: str = "running", **more: Any) -> dict[str, Any]:
    """A container, up for an hour unless told otherwise."""
    return {"host": host, "name": name, "engine": "docker", "state": state, "age": 3600.0} | more


def asked(found: Snapshot, also: tuple[str, ...] = ()) -> Asked:
    """A plan for the first row."""
    row: Any = found.rows[0]
    return Asked(row, row.id, row.name, {}, None, NOW, also or (row.id,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("nova_compute", "nova-compute"),
        ("openstack-nova-compute", "nova-compute"),
        ("kolla-nova_compute-container", "nova-compute"),
        ("devstack@n-api", "n-api"),
        ("ceph-osd@3", "ceph-osd@3"),
    ],
)
def test_a_service_has_one_name_however_it_is_deployed(name: str, service: str) -> None:
    assert plain(name) == service


def test_what_a_stop_costs_follows_from_what_it_is() -> None:
    assert "servers run on" in effect("nova_compute").stops
    assert "traffic" in effect("openvswitch_vswitchd").stops
    assert "traffic" in effect("ovs-vswitchd").stops
    assert "running servers run on" in effect("nova_libvirt").stops
    assert "connections through this host are cut" in effect("haproxy").stops
    assert "we know nothing of it" in effect("what-is-this").stops
    assert not effect("what-is-this").shared


@pytest.mark.parametrize("name", ["ssh", "sshd", "systemd-journald", "dbus", "networking", "docker", "containerd"])
def test_what_everything_depends_on_is_never_stopped(name: str) -> None:
    assert effect(name).never


@pytest.mark.parametrize(
    ("name", "kind"),
    [("mariadb", "galera-members"), ("rabbitmq-server", "rabbitmq-nodes"), ("ceph-mon@ceph01", "mons")],
)
def test_members_of_clusters_are_known(name: str, kind: str) -> None:
    found = effect(name).voters
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("name", ["nova_api", "neutron-server", "keystone", "haproxy", "memcached", "nova_scheduler"])
def test_services_that_stand_in_for_each_other_are_known(name: str) -> None:
    assert effect(name).shared


@pytest.mark.parametrize("name", ["nova_compute", "neutron_l3_agent", "openvswitch_db", "cinder-volume", "chrony"])
def test_services_of_one_host_have_no_others(name: str) -> None:
    assert not effect(name).shared


def test_the_others_run() -> None:
    found = snapshot(UNITS, container("ctl01"), container("ctl02"), container("ctl03"))
    assert peers_verdict(asked(found), found, []).state == "open"


@pytest.mark.parametrize("other", [{"state": "exited"}, {"state": "restarting"}, {"detail": "unhealthy"}, {"age": 3.0}])
def test_one_of_the_others_is_not_well(other: dict[str, Any]) -> None:
    found = snapshot(UNITS, container("ctl01"), container("ctl02") | other, container("ctl03"))
    verdict = peers_verdict(asked(found), found, [])
    assert verdict.state == "closed"
    assert "ctl02" in verdict.words


def test_a_package_that_nobody_uses_is_no_other() -> None:
    unused = {"host": "cmp01", "name": "haproxy", "engine": "systemd", "state": "inactive", "load": "loaded"}
    found = snapshot(UNITS, container("ctl01", "haproxy"), unused)
    verdict = peers_verdict(asked(found), found, [])
    assert (verdict.state, "only haproxy" in verdict.words) == ("open", True)


def test_a_host_that_was_not_read_may_have_one_that_is_ill() -> None:
    found = snapshot(UNITS, container("ctl01"), container("ctl02"))
    assert peers_verdict(asked(found), found, ["ctl03"]).state == "unknown"


def test_two_of_a_plan_are_two_at_once() -> None:
    found = snapshot(UNITS, container("ctl01"), container("ctl02"), container("ctl03"))
    both = ("ctl01/docker/nova_api", "ctl02/docker/nova_api")
    assert peers_verdict(asked(found, both), found, []).state == "closed"


def member(host: str, ready: str = "ON") -> dict[str, Any]:
    """A Galera member."""
    return {"member": host, "wsrep_cluster_status": "Primary", "wsrep_ready": ready, "wsrep_local_state": 4}


def test_a_cluster_keeps_its_majority() -> None:
    made = snapshot(MEMBERS, member("ctl01"), member("ctl02"), member("ctl03"))
    well = "status=Primary ready=true"
    assert majority(made, well, {"ctl01"}).state == "open"
    assert majority(made, well, {"ctl01", "ctl02"}).state == "closed"
    assert majority(made, well, {"elsewhere"}).state == "unknown"
    lame = snapshot(MEMBERS, member("ctl01"), member("ctl02", "OFF"), member("ctl03"))
    assert majority(lame, well, {"ctl01"}).state == "closed"
