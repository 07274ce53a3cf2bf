"""How many more servers of each flavor fit: in the whole cloud, in each zone, in each aggregate.

Counted host by host from what Placement says is free, for hosts whose nova-compute is up and enabled; sums over hosts
would promise servers that no host has room for. A flavor that fits nowhere is worth a warning; a zone that is full is
not, for the scheduler has others. What a filter of the scheduler would say beyond that is named, not guessed.
"""

from __future__ import annotations

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed, pairs, word
from collectors.request import Capacity
from collectors.rollup import Count


class CapacityWire(Wire):
    """One flavor in one place, as `collectors/sources/capacity.py` counts it."""

    id: str
    flavor_id: str = ""
    flavor: str = ""
    level: str = "cloud"
    place: str = ""
    servers: int | None = None
    hosts: int | None = None
    takes: int | None = None
    suited: int | None = None
    most: int | None = None
    best: str | None = None
    tight: str | None = None
    left: int | None = None
    lacking: list[str] | None = None
    needs: dict[str, int] | None = None
    asks: list[str] | None = None
    unjudged: list[str] | None = None


class Capacities(Row, frozen=True):
    """How often one flavor still fits in one place."""

    id: str
    flavor: str
    level: str
    place: str
    servers: int | None
    tight: str | None
    hosts: int | None
    suited: int | None
    takes: int | None
    most: int | None
    best: str | None
    left: int | None
    lacking: str | None
    needs: str | None
    asks: str | None
    unjudged: str | None
    flavor_id: str


def row(wire: CapacityWire, reading: Reading) -> Capacities:
    """The whole cloud is a place, too."""
    return Capacities(
        id=wire.id,
        flavor=wire.flavor or wire.flavor_id,
        level=wire.level,
        place=wire.place or "everywhere",
        servers=wire.servers,
        tight=word(wire.tight),
        hosts=wire.hosts,
        suited=wire.suited,
        takes=wire.takes,
        most=wire.most,
        best=word(wire.best),
        left=wire.left,
        lacking=listed(wire.lacking),
        needs=pairs(wire.needs),
        asks=listed(wire.asks),
        unjudged=listed(wire.unjudged),
        flavor_id=wire.flavor_id,
    )


def health(fit: Capacities, now: float) -> Health:
    """Nowhere is a warning; a place that is full is said."""
    if fit.servers is None or fit.servers > 0:
        return ok(f"not judged: {fit.unjudged}") if fit.unjudged else OK
    if not fit.takes:
        why = "no host takes new servers"
    elif not fit.left:
        why = "every host is full"
    elif fit.lacking:
        why = f"no host has {fit.lacking}"
    elif not fit.suited:
        why = f"no host has what it asks for ({fit.asks or fit.needs or 'nothing that Placement counts'})"
    else:
        why = f"{fit.tight or 'a resource'} is short on every host"
    return warning(f"fits nowhere: {why}") if fit.level == "cloud" else ok(f"none fits here: {why}")


KIND = Kind(
    name="capacities",
    title="Capacity by flavor",
    aliases=("capacity", "room", "fits"),
    about="one row per flavor and place: how many more servers of it fit, and what would end it",
    system="placement",
    read=Capacity(),
    wire=CapacityWire,
    row=row,
    fields=Capacities,
    name_field="flavor",
    columns=(
        Column("flavor", "FLAVOR", "name", 1),
        Column("level", "LEVEL", "text", 2, help="cloud, zone or aggregate"),
        Column("place", "PLACE", "text", 1, help="the zone's or aggregate's name"),
        Column("servers", "FIT", "number", 1, help="how many more, counted host by host"),
        Column("tight", "TIGHT", "text", 2, help="the resource that ends it on most hosts"),
        Column("hosts", "ON HOSTS", "number", 3, help="hosts on which at least one fits"),
        Column("suited", "SUITED", "number", 4, help="hosts that have what it asks for, full or not"),
        Column("takes", "TAKE NEW", "number", 5, help="hosts there that are up and enabled"),
        Column("most", "MOST", "number", 4, help="on the host with most room"),
        Column("best", "BEST HOST", "ref", 4, help="that host"),
        Column("left", "NOT FULL", "number", 6, help="of those, hosts that have anything left"),
        Column("lacking", "LACKING", "text", 6, help="resource classes that no host has"),
        Column("needs", "NEEDS", "text", 6, help="of each resource class"),
        Column("asks", "ASKS FOR", "text", 6, help="traits, and metadata of aggregates"),
        Column("unjudged", "NOT JUDGED", "text", 6, help="extra specs that may shut out further hosts"),
        Column("flavor_id", "FLAVOR ID", "id", 7, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("flavor", "level", "place"),
    health=health,
    rollup=Count("flavors in places"),
    detail=True,
    links=(
        Link("servers", "flavor", "flavor", "servers of this size"),
        Link("aggregates", "name", "place", "the aggregate", "level=aggregate"),
        Link("compute-services", "zone", "place", "services in the zone", "level=zone"),
        Link("flavors", "id", "flavor_id", "the flavor"),
        Link("hypervisors", "host", "best", "the host with most room"),
    ),
    period=120.0,
    deadline=60.0,
    list_command="openstack allocation candidate list --resource MEMORY_MB=1",
)
