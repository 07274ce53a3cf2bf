"""Volumes and interfaces of a server: listed, attached, detached."""

from __future__ import annotations

from uuid import uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View
from runbooks.simulator.http.nova.server_list import one
from runbooks.simulator.http.nova.who import messages
from runbooks.simulator.model import rpc, scheduling
from runbooks.simulator.model.server import Nic, Server
from runbooks.simulator.model.timers import Step

RULE = "os_compute_api:"
PLUGGING = 2.0
"""Seconds that a compute takes to attach or detach a volume."""
_RUNNING = ("active", "paused", "rescued", "resized", "suspended")


def _port(call: Call, server: Server, nic: Nic) -> View:
    shown: View = {
        "net_id": nic.network_id,
        "port_id": nic.port_id,
        "mac_addr": nic.mac,
        "port_state": "ACTIVE" if server.vm_state in _RUNNING else "DOWN",
        "fixed_ips": [{"subnet_id": nic.subnet_id, "ip_address": nic.address}],
    }
    if call.version >= (2, 70):
        shown["tag"] = None
    return shown


def interfaces(call: Call) -> Reply:
    server = one(call)
    return Reply({"interfaceAttachments": [_port(call, server, nic) for nic in server.nics]})


def _nic(call: Call, server: Server) -> Nic:
    for nic in server.nics:
        if nic.port_id == call.args["port_id"]:
            return nic
    raise ApiError(404, f"Instance {server.id} does not have a port with id {call.args['port_id']}")


def interface(call: Call) -> Reply:
    server = one(call)
    return Reply({"interfaceAttachment": _port(call, server, _nic(call, server))})


def _ready(server: Server, verb: str) -> None:
    if server.vm_state not in ("active", "paused", "stopped"):
        raise ApiError(409, f"Cannot '{verb}' instance {server.id} while it is in vm_state {server.vm_state}")
    if server.task_state is not None:
        raise ApiError(409, f"Cannot '{verb}' instance {server.id} while it is in task_state {server.task_state}")


def attach_interface(call: Call) -> Reply:
    """A new port on a network, or an existing port."""
    server = one(call)
    _ready(server, "attach_interface")
    given = call.body().get("interfaceAttachment")
    part = given if isinstance(given, dict) else {}
    if part.get("port_id"):
        nic = scheduling.nic_of_port(call.cloud, str(part["port_id"]))
        if nic is None:
            raise ApiError(404, f"Port {part['port_id']} could not be found.")
        port = call.cloud.network.ports.get(nic.port_id)
        if port is not None and port.device_id:
            raise ApiError(400, f"Port {nic.port_id} is still in use.")
        if port is not None:
            call.cloud.network.ports.change(port, device_id=server.id, device_owner="compute:nova")
    else:
        nic = scheduling.new_nic(call.cloud, str(part.get("net_id") or ""), str(uuid4()))
        if nic is None:
            raise ApiError(400, f"Network {part.get('net_id')} could not be found.")
    edited = call.cloud.compute.servers.edit(server.id)
    edited.nics = (*edited.nics, nic)
    return messages(call, Reply({"interfaceAttachment": _port(call, edited, nic)}))


def detach_interface(call: Call) -> Reply:
    server = one(call)
    nic = _nic(call, server)
    _ready(server, "detach_interface")
    edited = call.cloud.compute.servers.edit(server.id)
    edited.nics = tuple(each for each in edited.nics if each.port_id != nic.port_id)
    port = call.cloud.network.ports.held.get(nic.port_id)
    if port is not None:  # it was there before the server: it stays, free
        call.cloud.network.ports.change(port, device_id="", device_owner="", host="", vif_type="unbound", status="DOWN")
    return messages(call, Reply(None, 202))


def _volume(call: Call, server: Server, place: int, volume_id: str) -> View:
    volume = call.cloud.storage.volumes.get(volume_id)
    held = [each for each in volume.attachments if each.server_id == server.id] if volume else []
    device = held[0].device if held else f"/dev/vd{'bcdefghijk'[place % 10]}"
    shown: View = {"volumeId": volume_id, "serverId": server.id, "device": device}
    if call.version < (2, 89):
        shown = {"id": volume_id, **shown}
    if call.version >= (2, 70):
        shown["tag"] = None
    if call.version >= (2, 79):
        shown["delete_on_termination"] = False
    if call.version >= (2, 89):
        shown["attachment_id"] = held[0].id if held else None
        shown["bdm_uuid"] = call.cloud.seed.uuid("block device", volume_id, server.id)
    return shown


