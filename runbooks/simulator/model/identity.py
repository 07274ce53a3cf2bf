"""Identity of one region."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.simulator.model.cloud import Cloud


@dataclass(slots=True)
class Identity:
    """Identity of one region."""

    cloud: Cloud


def build_identity(cloud: Cloud) -> Identity:
    """The healthy identity part of `cloud`."""
    return Identity(cloud)
