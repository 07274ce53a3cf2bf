"""Who is connected to a member: the server's own threads, and the services' pools on the member that HAProxy uses.

Each living service container holds its pool open through HAProxy, so the database sees the address of the host that
holds the virtual address. Threads are computed, not held: a KILL only remembers which ids are gone, and the service
connects again under a new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runbooks.simulator.model.galera_status import APPLIERS

if TYPE_CHECKING:
    from runbooks.simulator.model.galera import Galera

_POOLS = (
    ("keystone", "keystone", "keystone", 6),
    ("glance_api", "glance", "glance", 4),
    ("placement_api", "placement", "placement", 4),
    ("nova_api", "nova_api", "nova_api", 5),
    ("nova_api", "nova", "nova", 3),
    ("nova_conductor", "nova", "nova", 10),
    ("nova_scheduler", "nova_api", "nova_api", 4),
    ("nova_scheduler", "nova", "nova", 3),
    ("neutron_server", "neutron", "neutron", 14),
    ("cinder_api", "cinder", "cinder", 4),
    ("cinder_scheduler", "cinder", "cinder", 2),
    ("cinder_volume", "cinder", "cinder", 3),
    ("cinder_backup", "cinder", "cinder", 1),
    ("heat_engine", "heat", "heat", 5),
)
"""Container, user, database, connections per controller."""

_QUERIES = {
    "nova": "SELECT instances.id, instances.uuid, instances.vm_state FROM instances WHERE instances.deleted = 0 "
    "AND instances.host = 'cmp01' AND instances.task_state IS NULL",
    "neutron": "SELECT agents.id, agents.agent_type, agents.heartbeat_timestamp FROM agents WHERE agents.agent_type = "
    "'Open vSwitch agent'",
}


@dataclass(frozen=True, slots=True)
class Process:
    """One line of SHOW FULL PROCESSLIST."""

    id: int
    user: str
    host: str
    db: str | None
    command: str
    seconds: int
    state: str
    info: str | None = None


def system(galera: Galera, name: str) -> Iterator[Process]:
    """The replication threads."""
    member = galera[name]
    up = int(galera.cloud.now() - member.started)
    slow = galera.slow == name
    yield Process(1, "system user", "", None, "Sleep", up, "wsrep aborter idle")
    for number in range(APPLIERS):
        busy = slow and number == 0
        state = "Update_rows_log_event::find_row(-1)" if busy else "wsrep applier idle"
        since = int(galera.cloud.now() - galera.slow_since) if busy else up
        yield Process(2 + number, "system user", "", None, "Sleep", since, state)


def services(galera: Galera, name: str) -> Iterator[Process]:
    """The services' connections, all on the member that HAProxy sends them to."""
    if galera.writer() != name:
        return
    cloud, now = galera.cloud, galera.cloud.now()
    front = next((host for host in cloud.hosts.alive("control", "haproxy")), None)
    if front is None:
        return
    started = int(galera[name].started)
    number = 40
    waiting = int(now - galera.slow_since) if galera.slow else 0
    for unit, user, db, width in _POOLS:
        for host in cloud.hosts.with_role("control"):
            alive = host.alive(unit)
            for place in range(width):
                number += 1
                if not alive:
                    continue
                identity = galera.replaced.get((name, number), number)
                port = 33000 + cloud.seed.number(27000, "db port", user, host.name, place, started, identity)
                address = f"{front.machine.address}:{port}"
                if waiting and place * 3 < min(waiting, 20) and user in ("nova", "neutron"):
                    ended = galera.ended.get((name, identity), 0.0)
                    if ended < galera.slow_since:
                        yield Process(
                            identity, user, address, db, "Query", waiting, "Waiting for certification", "COMMIT"
                        )
                    else:
                        yield Process(identity, user, address, db, "Sleep", int(now - ended), "")
                    continue
                period = 3 + cloud.seed.number(240, "db idle", user, unit, host.name, place)
                idle = int(now + cloud.seed.number(period, "db phase", unit, host.name, place)) % period
                running = idle == 0 and user in _QUERIES
                yield Process(
                    identity,
                    user,
                    address,
                    db,
                    "Query" if running else "Sleep",
                    idle,
                    "Sending data" if running else "",
                    _QUERIES[user] if running else None,
                )


def kill(galera: Galera, name: str, identity: int) -> bool:
    """End a service's connection: the service connects again. False when there is no such thread."""
    if all(process.id != identity for process in services(galera, name)):
        return False
    first = next((old for (member, old), new in galera.replaced.items() if (member, new) == (name, identity)), identity)
    galera.replaced[name, first] = 100_000 + len(galera.replaced) + identity
    return True


def end_query(galera: Galera, name: str, identity: int) -> None:
    """End what a service's connection does: it gets an error, and the connection waits for its next statement."""
    galera.ended[name, identity] = galera.cloud.now()
