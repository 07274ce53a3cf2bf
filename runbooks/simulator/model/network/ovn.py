"""OVN of one region: members of its two databases, northd, how far each host has followed, who serves gateways.

The databases elect leaders and northd its active one as the real ones do: who has it keeps it while it lives. The
configuration is counted up at a fixed pace, as Neutron does it for its agents; who cannot follow stays where it was.
A gateway moves when the tunnels to its chassis fall silent (BFD), which ovs-vswitchd answers and not ovn-controller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.model.network.agents import REPORT_INTERVAL

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

Database = Literal["nb", "sb"]
UNITS: Final[dict[Database, str]] = {"nb": "ovn_nb_db", "sb": "ovn_sb_db"}
NAMES: Final[dict[Database, str]] = {"nb": "OVN_Northbound", "sb": "OVN_Southbound"}
PORTS: Final[dict[Database, int]] = {"nb": 6643, "sb": 6644}
"""Where members of a cluster talk to each other."""
CONTROLLER: Final = "ovn_controller"
SWITCH: Final = "openvswitch_vswitchd"
TIMER: Final = 1.0
"""Seconds without a leader until an election, OVN's default."""


@dataclass(slots=True)
class Raft:
    """One database's cluster, as it last was."""

    leader: str | None
    term: int
    elected: float
    lost: float | None = None
    """Since when it has no majority."""
    gone: dict[str, float] = field(default_factory=dict)
    """Member → when it was last heard, of those that do not answer."""


