"""Nova's services."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Fault, Passed, Scenario

DISABLED = Did("compute-service.disable", ("cmp02",), {"reason": "kernel"})
DEAD = (Fault("compute-service-dead", {"host": "cmp02"}), Passed(120))
FORCED = Did("compute-service.force-down", ("cmp02",), {"fenced": "power is off"})

SCENARIOS = (
    Scenario(
        "compute-service.disable",
        ("cmp02",),
        {"reason": "kernel update"},
        closed=(Closed("sense", ("cmp02",), {"reason": "again"}, (DISABLED,)),),
        restores=("status", "disabled_reason"),
    ),
    Scenario(
        "compute-service.enable",
        ("binary=nova-compute", "cmp02"),
        before=(DISABLED,),
        closed=(Closed("sense", ("binary=nova-compute", "cmp02")),),
        restores=("status", "disabled_reason"),
    ),
    Scenario(
        "compute-service.force-down",
        ("cmp02",),
        {"fenced": "power is off, seen at the rack"},
        before=DEAD,
        closed=(Closed("silent", ("cmp02",), {"fenced": "I think so"}),),
        restores=("forced_down",),
    ),
    Scenario(
        "compute-service.unforce-down",
        ("cmp02",),
        before=(*DEAD, FORCED),
        closed=(
            Closed("sense", ("cmp02",)),
            Closed(
                "restarted", ("cmp02",), before=(*DEAD, FORCED, Did("server.evacuate", ("host=cmp02", "status=ACTIVE")))
            ),
        ),
        restores=("forced_down",),
    ),
    Scenario(
        "compute-service.delete",
        ("binary=nova-conductor", "ctl02"),
        before=(Fault("unit-stopped", {"host": "ctl02", "unit": "nova_conductor"}), Passed(120)),
        closed=(Closed("unused", ("binary=nova-compute", "cmp02"), before=DEAD),),
    ),
)
