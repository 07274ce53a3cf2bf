"""Volumes and their attachments."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Passed, Ran, Scenario

FREE, BROKEN, OURS = ("scratch",), ("import",), ("mine",)
SERVER = "f58fd8b7-b966-42cf-ada0-ce1ca4002d29"
"""ci-app-07, of another project."""
NEW = (Ran("openstack volume create --size 1 mine"), Passed(20))
SEEN = {"seen": "rbd status: no watchers"}
RESERVED = (
    *NEW,
    Ran(f"openstack --os-volume-api-version 3.70 volume attachment create mine --server {SERVER}"),
)
LEFTOVER = ("status=reserved",)
POOL = {"pool": "ctl03@rbd-1#rbd-1"}
STUCK = (*NEW, Ran("openstack volume set --state detaching mine"))
TYPED = {"type": "__DEFAULT__"}

SCENARIOS = (
    Scenario(
        "attachment.delete",
        LEFTOVER,
        SEEN,
        before=RESERVED,
        closed=(
            Closed("truth", ("server=041b3b91-7899-4f3f-a305-dfd582991e2c",), SEEN),
            Closed("unheld", LEFTOVER, {"seen": " "}, RESERVED),
        ),
    ),
    Scenario(
        "volume.force-detach",
        OURS,
        SEEN,
        before=(*RESERVED, Ran("openstack volume set --state detaching mine"), Passed(1000)),
        closed=(
            Closed("sense", FREE, SEEN),
            Closed("truth", ("server=041b3b91-7899-4f3f-a305-dfd582991e2c",), SEEN),
            Closed("no-task", OURS, SEEN, STUCK),
            Closed("unheld", OURS, {"seen": " "}, (*RESERVED, Passed(1000))),
        ),
    ),
    Scenario(
        "volume.reset-state",
        BROKEN,
        {"state": "available"} | SEEN,
        closed=(
            Closed("truth", BROKEN, {"state": "in-use"}),
            Closed("truth", BROKEN, {"state": "available"}),
            Closed("truth", OURS, {"state": "available"} | SEEN, (*RESERVED, Passed(1000))),
            Closed("no-task", OURS, {"state": "error"}, STUCK),
        ),
    ),
    Scenario(
        "volume.migrate",
        FREE,
        POOL,
        closed=(
            Closed("capacity", FREE, {"pool": "ctl01@rbd-1#rbd-1"}),
            Closed("sense", BROKEN, POOL),
            Closed(
                "no-snapshots",
                OURS,
                POOL,
                (*NEW, Ran("openstack volume snapshot create --volume mine copy"), Passed(20)),
            ),
        ),
        restores=("host", "status"),
    ),
    Scenario(
        "volume.retype",
        FREE,
        TYPED,
        closed=(Closed("sense", FREE, {"type": "rbd-1"}), Closed("sense", BROKEN, TYPED)),
        restores=("volume_type", "status"),
    ),
)
