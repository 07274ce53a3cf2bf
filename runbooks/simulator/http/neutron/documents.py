"""What Neutron tells about itself: versions, extensions, service providers, availability zones, used addresses."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from typing import Any

import msgspec

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import Call, Reply
from runbooks.simulator.http.neutron import attributes_l3
from runbooks.simulator.http.neutron.errors import not_found
from runbooks.simulator.http.neutron.objects import Objects
from runbooks.simulator.http.neutron.query import Row
from runbooks.simulator.http.neutron.sources import Fixed
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network.addressing import in_pools, pool_sizes, size
from runbooks.simulator.model.network.agents import DHCP, L3
from runbooks.simulator.model.network.records import NetworkRecord

_PROVIDERS: list[Row] = [
    {"service_type": "L3_ROUTER_NAT", "name": name, "default": False} for name in ("dvrha", "dvr", "ha", "single_node")
]
_RESOURCES = (
    *("subnet", "network", "port", "router", "floatingip", "security_group", "security_group_rule"),
    *("rbac_policy", "address_group", "agent"),
)


def _extensions() -> list[Row]:
    text = (files("runbooks.simulator.http.neutron") / "extensions.json").read_bytes()
    found: list[Row] = msgspec.json.decode(text)
    return found


_EXTENSIONS = _extensions()


def _versions(call: Call) -> Reply:
    links = [{"rel": "self", "href": f"{call.base}/v2.0/"}]
    return Reply({"versions": [{"id": "v2.0", "status": "CURRENT", "links": links}]})


def _index(call: Call) -> Reply:
    """`/v2.0/`: the resources and where they are."""
    rows = [
        {
            "name": name,
            "collection": _plural(name),
            "links": [{"rel": "self", "href": f"{call.base}/v2.0/{_plural(name).replace('_', '-')}"}],
        }
        for name in _RESOURCES
    ]
    return Reply({"resources": rows})


def _plural(name: str) -> str:
    return name[:-1] + "ies" if name.endswith("policy") else name + "s"


def _list_extensions(call: Call) -> Reply:
    return Reply({"extensions": _EXTENSIONS})


def _show_extension(call: Call) -> Reply:
    alias = call.args["alias"]
    for row in _EXTENSIONS:
        if row["alias"] == alias:
            return Reply({"extension": row})
    raise not_found("extension", alias)


def _zones(cloud: Cloud) -> Fixed:
    """A zone is unavailable when none of its agents has services enabled."""
    rows = []
    for kind, resource in ((DHCP, "network"), (L3, "router")):
        agents = list(cloud.network.agents.of_kind(kind))
        if agents:
            state = "available" if any(agent.admin_state_up for agent in agents) else "unavailable"
            rows.append({"state": state, "name": "nova", "resource": resource})
    return Fixed(rows, "name")


def _availability(cloud: Cloud, record: NetworkRecord) -> Row:
    """How many addresses a network has, and how many are used."""
    taken: dict[str, Counter[str]] = {}
    for (subnet_id, address), count in cloud.network.ports.tally(record.id).items():
        taken.setdefault(subnet_id, Counter())[address] += count
    if record.external:
        first = cloud.network.subnets_of(record.id)
        taken.setdefault(first[0].id if first else "", Counter()).update(cloud.network.floating_ips.tally(record.id))
    rows = []
    totals = [0, 0, 0, 0]
    for subnet in cloud.network.subnets_of(record.id):
        used = taken.get(subnet.id, Counter())
        in_pool = sum(count for address, count in used.items() if not address or in_pools(subnet, address))
        counts = [size(subnet), pool_sizes(subnet), used.total(), in_pool]
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        rows.append(
            {
                "subnet_id": subnet.id,
                "ip_version": subnet.ip_version,
                "cidr": subnet.cidr,
                "subnet_name": subnet.name,
                "used_ips": counts[2],
                "total_ips": counts[1],
                "ip_availability_details": _details(counts),
            }
        )
    return {
        "network_id": record.id,
        "network_name": record.name,
        "project_id": record.project_id,
        "subnet_ip_availability": rows,
        "used_ips": totals[2],
        "total_ips": totals[1],
        "ip_availability_details": _details(totals),
        "tenant_id": record.project_id,
        "_ip_version": 4,
    }


def _details(counts: list[int]) -> dict[str, Any]:
    return {
        "total_ips_in_subnet": counts[0],
        "total_ips_in_allocation_pool": counts[1],
        "used_ips_in_subnet": counts[2],
        "used_ips_in_allocation_pool": counts[3],
    }


def _availabilities(cloud: Cloud) -> Fixed:
    networks = cloud.network.networks
    return Fixed([_availability(cloud, networks[identity]) for identity in sorted(networks)], "network_id")


IP_AVAILABILITIES = Objects(attributes_l3.IP_AVAILABILITIES, _availabilities)
AVAILABILITY_ZONES = Objects(attributes_l3.AVAILABILITY_ZONES, _zones)
SERVICE_PROVIDERS = Objects(attributes_l3.SERVICE_PROVIDERS, lambda cloud: Fixed(_PROVIDERS, "name"))
SUBNET_POOLS = Objects(attributes_l3.SUBNET_POOLS, lambda cloud: Fixed([]))
ROUTES = (
    Route("GET", "/", _versions, "public"),
    Route("GET", "/v2.0", _index, "any"),
    Route("GET", "/v2.0/extensions", _list_extensions, "any"),
    Route("GET", "/v2.0/extensions/{alias}", _show_extension, "any"),
    *IP_AVAILABILITIES.routes(),
    *SUBNET_POOLS.routes(),
    next(AVAILABILITY_ZONES.routes()),
    next(SERVICE_PROVIDERS.routes()),
)
