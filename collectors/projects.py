"""What the services of a catalogue are: project, purpose, and the year when OpenStack gave it up, by service type.

From the governance repository (reference/projects.yaml and legacy.yaml, August 2026) and the service types authority.
A retired service still answers, but nobody mends it; one that was never OpenStack's, or left it, is said to be so.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Project(NamedTuple):
    """Who makes a service, and what for. `retired` is a year; 0: it lives. `note` ends the sentence."""

    name: str
    purpose: str
    retired: int = 0
    note: str = ""


_OUTSIDE: Final = "developed outside OpenStack"

PROJECTS: Final[dict[str, Project]] = {
    "accelerator": Project("Cyborg", "GPUs, FPGAs and other accelerators for servers"),
    "admin-logic": Project("Adjutant", "sign-up and other business processes around accounts"),
    "alarm": Project("Aodh", "alarms on measurements of the cloud"),
    "application-catalog": Project("Murano", "catalogue of applications to deploy", 2024),
    "application-container": Project("Zun", "containers without servers of one's own around them"),
    "application-deployment": Project("Solum", "builds and deploys applications from their source", 2024),
    "backup": Project("Freezer", "backups of files, servers, volumes and databases"),
    "baremetal": Project("Ironic", "machines given out whole"),
    "baremetal-introspection": Project("Ironic Inspector", "finds out what machines are made of"),
    "block-storage": Project("Cinder", "volumes, snapshots and backups"),
    "cloudformation": Project("Heat", "stacks, by the API of AWS CloudFormation"),
    "clustering": Project("Senlin", "groups of servers that grow and shrink", 2024),
    "compute": Project("Nova", "servers"),
    "container-infrastructure-management": Project("Magnum", "Kubernetes clusters"),
    "data-processing": Project("Sahara", "Hadoop and Spark clusters", 2024),
    "data-protection-orchestration": Project("Karbor", "plans for backups of whole applications", 2020),
    "database": Project("Trove", "databases for tenants, each on a server of its own"),
    "dns": Project("Designate", "DNS zones and records"),
    "ec2-api": Project("EC2 API", "servers, by the API of AWS EC2", 2024),
    "event": Project("Panko", "events of the cloud, kept and searched", 2022),
    "function-engine": Project("Qinling", "functions as a service", 2020),
    "identity": Project("Keystone", "users, projects, roles and the catalogue"),
    "image": Project("Glance", "images that servers start from"),
    "instance-ha": Project("Masakari", "restarts servers elsewhere when their host fails"),
    "key-manager": Project("Barbican", "keys, certificates and other secrets"),
    "load-balancer": Project("Octavia", "load balancers"),
    "log-management": Project("Venus", "collects and searches the services' logs", 2026),
    "message": Project("Zaqar", "message queues for tenants' applications"),
    "meter": Project("Ceilometer", "measurements; its API is gone since 2018, Gnocchi answers instead"),
    "metric": Project("Gnocchi", "time series of measurements", note=_OUTSIDE),
    "monitoring": Project("Monasca", "metrics and alarms", 2025),
    "monitoring-events": Project("Monasca", "events", 2025),
    "monitoring-logging": Project("Monasca", "logs", 2025),
    "multi-region-network-automation": Project("Tricircle", "networks across several Neutrons", 2020),
    "network": Project("Neutron", "networks, routers, addresses, security groups"),
    "nfv-orchestration": Project("Tacker", "virtual network functions and their life cycle"),
    "object-store": Project("Swift", "objects in containers; often answered by Ceph's gateway"),
    "operator-policy": Project("Congress", "policies across services", 2020),
    "orchestration": Project("Heat", "stacks made from templates"),
    "placement": Project("Placement", "what there is to give to servers, and who took it"),
    "rating": Project("CloudKitty", "prices for what was used"),
    "reservation": Project("Blazar", "reservations of hosts and servers for a time"),
    "resource-optimization": Project("Watcher", "plans that move servers to use hosts better"),
    "root-cause-analysis": Project("Vitrage", "causes behind alarms and events"),
    "search": Project("Searchlight", "one search over all services", 2020),
    "shared-file-system": Project("Manila", "file systems that several servers mount"),
    "workflow": Project("Mistral", "workflows of tasks"),
}
"""Service type → its project."""

_ALIASES: Final[dict[str, str]] = {
    "alarming": "alarm",
    "application_deployment": "application-deployment",
    "bare-metal": "baremetal",
    "block-store": "block-storage",
    "cluster": "clustering",
    "container": "application-container",
    "container-infra": "container-infrastructure-management",
    "container-infrastructure": "container-infrastructure-management",
    "ec2": "ec2-api",
    "events": "event",
    "ha": "instance-ha",
    "infra-optim": "resource-optimization",
    "messaging": "message",
    "messaging-websocket": "message",
    "metering": "meter",
    "monitoring-log-api": "monitoring-logging",
    "policy": "operator-policy",
    "rca": "root-cause-analysis",
    "registration": "admin-logic",
    "resource-cluster": "clustering",
    "share": "shared-file-system",
    "sharev2": "shared-file-system",
    "telemetry": "meter",
    "tricircle": "multi-region-network-automation",
    "volume": "block-storage",
    "volumev2": "block-storage",
    "volumev3": "block-storage",
    "workflowv2": "workflow",
}
"""Spellings that catalogues use, as in the service types authority."""


def _project(service_type: str) -> Project | None:
    return PROJECTS.get(_ALIASES.get(service_type, service_type))


def retired(service_type: str) -> str | None:
    """`Panko was retired upstream in 2022`, or None for a service whose project lives."""
    found = _project(service_type)
    return f"{found.name} was retired upstream in {found.retired}" if found and found.retired else None


def purpose(service_type: str) -> str | None:
    """`Trove: databases for tenants, …`, with what became of the project; None for a service that nobody told us of."""
    found = _project(service_type)
    if found is None:
        return None
    end = f"retired upstream in {found.retired}" if found.retired else found.note
    return f"{found.name}: {found.purpose}" + (f" ({end})" if end else "")
