"""Storage of one region."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.simulator.model.cloud import Cloud


@dataclass(slots=True)
class Storage:
    """Storage of one region."""

    cloud: Cloud


def build_storage(cloud: Cloud) -> Storage:
    """The healthy storage part of `cloud`."""
    return Storage(cloud)
