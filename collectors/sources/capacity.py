"""All that is needed to tell how much more fits, in a handful of lists, however many hosts and flavors there are.

Placement tells inventories and usages of one provider at a time, but its allocation candidates come with summaries
(capacity, which is what a provider has, less what is reserved, times the allocation ratio; what is used; traits) of
every provider that could give what was asked for: one question for a whole cloud. A host without that little (1 MiB of
memory) is not among them, and has room for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from collectors.deadline import Deadline
from collectors.errors import NotUnderstood
from collectors.request import Capacity, Rest
from collectors.shapes import decoder
from collectors.sources.base import EVERYWHERE, Page
from collectors.sources.packing import Fit, Room, Size, packed, size

if TYPE_CHECKING:
    from collectors.sources.openstack import OpenStackSource

FLAVORS = Rest("compute", "/flavors/detail", "flavors", (("is_public", "None"),), microversion="2.96", page=1000)
NODES = Rest("compute", "/os-hypervisors/detail", "hypervisors", microversion="2.87", page=1000)
"""The last microversion that tells how many CPUs and how much memory a host has: the most that one server may have."""
SERVICES = Rest("compute", "/os-services", "services", (("binary", "nova-compute"),), microversion="2.96")
AGGREGATES = Rest("compute", "/os-aggregates", "aggregates", microversion="2.96")
_DISABLED = "COMPUTE_STATUS_DISABLED"


class _Flavor(msgspec.Struct, gc=False):
    id: str
    name: str = ""
    vcpus: int = 0
    ram: int = 0
    disk: int = 0
    swap: int | str = 0
    ephemeral: int = msgspec.field(default=0, name="OS-FLV-EXT-DATA:ephemeral")
    disabled: bool = msgspec.field(default=False, name="OS-FLV-DISABLED:disabled")
    extra_specs: dict[str, str] | None = None


class _ServiceOf(msgspec.Struct, gc=False):
    host: str | None = None


class _Node(msgspec.Struct, gc=False):
    id: str | int
    hypervisor_hostname: str = ""
    service: _ServiceOf | None = None
    vcpus: int | None = None
    memory_mb: int | None = None


class _Service(msgspec.Struct, gc=False):
    binary: str | None = None
    host: str = ""
    zone: str | None = None
    status: str | None = None
    state: str | None = None


class _Aggregate(msgspec.Struct, gc=False):
    name: str = ""
    hosts: list[str] = []
    metadata: dict[str, str] = {}


class _Amount(msgspec.Struct, gc=False):
    capacity: int = 0
    used: int = 0


class _Summary(msgspec.Struct, gc=False):
    resources: dict[str, _Amount] = {}
    traits: list[str] = []
    root_provider_uuid: str | None = None


class _Candidates(msgspec.Struct, gc=False):
    provider_summaries: dict[str, _Summary] = {}


class Place(msgspec.Struct, frozen=True):
    """Hosts that are asked about together."""

    level: str
    """`cloud`, `zone` or `aggregate`."""
    name: str
    hosts: frozenset[str]


def capacity_pages(source: OpenStackSource, request: Capacity, deadline: Deadline) -> Iterator[Page]:
    """One page: an object for each flavor in each place, as `_item` makes it. Raises `SourceError`."""
    before = dict(source.calls)
    services = [s for s in _rows(source, SERVICES, _Service, deadline) if s.binary in (None, "nova-compute")]
    aggregates = _rows(source, AGGREGATES, _Aggregate, deadline)
    nodes = {str(node.id): node for node in _rows(source, NODES, _Node, deadline)}
    flavors = _rows(source, FLAVORS, _Flavor, deadline)
    summaries = _summaries(source, request, deadline)
    usable = {s.host for s in services if s.status == "enabled" and s.state == "up"}
    rooms = rooms_of(summaries, nodes, aggregates, usable)
    zones: dict[str, set[str]] = defaultdict(set)
    for service in services:
        zones[service.zone or ""].add(service.host)
    places = [Place("cloud", "", frozenset(s.host for s in services))]
    places += [Place("zone", name, frozenset(hosts)) for name, hosts in sorted(zones.items()) if name]
    places += [Place("aggregate", a.name, frozenset(a.hosts)) for a in aggregates]
    items = []
    for flavor in flavors:
        if flavor.disabled:
            continue
        swap = flavor.swap if isinstance(flavor.swap, int) else 0
        disk = flavor.disk + flavor.ephemeral
        wanted = size(flavor.id, flavor.name, flavor.vcpus, flavor.ram, disk, swap, flavor.extra_specs or {})
        for place in places:
            there = [room for room in rooms if room.host in place.hosts]
            items.append(_item(wanted, place, packed(wanted, there), len(place.hosts & usable)))
    calls = sum(source.calls.values()) - sum(before.values())
    yield Page(items=items, calls=max(calls, 1))


def rooms_of(
    summaries: Mapping[str, _Summary], nodes: Mapping[str, _Node], aggregates: list[_Aggregate], usable: set[str]
) -> list[Room]:
    """The hosts that take new servers and have anything left; providers below a host's own are its own, too."""
    trees: dict[str, list[_Summary]] = defaultdict(list)
    for provider, summary in summaries.items():
        trees[summary.root_provider_uuid or provider].append(summary)
    found = []
    for root, tree in trees.items():
        node = nodes.get(root)
        if node is None:
            continue  # storage or network that is shared, or bare metal: no hypervisor
        host = (node.service.host if node.service else None) or node.hypervisor_hostname
        traits = frozenset(trait for summary in tree for trait in summary.traits)
        if host not in usable or _DISABLED in traits:
            continue
        free: dict[str, list[int]] = defaultdict(list)
        for summary in tree:
            for name, amount in summary.resources.items():
                free[name].append(amount.capacity - amount.used)
        largest = {"VCPU": node.vcpus, "PCPU": node.vcpus, "MEMORY_MB": node.memory_mb}
        told = frozenset(pair for a in aggregates if host in a.hosts for pair in a.metadata.items())
        found.append(Room(host, free, {n: most for n, most in largest.items() if most}, traits, told))
    return found


