"""Network namespaces of the network and compute hosts: what each is for, and whether what should run in it does.

A DHCP server that is dead or frozen is seen here and nowhere else: its agent is alive, the port is up, the namespace is
there. The inside of one (interfaces, routes, rules, NAT, who listens) is read only when it is described.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from collectors.health import OK, Health, critical, ok, unknown
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import listed, word
from collectors.request import HostCommands
from collectors.rollup import Worst

PURPOSES: Final[Mapping[str, tuple[str, str]]] = {
    "qdhcp": ("DHCP", "networks"),
    "qrouter": ("router", "routers"),
    "snat": ("SNAT of a distributed router", "routers"),
    "fip": ("floating IPs of distributed routers", "networks"),
    "ovnmeta": ("metadata, OVN", "networks"),
    "qlbaas": ("load balancer", ""),
}
"""Prefix of the name → what Neutron makes it for, and the kind whose id follows."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NamespaceWire(Wire):
    """A name of `ip netns list`, its inode, and all processes of the host by inode."""

    host: str
    name: str
    number: int | None = None
    inode: int | None = None
    processes: Any = None
    """The same mapping in every row of a host: inode → processes (pid, name, stopped), left as the parser made it."""


class Namespace(Row, frozen=True):
    """One namespace of one host."""

    id: str
    name: str
    host: str
    purpose: str | None
    neutron_name: str | None
    processes: int | None
    programs: str | None
    stopped: str | None
    missing: str | None
    orphan: bool | None
    network_id: str | None
    router_id: str | None
    number: int | None
    inode: int | None


def _names_dhcp(reading: Reading, network_id: str) -> bool:
    """Whether the network has a subnet with DHCP; True while its subnets are not known."""
    subnets = reading.joins.get("subnets")
    return subnets is None or any(each.network_id == network_id and each.enable_dhcp for each in subnets.values())


def _missing(prefix: str, found: Any, identity: str, running: set[str], reading: Reading) -> str | None:
    """The program that should run in the namespace, and does not."""
    if prefix == "qdhcp" and "dnsmasq" not in running and _names_dhcp(reading, identity):
        return "dnsmasq"
    if prefix == "ovnmeta" and "haproxy" not in running:
        return "haproxy"
    if prefix == "qrouter" and "keepalived" not in running and getattr(found, "ha", None):
        return "keepalived"
    return None


def row(wire: NamespaceWire, reading: Reading) -> Namespace:
    """Neutron's namespaces are known by their names: a prefix, and the id of a network or router."""
    prefix, _, identity = wire.name.partition("-")
    purpose, kind = PURPOSES.get(prefix, ("", ""))
    if not _UUID.fullmatch(identity):
        purpose = kind = ""
    known = reading.joins.get(kind)
    found = None if known is None else known.get(identity)
    inside: list[dict[str, Any]] | None = None
    if wire.processes is not None and wire.inode is not None:
        inside = wire.processes.get(str(wire.inode), [])
    running = {process["name"] for process in inside or ()}
    return Namespace(
        id=f"{wire.host}/{wire.name}",
        name=wire.name,
        host=word(wire.host) or "",
        purpose=word(purpose),
        neutron_name=getattr(found, "name", None) or None,
        processes=None if inside is None else len(inside),
        programs=listed(f"{process['name']} {process['pid']}" for process in inside or ()),
        stopped=listed(process["name"] for process in inside or () if process["stopped"]),
        missing=word(_missing(prefix, found, identity, running, reading)) if inside is not None and purpose else None,
        orphan=None if known is None else found is None,
        network_id=identity if kind == "networks" else None,
        router_id=identity if kind == "routers" else None,
        number=wire.number,
        inode=wire.inode,
    )


_LOSS: Final[Mapping[str, str]] = {
    "dnsmasq": "its network gets no addresses from this host",
    "haproxy": "servers get no metadata here",
    "keepalived": "the router does not take over here",
}


def health(namespace: Namespace, now: float) -> Health:
    """What should run and does not, or is frozen, is critical; what Neutron does not know is left over."""
    if namespace.orphan:
        return ok("left over: Neutron knows nothing of this id")
    if namespace.missing is not None:
        return critical(f"no {namespace.missing}: {_LOSS[namespace.missing]}")
    if namespace.stopped is not None:
        return critical(f"frozen: {namespace.stopped}; it is there and answers nobody")
    if namespace.purpose is not None and namespace.processes is None:
        return unknown("its processes could not be read")
    return OK


KIND = Kind(
    name="namespaces",
    title="Namespaces",
    aliases=("namespace", "netns"),
    about="one row per network namespace of a host: what it is for, what runs in it",
    system="network",
    scope=Scope("host", roles=("network", "compute")),
    read=HostCommands(("namespaces", "namespace-inodes", "namespace-processes")),
    describe=HostCommands(
        (
            "namespace-interfaces namespace={parent}",
            "namespace-routes namespace={parent}",
            "namespace-rules namespace={parent}",
            "namespace-neighbours namespace={parent}",
            "namespace-nat namespace={parent}",
            "namespace-sockets namespace={parent}",
        )
    ),
    wire=NamespaceWire,
    row=row,
    fields=Namespace,
    columns=(
        Column("name", "NAMESPACE", "name", 1),
        Column("host", "HOST", "ref", 1),
        Column("purpose", "FOR", "text", 2, help="what Neutron made it for"),
        Column("neutron_name", "OF", "ref", 2, joined=True, help="the name of its network or router"),
        Column("processes", "PROCESSES", "number", 3),
        Column("programs", "PROGRAMS", "text", 4, help="what runs in it, with process numbers"),
        Column("stopped", "FROZEN", "text", 5, wide=True, help="processes that are stopped by a signal"),
        Column("missing", "MISSING", "text", 5, wide=True, help="what should run in it, and does not"),
        Column("orphan", "LEFT OVER", "flag", 6, wide=True, joined=True, help="Neutron knows nothing of its id"),
        Column("network_id", "NETWORK ID", "ref", 6, wide=True),
        Column("router_id", "ROUTER ID", "ref", 6, wide=True),
        Column("number", "NUMBER", "number", 7, wide=True, help="how interfaces of the host refer to it"),
        Column("inode", "INODE", "number", 7, wide=True, help="how processes refer to it"),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("host", "purpose", "neutron_name", "name"),
    health=health,
    rollup=Worst("namespaces", "well", none="ok"),
    links=(
        Link("networks", "id", "network_id", "its network"),
        Link("routers", "id", "router_id", "its router"),
        Link("firewall-rules", "host", "id", "its firewall and NAT rules"),
        Link("sockets", "host", "id", "its sockets"),
        Link("interfaces", "peer_namespace", "name", "interfaces that lead into it"),
        Link("hosts", "name", "host", "its host"),
        Link("agents", "host", "host", "network agents on its host"),
    ),
    joins=("networks", "routers", "subnets"),
    judged_with=("networks", "routers", "subnets"),
    element="{name}@{host}",
    server_filters={"host": "host"},
    period=30.0,
    list_command="ip netns list",
    show_command="ssh {host} ip -n {name} addr",
)
