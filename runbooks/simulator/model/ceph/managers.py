"""The managers: which one is active, who stands by, and how one takes over.

The monitors miss an active manager after half a minute without its beacon; until then the map still names it. A
standby that takes over answers after a second and announces its services, the dashboard among them, some seconds later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

BEACON = 30.0
"""`mon_mgr_beacon_grace`."""
TAKE_OVER = 1.0
ANNOUNCE = 3.4
RETURN = 4.0
"""From its failing to its standing by again."""
DASHBOARD = "ceph-dashboard"
"""Whom its certificate names."""
DASHBOARD_PORT = 8443
PROMETHEUS_PORT = 9283
MODULES = ("dashboard", "iostat", "prometheus")
"""Enabled ones."""


@dataclass(slots=True)
class Managers:
    """All managers; each is called after its host."""

    cloud: Cloud
    names: tuple[str, ...]
    active: str = ""
    standbys: tuple[str, ...] = ()
    epoch: int = 5
    changed: float = 0.0
    """When the active one became so."""
    gone: float = 0.0
    """Since when there is none."""
    _gids: int = 4141
    gid: int = 4141
    _seen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._seen = tuple(name for name in self.names if name == self.active or name in self.standbys)

    @staticmethod
    def unit(name: str) -> str:
        return f"ceph-mgr@{name}"

    def certified(self) -> list[str]:
        """The names and addresses that the dashboard's certificate is for."""
        return [*self.names, *(self.cloud.hosts[name].machine.address for name in self.names)]

    def alive(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if self.cloud.hosts[name].alive(self.unit(name)))

    def available(self, now: float) -> bool:
        """As the map says: the active one has loaded its modules."""
        return bool(self.active) and now >= self.changed + TAKE_OVER

    def serving(self, now: float) -> bool:
        """Some manager really answers."""
        return self.available(now) and self.active in self.alive()

    def announced(self, now: float) -> bool:
        """The addresses of its services are known."""
        return bool(self.active) and now >= self.changed + ANNOUNCE

    def services(self, now: float) -> dict[str, str]:
        """What `ceph mgr services` tells."""
        if not self.announced(now):
            return {}
        address = self.cloud.hosts[self.active].machine.address
        return {
            "dashboard": f"https://{address}:{DASHBOARD_PORT}/",
            "prometheus": f"http://{address}:{PROMETHEUS_PORT}/",
        }

    def settle(self, now: float) -> None:
        """Notice who died and who came back."""
        alive = self.alive()
        if alive == self._seen:
            return
        joined = set(alive) - set(self._seen)
        self._seen = alive
        self.cloud.timers.at(now + (2.0 if joined else BEACON), self._review)

    def _review(self, at: float) -> None:
        """The monitors look at who has sent a beacon."""
        if not self.cloud.ceph.monitors.quorum:
            self.cloud.timers.at(at + 5.0, self._review)
            return
        alive = self.alive()
        before = self.active, self.standbys
        if self.active not in alive:
            fresh = [name for name in alive if name in self.standbys] or list(alive)
            self._activate(fresh[0] if fresh else "", at)
        self.standbys = tuple(name for name in alive if name != self.active)
        if (self.active, self.standbys) != before:
            self.epoch += 1
        self.cloud.settle(at)

    def _activate(self, name: str, at: float) -> None:
        ceph = self.cloud.ceph
        if self.active:
            ceph.say(at, f"mon.{ceph.monitors.leader()}", "INF", f"Manager daemon {self.active} is unresponsive")
        if not name and self.active:
            self.gone = at
        self.active = name
        if name:
            self._gids += 24
            self.gid, self.changed = self._gids, at
            ceph.say(at, f"mon.{ceph.monitors.leader()}", "INF", f"Activating manager daemon {name}")
            for later in (TAKE_OVER, ANNOUNCE):
                self.cloud.timers.at(at + later, self.cloud.settle)

    def fail(self, name: str, now: float) -> None:
        """`ceph mgr fail`: it gives up its place and starts again."""
        if name == self.active:
            others = [each for each in self.standbys if each in self.alive()]
            self.standbys = tuple(each for each in self.standbys if each != (others[0] if others else ""))
            self._activate(others[0] if others else "", now)
        else:
            self.standbys = tuple(each for each in self.standbys if each != name)
        self.epoch += 1
        self.cloud.timers.at(now + RETURN, self._review)
