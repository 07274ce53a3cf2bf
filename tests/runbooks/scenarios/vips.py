"""Virtual addresses."""

from __future__ import annotations

from tests.runbooks.scenario import Before, Closed, Fault, Passed, Scenario


def without(*hosts: str, unit: str = "keepalived") -> tuple[Before, ...]:
    """The unit is stopped on these hosts."""
    return (*(Fault("unit-stopped", {"host": host, "unit": unit}) for host in hosts), Passed(10))


SCENARIOS = (
    Scenario(
        "vip.failover",
        ("address~[.]9$",),
        closed=(
            Closed("heir", ("address~[.]9$",), before=without("ctl02", "ctl03")),
            Closed("heir", ("address~[.]9$",), before=without("ctl02", "ctl03", unit="haproxy")),
        ),
    ),
)
