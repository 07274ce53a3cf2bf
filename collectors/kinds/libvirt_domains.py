"""libvirt's domains on the computes, beside what Nova believes of them: the two do not always agree.

A domain that is off while Nova says ACTIVE is a server that is down and that nobody reports; one that Nova does not
know was left behind by a failed evacuation or deletion, and may still write to its volumes.
"""

from __future__ import annotations

from sys import intern

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Scope, Wire
from collectors.kinds._shared import word
from collectors.request import HostCommands
from collectors.rollup import Count


class DomainWire(Wire):
    """A line of `virsh list --all`."""

    host: str
    name: str
    state: str | None = None
    number: int | None = None
    uuid: str | None = None


class Domain(Row, frozen=True):
    """One domain of one compute."""

    id: str
    name: str
    host: str
    state: str | None
    number: int | None
    server: str | None
    uuid: str | None
    server_status: str | None
    server_task: str | None
    server_host: str | None
    known: bool | None


def row(wire: DomainWire, reading: Reading) -> Domain:
    """A domain has the id of Nova's server."""
    servers = reading.joins.get("servers")
    server = servers.get(wire.uuid or "") if servers is not None else None
    of_nova = wire.name.startswith("instance-") and wire.uuid is not None and servers is not None
    return Domain(
        id=f"{wire.host}/{wire.name}",
        name=wire.name,
        host=intern(wire.host),
        state=word(wire.state),
        number=wire.number,
        server=None if server is None else server.name,
        uuid=wire.uuid,
        server_status=None if server is None else word(server.status),
        server_task=None if server is None else word(server.task_state),
        server_host=None if server is None else word(server.host),
        known=server is not None if of_nova else None,
    )


def health(domain: Domain, now: float) -> Health:
    """Where libvirt and Nova disagree, and no task is under way that explains it."""
    if domain.state in ("crashed", "dying"):
        return critical(f"{domain.state}")
    if domain.known is False:
        return warning("Nova knows no such server: was it left behind?")
    if domain.server_task:
        return ok(f"Nova is {domain.server_task} it")
    elsewhere = domain.server_host is not None and domain.server_host.partition(".")[0] != domain.host.partition(".")[0]
    if elsewhere and domain.state == "running":
        return critical(f"runs here, but Nova has it on {domain.server_host}: two of it may write to one disk")
    if elsewhere:
        return warning(f"Nova has it on {domain.server_host}")
    if domain.server_status == "ACTIVE" and domain.state == "shut off":
        return critical("is off, but Nova says ACTIVE")
    if domain.server_status == "ACTIVE" and domain.state != "running":
        return warning(f"is {domain.state}, but Nova says ACTIVE")
    if domain.server_status == "SHUTOFF" and domain.state == "running":
        return warning("runs, but Nova says SHUTOFF")
    return OK


KIND = Kind(
    name="libvirt-domains",
    title="Libvirt domains",
    aliases=("libvirt-domain", "domains-of-libvirt", "virsh"),
    about="one row per domain of libvirt on a compute: its state, and whether Nova agrees",
    system="compute",
    scope=Scope("host", ("compute",)),
    read=HostCommands(("libvirt-domains", "libvirt-uuids", "libvirt-domains-kolla", "libvirt-uuids-kolla")),
    wire=DomainWire,
    row=row,
    fields=Domain,
    columns=(
        Column("name", "DOMAIN", "name", 1),
        Column("host", "HOST", "ref", 1),
        Column("state", "STATE", "status", 1, help="libvirt's own word"),
        Column("server", "SERVER", "ref", 2, joined=True),
        Column("server_status", "NOVA SAYS", "status", 2, joined=True),
        Column("server_task", "TASK", "status", 5, wide=True, joined=True),
        Column("server_host", "NOVA'S HOST", "ref", 5, wide=True, joined=True),
        Column("uuid", "SERVER ID", "id", 6, wide=True, help="of Nova's server"),
        Column("known", "KNOWN TO NOVA", "flag", 6, wide=True, joined=True),
        Column("number", "NUMBER", "number", 7, wide=True, help="libvirt's, while it runs"),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("host", "name"),
    health=health,
    rollup=Count("domains"),
    links=(Link("servers", "id", "uuid", "its server"), Link("hosts", "name", "host", "its host")),
    runs=Runs(host="{host}", unit="nova-libvirt"),
    joins=("servers",),
    element="libvirt@{host}",
    period=60.0,
    show_command="ssh {host} virsh -r dominfo {name}",
)
