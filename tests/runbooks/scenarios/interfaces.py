"""Interfaces: net01's bond has eth2 and eth3, its tunnels go over eth1."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Fault, Ran, Scenario

LEG, OTHER = ("net01/eth3",), ("net01/eth2",)
OFF = (Ran("ssh net01 sudo ip link set eth3 down"),)
LOST = (Fault("bond-slave-down", {"host": "net01", "link": "eth2"}),)

SCENARIOS = (
    Scenario(
        "interface.up",
        LEG,
        before=OFF,
        closed=(Closed("sense", LEG), Closed("sense", ("net01/br-int",))),
        restores=("admin_up", "mii_status"),
    ),
    Scenario(
        "interface.down",
        LEG,
        closed=(
            Closed("sense", LEG, before=OFF),
            Closed("redundant", LEG, before=LOST),
            Closed("redundant", OTHER, before=OFF),
            Closed("redundant", (*LEG, *OTHER)),
            Closed("redundant", ("net01/eth1",)),
            Closed("redundant", ("net01/bond0",)),
            Closed("sense", ("net01/lo",)),
        ),
        restores=("admin_up", "mii_status"),
    ),
)
