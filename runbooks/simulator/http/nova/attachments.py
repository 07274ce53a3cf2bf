"""Attaching and detaching volumes and ports through Nova, with their consequences in Cinder and Neutron."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View
from runbooks.simulator.http.nova.server_list import one
from runbooks.simulator.http.nova.server_parts import interface_view, volume_view
from runbooks.simulator.http.nova.who import messages
from runbooks.simulator.model import rpc
from runbooks.simulator.model.scheduling import new_nic, nic_of_port
from runbooks.simulator.model.server import Server

RULE = "os_compute_api:"
_ALLOWED = frozenset({"active", "paused", "stopped", "suspended", "resized", "shelved", "shelved_offloaded"})
ATTACHING = 2.0
DETACHING = 2.0
"""Seconds on the compute."""


def _part(call: Call, name: str) -> dict[str, Any]:
    found = call.body().get(name)
    if not isinstance(found, dict):
        raise ApiError(
            400, f"Invalid input for field/attribute {name}. Value: {found}. '{name}' is a required property"
        )
    return found


def _check(server: Server, verb: str) -> None:
    if server.vm_state not in _ALLOWED:
        raise ApiError(409, f"Cannot '{verb}' instance {server.id} while it is in vm_state {server.vm_state}")


def attach_volume(call: Call) -> Reply:
    """The volume is `attaching` until the compute has it."""
    server = one(call)
    given = _part(call, "volumeAttachment")
    volumes = call.cloud.storage.volumes
    volume_id = str(given.get("volumeId"))
    volume = volumes.get(volume_id)
    if volume is None or not (call.user.is_admin or volume.project_id == call.user.project):
        raise ApiError(404, f"Volume {volume_id} could not be found.")
    _check(server, "attach_volume")
    status = volumes.status(volume)
    if status != "available":
        raise ApiError(400, f"Invalid volume: volume '{volume_id}' status must be 'available'. Currently in '{status}'")
    server_id, host, device = server.id, server.host, str(given.get("device") or "")
    volumes.attach(volume, server, device)
    volumes.change(volumes.get(volume_id) or volume, status="attaching")

    def attached(at: float) -> None:
        found = volumes.get(volume_id)
        if found is not None and found.status == "attaching":
            volumes.change(found, at, status=None)

    rpc.when(call.cloud, lambda: host is None or rpc.compute(call.cloud, host), call.cloud.now() + ATTACHING, attached)
    edited = call.cloud.compute.servers.edit(server_id)
    edited.updated = call.cloud.now()
    shown = volume_view(call, edited, edited.volumes.index(volume_id))
    return messages(call, Reply({"volumeAttachment": shown}))


def detach_volume(call: Call) -> Reply:
    server = one(call)
    volume_id = call.args["volume_id"]
    if volume_id not in server.volumes:
        raise ApiError(404, f"volume_id not found: {volume_id}")
    _check(server, "detach_volume")
    volumes = call.cloud.storage.volumes
    volume = volumes.get(volume_id)
    if volume is None:
        raise ApiError(404, f"Volume {volume_id} could not be found.")
    status = volumes.status(volume)
    if status != "in-use":
        raise ApiError(
            400,
            "Invalid volume: Invalid input received: Invalid volume: Unable to detach volume. Volume status must be "
            "'in-use' and attach_status must be 'attached' to detach.",
        )
    volumes.change(volume, status="detaching")
    host, server_id = server.host, server.id

    def detached(at: float) -> None:
        found = volumes.get(volume_id)
        for attachment in found.attachments if found is not None else ():
            if attachment.server_id == server_id and found is not None:
                volumes.detach(found, attachment)

    rpc.when(call.cloud, lambda: host is None or rpc.compute(call.cloud, host), call.cloud.now() + DETACHING, detached)
    return messages(call, Reply(None, 202))


def attach_interface(call: Call) -> Reply:
    """A port of the user's, or a new one on a network."""
    server = one(call)
    _check(server, "attach_interface")
    given = _part(call, "interfaceAttachment")
    network = call.cloud.network
    if given.get("port_id"):
        port = network.ports.get(str(given["port_id"]))
        if port is None:
            raise ApiError(404, f"Port {given['port_id']} could not be found.")
        if port.device_id:
            raise ApiError(400, f"Port {port.id} is still in use.")
        nic = nic_of_port(call.cloud, port.id)
        network.ports.change(port, device_id=server.id, device_owner="compute:nova")
    else:
        wanted = str(given.get("net_id") or (server.nics[0].network_id if server.nics else ""))
        if wanted not in network.networks:
            raise ApiError(404, f"Network {wanted} could not be found.")
        nic = new_nic(call.cloud, wanted, str(uuid4()))
    if nic is None:
        raise ApiError(400, "Fixed IP not available for the requested network.")
    edited = call.cloud.compute.servers.edit(server.id)
    edited.nics = (*edited.nics, nic)
    shown: View = interface_view(call, edited, nic)
    return messages(call, Reply({"interfaceAttachment": shown}))


def detach_interface(call: Call) -> Reply:
    server = one(call)
    _check(server, "detach_interface")
    port_id = call.args["port_id"]
    if port_id not in [nic.port_id for nic in server.nics]:
        raise ApiError(404, f"Port id {port_id} could not be found.")
    network = call.cloud.network
    port = network.ports.held.get(port_id)
    edited = call.cloud.compute.servers.edit(server.id)
    edited.nics = tuple(nic for nic in edited.nics if nic.port_id != port_id)
    if port is not None:  # it was there before the server: it stays, free
        network.ports.change(port, device_id="", device_owner="", host="", vif_type="unbound", status="DOWN")
    return messages(call, Reply(None, 202))


_AT = "/v2.1/servers/{id}"
ROUTES = (
    Route("POST", _AT + "/os-volume_attachments", attach_volume, "member", RULE + "os-volumes-attachments:create"),
    Route(
        "DELETE",
        _AT + "/os-volume_attachments/{volume_id}",
        detach_volume,
        "member",
        RULE + "os-volumes-attachments:delete",
    ),
    Route("POST", _AT + "/os-interface", attach_interface, "member", RULE + "os-attach-interfaces:create"),
    Route("DELETE", _AT + "/os-interface/{port_id}", detach_interface, "member", RULE + "os-attach-interfaces:delete"),
)
