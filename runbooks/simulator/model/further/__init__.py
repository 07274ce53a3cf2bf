"""The services that a cloud may do without: Octavia, Designate, Manila, Barbican, as far as an operator sees them.

A handful of things of the first tenants, and the services that report for them. They are there when the layout says so
(`further`), in the first region only, as Heat and Cinder are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runbooks.simulator.model.further.barbican import Secret, build_secrets
from runbooks.simulator.model.further.designate import Dns, build_dns
from runbooks.simulator.model.further.manila import Shares, build_shares
from runbooks.simulator.model.further.octavia import Balancing, build_balancing

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

__all__ = ["Further", "build_further"]


@dataclass(slots=True)
class Further:
    """All four."""

    balancing: Balancing
    dns: Dns
    shares: Shares
    secrets: list[Secret]


def build_further(cloud: Cloud) -> Further:
    """All four, healthy."""
    return Further(build_balancing(cloud), build_dns(cloud), build_shares(cloud), build_secrets(cloud))
