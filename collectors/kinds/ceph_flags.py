"""What Ceph can be told not to do, and what it was told: flags of the cluster, of single OSDs, hosts, device classes.

A flag that was set for maintenance and forgotten keeps the cluster from mending itself. Flags of the on-disk format,
which every cluster has, are left out.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Ceph
from collectors.rollup import Complaints

MEANS: Final = {
    "noout": "OSDs that are down stay in: their data is not copied elsewhere",
    "nodown": "OSDs that do not answer stay up: clients wait for them",
    "noup": "OSDs that start are not let in",
    "noin": "new OSDs get no data",
    "nobackfill": "data is not moved to where it belongs",
    "norebalance": "data is not moved between OSDs that are well",
    "norecover": "lost copies are not made again",
    "noscrub": "copies are not compared",
    "nodeep-scrub": "copies are not read and compared",
    "notieragent": "cache tiers are not flushed",
    "nosnaptrim": "space of deleted snapshots is not freed",
    "pause": "no client reads or writes",
    "pauserd": "no client reads",
    "pausewr": "no client writes",
    "full": "the cluster counts as full: no client writes",
    "noautoscale": "the numbers of placement groups are left alone",
}
"""Flag → what is not done because of it (`ceph osd set --help`; Ceph's health checks OSDMAP_FLAGS and OSD_FLAGS)."""

_HARMLESS: Final = ("noautoscale",)


class FlagWire(Wire):
    """A flag of `osd dump`, and of what; those that can be set are told also while they are not."""

    flag: str
    of: str = "cluster"
    set: bool = True


class Flag(Row, frozen=True):
    """One flag."""

    id: str
    flag: str
    of: str
    set: bool
    means: str | None


def row(wire: FlagWire, reading: Reading) -> Flag:
    """What it means, in words."""
    return Flag(
        id=wire.flag if wire.of == "cluster" else f"{wire.flag}@{wire.of}",
        flag=word(wire.flag) or "",
        of=word(wire.of) or "",
        set=wire.set,
        means=MEANS.get(wire.flag),
    )


def health(flag: Flag, now: float) -> Health:
    """Whatever keeps it from mending itself is a warning; what stops clients is critical; format flags are nothing."""
    if flag.flag in _HARMLESS or not flag.set:
        return OK
    if flag.means is None:
        return ok("set, and not known to this console")
    where = "" if flag.of == "cluster" else f" on {flag.of}"
    text = f"{flag.flag} is set{where}: {flag.means}"
    return critical(text) if flag.flag.startswith("pause") or flag.flag == "full" else warning(text)


KIND = Kind(
    name="ceph-flags",
    title="Ceph flags",
    aliases=("ceph-flag", "osd-flags"),
    about="one row per flag of Ceph: what is not done while it is set, and whether it is",
    system="ceph",
    read=Ceph("flags"),
    wire=FlagWire,
    row=row,
    fields=Flag,
    name_field="flag",
    columns=(
        Column("flag", "FLAG", "name", 1),
        Column("set", "SET", "flag", 1),
        Column("of", "OF", "text", 2),
        Column("means", "MEANS", "text", 2),
        Column("id", "ID", "id", 7, wide=True),
    ),
    sort=("flag",),
    health=health,
    rollup=Complaints("flags", "no flag is set"),
    element="ceph",
    period=30.0,
    deadline=15.0,
    list_command="ceph osd dump | grep flags",
)
