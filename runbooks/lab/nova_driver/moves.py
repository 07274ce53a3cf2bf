"""Moves between hosts, cold and live. Loaded by nova-compute only."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Any

from nova.compute import power_state
from nova.virt import fake
from nova.virt.lab import cards


class Moving(cards.Plugging):  # type: ignore[misc]
    """The part of the driver that moves servers."""

    def migrate_disk_and_power_off(
        self,
        context: Any,
        instance: Any,
        dest: str,
        flavor: Any,
        network_info: Any,
        block_device_info: Any = None,
        timeout: int = 0,
        retry_interval: int = 0,
    ) -> str:
        """It leaves this host; its books stay until the move is confirmed."""
        self._halt(instance)
        self.unplug_vifs(instance, network_info)
        return "[]"

    def finish_migration(
        self,
        context: Any,
        migration: Any,
        instance: Any,
        disk_info: Any,
        network_info: Any,
        image_meta: Any,
        resize_instance: bool,
        allocations: Any,
        block_device_info: Any = None,
        power_on: bool = True,
        share_info: Any = None,
    ) -> None:
        """It arrives here."""
        self.spawn(context, instance, image_meta, None, None, allocations, network_info, block_device_info, power_on)

    def finish_revert_migration(
        self,
        context: Any,
        instance: Any,
        network_info: Any,
        migration: Any,
        block_device_info: Any = None,
        power_on: bool = True,
        share_info: Any = None,
    ) -> None:
        """It comes back."""
        self.instances[instance.uuid] = fake.FakeInstance(instance.name, power_state.SHUTDOWN, instance.uuid)
        self.plug_vifs(instance, network_info)
        if power_on:
            self._boot(instance)
        self._remember(instance, wanted=power_on)

    def pre_live_migration(
        self,
        context: Any,
        instance: Any,
        block_device_info: Any,
        network_info: Any,
        disk_info: Any,
        migrate_data: Any,
    ) -> Any:
        """The cards are here before the server is."""
        self.plug_vifs(instance, network_info)
        return migrate_data

    def live_migration(
        self,
        context: Any,
        instance: Any,
        dest: str,
        post_method: Callable[..., None],
        recover_method: Callable[..., None],
        block_migration: bool = False,
        migrate_data: Any = None,
    ) -> None:
        """Takes its time, can be hurried or given up."""
        self._moves[instance.uuid] = "running"
        end = time.monotonic() + float(self._knob("live_seconds", 3))
        while time.monotonic() < end and self._moves[instance.uuid] == "running":
            time.sleep(0.2)
        if self._moves.pop(instance.uuid) == "given up":
            recover_method(context, instance, dest, migrate_data, migration_status="cancelled")
        else:
            post_method(context, instance, dest, block_migration, migrate_data)

    def live_migration_force_complete(self, instance: Any) -> None:
        """Hurry."""
        self._moves[instance.uuid] = "hurried"

    def live_migration_abort(self, instance: Any) -> None:
        """Give up."""
        self._moves[instance.uuid] = "given up"

    def post_live_migration(
        self, context: Any, instance: Any, block_device_info: Any, migrate_data: Any = None
    ) -> None:
        """It is no longer here."""
        self._halt(instance)
        self.instances.pop(instance.uuid, None)
        shutil.rmtree(self._folder / instance.uuid, ignore_errors=True)

    def post_live_migration_at_source(self, context: Any, instance: Any, network_info: Any) -> None:
        """Nor are its cards."""
        self.unplug_vifs(instance, network_info)

    def post_live_migration_at_destination(
        self,
        context: Any,
        instance: Any,
        network_info: Any,
        block_migration: bool = False,
        block_device_info: Any = None,
    ) -> None:
        """It is here."""
        self.instances[instance.uuid] = fake.FakeInstance(instance.name, power_state.RUNNING, instance.uuid)
        self._disk(context, instance)
        self._remember(instance, wanted=True)
        self._boot(instance)

    def rollback_live_migration_at_destination(
        self,
        context: Any,
        instance: Any,
        network_info: Any,
        block_device_info: Any,
        destroy_disks: bool = True,
        migrate_data: Any = None,
    ) -> None:
        """It does not come."""
        self.unplug_vifs(instance, network_info)
