"""Memcached."""

from __future__ import annotations

from tests.runbooks.scenario import Before, Closed, Did, Fault, Passed, Scenario

DEAD: tuple[Before, ...] = (Fault("unit-stopped", {"host": "ctl01", "unit": "memcached"}), Passed(10))
ONE_AFTER_THE_OTHER = (Did("memcached-server.restart", ("ctl01",)),)

SCENARIOS = (
    Scenario(
        "memcached-server.flush",
        ("ctl02",),
        closed=(
            Closed("one-at-a-time", ("ctl02",), before=DEAD),
            Closed("warm", ("ctl02",), before=ONE_AFTER_THE_OTHER),
            Closed("sense", ("ctl01",), before=DEAD),
        ),
    ),
    Scenario("memcached-server.restart", ("ctl02",), closed=(Closed("one-at-a-time", ("ctl02",), before=DEAD),)),
)
