"""All ports of a region: those of servers follow from the servers, the others are held.

A server's port is what the server says about it (address, host, whether it runs) plus what somebody changed on the
port itself. So a server that is stopped, migrated or deleted takes its ports with it, and 260,000 take no memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
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
    _index: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Held ports by (`network` | `device` | `host`, its name)."""
    _series: Series | None = None

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
            return self.followed(held)
        number = self.series.number(identity)
        if number is not None:
            server = self.cloud.compute.servers.at(number)
            return self._of(server, identity) if server is not None else None
        return next((port for port in self._of_new_servers() if port.id == identity), None)

    def add(self, port: Port) -> None:
        """Keep a port that does not follow from a server."""
        self.held[port.id] = port
        for key in _keys(port):
            self._index.setdefault(key, set()).add(port.id)

    def change(self, port: Port, **changes: Any) -> Port:
        """Set fields of a port and count its revision up; the port as it is then."""
        changes |= {"updated": self.cloud.now(), "revision": port.revision + 1}
        if port.id in self.held:
            self.add(replace(self._forget(port.id), **changes))
        else:
            self.changes.setdefault(port.id, {}).update(changes)
        if changes.get("fixed_ips"):
            self._readdress(port, changes["fixed_ips"][0])
        return self.get(port.id) or port

    def _readdress(self, port: Port, fixed: tuple[str, str]) -> None:
        """Nova learns a new address of one of its ports."""
        servers = self.cloud.compute.servers
        if servers.get(port.device_id) is not None:
            server = servers.edit(port.device_id)
            subnet_id, address = fixed
            server.nics = tuple(
                replace(nic, subnet_id=subnet_id, address=address) if nic.port_id == port.id else nic
                for nic in server.nics
            )

    def delete(self, port: Port) -> None:
        """Have it gone; a server that used it loses the interface."""
        if port.id in self.held:
            self._forget(port.id)
        self.changes.pop(port.id, None)
        servers = self.cloud.compute.servers
        if servers.get(port.device_id) is not None:
            server = servers.edit(port.device_id)
            server.nics = tuple(nic for nic in server.nics if nic.port_id != port.id)

    def _forget(self, identity: str) -> Port:
        found = self.held.pop(identity)
        for key in _keys(found):
            self._index[key].discard(identity)
        return found

    def _held_by(self, what: str, name: str) -> Iterator[Port]:
        return (self.followed(self.held[identity]) for identity in sorted(self._index.get((what, name), ())))

    # Many, each sorted by id

    def ascending(self, after: str = "") -> Iterator[Port]:
        """All ports with ids greater than `after`."""
        few = sorted((port for port in self.few() if port.id > after), key=_id)
        return merge(few, self._of_numbers(self.series.ascending(after)), key=_id)

    def descending(self, before: str = "") -> Iterator[Port]:
        """All ports with ids less than `before` (all, when that is empty), greatest first."""
        few = sorted((port for port in self.few() if not before or port.id < before), key=_id, reverse=True)
        return merge(few, self._of_numbers(self.series.descending(before)), key=_id, reverse=True)

    def of_device(self, device_id: str) -> Iterator[Port]:
        """The ports of one server, router or DHCP agent."""
        server = self.cloud.compute.servers.get(device_id)
        if server is not None:
            yield from self.of_server(server)
        else:
            yield from self._held_by("device", device_id)

    def on_network(self, network_id: str) -> Iterator[Port]:
        """The ports of one network."""
        yield from self._held_by("network", network_id)
        yield from (port for port in self._of_new_servers() if port.network_id == network_id)
        tenant = self.cloud.network.tenant_of(network_id)
        for server in self.cloud.compute.servers.of_project(tenant.project_id) if tenant is not None else ():
            for port in self.of_server(server):
                if (
                    port.network_id == network_id
                    and self.series.number(port.id) is not None
                    and port.id not in self.held
                ):
                    yield port

    def of_services(self, network_id: str) -> Iterator[Port]:
        """Those of one network that are no server's: of routers, DHCP agents, users; without looking at servers."""
        return (port for port in self._held_by("network", network_id) if not _of_guest(port))

    def on_host(self, host: str) -> Iterator[Port]:
        """The ports bound to one machine."""
        for server in self.cloud.compute.servers.on_host(host):
            yield from self.of_server(server)
        yield from (port for port in self._held_by("host", host) if not _of_guest(port))

    def devices_on(self, host: str) -> int:
        """How many interfaces the integration bridge of a host has; without making its servers."""
        servers, found = self.cloud.compute.servers, sum(not _of_guest(port) for port in self._held_by("host", host))
        number = servers.compute_number(host)
        if number is not None:
            numbers = range(number, servers.count, self.cloud.layout.computes)
            found += sum(servers.began_as(at) in PLUGGED for at in numbers if at not in servers.changed)
        others = (server for server in (*servers.changed.values(), *servers.new) if server is not None)
        return found + sum(len(one.nics) for one in others if one.host == host and one.vm_state in PLUGGED)

    def tally(self, network_id: str) -> Counter[tuple[str, str]]:
        """How many ports have which (subnet, address) of a network; computed servers' ones all under (subnet, "")."""
        servers, found = self.cloud.compute.servers, Counter[tuple[str, str]]()
        for port in self._held_by("network", network_id):
            found.update(port.fixed_ips)
        for server in (*servers.changed.values(), *servers.new):
            for nic in server.nics if server is not None else ():
                if nic.network_id == network_id and nic.port_id not in self.held:
                    found[nic.subnet_id, nic.address] += 1
        tenant = self.cloud.network.tenant_of(network_id)
        if tenant is not None:
            numbers = range(tenant.number, servers.count, len(self.cloud.tenants))
            found[tenant.subnet_id, ""] += sum(
                servers.began_as(at) != "error" for at in numbers if at not in servers.changed
            )
        return found

    def count_on(self, network_id: str) -> int:
        """How many ports a network has."""
        return self.tally(network_id).total()

    def addresses(self, subnet_id: str) -> set[str]:
        """The addresses of a subnet that ports have."""
        subnet = self.cloud.network.subnets[subnet_id]
        ports = self.on_network(subnet.network_id)
        return {address for port in ports for where, address in port.fixed_ips if where == subnet_id}

    # Servers' ports

    def few(self) -> Iterator[Port]:
        """All but those that computed servers had at the beginning."""
        yield from map(self.followed, self.held.values())
        yield from self._of_new_servers()

    def _of_new_servers(self) -> Iterator[Port]:
        """Ports of new servers, and ones that servers of the beginning were given later."""
        servers = self.cloud.compute.servers
        for server in servers.new:
            yield from (self._port(server, nic) for nic in server.nics if nic.port_id not in self.held)
        for number, changed in servers.changed.items():
            if changed is not None:
                for nic in changed.nics:
                    if nic.port_id not in self.held and self.series.number(nic.port_id) != number:
                        yield self._port(changed, nic)

    def _of_numbers(self, numbers: Iterator[int]) -> Iterator[Port]:
        servers = self.cloud.compute.servers
        for number in numbers:
            server = servers.at(number)
            found = self._of(server, self.series.id(number)) if server is not None and server.nics else None
            if found is not None:
                yield found

    def _of(self, server: Server, identity: str) -> Port | None:
        return next((self._port(server, nic) for nic in server.nics if nic.port_id == identity), None)

    def of_server(self, server: Server) -> Iterator[Port]:
        """The ports of one server."""
        for nic in server.nics:
            held = self.held.get(nic.port_id)
            yield self._port(server, nic) if held is None else self.followed(held)

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

    def followed(self, port: Port) -> Port:
        """A held port that a server uses follows the server."""
        if not _of_guest(port):
            return port
        server = self.cloud.compute.servers.get(port.device_id)
        if server is None and port.device_id in self.cloud.compute.deleted:
            return replace(port, device_id="", device_owner="", host="", status="DOWN", vif_type="unbound")
        if server is None:
            return port
        plugged = server.host is not None and server.vm_state in PLUGGED
        vif_type = "ovs" if server.host else "unbound"
        return replace(port, host=server.host or "", status="ACTIVE" if plugged else "DOWN", vif_type=vif_type)


def _of_guest(port: Port) -> bool:
    return port.device_owner.startswith("compute:")


def _keys(port: Port) -> tuple[tuple[str, str], ...]:
    return ("network", port.network_id), ("device", port.device_id), ("host", port.host)


def _id(port: Port) -> str:
    return port.id
