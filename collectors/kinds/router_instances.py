"""Routers as hosts have them: where each is active, and whether its floating IPs are translated there.

Neutron says `active` of a router and ACTIVE of a floating IP by what its agents once told. The namespaces decide: two
that have the same addresses are two routers that answer for each other, and a floating IP that is there without its
DNAT rule ends at the router. Namespaces are looked into by turns, a few a read; `looked_at` says when.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from collectors.health import OK, Health, critical, ok
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Wire
from collectors.kinds._shared import listed, word
from collectors.request import RouterInstances
from collectors.rollup import Worst
from collectors.router_addresses import floating, holds


class InstanceWire(msgspec.Struct, gc=False):
    """What one namespace of the router said."""

    host: str
    at: float | None = None
    addresses: dict[str, list[str]] = msgspec.field(default_factory=dict)
    translated: list[str] | None = None


class RouterInstanceWire(Wire):
    """One router, joined over all hosts that have a namespace of it."""

    id: str
    hosts: list[str] = msgspec.field(default_factory=list)
    instances: list[InstanceWire] = msgspec.field(default_factory=list)
    silent: dict[str, str] = msgspec.field(default_factory=dict)


class RouterInstance(Row, frozen=True):
    """One router."""

    id: str
    name: str
    active_on: str | None
    active_hosts: int
    waiting_on: str | None
    outside: str | None
    floating_ips: int
    untranslated: str | None
    redundant: bool | None
    distributed: bool | None
    hosts: str | None
    silent: str | None
    place: str | None
    namespace: str
    looked_at: float | None


def _active(instances: Sequence[InstanceWire], distributed: bool | None) -> list[InstanceWire]:
    """A distributed router's inner addresses are on every host: only where it leads outside, it is active."""
    if distributed:
        return [each for each in instances if any(n.startswith("qg-") and own for n, own in each.addresses.items())]
    return [each for each in instances if holds(each.addresses)]


def row(wire: RouterInstanceWire, reading: Reading) -> RouterInstance:
    """`outside` are its own external addresses, without the floating ones; `place` is the first active namespace."""
    known = reading.joins.get("routers", {}).get(wire.id)
    distributed = getattr(known, "distributed", None)
    active = _active(wire.instances, distributed)
    inside = {each.host for each in active}
    out = [a for one in active for name, own in one.addresses.items() if name.startswith("qg-") for a in own]
    addresses = {address for one in active for address in floating(one.addresses)}
    lost = [
        a for one in active if one.translated is not None for a in floating(one.addresses) if a not in one.translated
    ]
    redundant = any(name.startswith("ha-") for one in wire.instances for name in one.addresses)
    times = [one.at for one in wire.instances if one.at is not None]
    return RouterInstance(
        id=wire.id,
        name=getattr(known, "name", None) or wire.id,
        active_on=word(listed(each.host for each in active)),
        active_hosts=len(active),
        waiting_on=word(listed(each.host for each in wire.instances if each.host not in inside)),
        outside=listed(dict.fromkeys(a.partition("/")[0] for a in out if not a.endswith("/32"))),
        floating_ips=len(addresses),
        untranslated=listed(sorted(set(lost))),
        redundant=redundant if wire.instances else None,
        distributed=distributed,
        hosts=word(listed(wire.hosts)),
        silent=listed(f"{host} ({why})" for host, why in wire.silent.items() if host in wire.hosts),
        place=word(f"{active[0].host}/qrouter-{wire.id}" if active else None),
        namespace=f"qrouter-{wire.id}",
        looked_at=min(times, default=None),
    )


def health(router: RouterInstance, now: float) -> Health:
    """Twice active, active nowhere, or floating IPs that end at the router: each is critical."""
    found = list(_complaints(router))
    if found:
        return critical("; ".join(found))
    if router.active_hosts == 0 and router.silent:
        return ok(f"its hosts that answer only wait: {router.silent} was not read")
    return OK


def _complaints(router: RouterInstance) -> Iterator[str]:
    where = (router.active_on or "").replace(", ", " and ")
    if router.active_hosts > 1:
        yield f"active on {where} at once: each takes the other's packets"
    if router.active_hosts == 0 and router.redundant and not router.silent:
        yield f"active nowhere: {(router.waiting_on or '').replace(', ', ' and ')} only wait"
    if router.untranslated:
        several = "s" if ", " in router.untranslated else ""
        yield f"floating IP{several} {router.untranslated} reached from nowhere: no DNAT rule on {where}"


KIND = Kind(
    name="router-instances",
    title="Router instances",
    aliases=("router-instance", "active-routers", "qrouters"),
    about="one row per router as network hosts have it: where it is active, floating IPs without a rule",
    system="network",
    read=RouterInstances(),
    wire=RouterInstanceWire,
    row=row,
    fields=RouterInstance,
    columns=(
        Column("name", "ROUTER", "name", 1, joined=True),
        Column("active_on", "ACTIVE ON", "ref", 1, help="hosts whose namespaces have its addresses"),
        Column("waiting_on", "WAITING ON", "ref", 2, help="hosts with a namespace of it without its addresses"),
        Column("outside", "OUTSIDE", "text", 3, help="its own addresses on the external network"),
        Column("floating_ips", "FLOATING IPS", "number", 3, help="that it has where it is active"),
        Column("untranslated", "WITHOUT RULE", "text", 4, help="floating IPs that no DNAT rule sends on"),
        Column("looked_at", "LOOKED AT", "time", 4, fresh=120.0, help="when; namespaces have their turns"),
        Column(
            "active_hosts", "INSTANCES", "number", 6, wide=True, help="on how many hosts it is active; one is right"
        ),
        Column("redundant", "HA", "flag", 6, wide=True, help="has an interface for VRRP"),
        Column("distributed", "DVR", "flag", 6, wide=True, joined=True),
        Column("hosts", "HOSTS", "text", 6, wide=True, help="network hosts with a namespace of it"),
        Column("silent", "NOT ASKED", "text", 7, wide=True, help="hosts that did not answer, and why"),
        Column("place", "PLACE", "ref", 8, wide=True, help="the id of the namespace where it is active"),
        Column("namespace", "NAMESPACE", "ref", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("name",),
    health=health,
    rollup=Worst("routers", "active once", well="active_hosts=1", none="ok"),
    links=(
        Link("routers", "id", "id", "the router as Neutron has it"),
        Link("namespaces", "id", "place", "its namespace where it is active"),
        Link("firewall-rules", "host", "place", "its rules where it is active"),
        Link("floating-ips", "router_id", "id", "floating IPs through it"),
        Link("agents", "host", "active_on", "network agents on its host"),
        Link("hosts", "name", "active_on", "its host"),
    ),
    runs=Runs(host="{active_on}", namespace="{namespace}"),
    joins=("routers",),
    judged_with=("routers",),
    element="{namespace}",
    period=30.0,
    list_command="ip netns list",
    show_command="ssh {active_on} ip -n {namespace} addr",
)
