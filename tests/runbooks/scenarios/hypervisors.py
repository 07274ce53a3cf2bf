"""Hypervisors."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Fault, Passed, Scenario

DEAD = (Fault("compute-service-dead", {"host": "cmp04"}), Passed(120))
WHY = {"reason": "kernel update"}

SCENARIOS = (
    Scenario(
        "hypervisor.drain",
        ("cmp01",),
        WHY,
        closed=(
            Closed("one-at-a-time", ("cmp01",), WHY, DEAD),
            Closed("sense", ("cmp04",), WHY, DEAD),
        ),
        restores=("status",),
    ),
    Scenario(
        "hypervisor.return",
        ("cmp01",),
        before=(Did("compute-service.disable", ("cmp01",), WHY),),
        closed=(Closed("sense", ("cmp02",)),),
        restores=("status", "disabled_reason"),
    ),
    Scenario(
        "hypervisor.evacuate",
        ("cmp04",),
        {"fenced": "power is off, seen at the rack"},
        before=DEAD,
        closed=(Closed("silent", ("cmp03",), {"fenced": "I think so"}),),
    ),
)
