"""The monitors: who is in the quorum, and what their clocks say.

A monitor that dies is missed by the others after some seconds, in which the old answers are still given. Half of them
or fewer have no quorum: nobody answers a client any more, only a monitor's own socket tells of itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

LEASE = 12.0
"""From a monitor's death to the quorum without it."""
JOIN = 2.5
"""From a monitor's start to the quorum with it."""
SKEW_LIMIT = 0.05
"""`mon_clock_drift_allowed`."""
TIMECHECK = 15.0
"""How often clocks are compared."""

MonState = Literal["leader", "peon", "probing", "down", "hung"]


@dataclass(slots=True)
class Monitors:
    """All monitors, ranked by name; each is called after its host."""

    cloud: Cloud
    names: tuple[str, ...]
    created: float
    quorum: tuple[str, ...] = ()
    """By rank; empty while there is none."""
    epoch: int = 8
    """Of the elections: even while there is a quorum."""
    elected: float = 0.0
    skews: dict[str, float] = field(default_factory=dict)
    """Monitor → seconds that its clock is ahead."""
    skewed: dict[str, float] = field(default_factory=dict)
    """Monitor → since when its clock is wrong."""
    _seen: tuple[str, ...] = ()
    _starts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self._seen, self._starts = self.quorum, tuple(0 for _ in self.quorum)

    @staticmethod
    def unit(name: str) -> str:
        return f"ceph-mon@{name}"

    def alive(self) -> tuple[str, ...]:
        """Those whose process answers the others."""
        return tuple(name for name in self.names if self.cloud.hosts[name].alive(self.unit(name)))

    def leader(self) -> str:
        return self.quorum[0] if self.quorum else ""

    def rank(self, name: str) -> int:
        return self.names.index(name)

    def out(self) -> tuple[str, ...]:
        """Those that are not in the quorum."""
        return tuple(name for name in self.names if name not in self.quorum)

    def majority(self, count: int) -> bool:
        return 2 * count > len(self.names)

    def state(self, name: str) -> MonState:
        """What a monitor thinks of itself."""
        answer = self.cloud.hosts[name].answer(self.unit(name))
        if self.cloud.hosts[name].up and not self.cloud.hosts[name].reachable:
            answer = "answers"  # cut off, but its own socket is on the host
        if answer != "answers":
            return "hung" if answer == "hangs" else "down"
        if name not in self.quorum:
            return "probing"
        return "leader" if name == self.leader() else "peon"

    def skew(self, name: str) -> float:
        """How far its clock is from the leader's, as it was found at the last comparison."""
        now, leader = self.cloud.now(), self.leader()
        seen = {who: value for who, value in self.skews.items() if now - self.skewed[who] >= 2.0}
        return seen.get(name, 0.0) - seen.get(leader, 0.0)

    def set_skew(self, name: str, seconds: float | None) -> None:
        """Put its clock wrong; None puts it right."""
        if seconds is None:
            self.skews.pop(name, None)
            self.skewed.pop(name, None)
        else:
            self.skews[name], self.skewed[name] = seconds, self.cloud.now()

    def settle(self, now: float) -> None:
        """Notice who died and who came back."""
        alive = self.alive()
        starts = tuple(self.cloud.hosts[name].starts(self.unit(name)) for name in alive)
        again, self._starts = bool(self._starts) and starts != self._starts, starts
        if alive == self._seen:
            if again:  # one was restarted in between: it comes back to an election
                self.cloud.timers.at(now + JOIN, partial(self._elect, again=True))
            return
        joined = set(alive) - set(self._seen)
        self._seen = alive
        # One that comes back calls an election, also when nobody had missed it yet.
        self.cloud.timers.at(now + (JOIN if joined else LEASE), partial(self._elect, again=bool(joined)))

    def _elect(self, at: float, again: bool = False) -> None:
        alive = self.alive()
        wanted = alive if self.majority(len(alive)) else ()
        if wanted == self.quorum and not again:
            return
        self.epoch += 2
        self.quorum, self.elected = wanted, at
        ceph = self.cloud.ceph
        if wanted:
            ranks = ",".join(str(self.rank(name)) for name in wanted)
            words = f"mon.{wanted[0]} is new leader, mons {','.join(wanted)} in quorum (ranks {ranks})"
            ceph.say(at, f"mon.{wanted[0]}", "INF", words)
        self.cloud.settle(at)
