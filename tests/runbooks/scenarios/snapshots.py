"""Snapshots of volumes."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Passed, Ran, Scenario

OURS = ("copy",)
MADE = (
    Ran("openstack volume create --size 1 mine"),
    Passed(20),
    Ran("openstack volume snapshot create --volume mine copy"),
    Passed(20),
)
CHILD = (*MADE, Ran("openstack volume create --size 1 --snapshot copy child"), Passed(20))
STUCK = (*MADE, Ran("openstack volume snapshot set --state deleting copy"))

SCENARIOS = (
    Scenario(
        "snapshot.reset-state",
        OURS,
        {"state": "available"},
        before=(*STUCK, Passed(1900)),
        closed=(Closed("no-task", OURS, {"state": "error"}, STUCK),),
    ),
    Scenario(
        "snapshot.delete",
        OURS,
        before=MADE,
        closed=(Closed("unused", OURS, before=CHILD), Closed("sense", OURS, before=STUCK)),
    ),
)
