"""Faults of the Ceph cluster: what each declared one changes on the model, and how that is taken back.

Processes are killed or frozen; the cluster notices by itself. What a process cannot show (a slow disk, a clock, a
damaged copy, data that fills the OSDs) is said to the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from runbooks.ground.declared import FaultError
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.build import add_groups
from runbooks.simulator.model.ceph.daemons import Crash, Osd
from runbooks.simulator.model.ceph.images import RbdImage, rbd_id
from runbooks.simulator.model.ceph.managers import DASHBOARD
from runbooks.simulator.model.ceph.osd_map import set_in, set_out
from runbooks.simulator.model.ceph.pools import Pool
from runbooks.simulator.model.ceph.repairs import damage, repair, scrub
from runbooks.simulator.model.ceph.words import stamp_z
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import UnitState

Undo = Callable[[], None]
Given = Mapping[str, str]

KILLED = 137
FILLER = "nephoscope-fault-filler"
SHARES = {"nearfull": 0.87, "full": 0.955}
"""How full the fullest OSD becomes."""
POOL, POOL_IMAGE = "scratch", "scratch-0001"


def _put(cloud: Cloud, host: str, units: list[str], state: UnitState, status: int = 0) -> Undo:
    """Kill or freeze units of a host; undone by having them run."""
    found = cloud.hosts[host]
    if not found.up:
        raise FaultError(f"{host} is down: nothing runs there that could die")
    for unit in units:
        if found.units[unit].state != "running":
            raise FaultError(f"{unit} on {host} does not run: there is nothing to break")
        cloud.hosts.set_unit(host, unit, state, cloud.now(), status)

    def back() -> None:
        for unit in units:
            if found.units[unit].state != "running":
                cloud.hosts.set_unit(host, unit, "running", cloud.now())

    return back


def _all(undo: list[Undo]) -> Undo:
    def back() -> None:
        for each in undo:
            each()

    return back


def _osd(cloud: Cloud, given: Given) -> Osd:
    """The first OSD of the host."""
    return next(osd for osd in cloud.ceph.osds.values() if osd.host == given["host"])


def _osd_down(cloud: Cloud, given: Given) -> Undo:
    return _put(cloud, given["host"], [_osd(cloud, given).unit], "failed", KILLED)


def _osd_frozen(cloud: Cloud, given: Given) -> Undo:
    return _put(cloud, given["host"], [_osd(cloud, given).unit], "hung")


def _osd_slow(cloud: Cloud, given: Given) -> Undo:
    osd = _osd(cloud, given)
    if osd.slow_since is not None:
        raise FaultError(f"{osd.name} is slow already")
    osd.slow_since = cloud.now()

    def back() -> None:
        osd.slow_since = None

    return back


def _osd_out(cloud: Cloud, given: Given) -> Undo:
    osd = _osd(cloud, given)
    if not osd.inside:
        raise FaultError(f"{osd.name} is out already")
    set_out(cloud.ceph, osd, cloud.now())

    def back() -> None:
        if not osd.inside:
            set_in(cloud.ceph, osd, cloud.now())

    return back


def _crashed(cloud: Cloud, given: Given) -> Undo:
    """The OSD aborts, leaves a report, and systemd starts it again."""
    osd, ceph, now = _osd(cloud, given), cloud.ceph, cloud.now()
    _put(cloud, given["host"], [osd.unit], "failed", 134)
    raw = cloud.seed.digest("crash", osd.id, now)
    crash = Crash(f"{stamp_z(now)}_{UUID(bytes=raw, version=4)}", osd.name, osd.host, now)
    ceph.reports.crashes[crash.id] = crash

    def restart(at: float) -> None:
        if cloud.hosts[osd.host].up and cloud.hosts[osd.host].units[osd.unit].state == "failed":
            cloud.hosts.set_unit(osd.host, osd.unit, "running", at)
            cloud.settle(at)

    cloud.timers.at(now + 10.0, restart)

    def back() -> None:
        restart(cloud.now())
        ceph.reports.crashes.pop(crash.id, None)
        ceph.reports.archived.discard(crash.id)

    return back


def _mon_down(cloud: Cloud, given: Given) -> Undo:
    return _put(cloud, given["host"], [cloud.ceph.monitors.unit(given["host"])], "failed", KILLED)


def _quorum_lost(cloud: Cloud, given: Given) -> Undo:
    mons = cloud.ceph.monitors
    alive = mons.alive()
    if len(alive) < len(mons.names):
        raise FaultError("some monitor is out already: first start it")
    return _all([_put(cloud, name, [mons.unit(name)], "failed", KILLED) for name in alive[1:]])


def _skew(cloud: Cloud, given: Given) -> Undo:
    mons, name = cloud.ceph.monitors, given["host"]
    if name in mons.skews:
        raise FaultError(f"the clock of mon.{name} is wrong already")
    mons.set_skew(name, float(given["seconds"]))
    return lambda: mons.set_skew(name, None)


def _mgr_down(cloud: Cloud, given: Given) -> Undo:
    managers = cloud.ceph.managers
    alive = managers.alive()
    if not alive:
        raise FaultError("no manager runs: there is nothing to break")
    return _all([_put(cloud, name, [managers.unit(name)], "failed", KILLED) for name in alive])


def _mgr_failover(cloud: Cloud, given: Given) -> Undo:
    managers = cloud.ceph.managers
    if not managers.active or not managers.standbys:
        raise FaultError("no manager stands by: nobody could take over")
    return _put(cloud, managers.active, [managers.unit(managers.active)], "failed", KILLED)


def _certificate(cloud: Cloud, given: Given) -> Undo:
    """The dashboard serves a certificate that has ended; a connection that is open stays so."""
    authority, names = cloud.secrets.authority, cloud.ceph.managers.certified()
    authority.context(DASHBOARD, names, expired=True)

    def back() -> None:
        authority.context(DASHBOARD, names)

    return back


def _full(cloud: Cloud, given: Given) -> Undo:
    """An image is written until the fullest OSD is as full as wanted."""
    ceph = cloud.ceph
    if any(image.name == FILLER for image in ceph.images):
        raise FaultError("the OSDs are filled already")
    pgmap = ceph.pgmap()
    wanted, volumes = SHARES[given["level"]], next(pool for pool in ceph.pools.values() if pool.name == "volumes")
    held = {stat.id: stat for stat in pgmap.stats if stat.pool == volumes.id}
    stored = sum(stat.bytes for stat in held.values())
    growth = []
    for osd, used in pgmap.used.items():
        mine = sum(stat.bytes for stat in held.values() if osd in stat.acting)
        if mine and stored:
            growth.append(max(wanted * pgmap.sizes[osd] - used, 0) / (mine / stored))
    size = int(min(growth, default=0.0))
    ceph.images.append(RbdImage("volumes", FILLER, rbd_id(cloud, FILLER), size, size, cloud.now()))

    def back() -> None:
        ceph.images = [image for image in ceph.images if image.name != FILLER]

    return back


def _damaged(cloud: Cloud, given: Given) -> Undo:
    """A copy on the host's OSD is changed, and a deep scrub looks for it."""
    ceph, osd = cloud.ceph, _osd(cloud, given)
    if any("clean" not in stat.state.split("+") for stat in ceph.pgmap().stats):
        raise FaultError("some placement groups are not clean: first let the cluster heal")
    volumes = next(pool.id for pool in ceph.pools.values() if pool.name == "volumes")
    group = next(each for each in ceph.groups.values() if each.pool == volumes and osd.id in each.acting)
    damage(group, osd.id)
    scrub(ceph, group, deep=True)

    def back() -> None:
        if group.damaged is not None:
            repair(ceph, group)

    return back


