"""What changed on the hosts in the last hour: configuration, packages, units, containers, boots; newest first.

Most outages begin with a change. Nothing here is right or wrong by itself, so nothing of it colours the overview.
"""

from __future__ import annotations

from sys import intern

from collectors.health import OK, Health, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Scope, Wire
from collectors.kinds._shared import HOUR, word
from collectors.request import HostCommands
from collectors.rollup import Count


class ChangeWire(Wire):
    """A change with its time, or a container with the age of its state."""

    host: str
    name: str
    zone: float = 0.0
    what: str | None = None
    at: float | None = None
    local: float | None = None
    detail: str | None = None
    engine: str | None = None
    state: str | None = None
    since: float | None = None
    age: float | None = None


class Change(Row, frozen=True):
    """One thing that changed."""

    id: str
    name: str
    what: str
    host: str
    at: float | None
    detail: str | None
    service: str | None


def _service(what: str, name: str) -> str | None:
    """The service that a change is about: the unit, the container, or the folder below /etc."""
    if what in ("unit", "container"):
        return name
    if what == "file":
        parts = name.removeprefix("/etc/").split("/")
        return parts[1] if parts[0] == "kolla" and len(parts) > 2 else parts[0] if len(parts) > 1 else None
    return None


def row(wire: ChangeWire, reading: Reading) -> Change:
    """Times of package logs are the host's own; a container's state has an age."""
    what = wire.what or ("container" if wire.engine else "other")
    at = wire.at
    if at is None and wire.local is not None:
        at = wire.local - wire.zone
    if at is None:
        at = wire.since if wire.since is not None or wire.age is None else reading.now - wire.age
    detail = wire.state if what == "container" else wire.detail
    return Change(
        id=f"{wire.host}/{what}/{wire.name}/{int(at or 0)}",
        name=wire.name,
        what=intern(what),
        host=intern(wire.host),
        at=at,
        detail=word("started" if what == "container" and detail == "running" else detail),
        service=word(_service(what, wire.name)),
    )


def keep(change: Change, now: float) -> bool:
    """Only the last hour; what is a little ahead of the host's clock is of now."""
    return change.at is not None and now - change.at <= HOUR


def health(change: Change, now: float) -> Health:
    """Only what says of itself that it failed."""
    return warning(f"{change.name} {change.detail}") if change.detail and change.detail.startswith("failed") else OK


KIND = Kind(
    name="changes",
    title="Changes",
    aliases=("change", "changed"),
    about="one row per thing that changed on a host in the last hour: file of /etc, package, unit, boot",
    system="hosts",
    scope=Scope("host"),
    read=HostCommands(
        (
            "clock", "zone", "boots", "changed-files", "changed-packages-deb", "changed-packages-rpm", "changed-units",
            "docker-containers", "podman-containers",
        )
    ),
    wire=ChangeWire,
    row=row,
    fields=Change,
    columns=(
        Column("at", "WHEN", "time", 1),
        Column("host", "HOST", "ref", 1),
        Column("what", "WHAT", "text", 1, help="file, package, unit, container, boot"),
        Column("name", "NAME", "name", 1),
        Column("detail", "HAPPENED", "text", 2),
        Column("service", "SERVICE", "ref", 4, help="whose it is, where that is known"),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("-at", "host"),
    health=health,
    rollup=Count("changes"),
    keep=keep,
    links=(Link("hosts", "name", "host", "its host"), Link("units", "host", "host", "units on it")),
    runs=Runs(host="{host}", unit="{service}"),
    element="{host}",
    period=60.0,
)  # fmt: skip
