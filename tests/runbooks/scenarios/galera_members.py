"""A database member while it runs."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Fault, Passed, Scenario

OUT = (Fault("galera-member-out", {"host": "ctl01"}), Passed(20))

SCENARIOS = (
    Scenario(
        "galera-member.desync",
        ("ctl03",),
        closed=(
            Closed("one-at-a-time", ("ctl03",), before=OUT),
            Closed("sense", ("ctl03",), before=(Did("galera-member.desync", ("ctl03",)),)),
        ),
        restores=("desync", "state"),
    ),
    Scenario(
        "galera-member.resync",
        ("ctl03",),
        before=(Did("galera-member.desync", ("ctl03",)),),
        closed=(Closed("sense", ("ctl03",)),),
        restores=("desync", "state"),
    ),
    Scenario(
        "galera-member.read-only",
        ("ctl02",),
        closed=(
            Closed("quorum-kept", ("ctl02",), before=(Did("galera-member.read-only", ("ctl03",)),)),
            Closed("sense", ("ctl01",), before=OUT),
        ),
        restores=("read_only",),
    ),
    Scenario(
        "galera-member.writable",
        ("ctl02",),
        before=(Did("galera-member.read-only", ("ctl02",)),),
        closed=(Closed("sense", ("ctl02",)),),
        restores=("read_only",),
    ),
    Scenario(
        "galera-member.set-donor",
        ("ctl02",),
        {"donor": "ctl03"},
        closed=(
            Closed("donor", ("ctl02",), {"donor": "ctl01"}, OUT),
            Closed("sense", ("ctl02",), {"donor": "ctl02"}),
        ),
        restores=("sst_donor",),
    ),
)
