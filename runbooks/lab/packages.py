"""Which packages a lab needs: a few in the machine, the rest in the image of the hosts.

A service names its own in `PACKAGES`; here is which services a profile has.
"""

from __future__ import annotations

from types import ModuleType

from runbooks.lab import venv
from runbooks.lab.layout import PROFILES
from runbooks.lab.services import (
    alertmanager,
    ceph,
    galera,
    haproxy,
    keepalived,
    memcached,
    neutron_agents,
    node_exporter,
    nova_compute,
    ovs,
    prometheus,
    rabbitmq,
)

MACHINE = (
    "mmdebstrap", "systemd-container", "iproute2", "e2fsprogs", "ethtool", "util-linux", "openssh-client", "procps",
)  # fmt: skip
"""What the machine itself needs: to make the image, to start hosts, to connect them."""

HOST = (
    "systemd systemd-sysv dbus openssh-server openssh-client iproute2 nftables iptables iputils-ping rsync socat curl "
    "jq ethtool procps psmisc sudo less netcat-openbsd tcpdump ca-certificates python3 openssl libfaketime"
)
"""What every host has."""

_CORE: tuple[ModuleType, ...] = (memcached, haproxy, keepalived, galera, rabbitmq, venv, nova_compute)
_NETWORK: tuple[ModuleType, ...] = (ovs, neutron_agents)
_STORAGE: tuple[ModuleType, ...] = (ceph,)
_FULL: tuple[ModuleType, ...] = (prometheus, alertmanager, node_exporter)


def services(profile: str) -> tuple[ModuleType, ...]:
    """The modules of `services/` that a profile has."""
    assert profile in PROFILES
    return (
        _CORE
        + (_NETWORK if profile in ("network", "full") else ())
        + (_STORAGE if profile in ("storage", "full") else ())
        + (_FULL if profile == "full" else ())
    )


def image_packages(profile: str) -> tuple[str, ...]:
    """The packages of the hosts' image, each once, in a stable order."""
    found = dict.fromkeys(HOST.split())
    for module in services(profile):
        found |= dict.fromkeys(module.PACKAGES)
    return tuple(found)