def _item(wanted: Size, place: Place, fit: Fit, takes: int) -> dict[str, Any]:
    """What the kind reads; `takes`: hosts of the place that take new servers."""
    return {
        "id": f"{wanted.id}/{place.level}" + (f"/{place.name}" if place.name else ""),
        "flavor_id": wanted.id,
        "flavor": wanted.name,
        "level": place.level,
        "place": place.name,
        "servers": fit.servers,
        "hosts": fit.hosts,
        "takes": takes,
        "left": fit.left,
        "suited": fit.suited,
        "most": fit.most,
        "best": fit.best,
        "tight": fit.tight,
        "lacking": list(fit.lacking),
        "needs": dict(wanted.needs),
        "asks": [
            *(f"trait {name}" for name in sorted(wanted.required)),
            *(f"not {name}" for name in sorted(wanted.forbidden)),
            *(f"{key}={value}" for key, value in wanted.metadata),
        ],
        "unjudged": list(wanted.unjudged),
    }


def _rows(source: OpenStackSource, request: Rest, shape: Any, deadline: Deadline) -> list[Any]:
    """A whole list. Raises `SourceError`."""
    found: list[Any] = []
    for page in source.read(request, source.site.cloud or "cloud", deadline, EVERYWHERE):
        try:
            found += decoder(list[shape]).decode(page.raw or b"[]")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotUnderstood(f"{request.service} {request.path}", str(error), "nephoscope doctor") from error
    return found


def _summaries(source: OpenStackSource, request: Capacity, deadline: Deadline) -> dict[str, _Summary]:
    """What every provider has that could still give something. Raises `SourceError`."""
    query = {"resources": request.resources}
    answer = source.get("placement", "/allocation_candidates", query, "1.39", deadline)
    try:
        found: _Candidates = decoder(_Candidates).decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotUnderstood("placement /allocation_candidates", str(error), "nephoscope doctor") from error
    return found.provider_summaries
