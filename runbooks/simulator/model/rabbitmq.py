"""The RabbitMQ cluster of one region: a node per controller, who sees whom, alarms, and what piles up in queues.

With `pause_minority` (Kolla's choice) a node that sees half of the nodes or fewer closes its doors until it sees more.
A killed node is missed at once; a frozen or cut-off one only after `net_ticktime`, and until then the management API of
the healthy nodes blocks, because it asks every node. `settle` notices changes; timers carry them out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from runbooks.simulator.model import broker_space as space
from runbooks.simulator.model.guests import Guests
from runbooks.simulator.model.hosts import Answer
from runbooks.simulator.model.messaging import Messaging

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

UNIT = "rabbitmq"
TICK = 15.0
"""`net_ticktime`: a silent peer is given up after it."""
START = 6.0
"""From the start of the process to its taking part."""
REJOIN = 6.0
"""From a healed link to the paused node's return."""
WATERMARK = 0.6
"""`vm_memory_high_watermark.relative`, as Kolla sets it."""
DISK_LIMIT = 50_000_000_000

Phase = Literal["down", "starting", "running", "paused"]


@dataclass(slots=True)
class Node:
    """One broker."""

    host: str
    phase: Phase = "running"
    started: float = 0.0
    memory_alarm: bool = False
    disk_alarm: bool = False
    memory_since: float = 0.0
    """When a queue began to press it."""
    disk_since: float = 0.0
    """When it was filled."""
    cut: bool = False
    """Its links to the other nodes are dropped; clients still reach it."""
    partitions: tuple[str, ...] = ()
    """Nodes it was separated from and has not rejoined (only with `ignore`)."""
    app: bool = True
    """False: somebody stopped the application; the runtime runs on without it."""
    member: bool = True
    """False: the others have forgotten it."""
    blank: bool = False
    """It was reset: it knows of no cluster."""
    drained: bool = False
    """In maintenance: it takes no clients and leads no replicated queue."""
    memory_limit: int | None = None
    """Set while it runs; None: as configured."""
    disk_limit: int = DISK_LIMIT

    @property
    def name(self) -> str:
        return f"rabbit@{self.host}"


