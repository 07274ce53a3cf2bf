"""What OVN's own programs printed, of two versions, healthy and broken; and the rows that kinds make of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from collectors import registry
from collectors.decode import rows_of
from collectors.kind import Reading
from collectors.sources import ovn_views
from collectors.sources.base import Page
from collectors.sources.ovn_views import NORTHBOUND, NORTHD, SOUTHBOUND, Told
from collectors.sources.parsers import ovn

RECORDINGS = Path(__file__).parents[2] / "wire" / "ovn"
VERSIONS = ("23.03", "25.03")
MEMBERS = ("ctl01", "ctl02", "ctl03")
STATUS = {
    NORTHBOUND: "ovn-northbound-status",
    SOUTHBOUND: "ovn-southbound-status",
    NORTHD: "ovn-northd-status",
}


class Printed(NamedTuple):
    """What one command gave."""

    status: int
    out: bytes
    err: bytes


def printed(version: str, name: str) -> Printed:
    """A recording: its first line is the command, its last the exit status, `! ` begins standard error."""
    _, *lines, last = (RECORDINGS / version / f"{name}.txt").read_text().splitlines()
    status = int(last.removeprefix("[exit ").removesuffix("]"))
    out = "".join(f"{line}\n" for line in lines if not line.startswith("! "))
    err = "".join(f"{line[2:]}\n" for line in lines if line.startswith("! "))
    return Printed(status, out.encode(), err.encode())


def told(version: str, when: str = "") -> list[Told]:
    """What all members said; `when` is the end of the recordings' names (`-no-quorum`)."""
    found = []
    for database, entry in STATUS.items():
        for host in MEMBERS:
            status, out, _ = printed(version, f"{entry}-{host}{when}")
            if status:
                found.append(Told(database, host, None, "does not run: connection refused", False))
            else:
                found.append(Told(database, host, ovn.northd(out) if database == NORTHD else ovn.raft(out)))
    return found


def parsed(version: str, name: str) -> dict[str, Any]:
    """A recorded list, parsed as its entry says."""
    parse = getattr(ovn, name.removesuffix("-controller-dead").removeprefix("ovn-").replace("-", "_"))
    found: dict[str, Any] = parse(printed(version, name).out)
    return found


def databases(version: str, when: str = "") -> list[dict[str, Any]]:
    """The items of ovn-databases."""
    return list(ovn_views.databases(told(version, when), parsed(version, "ovn-configuration")["configuration"]))


def chassis(version: str, when: str = "") -> list[dict[str, Any]]:
    """The items of ovn-chassis."""
    return list(ovn_views.chassis(parsed(version, f"ovn-chassis{when}"), parsed(version, f"ovn-configuration{when}")))


def lists(version: str) -> dict[str, list[dict[str, Any]]]:
    """The items of the other kinds, by name."""
    return {
        "ovn-logical-switches": list(
            ovn_views.switches(parsed(version, "ovn-logical-switches"), parsed(version, "ovn-datapaths"))
        ),
        "ovn-logical-routers": list(
            ovn_views.routers(parsed(version, "ovn-logical-routers"), parsed(version, "ovn-gateways"))
        ),
        "ovn-port-bindings": list(ovn_views.port_bindings(parsed(version, "ovn-port-bindings"))),
    }


def recorded_at(version: str) -> float:
    """When the lists were recorded: just after the configuration was counted up."""
    counted: float = parsed(version, "ovn-configuration")["configuration"]["counted"]
    return counted + 2


def rows(
    kind: str, items: list[dict[str, Any]], now: float, joins: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Any]:
    """Rows of items as the source hands them on."""
    return rows_of(Page(items=items), registry.kind(kind), Reading("ovn", now, joins=joins or {}))


def verdict(kind: str, row: Any, now: float) -> tuple[str, str]:
    """Level and reason."""
    health = registry.kind(kind).health(row, now)
    return health.level, health.reason
