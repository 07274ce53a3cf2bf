"""Units and containers."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Fault, Passed, Scenario

API = "ctl02/docker/nova_api"
DOWN_ELSEWHERE = (Fault("unit-stopped", {"host": "ctl01", "unit": "nova_api"}), Passed(20))
GALERA_ALONE = (
    Fault("unit-stopped", {"host": "ctl01", "unit": "mariadb"}),
    Passed(20),
)
CHRONY = "cmp01/systemd/chrony"

SCENARIOS = (
    Scenario(
        "unit.start",
        (API,),
        before=(Did("unit.stop", (API,)),),
        closed=(Closed("sense", (API,)),),
        restores=("state",),
    ),
    Scenario(
        "unit.stop",
        (API,),
        closed=(
            Closed("one-at-a-time", (API,), before=DOWN_ELSEWHERE),
            Closed("quorum-kept", ("ctl02/docker/mariadb",), before=GALERA_ALONE),
            Closed("sense", ("ctl02/systemd/ssh",)),
            Closed(
                "safe-to-stop",
                ("ceph02/systemd/ceph-osd@3",),
                before=(Fault("ceph-osd-down", {"host": "ceph01"}), Passed(60)),
            ),
        ),
        restores=("state",),
    ),
    Scenario(
        "unit.restart",
        (CHRONY,),
        closed=(
            Closed("one-at-a-time", (API,), before=DOWN_ELSEWHERE),
            Closed(
                "quorum-kept",
                ("ctl02/docker/rabbitmq",),
                before=(
                    Fault("unit-stopped", {"host": "ctl01", "unit": "rabbitmq"}),
                    Passed(60),
                ),
            ),
        ),
    ),
    Scenario("unit.reload", ("cmp01/systemd/ssh",), closed=(Closed("sense", (CHRONY,)),)),
    Scenario(
        "unit.reset-failed",
        (CHRONY,),
        before=(Fault("unit-killed", {"host": "cmp01", "unit": "chrony"}), Passed(10)),
        closed=(Closed("sense", (CHRONY,)),),
    ),
)
