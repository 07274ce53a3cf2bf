"""The Ceph cluster of one region: monitors, managers and OSDs on the storage hosts, pools, placement groups, images.

Everything that any face tells follows from here: which processes run is asked from the hosts, the maps follow when the
cluster notices, data moves in the cloud's time. `settle` notices changes; timers carry out what takes time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbooks.simulator.model.ceph import health, osd_map
from runbooks.simulator.model.ceph.daemons import Entry, Mute, Osd, Reports
from runbooks.simulator.model.ceph.groups import Group, draw
from runbooks.simulator.model.ceph.health import Check
from runbooks.simulator.model.ceph.managers import Managers
from runbooks.simulator.model.ceph.monitors import Monitors
from runbooks.simulator.model.ceph.moving import schedule
from runbooks.simulator.model.ceph.pgmap import PgMap, look
from runbooks.simulator.model.ceph.pools import Pool

if TYPE_CHECKING:
    from runbooks.simulator.model.ceph.images import RbdImage
    from runbooks.simulator.model.cloud import Cloud

WARN_FLAGS = (
    *("pauserd", "pausewr", "noup", "nodown", "noout", "noin", "nobackfill", "norebalance", "norecover", "noscrub"),
    *("nodeep-scrub", "notieragent", "nosnaptrim"),
)
"""Flags of the OSD map that warn, in the map's order."""
KEPT = 300
"""Lines of the cluster's log."""


