"""The programs of a simulated host; importing this installs them all."""

from __future__ import annotations

from runbooks.simulator.ssh.programs import (
    awk,
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

__all__ = ["awk", "docker", "journalctl", "network", "podman", "system", "systemctl", "text", "usage", "wrappers"]
