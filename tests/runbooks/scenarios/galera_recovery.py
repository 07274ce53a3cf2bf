"""The referee of a cluster without a Primary component."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Fault, Passed, Scenario

COPY = {"backup": "snapshot of the volume, 10 min old"}
NO_QUORUM = (Fault("galera-no-quorum"), Passed(20))
ALL_DOWN = (Fault("galera-all-down"), Passed(20))
HOST_OFF = (*ALL_DOWN, Fault("host-down", {"host": "ctl02"}), Passed(20))

SCENARIOS = (
    Scenario(
        "galera-member.bootstrap",
        ("ctl01",),
        before=NO_QUORUM,
        closed=(
            Closed("sense", ("ctl01",)),
            Closed(
                "primary-nowhere", ("ctl03",), before=(Fault("galera-member-isolated", {"host": "ctl03"}), Passed(20))
            ),
        ),
    ),
    Scenario(
        "galera-member.recover",
        ("ctl01",),
        COPY,
        before=ALL_DOWN,
        closed=(
            Closed("position", ("ctl03",), COPY, ALL_DOWN),
            Closed("stopped", ("ctl01",), COPY, HOST_OFF),
            Closed("sense", ("ctl01",), COPY),
            Closed("stopped", ("ctl02",), COPY, NO_QUORUM),
        ),
        by_hand=False,
        why_not="docker start does not wait: a person looks for Synced between two members, as the steps say",
    ),
)
