"""What makes a lab, in order. A step can be repeated, and taken up again wherever it was interrupted.

A new service is one more line here and its file in `services/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from runbooks.lab import clients, further, hosts, image, mend, openstack, platform, seed
from runbooks.lab.lab import Lab
from runbooks.lab.layout import PROFILES
from runbooks.lab.services import alertmanager, ceph, node_exporter, prometheus

ALL = frozenset(PROFILES)
NETWORK = frozenset({"network", "full"})
STORAGE = frozenset({"storage", "full"})
FULL = frozenset({"full"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, what it does in words (one without speaks for itself), and the profiles that have it."""

    name: str
    title: str
    profiles: frozenset[str]
    run: Callable[[Lab], None]


def installed(service: ModuleType) -> Callable[[Lab], None]:
    """What brings one of `services/` up: its files, then its start."""

    def do(lab: Lab) -> None:
        service.install(lab)
        service.start(lab)

    return do


STEPS: tuple[Step, ...] = (
    Step("image", "the image of the hosts", ALL, image.make),
    Step("hosts", "controllers and further hosts", ALL, hosts.up),
    Step("faults", "", ALL, mend.early),
    Step("clients", "the files for clients", ALL, clients.install),
    Step("platform", "database, broker, cache, balancers; OpenStack's environment", ALL, platform.up),
    Step("ceph", "Ceph", STORAGE, installed(ceph)),
    Step("openstack", "OpenStack on the controllers", ALL, openstack.control),
    Step("computes", "network and compute hosts", ALL, openstack.computes),
    Step("further", "further OpenStack projects", FULL, further.up),
    Step("node_exporter", "node_exporter", FULL, installed(node_exporter)),
    Step("alertmanager", "Alertmanager", FULL, installed(alertmanager)),
    Step("prometheus", "Prometheus", FULL, installed(prometheus)),
    Step("seed", "a project with networks, servers and volumes", ALL, seed.up),
)


def of(profile: str) -> tuple[Step, ...]:
    """The steps of a profile."""
    return tuple(step for step in STEPS if profile in step.profiles)
