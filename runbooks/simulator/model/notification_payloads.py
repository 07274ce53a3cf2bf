"""What Nova puts into its notifications about a server or a service: the older payload and the versioned one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runbooks.simulator.model import server as states
from runbooks.simulator.model.server import Server
from runbooks.simulator.model.services import Service

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

Payload = dict[str, Any]
_POWER = {
    states.NOSTATE: "pending",
    states.RUNNING: "running",
    states.PAUSED: "paused",
    states.SHUTDOWN: "shutdown",
    states.CRASHED: "crashed",
    states.SUSPENDED: "suspended",
}


def moment(at: float | None, form: str) -> str | None:
    """A time as `form` has it; None for none."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime(form)


def _versioned(name: str, version: str, data: Payload) -> Payload:
    return {
        "nova_object.name": name,
        "nova_object.namespace": "nova",
        "nova_object.version": version,
        "nova_object.data": data,
    }


def older(cloud: Cloud, server: Server) -> Payload:
    """`compute.instance.…`."""
    flavor, form = server.flavor, "%Y-%m-%dT%H:%M:%S.000000"
    return {
        "tenant_id": server.project_id,
        "user_id": server.user_id,
        "instance_id": server.id,
        "display_name": server.name,
        "reservation_id": server.reservation_id,
        "hostname": server.name,
        "instance_type": flavor.name,
        "instance_type_id": 1,
        "instance_flavor_id": flavor.id,
        "architecture": None,
        "memory_mb": flavor.ram,
        "disk_gb": flavor.disk + flavor.ephemeral,
        "vcpus": flavor.vcpus,
        "root_gb": flavor.disk,
        "ephemeral_gb": flavor.ephemeral,
        "host": server.host,
        "node": server.host,
        "availability_zone": cloud.compute.zone(server.host) if server.host else None,
        "cell_name": "",
        "created_at": moment(server.created, "%Y-%m-%d %H:%M:%S+00:00"),
        "terminated_at": moment(server.terminated, form) or "",
        "deleted_at": moment(server.terminated, form) or "",
        "launched_at": moment(server.launched, form) or "",
        "image_ref_url": f"http://{cloud.layout.internal_vip}:9292/images/{server.image_id}",
        "os_type": None,
        "kernel_id": "",
        "ramdisk_id": "",
        "state": server.vm_state,
        "state_description": server.task_state or "",
        "progress": "",
        "access_ip_v4": None,
        "access_ip_v6": None,
        "image_meta": {"base_image_ref": server.image_id},
        "metadata": dict(server.metadata),
    }


def versioned(cloud: Cloud, server: Server, request_id: str, error: str | None) -> Payload:
    """`InstanceActionPayload`."""
    form = "%Y-%m-%dT%H:%M:%SZ"
    return _versioned(
        "InstanceActionPayload",
        "1.9",
        {
            "fault": _fault(error) if error else None,
            "request_id": request_id,
            "uuid": server.id,
            "user_id": server.user_id,
            "tenant_id": server.project_id,
            "reservation_id": server.reservation_id,
            "display_name": server.name,
            "display_description": server.description,
            "host_name": server.name,
            "host": server.host,
            "node": server.host,
            "os_type": None,
            "architecture": None,
            "availability_zone": cloud.compute.zone(server.host) if server.host else None,
            "flavor": _flavor(server),
            "image_uuid": server.image_id,
            "key_name": server.key_name,
            "kernel_id": "",
            "ramdisk_id": "",
            "created_at": moment(server.created, form),
            "launched_at": moment(server.launched, form),
            "terminated_at": moment(server.terminated, form),
            "deleted_at": moment(server.terminated, form),
            "updated_at": moment(server.updated, form),
            "state": server.vm_state,
            "power_state": _POWER.get(server.power_state, "pending"),
            "task_state": server.task_state,
            "progress": server.progress,
            "ip_addresses": [_address(nic) for nic in server.nics],
            "block_devices": None,
            "metadata": dict(server.metadata),
            "locked": server.locked,
            "auto_disk_config": "MANUAL",
            "action_initiator_user": server.user_id,
            "action_initiator_project": server.project_id,
            "locked_reason": server.locked_reason,
            "shares": None,
        },
    )


def _fault(words: str) -> Payload:
    data = {"module_name": "nova.compute.manager", "function_name": "_do_build_and_run_instance"}
    return _versioned(
        "ExceptionPayload", "1.1", {**data, "exception": "NovaException", "exception_message": words, "traceback": ""}
    )


def _flavor(server: Server) -> Payload:
    flavor = server.flavor
    data = {"flavorid": flavor.id, "memory_mb": flavor.ram, "vcpus": flavor.vcpus, "root_gb": flavor.disk}
    data |= {"ephemeral_gb": flavor.ephemeral, "name": flavor.name, "swap": flavor.swap, "rxtx_factor": 1.0}
    data |= {"vcpu_weight": 0, "disabled": False, "is_public": flavor.public, "extra_specs": flavor.extra_specs}
    return _versioned("FlavorPayload", "1.4", {**data, "projects": None, "description": flavor.description})


def _address(nic: states.Nic) -> Payload:
    data = {"label": nic.network_name, "mac": nic.mac, "meta": {}, "port_uuid": nic.port_id, "version": 4}
    return _versioned("IpPayload", "1.0", {**data, "address": nic.address, "device_name": f"tap{nic.port_id[:11]}"})


def of_service(service: Service, heartbeat: float) -> Payload:
    """`ServiceStatusPayload`."""
    data = {
        "host": service.host,
        "disabled": service.disabled,
        "last_seen_up": moment(heartbeat, "%Y-%m-%dT%H:%M:%SZ"),
        "binary": service.binary,
        "topic": service.binary.removeprefix("nova-"),
        "disabled_reason": service.disabled_reason,
        "report_count": 1,
        "forced_down": service.forced_down,
        "version": 68,
        "availability_zone": None,
        "uuid": service.id,
    }
    return _versioned("ServiceStatusPayload", "1.1", data)