def _flag(cloud: Cloud, given: Given) -> Undo:
    ceph, flag = cloud.ceph, given["flag"]
    if flag in ceph.flags:
        raise FaultError(f"the flag {flag} is set already")
    ceph.flags.add(flag)
    ceph.bump(cloud.now())

    def back() -> None:
        ceph.flags.discard(flag)
        ceph.bump(cloud.now())

    return back


def _pool(cloud: Cloud, given: Given) -> Undo:
    """Somebody makes a pool by hand, writes to it, and says to nobody what it is for."""
    ceph = cloud.ceph
    if any(pool.name == POOL for pool in ceph.pools.values()):
        raise FaultError(f"there is a pool {POOL} already")
    pool = Pool(max(ceph.pools) + 1, POOL, 8, cloud.now(), application="")
    ceph.pools[pool.id] = pool
    add_groups(ceph, pool, cloud.now())
    ceph.images.append(RbdImage(POOL, POOL_IMAGE, rbd_id(cloud, POOL_IMAGE), 10 << 30, 1 << 30, cloud.now()))
    ceph.bump(cloud.now())

    def back() -> None:
        _drop(ceph, pool)

    return back


def _drop(ceph: Ceph, pool: Pool) -> None:
    ceph.pools.pop(pool.id, None)
    ceph.groups = {name: group for name, group in ceph.groups.items() if group.pool != pool.id}
    ceph.images = [image for image in ceph.images if image.pool != pool.name]
    ceph.bump(ceph.now)


ACTS: dict[str, Callable[[Cloud, Given], Undo]] = {
    "ceph-osd-down": _osd_down,
    "ceph-osd-frozen": _osd_frozen,
    "ceph-osd-slow": _osd_slow,
    "ceph-osd-out": _osd_out,
    "ceph-daemon-crashed": _crashed,
    "ceph-mon-down": _mon_down,
    "ceph-mon-clock-skew": _skew,
    "ceph-quorum-lost": _quorum_lost,
    "ceph-mgr-down": _mgr_down,
    "ceph-mgr-failover": _mgr_failover,
    "certificate-expired": _certificate,
    "ceph-full": _full,
    "ceph-object-damaged": _damaged,
    "ceph-flag-left": _flag,
    "ceph-pool-unlabelled": _pool,
}
"""The faults of this file."""
