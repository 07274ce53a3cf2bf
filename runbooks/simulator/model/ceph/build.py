"""A healthy Ceph cluster on the storage hosts, a year old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import Osd
from runbooks.simulator.model.ceph.groups import Group, draw
from runbooks.simulator.model.ceph.images import orphans
from runbooks.simulator.model.ceph.managers import Managers
from runbooks.simulator.model.ceph.monitors import Monitors
from runbooks.simulator.model.ceph.pools import SERVICE_POOLS, Pool
from runbooks.simulator.model.units import OSDS_PER_HOST

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

DAY = 86400.0
MANAGERS = 2
COPIES = 3


def build_ceph(cloud: Cloud) -> Ceph:
    """A monitor and three OSDs on each storage host, managers on the first two; room for what Cinder promises."""
    hosts = cloud.hosts.with_role("storage")
    names = tuple(host.name for host in hosts)
    now = cloud.now()
    created = now - (380 + 20 * cloud.seed.fraction("ceph created")) * DAY
    booted = max((host.booted for host in hosts), default=now)
    monitors = Monitors(cloud, names, created, quorum=names, elected=booted + 45)
    managers = Managers(cloud, names[:MANAGERS], active=names[0] if names else "", standbys=names[1:MANAGERS])
    managers.changed = booted + 50
    osds = _osds(cloud, created) if names else {}
    pools = _pools(created) if names else {}
    ceph = Ceph(cloud, cloud.hosts.ceph_id, created, names, monitors, managers, osds, pools)
    ceph.modified = ceph.up_changed = booted + 60
    ceph.in_changed = created + 600
    if names:
        ceph.images = orphans(cloud)
    for pool in pools.values():
        add_groups(ceph, pool, pool.created)
    return ceph


def _osds(cloud: Cloud, created: float) -> dict[int, Osd]:
    hosts = cloud.hosts.with_role("storage")
    size = int(cloud.storage.capacity_gb * COPIES / (len(hosts) * OSDS_PER_HOST)) << 30
    found = {}
    for place, host in enumerate(hosts):
        for number in range(place * OSDS_PER_HOST, (place + 1) * OSDS_PER_HOST):
            uuid = cloud.seed.uuid("osd", number)
            found[number] = Osd(number, host.name, uuid, size, created + 90 + number, changed=host.booted + 60)
    return found


def _pools(created: float) -> dict[int, Pool]:
    found = {}
    for number, (name, groups) in enumerate(SERVICE_POOLS, 1):
        application = "mgr_devicehealth" if name == "device_health_metrics" else "rbd"
        found[number] = Pool(number, name, groups, created + 700 + number, application)
    return found


def add_groups(ceph: Ceph, pool: Pool, now: float) -> None:
    """The placement groups of a new pool, clean at once."""
    inside = [osd for osd in ceph.osds.values() if osd.weight > 0]
    seed = ceph.cloud.seed
    for number in range(pool.groups):
        homes = draw(seed, pool.id, number, inside, pool.size)
        up = tuple(osd for osd in homes if ceph.osds[osd].up)
        group = Group(pool.id, number, pool.size, pool.min_size, pool.idle, homes, up, up, now, now)
        group.scrubbed = max(now, ceph.now - seed.fraction("scrubbed", pool.id, number) * DAY)
        group.deep_scrubbed = max(now, ceph.now - seed.fraction("deep scrubbed", pool.id, number) * 7 * DAY)
        group.changed = max(group.scrubbed, group.deep_scrubbed)
        ceph.groups[group.id] = group
