"""What the services do on the message bus: their topics, queues, connections, and what piles up when one dies.

oslo.messaging makes three queues per topic and server: the topic's own (shared), one per host, and a fanout one per
worker; each process that calls others has a reply queue. Consumers are the processes of the model: when a container
dies its consumers go, its host's queue keeps filling, and its fanout and reply queues expire after half an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

EXPIRES = 1800.0
"""`x-expires` of fanout and reply queues, seconds."""
MESSAGE = 1180
"""Bytes of an average message."""
INDEX = 210
"""Bytes that a queue needs for each message besides."""
DRAIN = 60.0
"""Messages per second that returning consumers work off."""

Shape = Literal["topic", "host", "fanout", "reply", "quorum"]


class Program(NamedTuple):
    """A container that talks on the bus."""

    unit: str
    program: str
    """First part of its connections' names."""
    roles: tuple[str, ...]
    exchange: str
    topics: tuple[str, ...]
    workers: int = 1
    publishers: int = 1
    """Connections that only send, per worker."""
    rate: float = 0.05
    """Messages per second to each of its topics, per host."""
    label: str = ""
    """Appended to the host's name in queues: `@rbd-1`."""


_OBJECTS = (
    *("AddressGroup-1.2", "Network-1.3", "Port-1.11", "SecurityGroup-1.6", "SecurityGroupRule-1.3", "SubPort-1.0"),
    *("Subnet-1.2", "Trunk-1.1"),
)
_AGENT = (*("dvr-update", "l2population-update", "tunnel-delete", "tunnel-update"),)
PROGRAMS = (
    Program("nova_scheduler", "nova-scheduler", ("control",), "nova", ("scheduler",), 2, 1, 0.03),
    Program("nova_conductor", "nova-conductor", ("control",), "nova", ("conductor",), 3, 2, 0.9),
    Program("nova_api", "nova-api", ("control",), "nova", (), 1, 3),
    Program("nova_compute", "nova-compute", ("compute",), "nova", ("compute", "compute-alt"), 1, 2, 0.04),
    Program("cinder_scheduler", "cinder-scheduler", ("control",), "openstack", ("cinder-scheduler",), 1, 1, 0.1),
    Program("cinder_volume", "cinder-volume", ("control",), "openstack", ("cinder-volume",), 1, 1, 0.05, "@rbd-1"),
    Program("cinder_backup", "cinder-backup", ("control",), "openstack", ("cinder-backup",), 1, 1, 0.01),
    Program("cinder_api", "cinder-api", ("control",), "openstack", (), 1, 2),
    Program(
        *("neutron_server", "neutron-rpc-server", ("control",), "neutron"),
        ("q-plugin", "q-l3-plugin", "q-reports-plugin", "q-server-resource-versions", "trunk"),
        *(2, 1, 0.6),
    ),
    Program(
        *("neutron_openvswitch_agent", "neutron-openvswitch-agent", ("network", "compute"), "neutron"),
        (*(f"q-agent-notifier-{name}" for name in _AGENT), *(f"neutron-vo-{name}" for name in _OBJECTS)),
        *(1, 1, 0.01),
    ),
    Program("neutron_dhcp_agent", "neutron-dhcp-agent", ("network",), "neutron", ("dhcp_agent",), 1, 1, 0.02),
    Program("neutron_l3_agent", "neutron-l3-agent", ("network",), "neutron", ("l3_agent",), 1, 2, 0.02),
    Program("neutron_metadata_agent", "neutron-metadata-agent", ("network",), "neutron", (), 1, 1),
    Program("octavia_worker", "octavia-worker", ("control",), "octavia", ("octavia_provisioning_v2",), 1, 1, 0.01),
    Program("designate_central", "designate-central", ("control",), "designate", ("central",), 1, 1, 0.02),
    Program("designate_worker", "designate-worker", ("control",), "designate", ("worker",), 1, 1, 0.02),
    Program("designate_producer", "designate-producer", ("control",), "designate", ("producer",), 1, 1, 0.01),
    Program("manila_scheduler", "manila-scheduler", ("control",), "manila", ("manila-scheduler",), 1, 1, 0.05),
    Program("manila_share", "manila-share", ("control",), "manila", ("manila-share",), 1, 1, 0.02, "@cephfsnfs1"),
    Program("manila_data", "manila-data", ("control",), "manila", ("manila-data",), 1, 1, 0.01),
    Program("heat_engine", "heat-engine", ("control",), "heat", ("engine", "engine_worker"), 2, 1, 0.01),
)
NOTIFICATIONS = ("notifications.error", "notifications.info")
SINK = "notification-sink"
"""A client of the monitoring host (or of the first controller) that reads the notifications."""


