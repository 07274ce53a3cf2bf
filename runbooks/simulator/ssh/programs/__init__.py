"""The programs of a simulated host; importing this installs them all."""

from __future__ import annotations

from runbooks.simulator.ssh.programs import (
    awk,
    chronyc,
    docker,
    dpkg,
    find,
    journalctl,
    network,
    podman,
    system,
    systemctl,
    text,
    usage,
    virsh,
    wrappers,
)

__all__ = [
    "awk",
    "chronyc",
    "docker",
    "dpkg",
    "find",
    "journalctl",
    "network",
    "podman",
    "system",
    "systemctl",
    "text",
    "usage",
    "virsh",
    "wrappers",
]
