"""Cinder's services."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Fault, Passed, Ran, Scenario

BACKEND = ("ctl02@rbd-1",)
WHY = {"reason": "new disks"}
DISABLED = Did("volume-service.disable", BACKEND, WHY)
FROZEN = Did("volume-service.freeze", BACKEND)
DEAD = (Fault("unit-stopped", {"host": "ctl02", "unit": "cinder_volume"}), Passed(120))
ALONE = (
    Fault("unit-stopped", {"host": "ctl01", "unit": "cinder_volume"}),
    Fault("unit-stopped", {"host": "ctl03", "unit": "cinder_volume"}),
    Passed(120),
)

CONFIG = "/etc/kolla/cinder-volume/cinder.conf"
REPLICATES = (
    Ran(
        "ssh ctl02 sudo sed -i 's/^rbd_user.=.cinder/rbd_user=cinder\\\\nreplication_device=backend_id:site-b/' "
        + CONFIG
    ),
    Passed(10),
    Ran("ssh ctl02 sudo docker restart cinder_volume"),
    Passed(60),
)
"""An operator adds the other site to the configuration and starts the service again."""
SITE_B = {"backend": "site-b", "fenced": "site A has no power, seen by two of us"}
OVER = (*REPLICATES, Did("volume-service.failover", BACKEND, SITE_B))
SCENARIOS = (
    Scenario(
        "volume-service.failover",
        BACKEND,
        SITE_B,
        before=REPLICATES,
        closed=(
            Closed("sense", BACKEND, SITE_B),
            Closed("elsewhere", BACKEND, SITE_B, OVER),
            Closed("elsewhere", BACKEND, SITE_B | {"backend": "default"}, REPLICATES),
            Closed("fenced", BACKEND, SITE_B | {"fenced": " "}, REPLICATES),
            Closed("reports", BACKEND, SITE_B, (*REPLICATES, *DEAD)),
        ),
    ),
    Scenario(
        "volume-service.enable",
        BACKEND,
        before=(DISABLED,),
        closed=(Closed("sense", BACKEND), Closed("sense", BACKEND, before=(FROZEN,))),
        restores=("status", "disabled_reason"),
    ),
    Scenario(
        "volume-service.disable",
        BACKEND,
        WHY,
        closed=(Closed("sense", BACKEND, WHY, (DISABLED,)), Closed("capacity", BACKEND, WHY, ALONE)),
        restores=("status", "disabled_reason"),
    ),
    Scenario(
        "volume-service.freeze",
        BACKEND,
        closed=(Closed("sense", BACKEND, before=(FROZEN,)), Closed("reports", BACKEND, before=DEAD)),
        restores=("status", "frozen", "disabled_reason"),
    ),
    Scenario(
        "volume-service.thaw",
        BACKEND,
        before=(FROZEN,),
        closed=(Closed("sense", BACKEND),),
        restores=("status", "frozen", "disabled_reason"),
    ),
)
