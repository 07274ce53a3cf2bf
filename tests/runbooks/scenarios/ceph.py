"""Ceph: OSDs, flags, health checks, managers, monitors, placement groups, pools, crash reports."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Fault, Passed, Ran, Scenario

OSD, ELSEWHERE = ("osd.4",), ("osd.0",)
"""On ceph02 and ceph01."""
ADMIN = "ssh ceph01 sudo ceph --name client.admin"
SETTLED = Passed(60)
ONE_OUT = Did("osd.out", ELSEWHERE)
NOOUT = Did("ceph-flag.set", ("noout",))
RAISED = (NOOUT, Passed(5))
FOR_A_WHILE = {"lasting": "1h", "reason": "switches are being replaced"}
DAMAGED = (Fault("ceph-object-damaged", {"host": "ceph03"}), Passed(30))
LOOKED = {"copy": "the one on ceph03: its checksum differs"}

SCENARIOS = (
    Scenario(
        "osd.out",
        OSD,
        closed=(Closed("one-at-a-time", OSD, before=(ONE_OUT, SETTLED)), Closed("sense", ELSEWHERE, before=(ONE_OUT,))),
        restores=("in_cluster", "reweight"),
    ),
    Scenario(
        "osd.in",
        ELSEWHERE,
        before=(ONE_OUT, SETTLED),
        closed=(Closed("sense", OSD),),
        restores=("in_cluster", "reweight"),
    ),
    Scenario("osd.down", OSD, closed=(Closed("one-at-a-time", OSD, before=(ONE_OUT, SETTLED)),)),
    Scenario(
        "osd.restart",
        OSD,
        closed=(
            Closed("ok-to-stop", OSD, before=(Ran(f"{ADMIN} osd pool set vms min_size 3"), Passed(10))),
            Closed("one-at-a-time", OSD, before=(ONE_OUT, SETTLED)),
        ),
    ),
    Scenario(
        "osd.reweight",
        OSD,
        {"weight": "0.85"},
        closed=(Closed("sense", ELSEWHERE, {"weight": "0.9"}, (ONE_OUT,)),),
        restores=("reweight",),
    ),
    Scenario("osd.primary-affinity", OSD, {"affinity": "0.5"}, restores=("primary_affinity",)),
    Scenario(
        "ceph-flag.set",
        ("noout",),
        {"of": "ceph02"},
        closed=(
            Closed("sense", ("noout",), before=(NOOUT,)),
            Closed("sense", ("noscrub",), {"of": "ceph02"}),
            Closed("known", ("noout",), {"of": "ceph99"}),
        ),
        restores=("set",),
    ),
    Scenario(
        "ceph-flag.unset",
        ("noout",),
        before=(NOOUT,),
        closed=(Closed("sense", ("noout",)),),
        restores=("set",),
    ),
    Scenario(
        "ceph-health-check.mute",
        ("OSDMAP_FLAGS",),
        FOR_A_WHILE,
        before=RAISED,
        closed=(
            Closed(
                "sense",
                ("OSDMAP_FLAGS",),
                FOR_A_WHILE,
                (*RAISED, Did("ceph-health-check.mute", ("OSDMAP_FLAGS",), FOR_A_WHILE)),
            ),
        ),
        restores=("muted",),
    ),
    Scenario(
        "ceph-health-check.unmute",
        ("OSDMAP_FLAGS",),
        before=(*RAISED, Did("ceph-health-check.mute", ("OSDMAP_FLAGS",), FOR_A_WHILE)),
        closed=(Closed("sense", ("OSDMAP_FLAGS",), before=RAISED),),
        restores=("muted",),
    ),
    Scenario(
        "crash.archive",
        ("host=ceph02",),
        before=(Fault("ceph-daemon-crashed", {"host": "ceph02"}), SETTLED),
    ),
    Scenario(
        "mgr.fail",
        ("ceph01",),
        closed=(
            Closed("sense", ("ceph02",)),
            Closed("stands-by", ("ceph01",), before=(Ran("ssh ceph02 sudo systemctl stop ceph-mgr@ceph02"), SETTLED)),
        ),
        restores=("role",),
    ),
    Scenario(
        "mon.restart",
        ("ceph02",),
        closed=(
            Closed("quorum-kept", ("ceph02",), before=(Ran("ssh ceph03 sudo systemctl stop ceph-mon@ceph03"), SETTLED)),
        ),
    ),
    Scenario(
        "pg.scrub", ("3.1f",), closed=(Closed("no-task", ("3.1f",), before=(Ran(f"{ADMIN} pg deep-scrub 3.1f"),)),)
    ),
    Scenario("pg.deep-scrub", ("3.1f",)),
    Scenario("pg.repair", ("state~inconsistent",), LOOKED, DAMAGED, closed=(Closed("sense", ("3.1f",), LOOKED),)),
    Scenario(
        "pool.quota",
        ("volumes",),
        {"bytes": "900TiB", "objects": "900000000"},
        closed=(Closed("enough", ("volumes",), {"bytes": "1MiB"}), Closed("sense", ("volumes",))),
        restores=("quota_bytes", "quota_objects"),
    ),
    Scenario(
        "pool.size",
        ("vms",),
        {"copies": "3"},
        before=(Ran(f"{ADMIN} osd pool set vms size 2"), SETTLED),
        closed=(Closed("copies", ("vms",), {"copies": "2"}), Closed("copies", ("vms",), {"copies": "4"})),
    ),
    Scenario(
        "pool.min-size",
        ("vms",),
        {"copies": "2"},
        before=(Ran(f"{ADMIN} osd pool set vms min_size 1"), SETTLED),
        closed=(Closed("copies", ("vms",), {"copies": "1"}), Closed("copies", ("vms",), {"copies": "3"})),
    ),
)
