"""A server as Nova's API shows it, by microversion and by who asks.

One `ServerView` renders a whole answer: what is the same for all servers of it (states of hosts, flavors, links) is
made once, so that a page of a thousand takes tens of milliseconds.
"""

from __future__ import annotations

import re
from hashlib import sha224

from runbooks.simulator.http.call import Call
from runbooks.simulator.http.nova.links import View, links, stamp, stamp_z
from runbooks.simulator.model.flavors import Flavor
from runbooks.simulator.model.server import Failure, Server

_WITH_PROGRESS = frozenset({"ACTIVE", "BUILD", "DELETED", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING"})
_TRACEBACK = (
    'Traceback (most recent call last):\n  File "/var/lib/kolla/venv/lib/python3/site-packages/nova/conductor/'
    'manager.py", line 719, in build_instances\n    scheduler_utils.populate_retry(\nnova.exception.{name}: {message}\n'
)


class ServerView:
    """Renders servers for one call."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._version = call.version
        self._admin = call.user.is_admin
        self._self = f"{call.base}/v2.1/servers/"
        self._bookmark = f"{call.base}/servers/"
        self._image = f"{call.base}/images/"
        self._hosts: dict[str, str] = {}
        self._zones: dict[str, str] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._flavors: dict[str, View] = {}
        self._bare: View = {}

    def brief(self, server: Server) -> View:
        """As `GET /servers` lists it."""
        return {"id": server.id, "name": server.name, "links": self._links(server.id)}

    def full(self, server: Server) -> View:
        """As `GET /servers/detail` lists it."""
        version, status, host = self._version, server.status, server.host
        shown: View = {
            "accessIPv4": "",
            "accessIPv6": "",
            "addresses": _addresses(self._call, server),
            "created": stamp_z(server.created),
            "flavor": self._flavor(server.flavor),
            "hostId": self._host_id(server.project_id, host) if host else "",
            "id": server.id,
            "image": self._image_of(server),
            "links": self._links(server.id),
            "metadata": server.metadata,
            "name": server.name,
            "status": status,
            "tenant_id": server.project_id,
            "user_id": server.user_id,
            "updated": stamp_z(server.updated),
            "OS-DCF:diskConfig": "MANUAL",
        }
        if server.failure is not None and status in ("ERROR", "DELETED"):
            shown["fault"] = self._fault(server.failure)
        if status in _WITH_PROGRESS:
            shown["progress"] = server.progress
        shown["OS-EXT-AZ:availability_zone"] = self._zone(host) if host else ""
        shown["config_drive"] = ""
        shown["key_name"] = server.key_name
        launched = stamp(server.launched)
        shown["OS-SRV-USG:launched_at"] = launched
        shown["OS-SRV-USG:terminated_at"] = stamp(server.terminated)
        if self._admin:
            self._attributes(shown, server)
        elif version >= (2, 90):
            shown["OS-EXT-SRV-ATTR:hostname"] = _hostname(server.name)
        shown["OS-EXT-STS:task_state"] = server.task_state
        shown["OS-EXT-STS:vm_state"] = server.vm_state
        shown["OS-EXT-STS:power_state"] = server.power_state
        shown["os-extended-volumes:volumes_attached"] = (
            [{"id": volume, "delete_on_termination": False} for volume in server.volumes]
            if version >= (2, 3)
            else [{"id": volume} for volume in server.volumes]
        )
        if version >= (2, 9):
            shown["locked"] = server.locked
        if version >= (2, 19):
            shown["description"] = server.description
        if version >= (2, 26):
            shown["tags"] = list(server.tags)
        if version >= (2, 63):
            shown["trusted_image_certificates"] = None
        if version >= (2, 73):
            shown["locked_reason"] = server.locked_reason
        if version >= (2, 96):
            shown["pinned_availability_zone"] = None
        if version >= (2, 100):
            shown["scheduler_hints"] = {}
        if version >= (2, 16) and self._admin:
            shown["host_status"] = self._host_status(host) if host else ""
        if server.nics:
            shown["security_groups"] = [{"name": name} for name in server.security_groups]
        return shown

    def _attributes(self, shown: View, server: Server) -> None:
        """What only admins see."""
        shown["OS-EXT-SRV-ATTR:host"] = server.host
        shown["OS-EXT-SRV-ATTR:instance_name"] = f"instance-{server.number:08x}"
        shown["OS-EXT-SRV-ATTR:hypervisor_hostname"] = server.host
        if self._version >= (2, 3):
            shown["OS-EXT-SRV-ATTR:hostname"] = _hostname(server.name)
            shown["OS-EXT-SRV-ATTR:kernel_id"] = ""
            shown["OS-EXT-SRV-ATTR:launch_index"] = 0
            shown["OS-EXT-SRV-ATTR:ramdisk_id"] = ""
            shown["OS-EXT-SRV-ATTR:reservation_id"] = server.reservation_id
            shown["OS-EXT-SRV-ATTR:root_device_name"] = "/dev/vda"
            shown["OS-EXT-SRV-ATTR:user_data"] = None

    def _links(self, server_id: str) -> list[dict[str, str]]:
        return [
            {"rel": "self", "href": self._self + server_id},
            {"rel": "bookmark", "href": self._bookmark + server_id},
        ]

    def _flavor(self, flavor: Flavor) -> View:
        found = self._flavors.get(flavor.id)
        if found is None:
            if self._version >= (2, 47):
                found = {
                    "vcpus": flavor.vcpus,
                    "ram": flavor.ram,
                    "disk": flavor.disk,
                    "ephemeral": flavor.ephemeral,
                    "swap": flavor.swap,
                    "original_name": flavor.name,
                    "extra_specs": dict(flavor.extra_specs),
                }
            else:
                found = {"id": flavor.id, "links": links(self._call, "flavors", flavor.id)[1:]}
            self._flavors[flavor.id] = found
        return found

    def _image_of(self, server: Server) -> View | str:
        if not server.image_id:
            return ""
        shown: View = {
            "id": server.image_id,
            "links": [{"rel": "bookmark", "href": self._image + server.image_id}],
        }
        if self._version >= (2, 98):
            shown["properties"] = {
                "base_image_ref": server.image_id,
                "container_format": "bare",
                "disk_format": "qcow2",
                "min_disk": str(server.flavor.disk),
                "min_ram": "0",
            }
        return shown

    def _host_id(self, project_id: str, host: str) -> str:
        """Nova's opaque name of a host for one project."""
        key = (project_id, host)
        found = self._ids.get(key)
        if found is None:
            found = self._ids[key] = sha224((project_id + host).encode()).hexdigest()
        return found

    def _zone(self, host: str) -> str:
        found = self._zones.get(host)
        if found is None:
            found = self._zones[host] = self._call.cloud.compute.zone(host)
        return found

    def _host_status(self, host: str) -> str:
        found = self._hosts.get(host)
        if found is None:
            found = self._hosts[host] = host_status(self._call, host)
        return found

    def _fault(self, failure: Failure) -> View:
        shown: View = {"code": failure.code, "created": stamp_z(failure.at), "message": failure.message}
        if self._admin and failure.code == 500:
            name = "MaxRetriesExceeded" if failure.message.startswith("Exceeded") else "NoValidHost"
            shown["details"] = failure.details or _TRACEBACK.format(name=name, message=failure.message)
        return shown


def host_status(call: Call, host: str) -> str:
    """Nova's `host_status`: UP, DOWN (forced), MAINTENANCE (disabled), UNKNOWN (silent), empty (no service)."""
    services = call.cloud.compute.services
    service = services.compute(host)
    if service is None:
        return ""
    if service.disabled:
        return "MAINTENANCE"
    if service.forced_down:
        return "DOWN"
    return "UP" if services.up(service, call.cloud.now()) else "UNKNOWN"


def _addresses(call: Call, server: Server) -> View:
    found: dict[str, object] = {}
    for nic in server.nics:
        entries: list[View] = [
            {
                "version": 6 if ":" in nic.address else 4,
                "addr": nic.address,
                "OS-EXT-IPS:type": "fixed",
                "OS-EXT-IPS-MAC:mac_addr": nic.mac,
            }
        ]
        floating = call.cloud.network.floating_of(nic.port_id)
        if floating:
            entries.append(entries[0] | {"addr": floating, "OS-EXT-IPS:type": "floating"})
        earlier = found.get(nic.network_name)
        found[nic.network_name] = [*earlier, *entries] if isinstance(earlier, list) else entries
    return found


def _hostname(name: str) -> str:
    """Nova's sanitized host name."""
    return _NO_HOST_NAME.sub("", _BLANK.sub("-", name)).strip(".-").lower()[:63]


_BLANK = re.compile("[ _]")
_NO_HOST_NAME = re.compile("[^A-Za-z0-9.-]+")
