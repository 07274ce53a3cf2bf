"""The Galera cluster of one region: a member per controller."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.simulator.model.cloud import Cloud


@dataclass(slots=True)
class Galera:
    """The Galera cluster of one region."""

    cloud: Cloud

    def primary(self) -> bool:
        """True while some member answers and is part of a Primary component: what the OpenStack services need."""
        alive = self.cloud.hosts.alive("control", "mariadb")
        return 2 * len(alive) > len(self.cloud.hosts.with_role("control"))


def build_galera(cloud: Cloud) -> Galera:
    """A healthy cluster."""
    return Galera(cloud)
