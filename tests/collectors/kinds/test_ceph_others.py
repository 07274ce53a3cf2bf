"""Managers, pools, placement groups, flags, crashes and RBD images, from recordings."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.registry import kind as kind_of
from collectors.rollup import roll_up
from collectors.values import epoch
from tests.collectors.kinds.ceph_recordings import made, one, recorded, rows, verdict

VOLUME = "aa6d4ef9-aecb-40c6-a989-2b67c3d45bf4"


def test_an_active_manager_and_its_standby() -> None:
    active, standby = rows("mgrs", mgr_stat="mgr-stat", mgr_metadata="mgr-metadata", mgr_services="mgr-services")
    assert (active.role, standby.role) == ("active", "standby")
    assert {active.host, standby.host} == {"ceph01", "ceph02"}
    assert active.services.startswith("dashboard=https://127.0.77.11:8443/")
    assert [verdict("mgrs", row)[0] for row in (active, standby)] == ["ok", "ok"]


def test_a_manager_alone() -> None:
    (found,) = rows("mgrs", mgr_stat={"available": True, "active_name": "x", "num_standby": 0})
    assert verdict("mgrs", found) == ("warning", "no other manager stands by")


def test_no_manager() -> None:
    (found,) = rows("mgrs", mgr_stat={"available": False, "active_name": "", "num_standby": 0}, mgr_metadata=[])
    assert found.role == "missing"
    assert verdict("mgrs", found)[0] == "critical"


def test_recorded_pools() -> None:
    found = {row.name: row for row in rows("pools", osd_pool_ls="pool-ls", df="df")}
    vms = found["vms"]
    assert (vms.application, vms.type, vms.size, vms.min_size, vms.pg_num) == ("rbd", "replicated", 3, 2, 16)
    assert (vms.stored, vms.used, vms.max_avail, vms.quota_bytes) == (37748872, 1.0, 3683504896, None)
    assert verdict("pools", vms) == ("ok", "")
    assert verdict("pools", found["images"]) == (
        "warning",
        "min_size 1: clients may write when a single copy is left",
    )
    assert found["device_health_metrics"].own


def test_full_pools() -> None:
    found = rows("pools", osd_pool_ls="fault-full-pool-ls", df="fault-full-df")
    assert {verdict("pools", row) for row in found} == {("critical", "full: clients cannot write")}
    assert {row.max_avail for row in found} == {0}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"size": 1, "min_size": 1}, ("warning", "a single copy: an OSD that dies takes data with it")),
        ({"flags_names": "hashpspool,nearfull"}, ("warning", "its OSDs are nearly full")),
        ({"flags_names": "full,full_quota"}, ("critical", "its quota is used up: clients cannot write")),
        ({"stats": {"percent_used": 0.87}}, ("warning", "87 % of what it can hold")),
        ({"quota_max_bytes": 100, "stats": {"stored": 90}}, ("warning", "90 % of its quota")),
        ({"application_metadata": {}, "stats": {"objects": 3}}, ("warning", "no application is enabled on it")),
        ({"application_metadata": {}, "stats": {"objects": 0}}, ("ok", "")),
    ],
)
def test_pools(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    pool = {"pool_id": 5, "pool_name": "p", "type": 1, "size": 3, "min_size": 2, "application_metadata": {"rbd": {}}}
    assert verdict("pools", one("pools", **(pool | changes))) == expected


EC = {"pool_id": 7, "pool_name": "ec", "type": 3, "size": 6, "min_size": 5, "application_metadata": {"rgw": {}},
      "erasure_code_profile": "four-two"}  # fmt: skip
PROFILES = {"four-two": {"k": "4", "m": "2", "plugin": "jerasure", "crush-failure-domain": "rack"}}


def test_an_erasure_coded_pool_says_what_it_may_lose() -> None:
    dump = {"erasure_code_profiles": PROFILES}
    (pool,) = rows("pools", osd_pool_ls=[EC], osd_dump=dump)
    assert (pool.type, pool.data_chunks, pool.coding_chunks, pool.failure_domain) == ("erasure", 4, 2, "rack")
    assert (pool.may_lose, pool.keeps_at) == (1, 2)
    assert verdict("pools", pool) == ("ok", "")
    (bold,) = rows("pools", osd_pool_ls=[EC | {"min_size": 4}], osd_dump=dump)
    said = "min_size 4 is k: clients may write when losing one more rack loses data"
    assert verdict("pools", bold) == ("warning", said)


def test_an_erasure_code_profile_that_nobody_tells_is_not_guessed() -> None:
    (pool,) = rows("pools", osd_pool_ls=[EC])
    assert (pool.data_chunks, pool.failure_domain, pool.may_lose, pool.keeps_at) == (None, None, 1, None)
    default = {"erasure_code_profiles": {"four-two": {"k": "4", "m": "2"}}}
    assert rows("pools", osd_pool_ls=[EC], osd_dump=default)[0].failure_domain == "host"


def test_a_replicated_pool_has_no_profile_and_may_lose_copies() -> None:
    dump = recorded("osd-dump")
    vms = next(row for row in rows("pools", osd_pool_ls="pool-ls", osd_dump=dump) if row.name == "vms")
    assert (vms.data_chunks, vms.profile, vms.may_lose, vms.keeps_at) == (None, None, 1, 2)


def test_groups_that_have_a_copy_less() -> None:
    found = rows("pgs", pg_ls="fault-osd-down-pg-ls", osd_pool_ls=[{"pool_id": 1, "pool_name": "images"}])
    first = found[0]
    assert (first.id, first.pool, first.state) == ("1.0", "images", "active+undersized+degraded")
    assert first.acting == "osd.1 osd.0"
    assert {verdict("pgs", row)[0] for row in found} == {"warning"}


def test_no_groups_are_none() -> None:
    assert rows("pgs", pg_ls={"pg_ready": True}) == []
    assert roll_up(kind_of("pgs").rollup, []).level == "ok"


def test_a_damaged_group() -> None:
    (found,) = rows("pgs", pg_ls="fault-damaged-pg-ls")
    assert "inconsistent" in found.state
    assert verdict("pgs", found) == ("critical", f"copies differ: deep scrub found errors; primary {found.primary}")


@pytest.mark.parametrize(
    ("changes", "seconds", "expected"),
    [
        ({"state": "peering"}, 4, ("warning", "peering just now")),
        (
            {"state": "peering", "blocked_by": [2]},
            60,
            ("critical", "peering for 1 min: its clients wait; blocked by osd.2"),
        ),
        (
            {"state": "undersized+degraded+peered"},
            660,
            ("critical", "undersized+degraded+peered for 11 min: its clients wait"),
        ),
        ({"state": "stale+active+clean"}, 60, ("critical", "stale for 1 min: no OSD reports it any more")),
        ({"state": "active+recovering+degraded"}, 60, ("warning", "recovering for 1 min")),
        ({"state": "active+remapped+backfilling"}, 60, ("ok", "active+remapped+backfilling for 1 min")),
        ({"state": "unknown"}, 60, ("unknown", "no OSD has told its state")),
        (
            {"state": "active+degraded", "stat_sum": {"num_objects_unfound": 2}},
            60,
            ("critical", "2 objects found on no OSD"),
        ),
    ],
)
def test_groups(changes: dict[str, Any], seconds: float, expected: tuple[str, str]) -> None:
    at = "2026-11-27T18:00:00.000000+0000"
    group = one("pgs", pgid="1.0", last_change=at, up=[1, 2147483647], acting=[1], acting_primary=1, **changes)
    assert verdict("pgs", group, (epoch(at) or 0) + seconds) == expected
    assert group.osds == "osd.1"
    assert group.up == "osd.1 none"


def test_flags_of_every_cluster_are_left_out() -> None:
    found = rows("ceph-flags", osd_dump="osd-dump")
    assert not [row for row in found if row.set]
    assert {"noout", "noscrub"} < {row.id for row in found}, "what can be set is told all the same"
    assert {verdict("ceph-flags", row) for row in found} == {("ok", "")}


def test_flags_that_somebody_set() -> None:
    dump = {
        "flags": "noout,norebalance,noautoscale,pauserd,newflag,sortbitwise,recovery_deletes",
        "osds": [{"osd": 1, "state": ["exists", "noout", "up"]}],
        "crush_node_flags": {"ceph02": ["nodown"]},
        "device_class_flags": {"ssd": ["noin"]},
    }
    found = {row.id: verdict("ceph-flags", row) for row in rows("ceph-flags", osd_dump=dump) if row.set}
    assert found == {
        "noout": ("warning", "noout is set: OSDs that are down stay in: their data is not copied elsewhere"),
        "norebalance": ("warning", "norebalance is set: data is not moved between OSDs that are well"),
        "noautoscale": ("ok", ""),
        "pauserd": ("critical", "pauserd is set: no client reads"),
        "newflag": ("ok", "set, and not known to this console"),
        "noout@osd.1": (
            "warning",
            "noout is set on osd.1: OSDs that are down stay in: their data is not copied elsewhere",
        ),
        "nodown@CRUSH node ceph02": (
            "warning",
            "nodown is set on CRUSH node ceph02: OSDs that do not answer stay up: clients wait for them",
        ),
        "noin@device class ssd": ("warning", "noin is set on device class ssd: new OSDs get no data"),
    }


def test_a_crash() -> None:
    assert rows("crashes", crash_ls="crash") == []
    (found,) = rows("crashes", crash_ls="fault-crash-ls")
    assert (found.daemon, found.host, found.process) == ("osd.1", "ceph02", "ceph-osd")
    assert found.at is not None
    assert verdict("crashes", found, found.at + 120) == ("warning", "crashed 2 min ago on ceph02")
    assert verdict("crashes", found, found.at + 15 * 86400) == ("ok", "old, and nobody archived it")
    archived = one("crashes", **(recorded("fault-crash-ls")[0] | {"archived": "2026-11-27 18:08:00.5"}))
    assert verdict("crashes", archived) == ("ok", "")


# -- images


def images(joins: dict[str, dict[str, Any]] | None = None, *names: str) -> list[Any]:
    return made("rbd-images", [{"pool_name": "volumes", "name": name, "size": 1 << 30} for name in names], joins)


def test_images_of_the_dashboard() -> None:
    (found,) = rows("rbd-images", rbd_images=recorded("dashboard/block_image")["body"][0]["value"][:1])
    assert (found.pool, found.size, found.parent) == ("vms", 256 << 20, None)
    assert found.created is not None


def test_owners_by_name() -> None:
    found = images(None, f"volume-{VOLUME}", f"{VOLUME}_disk", f"{VOLUME}_disk.config", VOLUME, "backup-1", "")
    assert [(row.owner_kind, row.owner) for row in found[:4]] == [
        ("volumes", VOLUME),
        ("servers", VOLUME),
        ("servers", VOLUME),
        ("images", VOLUME),
    ]
    assert [row.owner_kind for row in found[4:]] == [None, None]
    assert {row.orphan for row in found} == {None}, "nobody is called an orphan before its owners were read"


def test_orphans() -> None:
    class Owner:
        name = "db-data"

    known = {"volumes": {VOLUME: Owner()}, "images": {"other": Owner()}}
    (hidden,) = images(known, VOLUME)
    assert verdict("rbd-images", hidden) == (
        "unknown",
        "none of the images that are listed: it is hidden, or an orphan",
    )
    other = VOLUME.replace("aa", "bb")
    mine, orphan, server = images(known, f"volume-{VOLUME}", f"volume-{other}", f"{VOLUME}_disk")
    assert (mine.owner_name, mine.orphan, verdict("rbd-images", mine)) == ("db-data", False, ("ok", ""))
    assert verdict("rbd-images", orphan) == (
        "warning",
        f"an orphan: none of the volumes that we see has the id {other}",
    )
    assert server.orphan is None
