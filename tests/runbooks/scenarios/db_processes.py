"""Connections to the database."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Fault, Passed, Scenario

STUCK = (Fault("galera-flow-control", {"host": "ctl02"}), Passed(60))
WAITING = ("user=nova", "state=*certification*", "thread<105")

SCENARIOS = (
    Scenario(
        "db-process.kill-query",
        WAITING,
        before=STUCK,
        closed=(Closed("no-system-user", ("user=system user", "member=ctl02")), Closed("sense", ("user=glance",))),
    ),
    Scenario(
        "db-process.kill",
        ("user=glance", "member=ctl01", "thread<62"),
        closed=(Closed("no-system-user", ("user=system user", "member=ctl02")),),
    ),
)
