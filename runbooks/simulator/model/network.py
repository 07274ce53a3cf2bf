"""Network of one region."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.simulator.model.cloud import Cloud


@dataclass(slots=True)
class Network:
    """Network of one region."""

    cloud: Cloud


def build_network(cloud: Cloud) -> Network:
    """The healthy network part of `cloud`."""
    return Network(cloud)
