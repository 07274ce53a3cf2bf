"""Where the rows of each resource come from: the model's records, seen through their views, sorted by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from runbooks.simulator.http.neutron import views
from runbooks.simulator.http.neutron.query import Row
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network.port_search import narrowed
from runbooks.simulator.model.network.records import FloatingIp, Port


class _HasId(Protocol):
    id: str


R = TypeVar("R", bound=_HasId)
Filters = Mapping[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Records:
    """Records that are held, by id."""

    cloud: Cloud
    by_id: Mapping[str, Any]
    view: Callable[[Cloud, Any], Row]

    def ascending(self, after: str) -> Iterator[tuple[str, Row]]:
        return self._rows(sorted(identity for identity in self.by_id if identity > after))

    def descending(self, before: str) -> Iterator[tuple[str, Row]]:
        return self._rows(sorted((one for one in self.by_id if not before or one < before), reverse=True))

    def narrowed(self, filters: Filters) -> Iterable[tuple[str, Row]] | None:
        if "id" not in filters:
            return None
        return self._rows(sorted({identity for identity in filters["id"] if identity in self.by_id}))

    def knows(self, identity: str) -> bool:
        return identity in self.by_id

    def _rows(self, identities: Iterable[str]) -> Iterator[tuple[str, Row]]:
        return ((identity, self.view(self.cloud, self.by_id[identity])) for identity in identities)


@dataclass(frozen=True, slots=True)
class PortRows:
    """All ports, most of which are computed."""

    cloud: Cloud

    def ascending(self, after: str) -> Iterator[tuple[str, Row]]:
        return self._rows(self.cloud.network.ports.ascending(after))

    def descending(self, before: str) -> Iterator[tuple[str, Row]]:
        return self._rows(self.cloud.network.ports.descending(before))

    def narrowed(self, filters: Filters) -> Iterable[tuple[str, Row]] | None:
        wanted = {name: filters[name] for name in ("id", "device_id", "network_id", "project_id") if name in filters}
        if filters.get("binding:host_id"):
            wanted["host"] = filters["binding:host_id"]
        parts = [value.partition("=") for value in filters.get("fixed_ips", ())]
        addresses = [value for key, _, value in parts if key == "ip_address"]
        if addresses:
            wanted["address"] = addresses
        if "" in wanted.get("device_id", ()):  # ports without a device: no index knows those
            del wanted["device_id"]
        for name, common in (("device_owner", "compute:nova"), ("name", "")):  # what most ports have narrows nothing
            if filters.get(name) and common not in filters[name]:
                wanted[name] = filters[name]
        found = narrowed(self.cloud.network.ports, wanted)
        return None if found is None else self._rows(found)

    def knows(self, identity: str) -> bool:
        return self.cloud.network.ports.get(identity) is not None

    def _rows(self, ports: Iterable[Port]) -> Iterator[tuple[str, Row]]:
        return ((port.id, views.port(self.cloud, port)) for port in ports)


@dataclass(frozen=True, slots=True)
class FloatingIpRows:
    """All floating IPs."""

    cloud: Cloud

    def ascending(self, after: str) -> Iterator[tuple[str, Row]]:
        return self._rows(self.cloud.network.floating_ips.ascending(after))

    def descending(self, before: str) -> Iterator[tuple[str, Row]]:
        return self._rows(self.cloud.network.floating_ips.descending(before))

    def narrowed(self, filters: Filters) -> Iterable[tuple[str, Row]] | None:
        every = self.cloud.network.floating_ips
        if "id" in filters:
            found = [one for identity in set(filters["id"]) if (one := every.get(identity)) is not None]
        elif "port_id" in filters:
            found = [one for port_id in set(filters["port_id"]) for one in every.of_port(port_id)]
        elif "project_id" in filters:
            found = [one for project in set(filters["project_id"]) for one in every.of_project(project)]
        else:
            return None
        return self._rows(sorted(found, key=lambda one: one.id))

    def knows(self, identity: str) -> bool:
        return self.cloud.network.floating_ips.get(identity) is not None

    def _rows(self, found: Iterable[FloatingIp]) -> Iterator[tuple[str, Row]]:
        return ((one.id, views.floating_ip(self.cloud, one)) for one in found)


@dataclass(frozen=True, slots=True)
class Fixed:
    """Rows that are made in one go; `key` is the field that stands for an id."""

    rows: list[Row]
    key: str = "id"

    def ascending(self, after: str) -> Iterator[tuple[str, Row]]:
        return ((str(row[self.key]), row) for row in self.rows if str(row.get(self.key, "")) > after or not after)

    def descending(self, before: str) -> Iterator[tuple[str, Row]]:
        return ((str(row[self.key]), row) for row in reversed(self.rows) if not before or str(row[self.key]) < before)

    def narrowed(self, filters: Filters) -> Iterable[tuple[str, Row]] | None:
        if "id" not in filters:
            return None
        return [(str(row[self.key]), row) for row in self.rows if row[self.key] in filters["id"]]

    def knows(self, identity: str) -> bool:
        return any(row.get(self.key) == identity for row in self.rows)
