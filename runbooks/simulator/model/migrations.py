"""Nova's migration records: live and cold migrations, resizes, evacuations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from runbooks.simulator.model.flavors import Flavor
from runbooks.simulator.model.server import Server

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

Kind = Literal["live-migration", "migration", "resize", "evacuation"]


@dataclass(slots=True)
class Migration:
    """A row of Nova's `migrations` table."""

    number: int
    id: str
    server_id: str
    kind: Kind
    status: str
    """`preparing`, `running`, `completed`, `error`, `cancelled`, `finished`, `confirmed`, `done`."""
    source: str
    dest: str | None
    old_flavor: Flavor
    new_flavor: Flavor
    created: float
    updated: float
    user_id: str
    project_id: str

    def set(self, status: str, now: float) -> None:
        self.status, self.updated = status, now


class Migrations:
    """All migrations, oldest first."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._all: list[Migration] = []

    def __iter__(self) -> Iterator[Migration]:
        return iter(self._all)

    def start(self, server: Server, kind: Kind, status: str, dest: str | None, now: float, **who: str) -> Migration:
        """A migration of `server` from where it is begins. `who`: `user_id`, `project_id`; the owner's by default."""
        number = len(self._all) + 1
        found = Migration(
            number=number,
            id=self._cloud.seed.uuid("migration", self._cloud.layout.region, number),
            server_id=server.id,
            kind=kind,
            status=status,
            source=server.host or "",
            dest=dest,
            old_flavor=server.flavor,
            new_flavor=server.flavor,
            created=now,
            updated=now,
            user_id=who.get("user_id", server.user_id),
            project_id=who.get("project_id", server.project_id),
        )
        self._all.append(found)
        return found

    def unfinished(self, server_id: str) -> Migration | None:
        """The one that is under way for this server."""
        over = ("completed", "confirmed", "reverted", "error", "failed", "cancelled", "done")
        return next((one for one in reversed(self._all) if one.server_id == server_id and one.status not in over), None)


def build_migrations(cloud: Cloud) -> Migrations:
    """What happened before: two live migrations, one of which failed, and a resize that was confirmed."""
    migrations = Migrations(cloud)
    past: tuple[tuple[Kind, str], ...] = (
        ("live-migration", "completed"),
        ("live-migration", "error"),
        ("resize", "confirmed"),
    )
    now = cloud.now()
    names = [host.name for host in cloud.hosts.with_role("compute")]
    servers = [server for server in (cloud.compute.servers.at(n) for n in range(min(cloud.servers, 12))) if server]
    for place, (kind, status) in enumerate(past):
        server = next((one for one in servers[place * 2 :] if one.host), None)
        if server is None or server.host is None or len(names) < 2:
            continue
        other = next(name for name in names[place % len(names) :] + names if name != server.host)
        at = now - (3 - place) * 7200
        source, dest = (server.host, other) if status == "error" else (other, server.host)
        found = migrations.start(server, kind, status, dest, at)
        found.source, found.updated = source, at + 40
        if kind == "resize":
            found.old_flavor = cloud.compute.flavors_by_name["m1.tiny"]
    return migrations
