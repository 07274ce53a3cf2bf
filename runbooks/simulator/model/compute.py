"""Compute of one region."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.simulator.model.cloud import Cloud


@dataclass(slots=True)
class Compute:
    """Compute of one region."""

    cloud: Cloud


def build_compute(cloud: Cloud) -> Compute:
    """The healthy compute part of `cloud`."""
    return Compute(cloud)
