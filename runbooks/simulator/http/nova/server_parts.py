"""What one server did and does: its actions, its diagnostics."""

from __future__ import annotations

from hashlib import sha224

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View, is_uuid, page, stamp
from runbooks.simulator.http.nova.server_list import one
from runbooks.simulator.model import server as states
from runbooks.simulator.model.actions import Action, Event

RULE = "os_compute_api:"


def _action(call: Call, action: Action) -> View:
    shown: View = {
        "action": action.action,
        "instance_uuid": action.server_id,
        "request_id": action.request_id,
        "user_id": action.user_id,
        "project_id": action.project_id,
        "start_time": stamp(action.start),
        "message": action.message,
    }
    if call.version >= (2, 58):
        shown["updated_at"] = stamp(action.updated)
    return shown


def _event(call: Call, event: Event, project_id: str) -> View:
    shown: View = {
        "event": event.name,
        "start_time": stamp(event.start),
        "finish_time": stamp(event.finish),
        "result": event.result,
        "traceback": event.traceback,
    }
    if call.version >= (2, 62):
        if call.user.is_admin:
            shown["host"] = event.host
        shown["hostId"] = sha224((project_id + event.host).encode()).hexdigest() if event.host else ""
    if call.version >= (2, 84):
        shown["details"] = event.details
    return shown


def _actions(call: Call) -> list[Action]:
    """Also of a server that is gone, from 2.21 on."""
    key, compute = call.args["id"], call.cloud.compute
    gone = compute.deleted.get(key)
    if gone is not None and call.version >= (2, 21) and (call.user.is_admin or gone.project_id == call.user.project):
        return compute.actions.of(gone)
    return compute.actions.of(one(call))


def actions(call: Call) -> Reply:
    found = page(
        call,
        _actions(call),
        lambda action: action.request_id,
        lambda marker: ApiError(400, f"Marker {marker} could not be found."),
    )
    return Reply({"instanceActions": [_action(call, action) for action in found]})


def action(call: Call) -> Reply:
    wanted = call.args["request_id"]
    for found in _actions(call):
        if found.request_id == wanted:
            events = [_event(call, event, found.project_id) for event in found.events]
            shown = _action(call, found)
            if call.user.is_admin or call.version >= (2, 51):
                shown["events"] = events
            return Reply({"instanceAction": shown})
    raise ApiError(404, f"Action for request_id {wanted} on instance {call.args['id']} not found")


def diagnostics(call: Call) -> Reply:
    """libvirt's numbers of a running guest, growing with its age."""
    server = one(call)
    if not is_uuid(call.args["id"]) or server.host is None:
        raise ApiError(409, f"Instance {server.id} is not ready")
    if server.vm_state not in ("active", "paused", "rescued", "suspended"):
        raise ApiError(
            409,
            f"Cannot 'get_diagnostics' instance {server.id} while it is in vm_state {server.vm_state}",
        )
    if not call.cloud.hosts[server.host].alive("nova_compute"):
        raise ApiError(504, "Timed out waiting for a reply to message ID") from None
    age = int(call.cloud.now() - (server.launched or server.created))
    raw = call.cloud.seed.digest("load", server.id, size=8)
    rate = 200 + raw[0] * 40
    if call.version < (2, 48):
        return Reply(
            {"memory": server.flavor.ram * 1024, "vda_read": age * rate, "cpu0_time": age * raw[1] * 4_000_000}
        )
    return Reply(
        {
            "state": {states.RUNNING: "running", states.PAUSED: "paused"}.get(server.power_state, "shutdown"),
            "driver": "libvirt",
            "hypervisor": "kvm",
            "hypervisor_os": "linux",
            "uptime": age,
            "config_drive": False,
            "num_cpus": server.flavor.vcpus,
            "num_nics": len(server.nics),
            "num_disks": 1 + len(server.volumes),
            "disk_details": [
                {
                    "read_bytes": age * rate,
                    "read_requests": age * rate // 4096,
                    "write_bytes": age * rate * 3,
                    "write_requests": age * rate * 3 // 4096,
                    "errors_count": 0,
                }
                for _ in range(1 + len(server.volumes))
            ],
            "cpu_details": [
                {"id": cpu, "time": age * (raw[1] + cpu) * 4_000_000, "utilisation": None}
                for cpu in range(server.flavor.vcpus)
            ],
            "nic_details": [
                {
                    "mac_address": nic.mac,
                    "rx_octets": age * rate * 2,
                    "rx_errors": 0,
                    "rx_drop": 0,
                    "rx_packets": age * rate // 700,
                    "rx_rate": None,
                    "tx_octets": age * rate,
                    "tx_errors": 0,
                    "tx_drop": 0,
                    "tx_packets": age * rate // 900,
                    "tx_rate": None,
                }
                for nic in server.nics
            ],
            "memory_details": {"maximum": server.flavor.ram, "used": server.flavor.ram * (40 + raw[2] % 50) // 100},
        }
    )


_AT = "/v2.1/servers/{id}"
ROUTES = [
    Route("GET", _AT + "/os-instance-actions", actions, "reader", RULE + "os-instance-actions:list"),
    Route("GET", _AT + "/os-instance-actions/{request_id}", action, "reader", RULE + "os-instance-actions:show"),
    Route("GET", _AT + "/diagnostics", diagnostics, "admin", RULE + "os-server-diagnostics"),
]