class Process(NamedTuple):
    """One worker of a program on a host."""

    program: Program
    host: str
    worker: int

    @property
    def server(self) -> str:
        """Its host as queues name it."""
        return self.host + self.program.label


class Queue(NamedTuple):
    """A queue, as declared."""

    name: str
    exchange: str
    routing_key: str
    shape: Shape
    consumers: tuple[Process, ...]
    """The processes that consume from it while they live."""
    rate: float
    """Messages per second that are sent to it."""

    @property
    def expires(self) -> bool:
        return self.shape in ("fanout", "reply")


@dataclass(slots=True)
class Messaging:
    """The bus of one region."""

    cloud: Cloud
    unconsumed: set[str] = field(default_factory=set)
    """Queues whose consumers were taken away."""
    deleted: dict[str, float] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    """Connection (of the beginning) → how often it was closed and came back."""
    forgotten: dict[str, str] = field(default_factory=dict)
    """Queue that no service of today reads → the one host whose node has it."""
    _waiting: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """Queue → (messages, as of, per second from then on)."""
    _lonely: dict[str, float] = field(default_factory=dict)
    """Queue → since when it has no consumers."""
    _all: dict[str, Queue] = field(default_factory=dict)

    def declared(self) -> dict[str, Queue]:
        """Every queue that the services have made, by name."""
        if not self._all:
            self._all = {queue.name: queue for queue in _queues(self.cloud)}
        return self._all

    def queues(self) -> Iterator[Queue]:
        """The queues that are there now."""
        now = self.cloud.now()
        for name, queue in self.declared().items():
            since = self._lonely.get(name)
            if queue.expires and since is not None and now - since > EXPIRES:
                continue
            gone = self.deleted.get(name)
            if gone is not None and (now - gone < 2 or not self.consumers(queue)):
                continue
            yield queue

    def consumers(self, queue: Queue) -> list[Process]:
        """Who consumes from it now."""
        if queue.name in self.unconsumed or not self._brokers():
            return []
        return [process for process in queue.consumers if self.alive(process)]

    def alive(self, process: Process) -> bool:
        """The process runs and reaches the brokers."""
        host = self.cloud.hosts[process.host]
        return host.up and host.reachable if process.program.program == SINK else host.alive(process.program.unit)

    def _brokers(self) -> bool:
        rabbitmq = self.cloud.rabbitmq
        return any(rabbitmq.takes_clients(host) for host in rabbitmq.nodes)

    def messages(self, name: str) -> int:
        """Messages ready in the queue."""
        count, since, rate = self._waiting.get(name, (0.0, 0.0, 0.0))
        return max(int(count + rate * (self.cloud.now() - since)), 0)

    def lonely(self, name: str) -> float | None:
        """Since when the queue has no consumers; None while it has some."""
        return self._lonely.get(name)

    def purge(self, name: str) -> None:
        """Throw its messages away."""
        _, _, rate = self._waiting.get(name, (0.0, 0.0, 0.0))
        self._waiting[name] = 0.0, self.cloud.now(), max(rate, 0.0)

    def delete(self, name: str) -> None:
        """Delete the queue; living consumers declare it again at once."""
        self.deleted[name] = self.cloud.now()
        self._waiting.pop(name, None)

    def set_consumed(self, name: str, consumed: bool) -> None:
        """Take a queue's consumers away, or give them back. Raises KeyError when there is no such queue."""
        self.declared()[name]
        (self.unconsumed.discard if consumed else self.unconsumed.add)(name)

    def forget(self, name: str, host: str, messages: int) -> None:
        """A queue that nobody reads has that many messages, on the node of one host."""
        self.declared()[name] = Queue(name, "ceilometer", name, "topic", (), 40.0)
        self.forgotten[name] = host
        self.deleted.pop(name, None)
        self._lonely[name] = self.cloud.now()
        self._waiting[name] = float(messages), self.cloud.now(), 0.0

    def lost(self, host: str) -> None:
        """The forgotten queues of this host's node are gone: they were on no other and not durable."""
        for name in [name for name, where in self.forgotten.items() if where == host]:
            for known in (self.forgotten, self.declared(), self._lonely, self._waiting):
                known.pop(name, None)

    def forgotten_on(self, host: str) -> int:
        """Messages in the forgotten queues of this host's node."""
        there = [name for name, where in self.forgotten.items() if where == host and name not in self.deleted]
        return sum(self.messages(name) for name in there)

    def settle(self, now: float, *, flowing: bool) -> None:
        """Notice whose consumers went or came, and whether messages flow at all."""
        for queue in self._suspects():
            name = queue.name
            served = bool(self.consumers(queue))
            count, since, rate = self._waiting.get(name, (0.0, now, 0.0))
            count = max(count + rate * (now - since), 0.0)
            if served:
                self._lonely.pop(name, None)
                if count > 0:
                    self._waiting[name] = count, now, -DRAIN
                else:
                    self._waiting.pop(name, None)
            else:
                self._lonely.setdefault(name, now)
                self._waiting[name] = count, now, queue.rate if flowing else 0.0

    def _suspects(self) -> Iterator[Queue]:
        """Queues that have or may have lost a consumer: those of hosts whose containers do not answer, and marked ones.

        Everybody else's are not looked at: a cloud of thousands of computes has hundreds of thousands of queues.
        """
        if len(self.cloud.hosts) <= 64:
            yield from self.declared().values()
            return
        units = {program.unit for program in PROGRAMS}
        broken = {
            host.name
            for host in self.cloud.hosts
            if not all(host.alive(unit) for unit in units & host.names) or not (host.up and host.reachable)
        }
        for queue in self.declared().values():
            known = queue.name in self._lonely or queue.name in self._waiting or queue.name in self.unconsumed
            if known or any(process.host in broken for process in queue.consumers):
                yield queue


