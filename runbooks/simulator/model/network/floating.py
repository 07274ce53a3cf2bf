"""Floating IPs: every eighth server was given one at the beginning; others come and go.

Those of the beginning follow from the server's number, plus what was changed on them.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import TYPE_CHECKING, Any

from runbooks.simulator.model.network.records import FloatingIp
from runbooks.simulator.model.series import Series

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

EVERY = 8
"""One server in so many has a floating IP."""
FIRST = ipaddress.IPv4Address("198.18.16.0")
"""The floating IP of server number 0."""


@dataclass(slots=True)
class FloatingIps:
    """All floating IPs, by id."""

    cloud: Cloud
    held: dict[str, FloatingIp] = field(default_factory=dict)
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What was changed on computed ones, by server number."""
    gone: set[int] = field(default_factory=set)
    _series: Series | None = None

    @property
    def series(self) -> Series:
        """The computed ones, by the numbers of the servers that they were made for."""
        if self._series is None:
            cloud = self.cloud
            numbered = cloud.seed.numbered("floating ip", cloud.layout.region)
            self._series = Series(numbered, range(0, cloud.compute.servers.count, EVERY))
        return self._series

    def get(self, identity: str) -> FloatingIp | None:
        """The floating IP with this id."""
        if identity in self.held:
            return self._live(self.held[identity])
        number = self.series.number(identity)
        return None if number is None else self._computed(number)

    def with_address(self, address: str) -> FloatingIp | None:
        """The one that has an address; those of the beginning are not searched, but computed."""
        held = next((one for one in self.held.values() if one.address == address), None)
        if held is not None:
            return self._live(held)
        place = int(ipaddress.IPv4Address(address)) - int(FIRST)
        return self._computed(place * EVERY) if 0 <= place < len(self.series) else None

    def add(self, floating: FloatingIp) -> None:
        """Keep a new one."""
        self.held[floating.id] = floating

    def change(self, floating: FloatingIp, **changes: Any) -> FloatingIp:
        """Set fields and count the revision up; the floating IP as it is then."""
        changes |= {"updated": self.cloud.now(), "revision": floating.revision + 1}
        number = self.series.number(floating.id)
        if number is None:
            self.held[floating.id] = replace(floating, **changes)
        else:
            self.changes.setdefault(number, {}).update(changes)
        return self.get(floating.id) or floating

    def delete(self, floating: FloatingIp) -> None:
        """Have it gone."""
        number = self.series.number(floating.id)
        if number is None:
            del self.held[floating.id]
        else:
            self.gone.add(number)

    def ascending(self, after: str = "") -> Iterator[FloatingIp]:
        """All with ids greater than `after`, sorted by id."""
        few = sorted((self._live(one) for one in self.held.values() if one.id > after), key=_id)
        return merge(few, self._of_numbers(self.series.ascending(after)), key=_id)

    def descending(self, before: str = "") -> Iterator[FloatingIp]:
        """All with ids less than `before` (all, when that is empty), greatest first."""
        held = (self._live(one) for one in self.held.values() if not before or one.id < before)
        few = sorted(held, key=_id, reverse=True)
        return merge(few, self._of_numbers(self.series.descending(before)), key=_id, reverse=True)

    def of_port(self, port_id: str) -> Iterator[FloatingIp]:
        """Those that point at a port."""
        yield from (one for one in self.held.values() if one.port_id == port_id)
        numbers = {number for number, changes in self.changes.items() if changes.get("port_id") == port_id}
        own = self.cloud.network.ports.series.number(port_id)
        if own is not None and own % EVERY == 0:
            numbers.add(own)
        for number in numbers:
            found = self._computed(number)
            if found is not None and found.port_id == port_id:
                yield found

    def of_project(self, project_id: str) -> list[FloatingIp]:
        """A project's floating IPs, by id."""
        found = [self._live(one) for one in self.held.values() if one.project_id == project_id]
        tenant = self.cloud.tenants.by_project(project_id)
        if tenant is not None:
            numbers = range(tenant.number, self.cloud.compute.servers.count, len(self.cloud.tenants))
            found += self._of_numbers(iter([number for number in numbers if number % EVERY == 0]))
        return sorted(found, key=_id)

    def count_of(self, routers: Collection[str]) -> int:
        """How many some routers have together; without making those that nobody touched."""
        servers, tenants = self.cloud.compute.servers, self.cloud.tenants
        found = sum(self._live(one).router_id in routers for one in self.held.values())
        for number in range(0, servers.count, EVERY):
            if number in self.gone or number in self.changes or number in servers.changed:
                one = self._computed(number)
                found += one is not None and one.router_id in routers
            elif servers.began_as(number) != "error":
                found += tenants[number % len(tenants)].router_id in routers
        return found

    def tally(self, network_id: str) -> Counter[str]:
        """How many have which address of an external network; those of the beginning all under ""."""
        found = Counter(one.address for one in self.held.values() if one.network_id == network_id)
        if network_id == self.cloud.network.external_id:
            found[""] = len(self.series) - len(self.gone)
        return found

    def taken(self) -> set[str]:
        """The addresses in use."""
        computed = {str(FIRST + number // EVERY) for number in range(0, self.cloud.compute.servers.count, EVERY)}
        return {one.address for one in self.held.values()} | computed

    def _of_numbers(self, numbers: Iterator[int]) -> Iterator[FloatingIp]:
        for number in numbers:
            found = self._computed(number)
            if found is not None:
                yield found

    def _computed(self, number: int) -> FloatingIp | None:
        if number in self.gone:
            return None
        cloud = self.cloud
        tenant = cloud.tenants[number % len(cloud.tenants)]
        server = cloud.compute.servers.at(number)
        first = cloud.network.ports.series.id(number)
        nic = next((one for one in server.nics if one.port_id == first), None) if server is not None else None
        born = server.created + 60.0 if server is not None else cloud.network.built
        found = FloatingIp(
            id=self.series.id(number),
            project_id=tenant.project_id,
            created=born,
            updated=born,
            revision=1,
            network_id=cloud.network.external_id,
            address=str(FIRST + number // EVERY),
            port_id=nic.port_id if nic else None,
            fixed_address=nic.address if nic else None,
            router_id=tenant.router_id if nic else None,
        )
        changed = self.changes.get(number)
        return self._live(replace(found, **changed)) if changed else found

    def _live(self, floating: FloatingIp) -> FloatingIp:
        """Without its port when that is gone, as Neutron leaves it behind."""
        if floating.port_id is None or self.cloud.network.ports.get(floating.port_id) is not None:
            return floating
        return replace(floating, port_id=None, fixed_address=None, router_id=None)


def _id(floating: FloatingIp) -> str:
    return floating.id
