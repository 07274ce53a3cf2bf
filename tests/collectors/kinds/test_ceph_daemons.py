"""File systems, gateways and the orchestrator's services: in the shapes of Ceph's own documents, empty and filled."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import registry
from collectors.errors import NotOffered
from collectors.rollup import roll_up
from collectors.sources.ceph_commands import NO_ORCHESTRATOR, NotThere
from collectors.sources.ceph_rados import _understood
from tests.collectors.kinds.ceph_recordings import NOW, recorded, rows, verdict


def server(name: str, rank: int, state: str) -> dict[str, Any]:
    """A daemon of a file system's map."""
    return {"gid": 4100 + rank, "name": name, "rank": rank, "incarnation": 4, "state": f"up:{state}", "state_seq": 9}


def dump(standbys: list[str], *servers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """`fs dump` with one file system of one rank."""
    mdsmap = {
        "epoch": 7, "fs_name": "cephfs", "max_mds": 1, "in": [0], "up": {"mds_0": 4100}, "failed": [], "damaged": [],
        "stopped": [], "info": {f"gid_{each['gid']}": each for each in servers}, "data_pools": [3], "metadata_pool": 2,
        "enabled": True, "standby_count_wanted": 1, **changes,
    }  # fmt: skip
    waiting = [server(name, -1, "standby") for name in standbys]
    return {"epoch": 8, "default_fscid": 1, "standbys": waiting, "filesystems": [{"id": 1, "mdsmap": mdsmap}]}


def test_a_cluster_without_file_systems_or_gateways_has_none() -> None:
    assert rows("ceph-filesystems", fs_dump="fs-dump") == []
    assert rows("ceph-services", service_dump="service-dump") == []
    assert recorded("fs-dump")["default_fscid"] == -1
    assert roll_up(registry.kind("cephfs").rollup, []).level == "ok"


def test_a_file_system() -> None:
    (found,) = rows("ceph-filesystems", fs_dump=dump(["b"], server("a", 0, "active")))
    assert (found.id, found.name, found.up, found.servers, found.standing_by) == ("1", "cephfs", 1, "0: a", "b")
    assert (found.metadata_pool, found.standbys, found.busy) == ("2", 1, None)
    assert verdict("ceph-filesystems", found) == ("ok", "")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (dump([], server("a", 0, "active")), ("warning", "0 of 1 metadata servers stand by")),
        (dump([], server("a", 0, "active"), server("b", 0, "standby-replay") | {"gid": 4999}), ("ok", "")),
        (dump(["b"], server("a", 0, "active"), max_mds=2), ("warning", "1 of 2 ranks have a metadata server")),
        (dump([], server("a", 0, "replay")), ("critical", "no metadata server is active: a replay")),
        (
            dump(["c"], server("a", 0, "active"), server("b", 1, "rejoin"), max_mds=2),
            ("warning", "its metadata servers are not all active: b rejoin"),
        ),
        (
            dump(["b"], failed=[0]),
            ("critical", "rank 0 has no metadata server: its clients hang; b could take over"),
        ),
        (dump([], failed=[0]), ("critical", "rank 0 has no metadata server: its clients hang; nobody stands by")),
        (dump(["b"], damaged=[0]), ("critical", "rank 0 is damaged: it waits for a person")),
    ],
)
def test_file_systems_in_trouble(told: dict[str, Any], expected: tuple[str, str]) -> None:
    (found,) = rows("ceph-filesystems", fs_dump=told)
    assert verdict("ceph-filesystems", found) == expected


def test_gateways() -> None:
    version = "ceph version 16.2.15 (618f440892089921c3e944a991122ddc44e60516) pacific (stable)"
    about = {
        "ceph_version": version, "hostname": "ctl01", "id": "ctl01.rgw0", "zone_name": "default",
        "zonegroup_name": "default", "frontend_config#0": "beast endpoint=10.0.0.11:6780",
    }  # fmt: skip
    daemon = {"start_epoch": 3, "start_stamp": "2026-11-27T17:10:00.000000+0000", "gid": 4137, "metadata": about}
    listed = {"services": {"rgw": {"daemons": {"summary": "", "4137": daemon}}, "rbd-mirror": {"daemons": {}}}}
    (found,) = rows("ceph-services", service_dump=listed)
    assert (found.id, found.name, found.type, found.host) == ("rgw.4137", "ctl01.rgw0", "rgw", "ctl01")
    assert (found.zone, found.version) == ("default", "16.2.15 pacific")
    assert found.frontend == "beast endpoint=10.0.0.11:6780"
    assert found.since == NOW - 3600
    assert verdict("ceph-services", found) == ("ok", "")


def order(running: int, size: int, **more: Any) -> dict[str, Any]:
    """An element of `orch ls`."""
    status = {"running": running, "size": size, "last_refresh": "2026-11-27T18:05:00.000000Z"}
    return {"service_name": "rgw.main", "service_type": "rgw", "placement": {"count": size}, "status": status} | more


DOWN = {
    "daemon_type": "rgw", "daemon_id": "main.ceph02.abcdef", "hostname": "ceph02", "status": -1, "status_desc": "error",
    "service_name": "rgw.main",
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "seconds", "expected"),
    [
        (order(2, 2), 0, ("ok", "")),
        (order(1, 2), 0, ("warning", "1 of 2 run: rgw.main.ceph02.abcdef on ceph02 (error)")),
        (order(0, 1), 0, ("critical", "0 of 1 run: rgw.main.ceph02.abcdef on ceph02 (error)")),
        (order(2, 2), 3600, ("unknown", "the orchestrator has not looked for 65 min")),
        (order(2, 2, unmanaged=True), 0, ("ok", "unmanaged: the orchestrator changes nothing of it")),
        (order(2, 2, status={}), 0, ("unknown", "the orchestrator does not say how many run")),
    ],
)
def test_orders(told: dict[str, Any], seconds: float, expected: tuple[str, str]) -> None:
    (found,) = rows("ceph-orders", orch_ls=[told], orch_ps=[DOWN, DOWN | {"status": 1}])
    assert verdict("ceph-orders", found, NOW + seconds) == expected


def test_without_the_daemons_the_numbers_still_tell() -> None:
    (found,) = rows("ceph-orders", orch_ls=[order(1, 2)])
    assert verdict("ceph-orders", found) == ("warning", "1 of 2 run")
    assert found.placement == "count=2"


def test_daemons_of_older_releases_are_found_by_their_type_alone() -> None:
    old = {key: value for key, value in DOWN.items() if key != "service_name"}
    mons = order(2, 3, service_name="mon", service_type="mon")
    listed = rows("ceph-orders", orch_ls=[mons, order(1, 2)], orch_ps=[old, old | {"daemon_type": "mon"}])
    assert [bool(each.missing) for each in listed] == [True, False]


def test_a_cluster_that_nobody_orchestrates_has_no_orders_whichever_way_it_is_asked() -> None:
    said = {"status": -2, "err": f"{NO_ORCHESTRATOR} (try `ceph orch set backend`)"}
    found = _understood("orch ls", said, "ceph by rados on ceph01")
    assert isinstance(found, NotThere)
    assert isinstance(found, NotOffered)
    assert found.why == "no orchestrator deploys this cluster"