def everybody(cloud: Cloud) -> tuple[Process, ...]:
    """Every process of the cloud, whether it lives or not, the reader of notifications last."""
    found = [
        Process(program, host.name, worker)
        for program in PROGRAMS
        for host in cloud.hosts
        if set(program.roles) & set(host.machine.roles) and program.unit in host.names
        for worker in range(program.workers)
    ]
    sink = next(iter([*cloud.hosts.with_role("monitoring"), *cloud.hosts]))
    return (*found, Process(Program("", SINK, (), "nova", (), 1, 0), sink.name, 0))


def _queues(cloud: Cloud) -> Iterator[Queue]:
    """Every queue, in order of name."""
    found = sorted(_unsorted(cloud), key=lambda queue: queue.name)
    return iter(found)


def _unsorted(cloud: Cloud) -> Iterator[Queue]:
    seed, everyone = cloud.seed, everybody(cloud)
    by_topic: dict[str, list[Process]] = {}
    for process in everyone:
        for topic in process.program.topics:
            by_topic.setdefault(topic, []).append(process)
        if process.program.program != SINK and (process.program.topics or process.program.publishers):
            name = f"reply_{seed.hex('reply', *_key(process))}"
            yield Queue(name, "", name, "reply", (process,), process.program.rate)
    for topic, members in by_topic.items():
        program = members[0].program
        yield Queue(topic, program.exchange, topic, "topic", tuple(members), program.rate * len(members))
        servers: dict[str, list[Process]] = {}
        for process in members:
            servers.setdefault(process.server, []).append(process)
            fanout = f"{topic}_fanout_{seed.hex('fanout', topic, *_key(process))}"
            yield Queue(fanout, f"{topic}_fanout", topic, "fanout", (process,), 0.002)
        for server, some in servers.items():
            yield Queue(f"{topic}.{server}", program.exchange, f"{topic}.{server}", "host", tuple(some), program.rate)
    reader = everyone[-1]
    for name in NOTIFICATIONS:
        rate = 0.02 if name.endswith("error") else 1.5 + cloud.servers / 50_000
        yield Queue(name, "nova", name, "quorum", (reader,), rate)


def _key(process: Process) -> tuple[str, str, int]:
    return process.program.program, process.host, process.worker
