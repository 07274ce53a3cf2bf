"""Nova's servers of every project, refreshed by their changes.

There may be hundreds of thousands, so a row is lean: words that repeat are held once, addresses are one text, and only
what a list or a filter needs is kept (the API's own object is read again for the raw view).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import HOUR, MINUTE, joined_name, lasting, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

STUCK: Final = 15 * MINUTE
"""Seconds after which a task is no longer under way but stuck."""

STUCK_LONG: Final[dict[str, float]] = {"migrating": 4 * HOUR, "image_uploading": 4 * HOUR, "image_snapshot": 4 * HOUR}
"""Tasks that copy a disk or a memory and may rightly take longer."""

POWER: Final[dict[int, str]] = {
    0: "no state", 1: "running", 3: "paused", 4: "shut down", 6: "crashed", 7: "suspended",
}  # fmt: skip
"""Nova's numbers for what the hypervisor says about the guest (nova/objects/fields.py)."""


class Address(msgspec.Struct, gc=False):
    """One address of a port."""

    addr: str = ""


class Fault(msgspec.Struct, gc=False):
    """Why the last build or resize failed; its traceback is not read."""

    message: str | None = None


class FlavorRef(msgspec.Struct, gc=False):
    """The flavor as it was at the build (from 2.47 on), or just its id (before)."""

    original_name: str | None = None
    id: str | None = None


class ImageRef(msgspec.Struct, gc=False):
    """The image it was built from."""

    id: str | None = None


class ServerWire(Wire):
    """`GET /servers/detail`; a server in a cell that does not answer has only the first fields (from 2.69 on)."""

    id: str
    name: str = ""
    status: str | None = None
    tenant_id: str | None = None
    user_id: str | None = None
    created: str | None = None
    updated: str | None = None
    addresses: dict[str, list[Address]] | None = None
    flavor: FlavorRef | None = None
    image: ImageRef | str | None = None
    host: str | None = msgspec.field(default=None, name="OS-EXT-SRV-ATTR:host")
    task_state: str | None = msgspec.field(default=None, name="OS-EXT-STS:task_state")
    vm_state: str | None = msgspec.field(default=None, name="OS-EXT-STS:vm_state")
    power_state: int | None = msgspec.field(default=None, name="OS-EXT-STS:power_state")
    zone: str | None = msgspec.field(default=None, name="OS-EXT-AZ:availability_zone")
    volumes: list[Any] | None = msgspec.field(default=None, name="os-extended-volumes:volumes_attached")
    key_name: str | None = None
    host_status: str | None = None
    locked: bool | None = None
    locked_reason: str | None = None
    fault: Fault | None = None


class Server(Row, frozen=True):
    """One server."""

    id: str
    name: str
    status: str | None
    task_state: str | None
    power: str | None
    host: str | None
    host_status: str | None
    addresses: str | None
    project: str | None
    project_id: str | None
    user_id: str | None
    flavor: str | None
    image: str | None
    zone: str | None
    volumes: int | None
    key_name: str | None
    locked: bool | None
    locked_reason: str | None
    fault: str | None
    created: float | None
    updated: float | None


def _addresses(found: dict[str, list[Address]] | None) -> str | None:
    """`net=192.0.2.7, 203.0.113.9; other=2001:db8::7`."""
    return "; ".join(f"{net}={', '.join(a.addr for a in each)}" for net, each in (found or {}).items()) or None


def row(wire: ServerWire, reading: Reading) -> Server:
    """Nested values become text; words that thousands of servers share are held once."""
    flavor, power = wire.flavor, wire.power_state
    return Server(
        id=wire.id,
        name=wire.name,
        status=word(wire.status),
        task_state=word(wire.task_state),
        power=None if power is None else POWER.get(power, "unknown"),
        host=word(wire.host),
        host_status=word(wire.host_status),
        addresses=_addresses(wire.addresses),
        project=joined_name(reading, "projects", wire.tenant_id),
        project_id=word(wire.tenant_id),
        user_id=word(wire.user_id),
        flavor=word(flavor.original_name or flavor.id) if flavor else None,
        image=word(wire.image.id) if isinstance(wire.image, ImageRef) else None,
        zone=word(wire.zone),
        volumes=None if wire.volumes is None else len(wire.volumes),
        key_name=word(wire.key_name),
        locked=wire.locked,
        locked_reason=wire.locked_reason or None,
        fault=wire.fault.message if wire.fault else None,
        created=epoch(wire.created),
        updated=epoch(wire.updated),
    )