@dataclass(slots=True)
class RabbitMQ:
    """The RabbitMQ cluster of one region."""

    cloud: Cloud
    nodes: dict[str, Node]
    """By host."""
    messaging: Messaging
    guests: Guests
    handling: Literal["pause_minority", "ignore"] = "pause_minority"
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    operator_policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    led_by: dict[str, str] = field(default_factory=dict)
    """Replicated queue → the host that leads it, where that is not the one on which it was declared."""
    moved: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Quorum queue → the hosts that have a replica of it, where somebody has changed that."""
    _silent: dict[str, float] = field(default_factory=dict)
    """Host → when it fell silent, not yet noticed by the others."""
    _linked: dict[str, bool] = field(default_factory=dict)

    def serving(self) -> bool:
        """True while some node takes messages (none does while an alarm blocks publishers): what RPC needs."""
        return any(self.answer(host) == "answers" for host in self.nodes) and not self.alarms()

    def answer(self, host: str) -> Answer:
        """What connecting to this node's AMQP or management port meets."""
        answer = self.cloud.hosts[host].answer(UNIT)
        return "refuses" if answer == "answers" and self.nodes[host].phase != "running" else answer

    def takes_clients(self, host: str) -> bool:
        """True when a client that connects there is served."""
        return self.answer(host) == "answers" and not self.nodes[host].drained

    def replicas(self, queue: str) -> list[str]:
        """The hosts that have a replica of a quorum queue: at first all, also one that was forgotten since."""
        return list(self.moved.get(queue, tuple(self.nodes)))

    def members(self, seen_from: str = "") -> dict[str, Node]:
        """The nodes of the cluster, by host; one that was forgotten knows itself alone."""
        if seen_from and not self.nodes[seen_from].member:
            return {seen_from: self.nodes[seen_from]}
        return {host: node for host, node in self.nodes.items() if node.member}

    def running(self, seen_from: str) -> list[str]:
        """The hosts whose nodes that node counts as running; itself included."""
        side = self._side(seen_from)
        return [
            host
            for host, node in self.members(seen_from).items()
            if host == seen_from
            or (host in self._silent)
            or (
                node.phase == "running"
                and host in side
                and self.nodes[host].name not in self.nodes[seen_from].partitions
            )
        ]

    def _side(self, host: str) -> set[str]:
        """Whom `host` reaches, itself included."""
        if not self._linked.get(host, True):
            return {host}
        return {other for other in self.nodes if self._linked.get(other, True)}

    def blocked(self, seen_from: str) -> bool:
        """True while that node's management API waits for a peer that does not answer."""
        return any(host != seen_from for host in self._silent)

    def alarms(self) -> list[tuple[str, str]]:
        """(node, `memory` or `disk`) of every running node."""
        found = []
        for node in self.nodes.values():
            if node.phase == "running":
                found += [(node.name, "memory")] if node.memory_alarm else []
                found += [(node.name, "disk")] if node.disk_alarm else []
        return found

    def settle(self, now: float) -> None:
        """Notice at `now` who started, stopped, froze, was cut off or came back, and whose consumers changed."""
        for host, node in self.nodes.items():
            machine = self.cloud.hosts[host]
            unit = machine.units[UNIT]
            runs = machine.up and unit.state in ("running", "hung")
            exists = runs and node.app and node.member
            if not runs:
                node.app, node.memory_limit, node.disk_limit = True, None, DISK_LIMIT
            if not exists and node.phase != "down":
                lost_power = not machine.up or not self._linked.get(host, True)
                node.phase, node.partitions, node.drained = "down", (), False
                self.messaging.lost(host)
                if lost_power:
                    self._miss(host, now)
                else:
                    self._judge(now)
            elif exists and node.phase == "down":
                node.phase, node.started = "starting", now
                self._silent.pop(host, None)
                self._judge_at(now + START)
            linked = exists and unit.state == "running" and machine.reachable and not node.cut
            if linked != self._linked.get(host, True):
                self._linked[host] = linked
                if linked:
                    self._silent.pop(host, None)
                    self._judge_at(now + REJOIN)
                elif node.phase in ("running", "paused"):
                    self._miss(host, now)
            space.weigh(self, host, exists=exists)
        self.messaging.settle(now, flowing=self.serving())

    def _miss(self, host: str, now: float) -> None:
        self._silent[host] = now
        self._judge_at(now + TICK * (0.8 + 0.4 * self.cloud.seed.fraction("tick", host, int(now))))

    def _judge_at(self, moment: float) -> None:
        def step(at: float) -> None:
            self._judge(at)
            self.cloud.settle(at)

        self.cloud.timers.at(moment, step)

    def _judge(self, now: float) -> None:
        """Give up the silent ones; pause who is in a minority; let in who has come back."""
        for host in [host for host, since in self._silent.items() if since < now]:
            del self._silent[host]
            if self.handling == "ignore" and self.nodes[host].phase == "running":
                self._part(host)
        for host, node in self.nodes.items():
            ready = node.phase == "starting" and now - node.started >= START
            if ready and self._linked.get(host, True):
                self._rejoin(node)
            if node.phase == "down" or (node.phase == "starting" and not ready) or host in self._silent:
                continue
            seen = [
                other
                for other in self._side(host)
                if self.nodes[other].phase in ("running", "paused")
                or (self.nodes[other].phase == "starting" and now - self.nodes[other].started >= START)
                or other in self._silent
            ]
            everyone = self.members(host)
            seen = [other for other in seen if other in everyone]
            minority = self.handling == "pause_minority" and 2 * len(seen) <= len(everyone) and len(everyone) > 1
            frozen = self.cloud.hosts[host].units[UNIT].state == "hung"
            if not frozen:
                node.phase = "paused" if minority else "running"

    def _rejoin(self, started: Node) -> None:
        """Who starts again takes over what the others say: they have nothing against it any more."""
        for node in self.nodes.values():
            node.partitions = tuple(name for name in node.partitions if name != started.name)

    def _part(self, host: str) -> None:
        """`ignore`: both sides run on apart; each will remember it after the link has healed."""
        side = self._side(host)
        for other, node in self.nodes.items():
            if other in side:
                node.partitions = tuple(n.name for h, n in self.nodes.items() if h not in side and n.phase == "running")
            else:
                node.partitions = tuple(self.nodes[h].name for h in self.nodes if h in side)

    def shown_partitions(self, host: str) -> list[str]:
        """`partitions` as the API tells it: empty during the cut, told only after the links have healed."""
        return list(self.nodes[host].partitions) if all(self._linked.get(h, True) for h in self.nodes) else []

    # What an operator or a fault does to it. Follow each with `Cloud.settle`.

    def set_memory_alarm(self, host: str, on: bool) -> None:
        """A queue that nobody reads fills its memory above the watermark; every publisher of the cluster is blocked."""
        space.fill_memory(self, host, on)
        space.weigh(self, host)

    def set_disk_alarm(self, host: str, on: bool) -> None:
        """A file fills the file system of its data until less is left than must be."""
        space.fill_disk(self, host, on)
        space.weigh(self, host)

    def set_memory_limit(self, host: str, limit: int | None) -> None:
        """Another watermark until it starts again; None is the one that is configured."""
        self.nodes[host].memory_limit = limit
        space.weigh(self, host)

    def set_disk_limit(self, host: str, limit: int) -> None:
        """Another limit until it starts again."""
        self.nodes[host].disk_limit = limit
        space.weigh(self, host)

    def watermark(self, host: str) -> int:
        """The bytes that are configured for it."""
        return int(self.cloud.hosts[host].memory_kib * 1024 * WATERMARK)

    def cut_off(self, host: str, cut: bool = True) -> None:
        """Drop (or let pass again) the links of `host` to the other nodes; clients still reach it."""
        self.nodes[host].cut = cut

    def set_consumed(self, queue: str, consumed: bool) -> None:
        """Take a queue's consumers away, or give them back. Raises KeyError when there is no such queue."""
        self.messaging.set_consumed(queue, consumed)


def build_rabbitmq(cloud: Cloud) -> RabbitMQ:
    """A healthy cluster that has run since its hosts were booted."""
    hosts = cloud.hosts.with_role("control")
    rabbitmq = RabbitMQ(
        cloud=cloud,
        nodes={host.name: Node(host.name, started=host.booted + 30) for host in hosts},
        messaging=Messaging(cloud),
        guests=Guests(cloud),
    )
    rabbitmq.policies["ha-all"] = {
        "vhost": "/",
        "name": "ha-all",
        "pattern": "^(?!(amq\\.)|(.*_fanout_)|(reply_)|(notifications\\.)).*",
        "apply-to": "queues",
        "definition": {"ha-mode": "all"},
        "priority": 0,
    }
    cloud.reactions.append(rabbitmq.settle)
    return rabbitmq
