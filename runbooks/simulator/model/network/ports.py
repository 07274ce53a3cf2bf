"""All ports of a region: those of servers follow from the servers, the others are held.

A server's port is what the server says about it (address, host, whether it runs) plus what somebody changed on the
port itself. So a server that is stopped, migrated or deleted takes its ports with it, and 260,000 take no memory.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import TYPE_CHECKING, Any

from runbooks.simulator.model.network.records import Port
from runbooks.simulator.model.series import Series
from runbooks.simulator.model.server import Nic, Server

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

PLUGGED = frozenset({"active", "paused", "rescued", "resized", "suspended"})
"""Server states in which its interface exists on the host: Neutron shows the port ACTIVE."""


@dataclass(slots=True)
class Ports:
    """All ports, by id."""

    cloud: Cloud
    held: dict[str, Port] = field(default_factory=dict)
    """Ports of routers, DHCP agents and users."""
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was changed on ports that follow from servers."""
    _series: Series | None = None
    _bound: Counter[str] | None = None
    """How many held ports each host has, those of servers left out; None when it must be counted anew."""

    @property
    def series(self) -> Series:
        """The ports of the servers that were there at the beginning, by the servers' numbers."""
        if self._series is None:
            cloud = self.cloud
            numbered = cloud.seed.numbered("port of server", cloud.layout.region)
            self._series = Series(numbered, range(cloud.compute.servers.count))
        return self._series

    def get(self, identity: str) -> Port | None:
        """The port with this id."""
        held = self.held.get(identity)
        if held is not None:
            return self._followed(held)
        number = self.series.number(identity)
        if number is not None:
            server = self.cloud.compute.servers.at(number)
            return self._of(server, identity) if server is not None else None
        return next((port for port in self._of_new_servers() if port.id == identity), None)

    def add(self, port: Port) -> None:
        self.held[port.id] = port
        self._bound = None

    def change(self, port: Port, **changes: Any) -> Port:
        """Set fields of a port and count its revision up; the port as it is then."""
        changes |= {"updated": self.cloud.now(), "revision": port.revision + 1}
        if port.id in self.held:
            self.held[port.id] = replace(self.held[port.id], **changes)
            self._bound = None
        else:
            self.changes.setdefault(port.id, {}).update(changes)
        return self.get(port.id) or port

    def delete(self, port: Port) -> None:
        """Have it gone; a server that used it loses the interface."""
        self.held.pop(port.id, None)
        self._bound = None
        self.changes.pop(port.id, None)
        servers = self.cloud.compute.servers
        if servers.get(port.device_id) is not None:
            server = servers.edit(port.device_id)
            server.nics = tuple(nic for nic in server.nics if nic.port_id != port.id)

    # Many, each sorted by id

    def ascending(self, after: str = "") -> Iterator[Port]:
        """All ports with ids greater than `after`."""
        few = sorted((port for port in self._few() if port.id > after), key=_id)
        return merge(few, self._of_numbers(self.series.ascending(after)), key=_id)

    def descending(self, before: str = "") -> Iterator[Port]:
        """All ports with ids less than `before` (all, when that is empty), greatest first."""
        few = sorted((port for port in self._few() if not before or port.id < before), key=_id, reverse=True)
        return merge(few, self._of_numbers(self.series.descending(before)), key=_id, reverse=True)

    def narrowed(self, wanted: Mapping[str, Iterable[str]]) -> list[Port] | None:
        """The ports that can fit filters on `id`, `device_id`, `network_id`, `host`, `project_id` or `address`.

        None when no filter narrows the search: then every port has to be looked at.
        """
        for name, find in (
            ("id", self._by_id),
            ("device_id", self.of_device),
            ("address", self._by_address),
            ("host", self.on_host),
            ("network_id", self.on_network),
            ("project_id", self._of_project),
        ):
            if name in wanted:
                found = {port.id: port for value in wanted[name] for port in find(value)}
                return [found[identity] for identity in sorted(found)]
        return None

    def of_device(self, device_id: str) -> Iterator[Port]:
        """The ports of one server, router or DHCP agent."""
        server = self.cloud.compute.servers.get(device_id)
        if server is not None:
            yield from self._of_server(server)
        yield from (
            self._followed(port) for port in self.held.values() if port.device_id == device_id and server is None
        )

    def on_network(self, network_id: str) -> Iterator[Port]:
        """The ports of one network."""
        yield from (self._followed(port) for port in self.held.values() if port.network_id == network_id)
        yield from (port for port in self._of_new_servers() if port.network_id == network_id)
        tenant = self.cloud.network.tenant_of(network_id)
        for server in self.cloud.compute.servers.of_project(tenant.project_id) if tenant is not None else ():
            if not self._is_new(server):
                yield from (port for port in self._of_server(server) if port.network_id == network_id)

    def on_host(self, host: str) -> Iterator[Port]:
        """The ports bound to one machine."""
        for server in self.cloud.compute.servers.on_host(host):
            yield from self._of_server(server)
        yield from (port for port in map(self._followed, self.held.values()) if port.host == host)

    def devices_on(self, host: str) -> int:
        """How many interfaces the integration bridge of a host has."""
        if self._bound is None:
            plain = (port.host for port in self.held.values() if not port.device_owner.startswith("compute:"))
            self._bound = Counter(plain)
        plugged = (server for server in self.cloud.compute.servers.on_host(host) if server.vm_state in PLUGGED)
        return self._bound[host] + sum(len(server.nics) for server in plugged)

    def count_on(self, network_id: str) -> int:
        """How many ports a network has; of a tenant's first network, without looking at each of its servers."""
        held = sum(port.network_id == network_id for port in self.held.values())
        return held + sum(1 for port in self.on_network(network_id) if port.id not in self.held)

    def addresses(self, subnet_id: str) -> set[str]:
        """The addresses of a subnet that ports have."""
        subnet = self.cloud.network.subnets[subnet_id]
        ports = self.on_network(subnet.network_id)
        return {address for port in ports for where, address in port.fixed_ips if where == subnet_id}

    def _by_id(self, identity: str) -> Iterator[Port]:
        found = self.get(identity)
        if found is not None:
            yield found

    def _of_project(self, project_id: str) -> Iterator[Port]:
        yield from (self._followed(port) for port in self.held.values() if port.project_id == project_id)
        for server in self.cloud.compute.servers.of_project(project_id):
            yield from self._of_server(server)

    def _by_address(self, address: str) -> Iterator[Port]:
        """Where the address says which tenant's how-manieth server has it, that server is looked at, not all."""
        yield from (port for port in self._few() if any(address == at for _, at in port.fixed_ips))
        try:
            place = (int(ipaddress.ip_address(address)) & 0xFFFF) - 10
        except ValueError:
            return
        tenants = self.cloud.tenants
        for number in range(len(tenants)):
            if address.startswith(tenants[number].prefix + "."):
                at = place * len(tenants) + number
                server = self.cloud.compute.servers.at(at) if 0 <= at < self.cloud.compute.servers.count else None
                if server is not None:
                    yield from (
                        port for port in self._of_server(server) if any(address == a for _, a in port.fixed_ips)
                    )

    # Servers' ports

    def _is_new(self, server: Server) -> bool:
        """True for servers that were made later; computed ones have the numbers 1 to `count`."""
        return server.number > self.cloud.compute.servers.count

    def _few(self) -> Iterator[Port]:
        """Held ports, ports of new servers, and ports that computed servers were given later."""
        yield from map(self._followed, self.held.values())
        yield from self._of_new_servers()

    def _of_new_servers(self) -> Iterator[Port]:
        for server in self.cloud.compute.servers.newest():
            if not self._is_new(server):
                return
            yield from (self._port(server, nic) for nic in server.nics if nic.port_id not in self.held)

    def _of_numbers(self, numbers: Iterator[int]) -> Iterator[Port]:
        servers = self.cloud.compute.servers
        for number in numbers:
            server = servers.at(number)
            found = self._of(server, self.series.id(number)) if server is not None and server.nics else None
            if found is not None:
                yield found

    def _of(self, server: Server, identity: str) -> Port | None:
        return next((self._port(server, nic) for nic in server.nics if nic.port_id == identity), None)

    def _of_server(self, server: Server) -> Iterator[Port]:
        for nic in server.nics:
            held = self.held.get(nic.port_id)
            yield self._port(server, nic) if held is None else self._followed(held)

    def _port(self, server: Server, nic: Nic) -> Port:
        plugged = server.host is not None and server.vm_state in PLUGGED
        born = server.created + 1.0
        port = Port(
            id=nic.port_id,
            project_id=server.project_id,
            created=born,
            updated=server.launched or born,
            revision=4,
            network_id=nic.network_id,
            mac=nic.mac,
            fixed_ips=((nic.subnet_id, nic.address),),
            device_id=server.id,
            device_owner="compute:nova",
            host=server.host or "",
            status="ACTIVE" if plugged else "DOWN",
            vif_type="ovs" if server.host else "unbound",
            security_groups=self.cloud.network.groups_named(server.project_id, server.security_groups),
        )
        changed = self.changes.get(port.id)
        return replace(port, **changed) if changed else port

    def _followed(self, port: Port) -> Port:
        """A held port that a server uses follows the server."""
        if not port.device_owner.startswith("compute:"):
            return port
        server = self.cloud.compute.servers.get(port.device_id)
        if server is None:
            return port
        plugged = server.host is not None and server.vm_state in PLUGGED
        vif_type = "ovs" if server.host else "unbound"
        return replace(port, host=server.host or "", status="ACTIVE" if plugged else "DOWN", vif_type=vif_type)


def _id(port: Port) -> str:
    return port.id
