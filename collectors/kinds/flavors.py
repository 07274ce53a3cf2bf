"""Nova's flavors: the sizes that servers come in, with their extra specs."""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health, ok
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import GIB, MIB, pairs, scaled
from collectors.request import Rest
from collectors.rollup import Count


class FlavorWire(Wire):
    """`GET /flavors/detail`; `swap` is "" for none before 2.75."""

    id: str
    name: str = ""
    vcpus: int | None = None
    ram: int | None = None
    disk: int | None = None
    swap: int | str | None = None
    ephemeral: int | None = msgspec.field(default=None, name="OS-FLV-EXT-DATA:ephemeral")
    disabled: bool | None = msgspec.field(default=None, name="OS-FLV-DISABLED:disabled")
    is_public: bool | None = msgspec.field(default=None, name="os-flavor-access:is_public")
    description: str | None = None
    extra_specs: dict[str, str] | None = None


class Flavor(Row, frozen=True):
    """One flavor; sizes in bytes."""

    id: str
    name: str
    vcpus: int | None
    ram: int | None
    disk: int | None
    ephemeral: int | None
    swap: int | None
    is_public: bool | None
    disabled: bool | None
    extra_specs: str | None
    description: str | None


def row(wire: FlavorWire, reading: Reading) -> Flavor:
    """Units become bytes, extra specs one text."""
    return Flavor(
        id=wire.id,
        name=wire.name,
        vcpus=wire.vcpus,
        ram=scaled(wire.ram, MIB),
        disk=scaled(wire.disk, GIB),
        ephemeral=scaled(wire.ephemeral, GIB),
        swap=scaled(wire.swap if isinstance(wire.swap, int) else 0, MIB),
        is_public=wire.is_public,
        disabled=wire.disabled,
        extra_specs=pairs(wire.extra_specs),
        description=wire.description or None,
    )


def health(flavor: Flavor, now: float) -> Health:
    """A flavor is a size."""
    return ok("disabled: no new servers of this size") if flavor.disabled else OK


KIND = Kind(
    name="flavors",
    title="Flavors",
    aliases=("flavor",),
    about="one row per size of server: CPUs, memory, disk, extra specs",
    system="compute",
    scope=Scope("region"),
    read=Rest(
        "compute",
        "/flavors/detail",
        "flavors",
        query=(("is_public", "None"),),
        microversion="2.96",
        page=1000,
    ),
    wire=FlavorWire,
    row=row,
    fields=Flavor,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("vcpus", "VCPUS", "number", 2),
        Column("ram", "RAM", "bytes", 2),
        Column("disk", "DISK", "bytes", 2, help="root disk; 0 is the size of the image"),
        Column("ephemeral", "EPHEMERAL", "bytes", 5, wide=True),
        Column("swap", "SWAP", "bytes", 5, wide=True),
        Column("is_public", "PUBLIC", "flag", 3),
        Column("extra_specs", "EXTRA SPECS", "text", 4, help="what the scheduler and the hypervisor must heed"),
        Column("disabled", "DISABLED", "flag", 6, wide=True),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("vcpus", "ram", "name"),
    health=health,
    rollup=Count("flavors"),
    links=(
        Link("servers", "flavor", "name", "servers of this size"),
        Link("flavor-access", "flavor", "id", "projects that may use it", when="is_public=false"),
    ),
    period=60.0,
    list_command="openstack flavor list --all --long",
    show_command="openstack flavor show {id}",
)
