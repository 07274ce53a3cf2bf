"""The Galera cluster of one region: a member per controller, and which of them form the Primary component.

Group communication as in life: a member that stops properly leaves at once; one that dies, freezes or is cut off is
missed by the others 5 to 6.5 s later (`evs.suspect_timeout`); who then sees half of the last Primary component or less
is non-Primary and refuses application queries. A member that comes back catches up from a donor before it is Synced.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbooks.simulator.model.galera_member import EMPTY, LEADER, UNIT, Member, View, without_quorum
from runbooks.simulator.model.galera_transfer import fetch
from runbooks.simulator.model.hosts import Answer, Unit

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

SUSPECT = 5.0
"""`evs.suspect_timeout`: silence after which a member is given up, seconds."""
START = 4.0
"""From the start of the process to its asking to join."""
REJOIN = 5.0
"""From a healed link to the merge of both sides."""
PAUSE = 0.95
"""Share of time that flow control pauses while an applier cannot keep up."""


@dataclass(slots=True)
class Galera:
    """The Galera cluster of one region."""

    cloud: Cloud
    members: dict[str, Member]
    cluster_id: str
    conf_id: int
    seqno: float
    """The group's last committed transaction."""
    rate: float
    """Commits per second of the healthy cloud."""
    born: float
    """When the databases were made."""
    component: tuple[str, ...] = ()
    """The Primary component; empty while there is none."""
    last_component: frozenset[str] = frozenset()
    """Whom the last Primary component counts on: only all of them together re-form it by themselves."""
    slow: str = ""
    """A member whose applier cannot keep up: it asks the others to pause (flow control)."""
    slow_since: float = 0.0
    transfers: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Joiner → (donor, when it will be done)."""
    rogue: set[str] = field(default_factory=set)
    """Bootstrapped beside a living Primary component: a split brain."""
    replaced: dict[tuple[str, int], int] = field(default_factory=dict)
    """(member, a service's first thread id) → the id under which it connected again after a KILL."""
    ended: dict[tuple[str, int], float] = field(default_factory=dict)
    """(member, thread id) → when its statement was killed."""
    counted: float = 0.0
    """The counters are right up to then."""
    _silent: dict[str, float] = field(default_factory=dict)
    """Member → when it fell silent, as long as the others have not given it up."""
    _linked: dict[str, bool] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Member:
        return self.members[name]

    def unit(self, name: str) -> Unit:
        """The unit that its process belongs to."""
        return self.cloud.hosts[name].units.get(LEADER) or self.cloud.hosts[name].units[UNIT]

    def primary(self) -> bool:
        """True while some member answers and is part of a Primary component: what the OpenStack services need."""
        return bool(self.writer())

    def writer(self) -> str:
        """The member that HAProxy sends clients to: the first Synced one, else a donor; empty when there is none."""
        serving = [name for name in self.component if self.ready(name) and self.answer(name) == "answers"]
        return next((name for name in serving if not self.desynced(name)), serving[0] if serving else "")

    def synced(self, name: str) -> bool:
        """State 4: it takes part fully."""
        return name in self.component and self.members[name].phase == "running" and not self.desynced(name)

    def ready(self, name: str) -> bool:
        """`wsrep_ready`: it serves applications (a donor does)."""
        member = self.members[name]
        return member.phase == "running" and member.view.primary

    def desynced(self, name: str) -> bool:
        """State 2, for any of its three reasons: desync, a read lock, being a donor."""
        member = self.members[name]
        return member.desync or member.locked or any(donor == name for donor, _ in self.transfers.values())

    def answer(self, name: str) -> Answer:
        """What connecting to this member's port 3306 meets."""
        answer = self.cloud.hosts[name].answer(self.unit(name).name)
        if answer == "answers" and self.members[name].phase in ("down", "starting", "sst"):
            return "refuses"
        return answer

    def stalled(self) -> bool:
        """True while hardly anybody commits: flow control, or a member is silent and not yet given up."""
        return bool(self.slow) or any(name in self.component for name in self._silent)

    def committed(self, name: str) -> int:
        """Its `wsrep_last_committed`."""
        member = self.members[name]
        if member.phase == "inconsistent":
            return -1
        follows = name in self.component and member.phase == "running" and not member.locked
        return int(self.seqno if follows else member.seqno)

    def count(self, now: float) -> None:
        """Bring the counters up to `now`: to be called before what they depend on changes."""
        span, self.counted = now - self.counted, max(now, self.counted)
        if span <= 0:
            return
        if self.slow:
            for name in self.component:
                self.members[name].paused += span * PAUSE
        writer = self.writer()
        if not writer:
            return
        done = span * self.rate * (1 - PAUSE if self.stalled() else 1.0)
        self.seqno += done
        for name in self.component:
            member = self.members[name]
            if name == writer:
                member.replicated += done
            elif member.phase == "running" and not member.locked:
                member.received += done

    # What happens to the group.

    def settle(self, now: float) -> None:
        """Notice at `now` who started, stopped, froze, was cut off or came back."""
        self.count(now)
        for name, member in self.members.items():
            host = self.cloud.hosts[name]
            unit = self.unit(name)
            exists = host.up and unit.state in ("running", "hung")
            if not exists and member.phase != "down":
                proper = unit.state == "stopped" and unit.exit_status == 0
                self._gone(member, now, proper=proper and self._linked.get(name, True))
            elif exists and member.phase == "down":
                member.starts(now, leads=unit.name == LEADER)
                self._form_at(now + START)
            linked = exists and unit.state == "running" and host.reachable and not member.cut
            if linked == self._linked.get(name, True):
                continue
            self._linked[name] = linked
            if linked:
                self._silent.pop(name, None)
                self._form_at(now + REJOIN)
            elif member.phase not in ("down", "starting"):
                self._miss(name, now)

    def _miss(self, name: str, now: float) -> None:
        """`name` fell silent; the others will give it up."""
        self._silent[name] = now
        self._form_at(now + SUSPECT + 1.5 * self.cloud.seed.fraction("suspect", name, int(now)))

    def _form_at(self, moment: float) -> None:
        def step(at: float) -> None:
            self._form(at)
            self.cloud.settle(at)

        self.cloud.timers.at(moment, step)

    def _gone(self, member: Member, now: float, *, proper: bool) -> None:
        """The process of `member` ended."""
        name = member.name
        alone = self.component == (name,)
        member.stopped(now, float(self.committed(name)), proper=proper, last=proper and alone)
        self.transfers.pop(name, None)
        self.rogue.discard(name)
        if self.slow == name:
            self.slow = ""
        if name not in self.component:
            return
        if proper:
            self._install([other for other in self.component if other != name])
        else:
            self._miss(name, now)

    def _form(self, now: float) -> None:
        """Work out the components from who reaches whom, and install what changed."""
        self.count(now)
        for name in [name for name, since in self._silent.items() if since < now]:
            del self._silent[name]
            self._isolate(self.members[name], now)
        group = [name for name, member in self.members.items() if self._talks(member, now)]
        for name in self.rogue & set(group) if len(group) > 1 else set():
            self.mark_inconsistent(name)  # two histories meet
            group.remove(name)
        if self.component:
            stay = [name for name in self.component if name in group or name in self._silent]
            if len(stay) < len(self.component) and 2 * len(stay) <= len(self.component):
                for name in stay:
                    self.members[name].left, self.members[name].seqno = now, self.seqno
                self.last_component, self.component = frozenset(self.component), ()
                self._lose(group)
                self._form_at(now + 1.0)  # one of them may be told to lead
            else:
                self._install(stay, [name for name in group if name not in self.component])
        elif leaders := [name for name in group if self.members[name].leads]:
            self._install([], leaders[:1])
            self._form_at(now + 1.0)  # those that wait for a Primary component come in
        elif self.last_component and self.last_component <= {name for name in group if self.members[name].together}:
            self._install([], group)
        else:
            self._lose(group)

    def _talks(self, member: Member, now: float) -> bool:
        """It is up and reaches the group."""
        if not self._linked.get(member.name, True) or member.phase in ("down", "inconsistent"):
            return False
        return member.phase != "starting" or now - member.started >= START

    def _isolate(self, member: Member, now: float) -> None:
        """`member` sees nobody any more; a frozen one does not even see that."""
        if member.phase in ("down", "inconsistent"):
            return
        if member.name in self.component:
            member.left, member.seqno = now, self.seqno
        if self.transfers.pop(member.name, None):
            member.phase = "running"
        if self.unit(member.name).state != "hung" and member.name not in self.rogue:
            member.view = without_quorum([member.name])

    def _lose(self, group: Iterable[str]) -> None:
        """Those of `group` see each other, but are not the Primary component."""
        together = [name for name in group if self.members[name].phase != "starting"]
        for name in together:
            self.members[name].view = without_quorum(together)

    def _install(self, stay: list[str], joining: Iterable[str] = ()) -> None:
        """A new Primary view of `stay` and `joining`; nothing happens when it is the one that is there."""
        names = tuple(name for name in self.members if name in stay or name in joining)
        if names == self.component:
            return
        if not stay:
            self.seqno = max((self.members[name].seqno for name in joining), default=self.seqno)
        self.component, self.last_component = names, frozenset(names)
        self.conf_id += 1
        for name in names:
            self.members[name].together = names
            self.members[name].view = View(names, primary=True, conf_id=self.conf_id)
        behind = [name for name in joining if self.members[name].seqno < int(self.seqno)]
        for name in joining:
            if name not in behind:
                self.members[name].phase = "running"
        for name in behind:
            fetch(self, self.members[name], [other for other in names if other not in behind])

    # What an operator or a fault does to it. Follow each with `Cloud.settle`.

    def cut_off(self, name: str, cut: bool = True) -> None:
        """Drop (or let pass again) the group communication of `name`; clients still reach it."""
        self.members[name].cut = cut

    def lock(self, name: str, locked: bool = True) -> None:
        """`FLUSH TABLES WITH READ LOCK`, `UNLOCK TABLES`."""
        self.count(self.cloud.now())
        member = self.members[name]
        member.seqno, member.locked = float(self.committed(name)), locked
        member.left = self.cloud.now()

    def mark_inconsistent(self, name: str) -> None:
        """Its data differs: it was voted out, left the group, and its process stays up."""
        self.count(self.cloud.now())
        member = self.members[name]
        member.phase, member.view, member.seqno = "inconsistent", EMPTY, 0.0
        self._silent.pop(name, None)
        self.rogue.discard(name)
        if name in self.component:
            self._install([other for other in self.component if other != name])

    def slow_down(self, name: str) -> None:
        """Its applier searches a table without primary key: flow control pauses everybody. Empty ends it."""
        self.count(self.cloud.now())
        self.slow, self.slow_since = name, self.cloud.now()
        if name:
            self.members[name].flow_sent += 1

    def bootstrap(self, name: str) -> None:
        """`SET GLOBAL wsrep_provider_options='pc.bootstrap=YES'` on `name`: its component becomes Primary."""
        now, member = self.cloud.now(), self.members[name]
        if member.view.primary or member.phase != "running":
            return
        self.count(now)
        if self.component:
            self.rogue.update(member.view.members)
            for other in member.view.members:
                self.members[other].view = View(member.view.members, primary=True, conf_id=self.conf_id + 1)
            return
        self._install([], member.view.members)
        self._form_at(now + 2.0)  # those that wait for a Primary component come in
