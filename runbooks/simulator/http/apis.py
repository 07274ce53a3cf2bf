"""Which APIs a region has: the regions share Keystone, and the second has no block storage and no orchestration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.http.cinder import API as CINDER
from runbooks.simulator.http.further import FURTHER
from runbooks.simulator.http.glance import API as GLANCE
from runbooks.simulator.http.heat import API as HEAT
from runbooks.simulator.http.keystone import API as KEYSTONE
from runbooks.simulator.http.neutron import API as NEUTRON
from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.http.placement import API as PLACEMENT

if TYPE_CHECKING:
    from runbooks.simulator.http.api import Api
    from runbooks.simulator.model.cloud import Cloud

ONCE = (KEYSTONE, CINDER, HEAT)
EACH = (NOVA, PLACEMENT, NEUTRON, GLANCE)


def apis(cloud: Cloud) -> tuple[Api, ...]:
    """Those that the region's addresses serve."""
    first = cloud.identity.address == cloud.layout.vip
    return (*(ONCE if first else ()), *(FURTHER if first and cloud.further else ()), *EACH)
