"""All volumes of a region: those that servers got at the beginning follow from the servers, the others are held.

Newest first, as Cinder lists: volumes that were made later, then those of the beginning by falling server number.
Whether a volume is attached is what both sides say: the attachment here, and the server's own list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from runbooks.simulator.model.storage.records import Attachment, Volume
from runbooks.simulator.model.storage.services import BACKEND

if TYPE_CHECKING:
    from runbooks.simulator.ids import Numbered
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.server import Server

EVERY = 4
"""One server in so many has a volume at the beginning."""
SIZES = (20, 50, 100, 20, 200, 10)


@dataclass(slots=True)
class Volumes:
    """All volumes, by id."""

    cloud: Cloud
    held: dict[str, Volume] = field(default_factory=dict)
    """Made later, or by the builder; oldest first."""
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What was changed on computed ones, by server number."""
    gone: set[int] = field(default_factory=set)

    def get(self, identity: str) -> Volume | None:
        """The volume with this id."""
        if identity in self.held:
            return self._live(self.held[identity])
        number = self._number(identity)
        return None if number is None else self._computed(number)

    def add(self, volume: Volume) -> None:
        """Keep a new volume."""
        self.held[volume.id] = volume

    def change(self, volume: Volume, at: float | None = None, **changes: Any) -> Volume:
        """Set fields; the volume as it is then. `at`: when, if not now."""
        changes |= {"updated": self.cloud.now() if at is None else at}
        number = self._number(volume.id)
        if number is None:
            self.held[volume.id] = replace(self.held[volume.id], **changes)
        else:
            self.changes.setdefault(number, {}).update(changes)
        return self.get(volume.id) or volume

    def delete(self, volume: Volume) -> None:
        """Have it gone."""
        number = self._number(volume.id)
        if number is None:
            self.held.pop(volume.id, None)
        else:
            self.gone.add(number)

    def newest(self, after: Volume | None = None) -> Iterator[Volume]:
        """All volumes, newest first, from the one after `after`."""
        number = None if after is None else self._number(after.id)
        held = sorted(self.held.values(), key=lambda one: (one.created, one.id), reverse=True)
        if after is not None:
            held = [one for one in held if (one.created, one.id) < (after.created, after.id)]
        start = self._last() if number is None else number - EVERY
        computed = (found for n in range(start, -1, -EVERY) if (found := self._computed(n)) is not None)
        for volume in computed:
            while held and (held[0].created, held[0].id) > (volume.created, volume.id):
                yield self._live(held.pop(0))
            if after is None or (volume.created, volume.id) < (after.created, after.id):
                yield volume
        yield from map(self._live, held)

    def of_project(self, project_id: str) -> Iterator[Volume]:
        """A project's volumes, newest first."""
        tenant = self.cloud.tenants.by_project(project_id)
        found = [self._live(one) for one in self.held.values() if one.project_id == project_id]
        if tenant is not None:
            numbers = range(tenant.number, self.cloud.compute.servers.count, len(self.cloud.tenants))
            computed = (self._computed(number) for number in numbers if number % EVERY == 0)
            found += [volume for volume in computed if volume is not None and volume.project_id == project_id]
        return iter(sorted(found, key=lambda one: (one.created, one.id), reverse=True))

    def unusual(self) -> Iterator[Volume]:
        """The volumes that can be in another state than `in-use`, newest first; without making the others."""
        servers = self.cloud.compute.servers
        numbers = {number for number in (*self.changes, *servers.changed) if number % EVERY == 0}
        numbers.update(number for number in range(0, servers.count, EVERY) if servers.began_as(number) == "error")
        computed = (self._computed(number) for number in numbers)
        found = [*map(self._live, self.held.values()), *(volume for volume in computed if volume is not None)]
        return iter(sorted(found, key=lambda one: (one.created, one.id), reverse=True))

    def status(self, volume: Volume) -> str:
        """Its `status`."""
        return volume.status or self.natural(volume)

    def natural(self, volume: Volume) -> str:
        """The status that follows from its attachments."""
        if any(one.status == "attached" for one in volume.attachments):
            return "in-use"
        return "reserved" if volume.attachments else "available"

    # Attachments

    def attach(self, volume: Volume, server: Server, device: str = "") -> Attachment:
        """Attach a volume to a server, on both sides."""
        found = Attachment(
            id=self.cloud.seed.uuid("attachment", volume.id, server.id, len(server.volumes)),
            volume_id=volume.id,
            server_id=server.id,
            device=device or f"/dev/vd{chr(ord('b') + len(server.volumes))}",
            at=self.cloud.now(),
            host=server.host,
        )
        if volume.id not in server.volumes:
            edited = self.cloud.compute.servers.edit(server.id)
            edited.volumes = (*edited.volumes, volume.id)
        self.change(volume, attachments=(*volume.attachments, found), status=None)
        return found

    def reserve(self, volume: Volume, server_id: str) -> Attachment:
        """Set a volume aside for a server, which has yet to plug it in: Nova knows nothing of it."""
        found = Attachment(
            id=self.cloud.seed.uuid("attachment", volume.id, server_id, self.cloud.now()),
            volume_id=volume.id,
            server_id=server_id,
            device="",
            at=self.cloud.now(),
            status="reserved",
        )
        self.change(volume, attachments=(*volume.attachments, found), status=None)
        return found

    def reserved(self) -> Iterator[Attachment]:
        """What was set aside and not plugged in yet."""
        numbers = (found for number in self.changes if (found := self._computed(number)) is not None)
        for volume in (*self.held.values(), *numbers):
            yield from (one for one in volume.attachments if one.status == "reserved")

    def detach(self, volume: Volume, attachment: Attachment) -> None:
        """Undo an attachment, on both sides."""
        servers = self.cloud.compute.servers
        if servers.get(attachment.server_id) is not None:
            edited = servers.edit(attachment.server_id)
            edited.volumes = tuple(one for one in edited.volumes if one != volume.id)
        kept = tuple(one for one in volume.attachments if one.id != attachment.id)
        self.change(volume, attachments=kept, status=None)

    def attachments(self) -> Iterator[Attachment]:
        """All attachments of all volumes."""
        for volume in self.newest():
            yield from volume.attachments

    def _live(self, volume: Volume) -> Volume:
        """Without attachments to servers that are gone or have let go of it."""
        kept = tuple(one for one in volume.attachments if self._holds(one))
        return volume if len(kept) == len(volume.attachments) else replace(volume, attachments=kept)

    def _holds(self, attachment: Attachment) -> bool:
        if attachment.status == "reserved":
            return True
        server = self.cloud.compute.servers.get(attachment.server_id)
        return server is not None and attachment.volume_id in server.volumes

    # Computed ones

    def _series(self) -> Numbered:
        return self.cloud.seed.numbered("volume of server", self.cloud.layout.region)

    def _last(self) -> int:
        """The greatest server number that has a volume; negative when none has."""
        count = self.cloud.compute.servers.count
        return (count - 1) // EVERY * EVERY

    def _number(self, identity: str) -> int | None:
        number = self._series().index(identity)
        return number if number is not None and number % EVERY == 0 and number <= self._last() else None

    def _computed(self, number: int) -> Volume | None:
        if number in self.gone:
            return None
        cloud = self.cloud
        raw = self._series().raw(number)
        identity = self._series().uuid(number, raw)
        tenant = cloud.tenants[number % len(cloud.tenants)]
        server = cloud.compute.servers.at(number)
        created = cloud.compute.servers.born(number) - 20
        attachment = None
        if server is not None and identity in server.volumes:
            attachment = Attachment(
                id=cloud.seed.uuid("attachment", identity),
                volume_id=identity,
                server_id=server.id,
                device="/dev/vdb",
                at=(server.launched or created) - 1,
                host=server.host,
            )
        controllers = cloud.hosts.with_role("control")
        host = f"{controllers[number // EVERY % len(controllers)].name}@{BACKEND}#{BACKEND}"
        found = Volume(
            id=identity,
            project_id=tenant.project_id,
            user_id=tenant.user_id,
            size=SIZES[raw[13] % len(SIZES)],
            created=created,
            updated=attachment.at if attachment else created + 3,
            name=f"{server.name}-data" if server is not None else f"{tenant.name}-data-{number}",
            type_id=cloud.storage.default_type,
            host=host,
            attachments=(attachment,) if attachment else (),
        )
        changed = self.changes.get(number)
        return self._live(replace(found, **changed)) if changed else found
