"""Servers that move or are built anew."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Fault, Passed, Scenario

RUNNING, OFF = ("ci-app-07",), ("analytics-db-02",)
"""On cmp03 and cmp04."""
RESIZED = Did("server.resize", RUNNING, {"flavor": "m1.large"})
DOWN = (
    Fault("compute-service-dead", {"host": "cmp03"}),
    Passed(120),
    Did("compute-service.force-down", ("cmp03",), {"fenced": "power is off"}),
)

SCENARIOS = (
    Scenario(
        "server.live-migrate",
        RUNNING,
        closed=(Closed("sense", OFF), Closed("capacity", RUNNING, {"host": "cmp99"})),
        restores=("host", "status"),
    ),
    Scenario(
        "server.migrate", RUNNING, restores=("host", "status"), closed=(Closed("sense", RUNNING, before=(RESIZED,)),)
    ),
    Scenario("server.resize", RUNNING, {"flavor": "m1.large"}, restores=("host", "flavor", "status")),
    Scenario("server.confirm", RUNNING, before=(RESIZED,), closed=(Closed("sense", RUNNING),)),
    Scenario("server.revert", RUNNING, before=(RESIZED,), closed=(Closed("sense", RUNNING),)),
    Scenario(
        "server.rebuild",
        RUNNING,
        closed=(Closed("no-task", RUNNING, before=(Did("server.lock", RUNNING),)),),
    ),
    Scenario("server.evacuate", RUNNING, before=DOWN, closed=(Closed("fenced", RUNNING),)),
)
