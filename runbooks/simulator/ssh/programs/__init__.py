"""The programs of a simulated host; importing this installs them all."""

from __future__ import annotations

from runbooks.simulator.ssh.programs import (
    awk,
    balancers,
    ceph,
    docker,
    find,
    ip,
    iptables,
    journalctl,
    ovs_ofctl,
    ovs_vsctl,
    podman,
    processes,
    rbd,
    sockets,
    system,
    systemctl,
    text,
    usage,
    wrappers,
)

__all__ = [
    "awk",
    "balancers",
    "ceph",
    "docker",
    "find",
    "ip",
    "iptables",
    "journalctl",
    "ovs_ofctl",
    "ovs_vsctl",
    "podman",
    "processes",
    "rbd",
    "sockets",
    "system",
    "systemctl",
    "text",
    "usage",
    "wrappers",
]