def volumes(call: Call) -> Reply:
    server = one(call)
    shown = [_volume(call, server, place, key) for place, key in enumerate(server.volumes)]
    return Reply({"volumeAttachments": shown})


def volume(call: Call) -> Reply:
    server, wanted = one(call), call.args["volume_id"]
    if wanted not in server.volumes:
        raise ApiError(404, f"volume_id not found: {wanted}")
    return Reply({"volumeAttachment": _volume(call, server, server.volumes.index(wanted), wanted)})


def _on_compute(call: Call, server: Server, step: Step) -> None:
    """Run `step` a little later, as soon as the server's compute can be reached; at once where it has none."""
    host = server.host
    rpc.when(call.cloud, lambda: host is None or rpc.compute(call.cloud, host), call.cloud.now() + PLUGGING, step)


def attach_volume(call: Call) -> Reply:
    server = one(call)
    given = call.body().get("volumeAttachment")
    key = str(given.get("volumeId", "")) if isinstance(given, dict) else ""
    found = call.cloud.storage.volumes.get(key)
    if found is None:
        raise ApiError(404, f"Volume {key} could not be found.")
    _ready(server, "attach_volume")
    if call.cloud.storage.volumes.status(found) != "available" and not found.multiattach:
        status = call.cloud.storage.volumes.status(found)
        raise ApiError(400, f"Invalid volume: volume '{key}' status must be 'available'. Currently in '{status}'")
    volumes = call.cloud.storage.volumes
    volumes.attach(found, server, str(given.get("device") or "") if isinstance(given, dict) else "")
    volumes.change(volumes.get(key) or found, status="attaching")

    def attached(at: float) -> None:
        there = volumes.get(key)
        if there is not None and there.status == "attaching":
            volumes.change(there, at, status=None)

    _on_compute(call, server, attached)
    edited = call.cloud.compute.servers.edit(server.id)
    return messages(call, Reply({"volumeAttachment": _volume(call, edited, len(edited.volumes) - 1, key)}))


def detach_volume(call: Call) -> Reply:
    server, key = one(call), call.args["volume_id"]
    found = call.cloud.storage.volumes.get(key)
    held = [each for each in found.attachments if each.server_id == server.id] if found else []
    if found is None or not held:
        raise ApiError(404, f"volume_id not found: {key}")
    _ready(server, "detach_volume")
    volumes = call.cloud.storage.volumes
    status = volumes.status(found)
    if status != "in-use":
        raise ApiError(
            400,
            "Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be "
            f"'attached' to detach. Currently: status: '{status}', attach_status: 'attached'.",
        )
    volumes.change(found, status="detaching")

    def detached(at: float) -> None:
        there = volumes.get(key)
        if there is not None:
            for each in there.attachments:
                if each.server_id == server.id:
                    volumes.detach(there, each)

    _on_compute(call, server, detached)
    return messages(call, Reply(None, 202))


_PORTS, _VOLUMES = "/v2.1/servers/{id}/os-interface", "/v2.1/servers/{id}/os-volume_attachments"
ROUTES = [
    Route("GET", _PORTS, interfaces, "reader", RULE + "os-attach-interfaces:list"),
    Route("POST", _PORTS, attach_interface, "member", RULE + "os-attach-interfaces:create"),
    Route("GET", _PORTS + "/{port_id}", interface, "reader", RULE + "os-attach-interfaces:show"),
    Route("DELETE", _PORTS + "/{port_id}", detach_interface, "member", RULE + "os-attach-interfaces:delete"),
    Route("GET", _VOLUMES, volumes, "reader", RULE + "os-volumes-attachments:index"),
    Route("POST", _VOLUMES, attach_volume, "member", RULE + "os-volumes-attachments:create"),
    Route("GET", _VOLUMES + "/{volume_id}", volume, "reader", RULE + "os-volumes-attachments:show"),
    Route("DELETE", _VOLUMES + "/{volume_id}", detach_volume, "member", RULE + "os-volumes-attachments:delete"),
]
