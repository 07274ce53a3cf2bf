"""Servers behind HAProxy."""

from __future__ import annotations

from tests.runbooks.scenario import Before, Closed, Did, Fault, Passed, Scenario

SERVER = "ctl01/nova_api_back/ctl02"
DRAINED = Did("haproxy-backend.drain", (SERVER,))
OTHERS_DOWN: tuple[Before, ...] = (
    Fault("unit-stopped", {"host": "ctl01", "unit": "nova_api"}),
    Fault("unit-stopped", {"host": "ctl03", "unit": "nova_api"}),
    Passed(30),
)
DEAF = (Fault("unit-stopped", {"host": "ctl03", "unit": "haproxy"}), Passed(10))

SCENARIOS = (
    Scenario(
        "haproxy-backend.ready",
        (SERVER,),
        before=(DRAINED,),
        closed=(Closed("sense", (SERVER,)),),
        restores=("status",),
    ),
    Scenario(
        "haproxy-backend.drain",
        (SERVER,),
        closed=(
            Closed("not-the-last", (SERVER,), before=OTHERS_DOWN),
            Closed("everywhere", (SERVER,), before=DEAF),
        ),
        restores=("status", "weight"),
    ),
    Scenario(
        "haproxy-backend.maint",
        (SERVER,),
        closed=(Closed("not-the-last", (SERVER,), before=OTHERS_DOWN),),
        restores=("status", "weight"),
    ),
    Scenario("haproxy-backend.weigh", (SERVER,), {"weight": "5"}, restores=("weight",)),
)
