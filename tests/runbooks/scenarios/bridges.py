"""Bridges of Open vSwitch."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Fault, Scenario

SCENARIOS = (
    Scenario(
        "bridge.resync",
        ("cmp01/br-tun",),
        before=(Fault("flows-deleted", {"host": "cmp01"}),),
        closed=(
            Closed(
                "switch-runs",
                ("cmp01/br-tun",),
                before=(Fault("unit-stopped", {"host": "cmp01", "unit": "openvswitch_vswitchd"}),),
            ),
        ),
    ),
)
