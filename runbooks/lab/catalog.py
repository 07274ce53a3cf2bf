"""What Keystone must know before anybody can use the cloud: projects, service users, services and their endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runbooks.lab.api import Cloud, admin
from runbooks.lab.lab import Lab
from runbooks.lab.services.options import REGION


@dataclass(frozen=True, slots=True)
class Entry:
    """A service of the catalogue."""

    name: str
    type: str
    description: str
    port: int
    path: str = ""
    user: str = ""
    """The account that it works with; empty where another entry's has it."""


ENTRIES: tuple[Entry, ...] = (
    Entry("placement", "placement", "Placement Service", 8778, user="placement"),
    Entry("glance", "image", "Image Service", 9292, user="glance"),
    Entry("nova", "compute", "Compute Service", 8774, "/v2.1", user="nova"),
    Entry("neutron", "network", "Networking Service", 9696, user="neutron"),
    Entry("cinder", "block-storage", "Block Storage Service", 8776, "/v3", user="cinder"),
    Entry("cinderv3", "volumev3", "Block Storage Service", 8776, "/v3/%(project_id)s"),
)

FURTHER: tuple[Entry, ...] = (
    Entry("heat", "orchestration", "Orchestration Service", 8004, "/v1/%(project_id)s", user="heat"),
    Entry("barbican", "key-manager", "Key Manager Service", 9311, user="barbican"),
    Entry("designate", "dns", "DNS Service", 9001, user="designate"),
    Entry("manila", "shared-file-system", "Shared File Systems Service", 8786, "/v2", user="manila"),
    Entry("octavia", "load-balancer", "Load Balancer Service", 9876, user="octavia"),
)
"""Those of the profile `full`, beside the others."""


def register(lab: Lab, *entries: Entry) -> None:
    """Put services into the catalogue, with their accounts; what is there already is left alone."""
    cloud = admin(lab)
    projects = _names(cloud, "projects")
    for name, title in (("service", "OpenStack's own services"), ("demo", "Somebody who uses the cloud")):
        if name not in projects:
            body = {"project": {"name": name, "domain_id": "default", "description": title}}
            projects[name] = cloud.call("identity", "POST", "/projects", body)["project"]["id"]
    roles = _names(cloud, "roles")
    users = _names(cloud, "users")
    for entry in entries:
        if entry.user:
            user = _user(lab, cloud, users, entry.user)
            _grant(cloud, projects["service"], user, roles["admin"], roles["service"])
    _grant(cloud, projects["demo"], _user(lab, cloud, users, "demo"), roles["member"], roles["reader"])
    _grant(cloud, projects["demo"], users["admin"], roles["admin"])
    cloud.call("identity", "PUT", f"/system/users/{users['admin']}/roles/{roles['admin']}")
    _services(lab, cloud, entries)


def _names(cloud: Cloud, collection: str) -> dict[str, str]:
    found: list[dict[str, Any]] = cloud.call("identity", "GET", f"/{collection}")[collection]
    return {each["name"]: each["id"] for each in found}


def _user(lab: Lab, cloud: Cloud, users: dict[str, str], name: str) -> str:
    if name not in users:
        body = {"user": {"name": name, "domain_id": "default", "password": lab.secrets[f"keystone_{name}"]}}
        users[name] = cloud.call("identity", "POST", "/users", body)["user"]["id"]
    return users[name]


def _grant(cloud: Cloud, project: str, user: str, *roles: str) -> None:
    for role in roles:
        cloud.call("identity", "PUT", f"/projects/{project}/users/{user}/roles/{role}")


def _services(lab: Lab, cloud: Cloud, entries: tuple[Entry, ...]) -> None:
    services = _names(cloud, "services")
    found: list[dict[str, Any]] = cloud.call("identity", "GET", "/endpoints")["endpoints"]
    known = {(each["service_id"], each["interface"]) for each in found}
    for entry in entries:
        if entry.name not in services:
            body = {"service": {"name": entry.name, "type": entry.type, "description": entry.description}}
            services[entry.name] = cloud.call("identity", "POST", "/services", body)["service"]["id"]
        for interface in ("public", "internal", "admin"):
            if (services[entry.name], interface) not in known:
                url = f"http://{lab.layout.vip}:{entry.port}{entry.path}"
                body = {"endpoint": {"service_id": services[entry.name], "interface": interface, "region_id": REGION}}
                body["endpoint"]["url"] = url
                cloud.call("identity", "POST", "/endpoints", body)
