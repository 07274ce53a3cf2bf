"""The daemons of the Ceph cluster as the monitors' maps have them: OSDs, and where all of them run.

Whether a daemon's process runs is asked from its host; what stands here is what the cluster knows about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

RELEASE = "pacific"
VERSION = "16.2.15"
LONG_VERSION = f"ceph version {VERSION} (618f440892089921c3e944a991122ddc44e60516) {RELEASE} (stable)"
"""What `ceph versions` and `ceph --version` print."""


@dataclass(slots=True)
class Osd:
    """One OSD: its place, and its row of the OSD map."""

    id: int
    host: str
    uuid: str
    size: int
    """Of its device, bytes."""
    created: float
    up: bool = True
    inside: bool = True
    """`in`: it takes part in the placement of data."""
    reweight: float = 1.0
    auto_out: bool = False
    """The monitors took it out by themselves, and will take it in again when it comes up."""
    up_from: int = 9
    up_thru: int = 18
    down_at: int = 0
    """Epochs of the OSD map."""
    changed: float = 0.0
    """When `up` last changed."""
    starts: int = 0
    """How often its unit was started, as far as it was noticed."""
    affinity: float = 1.0
    """Primary affinity: how readily it leads a group."""
    flags: set[str] = field(default_factory=set)
    """Of its own: `noout` and its like."""
    runs: bool = True
    """Its process answers; the map follows at `due`."""
    due: float = 0.0
    slow_since: float | None = None
    """Since when its device is slow."""

    @property
    def name(self) -> str:
        return f"osd.{self.id}"

    @property
    def unit(self) -> str:
        """Of systemd, on its host."""
        return f"ceph-osd@{self.id}"

    @property
    def weight(self) -> float:
        """What the placement takes it for: zero while it is out."""
        return self.reweight if self.inside else 0.0


@dataclass(frozen=True, slots=True)
class Crash:
    """The report of a daemon that crashed."""

    id: str
    entity: str
    host: str
    at: float
    process: str = "ceph-osd"


@dataclass(slots=True)
class Mute:
    """A health check that is not to count for a while."""

    code: str
    until: float | None
    sticky: bool
    summary: str
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the cluster's log."""

    at: float
    name: str
    """`mon.ceph01`."""
    priority: str
    """`INF`, `WRN`, `ERR`."""
    message: str


@dataclass(slots=True)
class Reports:
    """What was reported and what operators did about it."""

    crashes: dict[str, Crash] = field(default_factory=dict)
    """By id, oldest first."""
    archived: set[str] = field(default_factory=set)
    mutes: dict[str, Mute] = field(default_factory=dict)
    log: list[Entry] = field(default_factory=list)

    def recent(self) -> list[Crash]:
        """Those that nobody has archived."""
        return [crash for crash in self.crashes.values() if crash.id not in self.archived]
