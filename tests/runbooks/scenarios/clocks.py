"""Clocks."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Fault, Passed, Scenario

SLEWS = (Fault("host-clock-wrong", {"host": "ctl02", "seconds": "-40", "chrony": "slews"}), Passed(10))
LOST = (Fault("host-clock-wrong", {"host": "ctl01"}), Passed(10))

SCENARIOS = (
    Scenario(
        "clock.step",
        ("ctl02",),
        before=SLEWS,
        closed=(
            Closed("sense", ("ctl02",)),
            Closed("sense", ("ctl01",), before=LOST),
            Closed("one-at-a-time", ("ctl02",), before=(*SLEWS, *LOST)),
        ),
    ),
    Scenario(
        "clock.restart-chrony",
        ("ctl02",),
        closed=(
            Closed(
                "one-at-a-time",
                ("ctl02",),
                before=(Fault("host-clock-wrong", {"host": "ctl01"}), Passed(10)),
            ),
        ),
    ),
)
