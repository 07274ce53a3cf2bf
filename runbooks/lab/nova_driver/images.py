"""What is done with images beside building: snapshots, which shelved servers live on from, and rescue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nova.compute import task_states
from nova.virt.lab import moves


class Imaged(moves.Moving):  # type: ignore[misc]
    """The part of the driver that gives images to Glance, and boots from another one."""

    def snapshot(self, context: Any, instance: Any, image_id: str, update_task_state: Callable[..., None]) -> None:
        """Its disk goes to Glance, as the image that Nova has made for it; shelved servers live on from that."""
        update_task_state(task_state=task_states.IMAGE_UPLOADING)
        described = self._images.get(context, instance.image_ref) if instance.image_ref else {}
        found = {
            name: described.get(name) or other for name, other in (("disk_format", "raw"), ("container_format", "bare"))
        }
        found |= {"name": self._images.get(context, image_id)["name"], "status": "active", "properties": {}}
        disk = self._folder / instance.uuid / "disk"
        with disk.open("rb") as file:
            self._images.update(context, image_id, found, file, purge_props=False)

    def rescue(
        self,
        context: Any,
        instance: Any,
        network_info: Any,
        image_meta: Any,
        rescue_password: Any,
        block_device_info: Any,
        share_info: Any,
    ) -> None:
        """Nova has powered it off; what boots from the rescue image is the same guest."""
        self.power_on(context, instance, network_info)

    def unrescue(self, context: Any, instance: Any) -> None:
        """Its own disk boots again."""
        self.power_off(instance)
        self.power_on(context, instance, instance.get_network_info())
