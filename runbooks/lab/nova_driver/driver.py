"""Nova's driver of the lab. Loaded by nova-compute as nova.virt.lab; in this project it is only kept.

It follows the libvirt driver where an operator can see it: images are fetched from Glance, ports are plugged into
br-int with the names and ids that Neutron expects, a build waits for network-vif-plugged, servers outlive nova-compute,
and one whose programs died is found shut down. /var/lib/nova/lab.json makes it fail on purpose ({"fail": "why"}) and
says how long things take ({"build_seconds": 1, "live_seconds": 5}).
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

import nova.conf
from nova import exception
from nova.compute import power_state
from nova.image import glance
from nova.virt import fake, hardware
from nova.virt.lab import guest, images
from nova.virt.lab.cards import call
from oslo_log import log

CONF = nova.conf.CONF
LOG = log.getLogger(__name__)
NODES = uuid.UUID("5b0c8d0e-6f0a-4f0d-9f5a-9e1d5a0c7a11")


def node_uuid(host: str) -> str:
    """The id of a host's only node: the same for ever."""
    return str(uuid.uuid5(NODES, host))


class LabDriver(images.Imaged):  # type: ignore[misc]
    """Servers are network namespaces of this host."""

    vcpus, memory_mb, local_gb = 16, 32768, 200

    def __init__(self, virtapi: Any, read_only: bool = False) -> None:
        super().__init__(virtapi, read_only)
        self.host_status_base.update(hypervisor_type="namespace", hypervisor_version=1)
        self._images = glance.API()
        self._moves: dict[str, str] = {}
        self._state = Path(CONF.state_path)
        self._folder = Path(CONF.instances_path)
        self._folder.mkdir(parents=True, exist_ok=True)
        # Without this file nova-compute refuses to start a second time.
        known = self._state / "compute_id"
        if not known.exists():
            known.write_text(node_uuid(CONF.host))

    # What is there

    def init_host(self, host: str) -> None:
        """Find the servers of earlier runs."""
        super().init_host(host)
        for file in self._folder.glob("*/guest.json"):
            try:
                known = guest.remembered(file.read_text())
            except ValueError as error:
                LOG.warning("%s: %s", file, error)
                continue
            self.instances[known.uuid] = fake.FakeInstance(known.name, power_state.NOSTATE, known.uuid)

    def get_info(self, instance: Any, use_cache: bool = True) -> Any:
        """The truth: does its unit run?"""
        if instance.uuid not in self.instances:
            raise exception.InstanceNotFound(instance_id=instance.uuid)
        known = self.instances[instance.uuid]
        if known.state != power_state.PAUSED:
            known.state = power_state.RUNNING if self._runs(instance.name) else power_state.SHUTDOWN
        return hardware.InstanceInfo(state=known.state)

    def _runs(self, name: str) -> bool:
        said: str = call("systemctl", "is-active", guest.unit(name), check=False)
        return said.strip() == "active"

    def get_host_ip_addr(self) -> str:
        """The management address."""
        return str(CONF.my_ip)

    def get_available_resource(self, nodename: str) -> Any:
        """With the node's own id."""
        found = super().get_available_resource(nodename)
        if found:
            found["uuid"] = node_uuid(nodename)
        return found

    def get_nodenames_by_uuid(self, refresh: bool = False) -> dict[str, str]:
        """This host's node."""
        return {node_uuid(name): name for name in self.get_available_nodes()}

    def instance_on_disk(self, instance: Any) -> bool:
        """Its disk is on this host only."""
        return Path(self._folder, instance.uuid, "disk").exists()

    def get_console_output(self, context: Any, instance: Any) -> str:
        """What its programs said."""
        unit = guest.unit(instance.name)
        return str(call("journalctl", "--no-pager", "-o", "short-iso", "-n", "500", "-u", unit, check=False))

    def spawn(
        self,
        context: Any,
        instance: Any,
        image_meta: Any,
        injected_files: Any,
        admin_password: Any,
        allocations: Any,
        network_info: Any = None,
        block_device_info: Any = None,
        power_on: bool = True,
        accel_info: Any = None,
    ) -> None:
        """Fetch the image, plug the cards, wait until Neutron has wired them, boot."""
        why = self._knob("fail", "")
        if why:
            raise exception.InstanceDeployFailure(reason=why)
        self._disk(context, instance)
        time.sleep(float(self._knob("build_seconds", 0)))
        super().spawn(context, instance, image_meta, injected_files, admin_password, allocations, network_info,
                      block_device_info, power_on, accel_info)  # fmt: skip
        self._remember(instance, power_on)
        events = [("network-vif-plugged", vif["id"]) for vif in network_info or [] if not vif.get("active", True)]
        try:
            with self.virtapi.wait_for_instance_event(instance, events, timeout=CONF.vif_plugging_timeout):
                self.plug_vifs(instance, network_info)
        except exception.InstanceEventTimeout:
            LOG.warning("Timeout waiting for %s", events, instance=instance)
            if CONF.vif_plugging_is_fatal:
                self.destroy(context, instance, network_info)
                raise exception.VirtualInterfaceCreateException() from None
        if power_on:
            self._boot(instance)

    def _disk(self, context: Any, instance: Any) -> None:
        """The image's file, once for all servers of this host, and a link to it as the server's disk."""
        folder = self._folder / instance.uuid
        folder.mkdir(exist_ok=True)
        if instance.image_ref:
            base = self._folder / "_base" / instance.image_ref
            base.parent.mkdir(exist_ok=True)
            if not base.exists():
                partial = base.with_name(f"{base.name}.{instance.uuid}.part")
                self._images.download(context, instance.image_ref, dest_path=str(partial))
                partial.replace(base)
            disk = folder / "disk"
            if not disk.exists():
                os.link(base, disk)

    def _remember(self, instance: Any, wanted: bool) -> None:
        folder = self._folder / instance.uuid
        folder.mkdir(exist_ok=True)
        known = guest.Guest(instance.uuid, instance.name, instance.hostname or instance.name, wanted)
        partial = folder / "guest.json.new"
        partial.write_text(known.text())
        partial.replace(folder / "guest.json")

    def _boot(self, instance: Any) -> None:
        folder = Path("/run/guests")
        folder.mkdir(exist_ok=True)
        (folder / f"{instance.name}.env").write_text(guest.environment(instance.hostname or instance.name))
        call("systemctl", "restart", guest.unit(instance.name))
        self.instances[instance.uuid].state = power_state.RUNNING

    def _halt(self, instance: Any) -> None:
        call("systemctl", "stop", guest.unit(instance.name), check=False)
        if instance.uuid in self.instances:
            self.instances[instance.uuid].state = power_state.SHUTDOWN

    def power_off(self, instance: Any, timeout: int = 0, retry_interval: int = 0) -> None:
        """Stop its programs; its cards go, as a tap goes with its domain, so that Neutron calls the port DOWN."""
        if instance.uuid not in self.instances:
            raise exception.InstanceNotFound(instance_id=instance.uuid)
        self._halt(instance)
        self.unplug_vifs(instance, instance.get_network_info())
        self._remember(instance, wanted=False)

    def power_on(
        self,
        context: Any,
        instance: Any,
        network_info: Any,
        block_device_info: Any = None,
        accel_info: Any = None,
        share_info: Any = None,
    ) -> None:
        """Plug what is missing and boot."""
        if instance.uuid not in self.instances:
            self.instances[instance.uuid] = fake.FakeInstance(instance.name, power_state.SHUTDOWN, instance.uuid)
        self.plug_vifs(instance, network_info)
        self._boot(instance)
        self._remember(instance, wanted=True)

    def reboot(
        self,
        context: Any,
        instance: Any,
        network_info: Any,
        reboot_type: str,
        block_device_info: Any = None,
        bad_volumes_callback: Any = None,
        accel_info: Any = None,
        share_info: Any = None,
    ) -> None:
        """Soft: its programs start again. Hard: the cards are made anew, too."""
        if reboot_type.lower() == "hard":
            self._halt(instance)
            self.unplug_vifs(instance, network_info)
        self.power_on(context, instance, network_info)

    def resume_state_on_host_boot(
        self, context: Any, instance: Any, network_info: Any, share_info: Any = None, block_device_info: Any = None
    ) -> None:
        """After the host's boot: as before it."""
        self.power_on(context, instance, network_info)

    def pause(self, instance: Any) -> None:
        """Its cards fall silent."""
        self.cables(instance, "down")
        self.instances[instance.uuid].state = power_state.PAUSED

    def unpause(self, instance: Any) -> None:
        """Its cards speak again."""
        self.cables(instance, "up")
        self.instances[instance.uuid].state = power_state.RUNNING

    def suspend(self, context: Any, instance: Any) -> None:
        """Like a stop, but for Nova's books."""
        self._halt(instance)
        self.unplug_vifs(instance, instance.get_network_info())

    def resume(
        self, context: Any, instance: Any, network_info: Any, block_device_info: Any = None, share_info: Any = None
    ) -> None:
        """Back from suspension."""
        self.power_on(context, instance, network_info)

    def destroy(
        self,
        context: Any,
        instance: Any,
        network_info: Any,
        block_device_info: Any = None,
        destroy_disks: bool = True,
        destroy_secrets: bool = True,
    ) -> None:
        """Everything of it goes."""
        self._halt(instance)
        super().destroy(context, instance, network_info, block_device_info, destroy_disks, destroy_secrets)
        self.unplug_vifs(instance, network_info)
        if destroy_disks:
            shutil.rmtree(self._folder / instance.uuid, ignore_errors=True)
        else:
            (self._folder / instance.uuid / "guest.json").unlink(missing_ok=True)

    def cleanup(
        self,
        context: Any,
        instance: Any,
        network_info: Any,
        block_device_info: Any = None,
        destroy_disks: bool = True,
        migrate_data: Any = None,
        destroy_vifs: bool = True,
        destroy_secrets: bool = True,
    ) -> None:
        """What destroy left."""
        if destroy_vifs:
            self.unplug_vifs(instance, network_info)
        if destroy_disks:
            shutil.rmtree(self._folder / instance.uuid, ignore_errors=True)

    def _knob(self, name: str, default: Any) -> Any:
        try:
            return json.loads((self._state / "lab.json").read_text()).get(name, default)
        except (FileNotFoundError, ValueError):
            return default
