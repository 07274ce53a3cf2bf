"""What runs on a machine of each role: Kolla's containers, Ceph's daemons, the operating system's services.

OpenStack and its supporting services are docker containers with Kolla's names. Ceph's daemons are systemd units around
podman containers, as ceph-ansible deploys them. Names are systemd's, without `.service`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

RELEASE = "2025.1-debian-bookworm"
REGISTRY = "quay.io/openstack.kolla"
CEPH_IMAGE = "quay.io/ceph/ceph:v16.2.15"
OSDS_PER_HOST = 3

Engine = Literal["docker", "podman", "systemd"]


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit as deployed: `image` is empty for a plain systemd service."""

    name: str
    engine: Engine
    image: str = ""
    description: str = ""


def _kolla(*names: str) -> tuple[UnitPlan, ...]:
    return tuple(
        UnitPlan(name, "docker", f"{REGISTRY}/{_IMAGES.get(name, name.replace('_', '-'))}:{RELEASE}") for name in names
    )


_IMAGES = {
    "mariadb": "mariadb-server",
    "mariadb_clustercheck": "mariadb-clustercheck",
    "openvswitch_db": "openvswitch-db-server",
    "proxysql": "proxysql",
    "prometheus": "prometheus-v2-server",
    "prometheus_server": "prometheus-v2-server",
    "nova_ssh": "nova-ssh",
}

_EVERYWHERE = (
    UnitPlan("ssh", "systemd", description="OpenBSD Secure Shell server"),
    UnitPlan("systemd-journald", "systemd", description="Journal Service"),
    UnitPlan("systemd-logind", "systemd", description="User Login Management"),
    UnitPlan("systemd-udevd", "systemd", description="Rule-based Manager for Device Events and Files"),
    UnitPlan("dbus", "systemd", description="D-Bus System Message Bus"),
    UnitPlan("chrony", "systemd", description="chrony, an NTP client/server"),
    UnitPlan("cron", "systemd", description="Regular background program processing daemon"),
    UnitPlan("rsyslog", "systemd", description="System Logging Service"),
    UnitPlan("networking", "systemd", description="Raise network interfaces"),
    UnitPlan("unattended-upgrades", "systemd", description="Unattended Upgrades Shutdown"),
)
_DOCKER = (
    UnitPlan("containerd", "systemd", description="containerd container runtime"),
    UnitPlan("docker", "systemd", description="Docker Application Container Engine"),
)
_BASE = _kolla("fluentd", "cron", "kolla_toolbox", "prometheus_node_exporter", "prometheus_cadvisor")

_OPEN_VSWITCH = _kolla("openvswitch_db", "openvswitch_vswitchd", "neutron_openvswitch_agent")

_CONTROL = _kolla(
    "haproxy",
    "keepalived",
    "mariadb",
    "mariadb_clustercheck",
    "rabbitmq",
    "memcached",
    "keystone",
    "keystone_fernet",
    "keystone_ssh",
    "glance_api",
    "placement_api",
    "nova_api",
    "nova_conductor",
    "nova_scheduler",
    "nova_novncproxy",
    "neutron_server",
    "cinder_api",
    "cinder_scheduler",
    "cinder_volume",
    "cinder_backup",
    "heat_api",
    "heat_api_cfn",
    "heat_engine",
    "horizon",
    "prometheus_mysqld_exporter",
    "prometheus_memcached_exporter",
)
_NETWORK = (*_OPEN_VSWITCH, *_kolla("neutron_l3_agent", "neutron_dhcp_agent", "neutron_metadata_agent"))
_COMPUTE = (*_OPEN_VSWITCH, *_kolla("nova_libvirt", "nova_ssh", "nova_compute", "prometheus_libvirt_exporter"))
_MONITORING = _kolla("prometheus_server", "prometheus_alertmanager", "prometheus_blackbox_exporter", "grafana")


def plans(roles: tuple[str, ...], name: str) -> tuple[UnitPlan, ...]:
    """The units of a machine called `name` with these roles, sorted by engine and name; no name twice."""
    found = list(_EVERYWHERE)
    if "storage" in roles:
        found += _ceph(name)
    if set(roles) - {"storage"}:
        found += _DOCKER
        found += [unit for unit in _BASE if unit.name != "cron"]
    for role, units in (
        ("control", _CONTROL),
        ("network", _NETWORK),
        ("compute", _COMPUTE),
        ("monitoring", _MONITORING),
    ):
        if role in roles:
            found += units
    return tuple(sorted({unit.name: unit for unit in found}.values(), key=lambda unit: (unit.engine, unit.name)))


def _ceph(name: str) -> Iterator[UnitPlan]:
    """A monitor and three OSDs on each storage machine, a manager on the first two.

    The number of the first OSD follows from the last one of the machine's name.
    """
    number = int(name.lstrip("abcdefghijklmnopqrstuvwxyz-") or 1)
    first = OSDS_PER_HOST * (number - 1)
    daemons = [(f"ceph-mon@{name}", "Ceph Monitor"), (f"ceph-crash@{name}", "Ceph crash dump collector")]
    daemons += [(f"ceph-osd@{osd}", "Ceph OSD") for osd in range(first, first + OSDS_PER_HOST)]
    if number <= 2:
        daemons.append((f"ceph-mgr@{name}", "Ceph Manager"))
    for unit, description in daemons:
        yield UnitPlan(unit, "podman", CEPH_IMAGE, description)
    yield UnitPlan("node_exporter", "podman", "quay.io/prometheus/node-exporter:v1.3.1", "Node Exporter")
