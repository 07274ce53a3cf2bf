"""A database member's server."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Fault, Passed, Scenario

OUT = (Fault("galera-member-out", {"host": "ctl01"}), Passed(20))
ALL_DOWN = (Fault("galera-all-down"), Passed(20))
COPY = {"backup": "mariabackup of last night, on bak01"}

SCENARIOS = (
    Scenario(
        "galera-member.restart",
        ("ctl03",),
        closed=(
            Closed("one-at-a-time", ("ctl03",), before=OUT),
            Closed("quorum-kept", ("ctl03",), before=OUT),
        ),
    ),
    Scenario(
        "galera-member.stop",
        ("ctl03",),
        closed=(Closed("quorum-kept", ("ctl03",), before=OUT),),
        restores=("state", "status"),
    ),
    Scenario(
        "galera-member.start",
        ("ctl03",),
        before=(Did("galera-member.stop", ("ctl03",)),),
        closed=(Closed("primary", ("ctl03",), before=ALL_DOWN), Closed("sense", ("ctl03",))),
    ),
    Scenario(
        "galera-member.resync-full",
        ("ctl03",),
        COPY,
        closed=(Closed("donors", ("ctl03",), COPY, OUT),),
    ),
)