def health(server: Server, now: float) -> Health:
    """In error, stuck in a task, on a host that is gone, or not as its tenant wants it."""
    status = server.status
    if status == "ERROR":
        return critical(server.fault or "in error; Nova gives no reason")
    if status == "UNKNOWN" or status is None:
        return unknown("its cell does not answer" if status else "no status")
    if server.task_state:
        stuck = lasting(server.task_state, server.updated, now, STUCK_LONG.get(server.task_state, STUCK))
        if stuck is not None:
            return stuck
    elif status == "BUILD" and (stuck := lasting("building", server.updated, now, STUCK)) is not None:
        return stuck  # no task either: whoever was to build it has forgotten
    if status == "ACTIVE":
        if server.host_status == "DOWN":
            return warning(f"its host {server.host or ''} is down".replace("  ", " "))
        if server.host_status == "UNKNOWN":
            return unknown(f"nova-compute on {server.host or 'its host'} is not heard: is it running?")
        if server.power in ("shut down", "crashed", "paused", "suspended") and not server.task_state:
            return warning(f"should be running, but the guest is {server.power}")
    if status == "VERIFY_RESIZE":
        return ok("resized: waits to be confirmed or reverted")
    if server.locked_reason:
        return ok(f"locked: {server.locked_reason}")
    return OK


KIND = Kind(
    name="servers",
    title="Servers",
    aliases=("server", "vms", "instances"),
    about="one row per server of any project: status, host, addresses, flavor",
    system="compute",
    read=Rest(
        "compute",
        "/servers/detail",
        "servers",
        query=(("all_tenants", "1"),),
        microversion="2.96",
        page=1000,
        since="changes-since",
    ),
    wire=ServerWire,
    row=row,
    fields=Server,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 1),
        Column("task_state", "TASK", "status", 2, help="what Nova is doing with it"),
        Column("host", "HOST", "ref", 2),
        Column("addresses", "ADDRESSES", "text", 4),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("flavor", "FLAVOR", "ref", 4),
        Column("updated", "CHANGED", "time", 5, help="when Nova last changed it"),
        Column("created", "CREATED", "time", 6, wide=True),
        Column("power", "POWER", "status", 5, wide=True, help="what the hypervisor says of the guest"),
        Column("host_status", "HOST STATUS", "status", 6, wide=True, help="UP, DOWN, MAINTENANCE or UNKNOWN"),
        Column("zone", "ZONE", "text", 6, wide=True),
        Column("image", "IMAGE", "ref", 6, wide=True, help="empty when it boots from a volume"),
        Column("volumes", "VOLUMES", "number", 6, wide=True, help="how many are attached"),
        Column("key_name", "KEY", "text", 6, wide=True),
        Column("locked", "LOCKED", "flag", 6, wide=True),
        Column("locked_reason", "LOCKED REASON", "text", 6, wide=True),
        Column("fault", "FAULT", "text", 6, wide=True, help="why it is in error, in Nova's words"),
        Column("user_id", "USER ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("servers"),
    links=(
        Link("server-actions", "server", "id", "what was done to it"),
        Link("ports", "device_id", "id", "its ports"),
        Link("hypervisors", "host", "host", "its hypervisor"),
        Link("projects", "id", "project_id", "its project"),
        Link("migrations", "server", "id", "its migrations"),
        Link("attachments", "server", "id", "volumes at it"),
    ),
    joins=("projects",),
    server_filters={
        "name": "name~",
        "host": "host",
        "status": "status",
        "project_id": "project_id",
        "user_id": "user_id",
        "image": "image",
    },
    deadline=300.0,
    list_command="openstack server list --all-projects --long",
    show_command="openstack server show {id}",
)