@dataclass(slots=True)
class Ceph:
    """The Ceph cluster of one region; without storage hosts there is none, and everything is empty."""

    cloud: Cloud
    fsid: str
    created: float
    hosts: tuple[str, ...]
    monitors: Monitors
    managers: Managers
    osds: dict[int, Osd]
    pools: dict[int, Pool]
    groups: dict[str, Group] = field(default_factory=dict)
    images: list[RbdImage] = field(default_factory=list)
    """Those that no service knows."""
    flags: set[str] = field(default_factory=set)
    node_flags: dict[str, set[str]] = field(default_factory=dict)
    """Host or root of the CRUSH tree → its flags."""
    reports: Reports = field(default_factory=Reports)
    epoch: int = 40
    """Of the OSD map."""
    modified: float = 0.0
    up_changed: float = 0.0
    in_changed: float = 0.0
    counted: dict[int, tuple[object, tuple[int, int]]] = field(default_factory=dict)
    """By pool: how many images of the services there were, and their bytes, and when that was looked at."""
    _looked: tuple[int, PgMap] | None = None
    """What the managers counted in this half of a second."""
    _frozen: PgMap | None = None
    """What the managers counted last, while there is none."""
    _checks: dict[str, Check] | None = None
    """What the monitors found last, while they have no quorum."""
    _known: dict[str, Check] = field(default_factory=dict)
    _awaited: set[float] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.hosts)

    @property
    def now(self) -> float:
        return self.cloud.now()

    # What it knows

    def pgmap(self) -> PgMap:
        """The managers' counts; those of before while no manager is there."""
        return self._frozen or self._look(self.now)

    def _look(self, now: float) -> PgMap:
        """What the OSDs report; the same for half a second, unless something happens."""
        moment = int(now * 2)
        if self._looked is None or self._looked[0] != moment:
            self._looked = moment, look(self, now)
        return self._looked[1]

    def checks(self) -> dict[str, Check]:
        """The raised health checks by code; those of before while there is no quorum."""
        if self._checks is not None:
            return self._checks
        found = health.checks(self, self.pgmap(), self.now)
        self._expire(found)
        return found

    def status(self) -> str:
        """`HEALTH_OK` … of what is not muted."""
        return health.status(self.checks(), frozenset(self.reports.mutes))

    def mon_address(self, name: str) -> str:
        """`[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]`."""
        address = self.cloud.hosts[name].machine.address
        return f"[v2:{address}:3300/0,v1:{address}:6789/0]"

    def latency(self, name: str) -> float:
        """Of a monitor, seen from the leader, seconds."""
        if name == self.monitors.leader():
            return 0.0
        return 0.0005 + self.cloud.seed.fraction("latency", name) / 1000

    def warning_flags(self) -> list[str]:
        """Those that an operator set, in the map's order."""
        return [flag for flag in WARN_FLAGS if flag in self.flags]

    def flagged(self, osd: Osd, flag: str) -> bool:
        """Whether a flag holds for an OSD: its own, its host's, the root's or the whole cluster's."""
        nodes = (self.node_flags.get(name, ()) for name in (osd.host, "default"))
        return flag in self.flags or flag in osd.flags or any(flag in flags for flags in nodes)

    def fullness(self, osd: int, pgmap: PgMap) -> str:
        """`full`, `backfillfull`, `nearfull` or empty."""
        return osd_map.fullness(pgmap.used.get(osd, 0), pgmap.sizes.get(osd, 0))

    def waiting_for(self, osd: int) -> list[int]:
        """The OSDs whose writes wait for a slow one: it, and the primaries of some of its busy groups."""
        primaries = [
            group.acting[0]
            for group in self.groups.values()
            if not group.idle and osd in group.acting[1:] and group.acting[0] != osd
        ]
        return [osd, *sorted(set(primaries), key=primaries.count, reverse=True)[:3]]

    def blocked(self) -> Callable[[Group], bool]:
        """Whether a flag keeps a group's data from moving."""
        stopped = bool(self.flags & {"nobackfill", "norecover"})
        quiet = "norebalance" in self.flags
        return lambda group: stopped or (quiet and len(group.acting) >= group.size)

    def say(self, at: float, name: str, priority: str, message: str) -> None:
        """A line of the cluster's log."""
        self.reports.log.append(Entry(at, name, priority, message))
        del self.reports.log[:-KEPT]

    def mute(self, code: str, seconds: float | None, *, sticky: bool) -> bool:
        """Have a check not count; False when it is not raised and the mute would not stay."""
        found = self.checks().get(code)
        if found is None and not sticky:
            return False
        until = None if seconds is None else self.now + seconds
        summary, count = (found.message, found.count) if found else ("", 0)
        self.reports.mutes[code] = Mute(code, until, sticky, summary, count)
        return True

    def _expire(self, found: dict[str, Check]) -> None:
        """Mutes end in time, when the check is over, and when it gets worse."""
        for mute in list(self.reports.mutes.values()):
            check = found.get(mute.code)
            over = check is None or check.count > mute.count
            if (mute.until is not None and mute.until <= self.now) or (over and not mute.sticky):
                del self.reports.mutes[mute.code]

    # What happens to it

    def settle(self, now: float) -> None:
        """Notice at `now` who started, stopped, froze or was cut off, and what follows for the data."""
        if not self:
            return
        before = self._frozen or self._look(now)
        self._looked = None
        self.monitors.settle(now)
        self.managers.settle(now)
        if self.monitors.quorum:
            osd_map.settle(self, now)
            self._checks = None
        elif self._checks is None:
            self._checks = self._known
        self.remap(now)
        self._frozen = None if self.managers.serving(now) else before
        if self._checks is None:
            self._tell(health.checks(self, self._frozen or self._look(now), now), now)

    def remap(self, now: float) -> None:
        """Place all groups by the map as it is now, and have their data follow."""
        inside = [osd for osd in self.osds.values() if osd.weight > 0]
        blocked = self.blocked()
        for group in self.groups.values():
            wanted = draw(self.cloud.seed, group.pool, group.number, inside, group.size)
            group.place(wanted, self.osds, now, self.epoch)
        self.wake(schedule(self, now))
        for group in self.groups.values():
            group.note(now, blocked=blocked(group))

    def wake(self, moments: Iterable[float]) -> None:
        """Look again at these moments, once at each."""
        for moment in set(moments) - self._awaited:
            self._awaited.add(moment)
            self.cloud.timers.at(moment, self._awake)

    def _awake(self, at: float) -> None:
        self._awaited.discard(at)
        self.cloud.settle(at)

    def bump(self, now: float) -> None:
        """The OSD map has a new epoch."""
        self.epoch += 1
        self.modified = now

    def _tell(self, found: dict[str, Check], now: float) -> None:
        """Log what has come and gone since the last look."""
        leader, before = f"mon.{self.monitors.leader()}", self._known
        for code, check in found.items():
            if code not in before:
                priority = "ERR" if check.severity == "HEALTH_ERR" else "WRN"
                self.say(now, leader, priority, f"Health check failed: {check.message} ({code})")
        for code, check in before.items():
            if code not in found:
                self.say(now, leader, "INF", f"Health check cleared: {code} (was: {check.message})")
        if before and not found:
            self.say(now, leader, "INF", "Cluster is now healthy")
        self._known = found
