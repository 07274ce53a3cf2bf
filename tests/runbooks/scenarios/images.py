"""Images: servers run from cirros and debian, none from web-shop-golden; debian is protected."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Passed, Ran, Scenario

GOLDEN, DEBIAN, USED = ("web-shop-golden",), ("debian-12",), ("cirros-0.6.2",)
OFF = Did("image.deactivate", GOLDEN)
VOLUME = (Ran("openstack volume create --size 20 --image web-shop-golden boots"), Passed(60))

SCENARIOS = (
    Scenario(
        "image.deactivate", GOLDEN, closed=(Closed("sense", GOLDEN, before=(OFF,)),), restores=("status", "visibility")
    ),
    Scenario("image.reactivate", GOLDEN, before=(OFF,), closed=(Closed("sense", GOLDEN),), restores=("status",)),
    Scenario("image.protect", GOLDEN, closed=(Closed("sense", DEBIAN),), restores=("protected", "status")),
    Scenario("image.unprotect", DEBIAN, closed=(Closed("sense", GOLDEN),), restores=("protected", "status")),
    Scenario(
        "image.delete",
        GOLDEN,
        closed=(
            Closed("sense", DEBIAN),
            Closed("unused", USED),
            Closed("unused", GOLDEN, before=VOLUME),
        ),
    ),
)
