"""Placement of one region."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.simulator.model.cloud import Cloud


@dataclass(slots=True)
class Placement:
    """Placement of one region."""

    cloud: Cloud


def build_placement(cloud: Cloud) -> Placement:
    """The healthy placement part of `cloud`."""
    return Placement(cloud)
