"""The programs of a simulated host; importing this installs them all."""

from __future__ import annotations

from runbooks.simulator.ssh.programs import (
    awk,
    balancers,
    docker,
    journalctl,
    network,
    podman,
    system,
    systemctl,
    text,
    usage,
    wrappers,
)

__all__ = [
    "awk",
    "balancers",
    "docker",
    "journalctl",
    "network",
    "podman",
    "system",
    "systemctl",
    "text",
    "usage",
    "wrappers",
]
