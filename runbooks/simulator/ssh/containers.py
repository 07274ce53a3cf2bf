"""Containers as docker and podman tell of them, made from the model's units.

Kolla's containers are docker's and stay when they stop. Ceph's are podman's, run by systemd with `--rm`: they are gone
while their unit is stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from runbooks.simulator.model.hosts import Unit
from runbooks.simulator.model.units import Engine
from runbooks.simulator.ssh import journal
from runbooks.simulator.ssh.program import Call, Place

_QUARTER = 120 * 86400.0


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a host, with the unit behind it."""

    id: str
    """64 hexadecimal digits."""
    name: str
    image: str
    unit: Unit
    created: float

    @property
    def state(self) -> str:
        """`running` or `exited`."""
        return "running" if self.unit.state in ("running", "hung") else "exited"

    @property
    def health(self) -> str:
        """What Kolla's health check of it says; "" where there is none."""
        if self.unit.engine != "docker" or self.unit.name in _UNCHECKED or self.state != "running":
            return ""
        return "unhealthy" if self.unit.state == "hung" else "healthy"

    @property
    def exit_code(self) -> int:
        return 0 if self.state == "running" else self.unit.exit_status

    def status(self, now: float) -> str:
        """`Up 5 weeks (healthy)`, `Exited (137) 4 minutes ago`."""
        age = human_duration(now - self.unit.since)
        if self.state == "running":
            return f"Up {age}" + (f" ({self.health})" if self.health else "")
        return f"Exited ({self.exit_code}) {age} ago"


_UNCHECKED = frozenset(
    ("keepalived", "kolla_toolbox", "prometheus_node_exporter", "prometheus_cadvisor", "prometheus_libvirt_exporter",
     "prometheus_server", "prometheus_alertmanager", "prometheus_blackbox_exporter", "prometheus_mysqld_exporter",
     "prometheus_memcached_exporter", "grafana", "loki", "keystone_fernet", "nova_ssh")
)  # fmt: skip
"""Kolla gives these no health check."""


def containers(place: Place, engine: Engine) -> list[Container]:
    """The containers of `engine` on the host, those that run no longer included; newest first, as `ps` lists them."""
    found = []
    for unit in place.host.units.values():
        if unit.engine != engine or not unit.image:
            continue
        container = _container(place, unit)
        if engine == "podman" and container.state != "running":
            continue
        found.append(container)
    return sorted(found, key=lambda container: (-container.created, container.name))


def find(place: Place, engine: Engine, name: str) -> Container | None:
    """By name, id, or the beginning of the id."""
    for container in containers(place, engine):
        if container.name == name or (len(name) >= 4 and container.id.startswith(name)):
            return container
    return None


def _container(place: Place, unit: Unit) -> Container:
    seed = place.cloud.seed
    name = unit.name
    if unit.engine == "podman":
        name = name.replace("@", "-").replace("_", "-")  # ceph-ansible's rule
    # Deployed 30 to 150 days ago, within the same half hour on all hosts; the model keeps no date of it.
    deployed = (place.now - 30 * 86400.0) // _QUARTER * _QUARTER
    created = min(deployed + seed.number(1800, "created", place.host.name, unit.name), place.host.booted + 29)
    raw = seed.digest("container", place.host.name, unit.name, size=32).hex()
    return Container(raw, name, unit.image, unit, created)


def human_duration(seconds: float) -> str:
    """The words of docker's and podman's duration library."""
    whole = int(max(seconds, 0))
    hours = int(seconds / 3600 + 0.5)
    if whole < 1:
        return "Less than a second"
    if whole == 1:
        return "1 second"
    if whole < 60:
        return f"{whole} seconds"
    if whole < 120:
        return "About a minute"
    if whole < 3600:
        return f"{whole // 60} minutes"
    if hours == 1:
        return "About an hour"
    for limit, size, word in (
        (48, 1, "hours"),
        (24 * 14, 24, "days"),
        (24 * 60, 24 * 7, "weeks"),
        (24 * 730, 24 * 30, "months"),
    ):
        if hours < limit:
            return f"{hours // size} {word}"
    return f"{int(seconds / 3600) // 24 // 365} years"


def stamp(at: float) -> str:
    """`2026-10-01T01:02:03.123456789Z`."""
    whole = datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{int(at % 1 * 1e9):09}Z"


def follow(call: Call, engine: Engine, container: Container, *, stamped: bool) -> None:
    """Print what the container writes from now on, each time the session looks."""
    place = call.place
    last = [place.now]

    def more() -> None:
        before, last[0] = last[0], place.now
        for entry in journal.of_container(place, container.unit):
            if before < entry.at <= last[0]:
                call.print((f"{stamp(entry.at)} " if stamped else "") + entry.message)

    call.shell.followers.append(more)