@dataclass(slots=True)
class Ovn:
    """OVN's central part, and what its hosts have made of it."""

    cloud: Cloud
    members: tuple[str, ...]
    rafts: dict[Database, Raft]
    northd: str | None
    """The host of the active one."""
    stuck: dict[Database, float | None] = field(default_factory=lambda: {"nb": None, "sb": None})
    """Since when nothing counts up in a database (`nb_cfg`)."""
    serving: dict[str, str] = field(default_factory=dict)
    """Router → the host whose chassis serves its gateway."""

    # -- databases ------------------------------------------------------------------------------------------------

    def runs(self, database: Database, host: str) -> bool:
        """True while a member can be asked, on its host."""
        found = self.cloud.hosts[host]
        return found.up and found.units[UNITS[database]].state in ("running", "hung")

    def alive(self, database: Database) -> list[str]:
        """The members that hear each other."""
        return [name for name in self.members if self.cloud.hosts[name].alive(UNITS[database])]

    def quorum(self, database: Database) -> bool:
        """True while more than half of the members hear each other."""
        return 2 * len(self.alive(database)) > len(self.members)

    def connected(self, database: Database, host: str) -> bool:
        """True for a member that takes part."""
        return self.quorum(database) and host in self.alive(database)

    def followed(self) -> bool:
        """True while hosts learn of what is counted up; where nothing can be, they lack nothing."""
        return self.stuck["nb"] is not None or self.stuck["sb"] is None

    def count(self, database: Database, at: float) -> int:
        """How often the configuration was counted up, as a database has it at a moment."""
        stuck = self.stuck[database]
        return int((at if stuck is None else min(at, stuck)) // REPORT_INTERVAL) % 1_000_000

    def counted(self, at: float) -> float:
        """When it was counted up last."""
        stuck = self.stuck["nb"]
        return (at if stuck is None else min(at, stuck)) // REPORT_INTERVAL * REPORT_INTERVAL

    def follows(self, host: str, binary: str = "ovn-controller") -> tuple[int, float]:
        """(count up to where an agent of a host has followed, when it noted that)."""
        now, reporter = self.cloud.now(), self.cloud.reports[binary, host]
        if reporter.last is None and self.stuck["sb"] is None:
            return self.count("sb", now), self.counted(now) + 0.1
        at = now if reporter.last is None else reporter.last
        return self.count("sb", at), at // REPORT_INTERVAL * REPORT_INTERVAL + 0.1

    # -- hosts ----------------------------------------------------------------------------------------------------

    def chassis(self) -> list[Host]:
        """Hosts with a chassis: a graceful stop of ovn-controller removes it, a crash leaves it."""
        found = [host for host in self.cloud.hosts if CONTROLLER in host.names]
        return [host for host in found if host.units[CONTROLLER].state != "stopped"]

    def candidates(self, router_id: str) -> list[tuple[str, int]]:
        """The hosts that may serve a router's gateway, each with its priority, the first one first."""
        names = [host.name for host in self.cloud.hosts.with_role("network")]
        first = self.cloud.seed.number(len(names), "gateway chassis", router_id)
        ordered = names[first:] + names[:first]
        return [(name, len(ordered) - place) for place, name in enumerate(ordered)]

    def serves(self, router_id: str) -> str:
        """The host whose chassis serves a router's gateway; claimed now where nobody had it yet."""
        if router_id not in self.serving:
            self.serving[router_id] = self._claimed(router_id) or self.candidates(router_id)[0][0]
        return self.serving[router_id]

    def _answers(self, name: str) -> bool:
        return self.cloud.hosts[name].alive(SWITCH)

    def _claimed(self, router_id: str) -> str | None:
        """The first candidate that the others hear; it can only claim the gateway with a living ovn-controller."""
        living = next((name for name, _ in self.candidates(router_id) if self._answers(name)), None)
        if living is None or not self.cloud.hosts[living].alive(CONTROLLER) or not self.quorum("sb"):
            return None
        return living

    # -- changes --------------------------------------------------------------------------------------------------

    def react(self, moment: float) -> None:
        """After a change of hosts or units: elections, and what follows from them."""
        for database, raft in self.rafts.items():
            self._elect(database, raft, moment)
        runs = [name for name in self.members if self.cloud.hosts[name].alive("ovn_northd")]
        works = self.quorum("nb") and self.quorum("sb")
        if self.northd not in runs or not works:
            self.northd = runs[0] if runs and works else None
        self._stop("nb", moment, stopped=not self.quorum("nb"))
        self._stop("sb", moment, stopped=self.northd is None)
        for router_id, host in list(self.serving.items()):
            claimed = self._claimed(router_id)
            if claimed is not None and claimed != host:
                self.serving[router_id] = claimed
                self._move(router_id, claimed)

    def _stop(self, database: Database, moment: float, *, stopped: bool) -> None:
        if not stopped:
            self.stuck[database] = None
        elif self.stuck[database] is None:
            self.stuck[database] = moment

    def _elect(self, database: Database, raft: Raft, moment: float) -> None:
        alive = self.alive(database)
        raft.gone = {name: raft.gone.get(name, moment) for name in self.members if name not in alive}
        if not self.quorum(database):
            raft.leader, raft.lost = None, moment if raft.lost is None else raft.lost
        elif raft.leader not in alive:
            since = 0 if raft.lost is None else int((moment - raft.lost) / TIMER / 2)
            raft.leader, raft.term, raft.elected, raft.lost = alive[0], raft.term + 1 + since, moment, None

    def _move(self, router_id: str, host: str) -> None:
        """The gateway's port is bound where its chassis is."""
        router = self.cloud.network.routers.by_id.get(router_id)
        port = self.cloud.network.ports.get(router.gateway_port) if router and router.gateway_port else None
        if port is not None:
            self.cloud.network.ports.change(port, host=host)


def build_ovn(cloud: Cloud) -> Ovn:
    """A healthy OVN: its members are the controllers."""
    members = tuple(host.name for host in cloud.hosts.with_role("control"))
    rafts: dict[Database, Raft] = {}
    for database in UNITS:
        place = cloud.seed.number(len(members), "raft leader", database)
        age = 86_400.0 * (5 + cloud.seed.number(40, "raft age", database))
        rafts[database] = Raft(members[place], 1 + cloud.seed.number(6, "raft term", database), cloud.now() - age)
    made = Ovn(cloud, members, rafts, members[cloud.seed.number(len(members), "northd")])
    cloud.reactions.append(made.react)
    return made
