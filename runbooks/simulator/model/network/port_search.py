"""Finding ports by what filters name, without looking at all of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping

from runbooks.simulator.model.network.ports import Ports
from runbooks.simulator.model.network.records import Port


def narrowed(ports: Ports, wanted: Mapping[str, Iterable[str]]) -> list[Port] | None:
    """The ports that can fit filters on `id`, `device_id`, `network_id`, `host`, `project_id`, `address`, …

    None when no filter narrows the search: then every port has to be looked at. `device_owner` and `name` narrow
    only when they are not what all servers' ports have.
    """
    for name, find in (
        ("id", _by_id),
        ("device_id", Ports.of_device),
        ("address", _by_address),
        ("host", Ports.on_host),
        ("network_id", Ports.on_network),
        ("project_id", _of_project),
        ("device_owner", _of_owner),
        ("name", _named),
    ):
        if name in wanted:
            found = {port.id: port for value in wanted[name] for port in find(ports, value)}
            return [found[identity] for identity in sorted(found)]
    return None


def _by_id(ports: Ports, identity: str) -> Iterator[Port]:
    found = ports.get(identity)
    if found is not None:
        yield found


def _of_project(ports: Ports, project_id: str) -> Iterator[Port]:
    yield from (ports.followed(port) for port in ports.held.values() if port.project_id == project_id)
    for server in ports.cloud.compute.servers.of_project(project_id):
        yield from ports.of_server(server)


def _by_address(ports: Ports, address: str) -> Iterator[Port]:
    """Where the address says which tenant's how-manieth server has it, that server is looked at, not all."""
    yield from (port for port in ports.few() if any(address == at for _, at in port.fixed_ips))
    try:
        place = (int(ipaddress.ip_address(address)) & 0xFFFF) - 10
    except ValueError:
        return
    tenants = ports.cloud.tenants
    for number in range(len(tenants)):
        if address.startswith(tenants[number].prefix + "."):
            at = place * len(tenants) + number
            server = ports.cloud.compute.servers.at(at) if 0 <= at < ports.cloud.compute.servers.count else None
            if server is not None:
                yield from (port for port in ports.of_server(server) if any(address == a for _, a in port.fixed_ips))


def _of_owner(ports: Ports, owner: str) -> Iterator[Port]:
    return (port for port in _odd(ports) if port.device_owner == owner)


def _named(ports: Ports, name: str) -> Iterator[Port]:
    return (port for port in _odd(ports) if port.name == name)


def _odd(ports: Ports) -> Iterator[Port]:
    """All ports but those of servers that nobody changed."""
    yield from ports.few()
    for identity in ports.changes:
        if ports.series.number(identity) is not None and identity not in ports.held:
            found = ports.get(identity)
            if found is not None:
                yield found
