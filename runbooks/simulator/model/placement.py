"""Placement of one region: providers, inventories, and who holds what of them.

A server's allocation follows from its host. What differs from that is held: what a running operation has claimed on
another host, what an operator put or deleted, what an evacuation left behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from runbooks.simulator.model.hypervisors import CPU_RATIO, RESERVED_MIB, Hypervisor
from runbooks.simulator.model.server import Server

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

Resources = dict[str, int]
"""Resource class → amount."""

TRAITS = (
    "COMPUTE_NODE",
    "COMPUTE_ACCELERATORS",
    "COMPUTE_DEVICE_TAGGING",
    "COMPUTE_GRAPHICS_MODEL_VNC",
    "COMPUTE_IMAGE_TYPE_QCOW2",
    "COMPUTE_IMAGE_TYPE_RAW",
    "COMPUTE_NET_ATTACH_INTERFACE",
    "COMPUTE_NET_ATTACH_INTERFACE_WITH_TAG",
    "COMPUTE_NET_VIF_MODEL_VIRTIO",
    "COMPUTE_STORAGE_BUS_VIRTIO",
    "COMPUTE_TRUSTED_CERTS",
    "COMPUTE_VOLUME_ATTACH_WITH_TAG",
    "COMPUTE_VOLUME_EXTEND",
    "COMPUTE_VOLUME_MULTI_ATTACH",
    "HW_CPU_X86_AVX2",
    "HW_CPU_X86_SSE42",
    "HW_CPU_X86_VMX",
    "OWNER_NOVA",
)
"""Of every compute."""


@lru_cache(maxsize=1)
def _standard() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(Path(__file__).with_name("placement.json").read_text())
    return found


def standard_traits() -> list[str]:
    """All traits that Placement knows by itself."""
    return _standard()["traits"]


def standard_classes() -> list[str]:
    """All resource classes that Placement knows by itself."""
    return _standard()["resource_classes"]


@dataclass(slots=True)
class Held:
    """An allocation that does not follow from a server's host."""

    project_id: str
    user_id: str
    by_host: dict[str, Resources]
    generation: int = 1
    kind: str = "unknown"
    """The consumer's type; what came before 1.38, and Nova's own, is `unknown`."""


@dataclass(slots=True)
class Placement:
    """Placement of one region."""

    cloud: Cloud
    held: dict[str, Held] = field(default_factory=dict)
    """By consumer. It adds to what follows from a server, unless the consumer is in `put`."""
    put: set[str] = field(default_factory=set)
    """Consumers whose allocation is only what is held (or nothing): an operator replaced or deleted it."""
    claims: dict[str, str] = field(default_factory=dict)
    """Server → the host on which an operation has claimed its resources, while `server.host` is still another."""
    changes: dict[str, int] = field(default_factory=dict)
    """Host → how often its provider changed since the beginning."""
    custom_classes: list[str] = field(default_factory=list)
    custom_traits: list[str] = field(default_factory=list)

    def generation(self, node: Hypervisor) -> int:
        """The provider's generation: grows with every change."""
        return 2 + 2 * self.cloud.compute.servers.taken(node.host).servers + self.changes.get(node.host, 0)

    def touch(self, *hosts: str) -> None:
        """The providers of these hosts changed."""
        for host in hosts:
            self.changes[host] = self.changes.get(host, 0) + 1

    def inventories(self, node: Hypervisor) -> dict[str, dict[str, int | float]]:
        """What a provider has, by resource class."""

        def inventory(total: int, reserved: int, ratio: float) -> dict[str, int | float]:
            return {
                "total": total,
                "reserved": reserved,
                "min_unit": 1,
                "max_unit": total,
                "step_size": 1,
                "allocation_ratio": ratio,
            }

        return {
            "VCPU": inventory(node.vcpus, 0, CPU_RATIO),
            "MEMORY_MB": inventory(node.ram, RESERVED_MIB, 1.0),
            "DISK_GB": inventory(node.disk, 0, 1.0),
        }

    def capacity(self, node: Hypervisor) -> Resources:
        """What may be allocated, by resource class."""
        return {
            name: int((each["total"] - each["reserved"]) * each["allocation_ratio"])
            for name, each in self.inventories(node).items()
        }

    def used(self, node: Hypervisor) -> Resources:
        """What is allocated, by resource class."""
        taken = self.cloud.compute.servers.taken(node.host)
        found = {"VCPU": taken.vcpus, "MEMORY_MB": taken.ram, "DISK_GB": taken.disk}
        for server_id, host in self.claims.items():
            server = self.cloud.compute.servers.get(server_id)
            if server is not None and server_id not in self.put and server.host != host:
                for name, amount in server.flavor.resources.items():
                    found[name] += amount * ((host == node.host) - (server.host == node.host))
        for server_id in self.put:
            server = self.cloud.compute.servers.get(server_id)
            if server is not None and self._home(server) == node.host:
                for name, amount in server.flavor.resources.items():
                    found[name] -= amount
        for held in self.held.values():
            for name, amount in held.by_host.get(node.host, {}).items():
                found[name] = found.get(name, 0) + amount
        return found

    def _home(self, server: Server) -> str | None:
        """The host on which a server's own allocation is."""
        return self.claims.get(server.id, server.host)

    def of_consumer(self, consumer: str) -> dict[str, Resources]:
        """Host → what the consumer holds there."""
        held = self.held.get(consumer)
        found = {host: dict(resources) for host, resources in held.by_host.items()} if held else {}
        server = self.cloud.compute.servers.get(consumer)
        if server is not None and consumer not in self.put:
            home = self._home(server)
            if home is not None:
                found[home] = server.flavor.resources
        return found

    def on_host(self, host: str) -> Iterator[tuple[str, Resources]]:
        """(consumer, what it holds) of one provider."""
        seen = set()
        for server in self.cloud.compute.servers.on_host(host):
            if server.id not in self.put and self._home(server) == host:
                seen.add(server.id)
                yield server.id, server.flavor.resources
        for server_id, claimed in self.claims.items():
            found = self.cloud.compute.servers.get(server_id)
            if claimed == host and found is not None and server_id not in seen and server_id not in self.put:
                seen.add(server_id)
                yield server_id, found.flavor.resources
        for consumer, held in self.held.items():
            if host in held.by_host and consumer not in seen:
                yield consumer, held.by_host[host]

    def fits(self, node: Hypervisor, resources: Resources) -> bool:
        """True when the provider has room for `resources`."""
        capacity, used = self.capacity(node), self.used(node)
        return all(used.get(name, 0) + amount <= capacity.get(name, -1) for name, amount in resources.items())


def build_placement(cloud: Cloud) -> Placement:
    """Placement as the servers of `cloud` fill it."""
    return Placement(cloud)
