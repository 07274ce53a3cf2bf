"""What version of each service is installed or runs on each host, from packages and from containers' images.

Rows look at the ones of the other hosts as they were read last: where a service is not everywhere the same, those that
are not like most are named. A rolling upgrade looks like this, and so does one that was forgotten half way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from sys import intern
from typing import Any

from collectors.health import OK, Health, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Scope, Wire
from collectors.kinds._shared import listed, word
from collectors.kinds.units import image_and_tag
from collectors.request import HostCommands
from collectors.rollup import Worst


class VersionWire(Wire):
    """A package, or a container of docker or podman."""

    host: str
    service: str | None = None
    version: str | None = None
    how: str | None = None
    name: str | None = None
    engine: str | None = None
    image: str | None = None


class Version(Row, frozen=True):
    """One service of one host."""

    id: str
    service: str
    host: str
    version: str | None
    how: str
    image: str | None
    elsewhere: str | None
    most: bool | None


_last: tuple[Mapping[str, Any], dict[tuple[str, str], Counter[str]]] | None = None


def _everywhere(rows: Mapping[str, Any]) -> dict[tuple[str, str], Counter[str]]:
    """(service, how) → how many hosts have which version; counted once for each snapshot."""
    global _last
    if _last is None or _last[0] is not rows:
        counted: dict[tuple[str, str], Counter[str]] = {}
        for row in rows.values():
            if row.version:
                counted.setdefault((row.service, row.how), Counter())[row.version] += 1
        _last = (rows, counted)
    return _last[1]


def row(wire: VersionWire, reading: Reading) -> Version:
    """A container is called by its name, its version is the image's tag."""
    image, tag = image_and_tag(wire.image)
    service, how = wire.service or wire.name, wire.how or wire.engine
    if not service or not how:
        raise ValueError("neither a package nor a container")
    version = wire.version if wire.version is not None else tag
    others = reading.joins.get("versions")
    elsewhere = most = None
    if others is not None and version:
        counts = Counter(_everywhere(others).get((service, how), Counter()))
        before = others.get(f"{wire.host}/{how}/{service}")
        if before is not None and before.version:
            counts[before.version] -= 1  # this host, as it was
        counts = +counts
        elsewhere = listed(f"{v} on {n}" for v, n in counts.most_common() if v != version)
        most = counts[version] + 1 > max((n for v, n in counts.items() if v != version), default=0)
    return Version(
        id=f"{wire.host}/{how}/{service}",
        service=intern(service),
        host=intern(wire.host),
        version=word(version),
        how=intern(how),
        image=word(image),
        elsewhere=elsewhere,
        most=most,
    )


def health(version: Version, now: float) -> Health:
    """A warning where most hosts have another one."""
    if version.elsewhere and not version.most:
        return warning(f"{version.service} is {version.version} here, {version.elsewhere} hosts")
    return OK


KIND = Kind(
    name="versions",
    title="Versions",
    aliases=("version", "releases", "packages"),
    about="one row per service of a host: version of its package or image, and where it is another one",
    system="hosts",
    scope=Scope("host"),
    read=HostCommands(("packages-deb", "packages-rpm", "docker-containers", "podman-containers")),
    wire=VersionWire,
    row=row,
    fields=Version,
    name_field="service",
    columns=(
        Column("service", "SERVICE", "name", 1),
        Column("host", "HOST", "ref", 1),
        Column("version", "VERSION", "text", 1),
        Column("how", "FROM", "text", 3, help="deb, rpm, or the container's engine"),
        Column("elsewhere", "ELSEWHERE", "text", 2, help="other versions, and on how many hosts", joined=True),
        Column("image", "IMAGE", "text", 5, wide=True),
        Column("most", "LIKE MOST", "flag", 6, wide=True, joined=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("service", "host"),
    health=health,
    rollup=Worst("versions", "the same everywhere", none="ok"),
    detail=True,
    links=(Link("hosts", "name", "host", "its host"), Link("versions", "service", "service", "on all hosts")),
    runs=Runs(host="{host}", unit="{service}"),
    joins=("versions",),
    element="{service}@{host}",
    period=300.0,
    deadline=30.0,
)
