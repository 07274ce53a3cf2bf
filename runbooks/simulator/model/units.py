"""What runs on a machine of each role: Kolla's containers, Ceph's daemons, the operating system's services.

OpenStack and its supporting services are docker containers with Kolla's names. Ceph's daemons are systemd units around
podman containers, as ceph-ansible deploys them. Names are systemd's, without `.service`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from runbooks.simulator.layout import Driver

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
    "ovn_nb_db": "ovn-nb-db-server",
    "ovn_sb_db": "ovn-sb-db-server",
    "neutron_ovn_metadata_agent": "neutron-metadata-agent",
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

_OVN_SWITCH = _kolla("openvswitch_db", "openvswitch_vswitchd", "ovn_controller")
_OVN_CENTRAL = _kolla("ovn_nb_db", "ovn_sb_db", "ovn_northd")

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
_NOVA = _kolla("nova_libvirt", "nova_ssh", "nova_compute", "prometheus_libvirt_exporter")
_COMPUTE = (*_OPEN_VSWITCH, *_NOVA)
_BY_DRIVER: dict[Driver, dict[str, tuple[UnitPlan, ...]]] = {
    "ovs": {"control": _CONTROL, "network": _NETWORK, "compute": _COMPUTE},
    "ovn": {
        "control": (*_CONTROL, *_OVN_CENTRAL),
        "network": _OVN_SWITCH,
        "compute": (*_OVN_SWITCH, *_kolla("neutron_ovn_metadata_agent"), *_NOVA),
    },
}
_FURTHER = _kolla(
    "octavia_api",
    "octavia_worker",
    "octavia_health_manager",
    "octavia_housekeeping",
    "designate_api",
    "designate_central",
    "designate_mdns",
    "designate_producer",
    "designate_worker",
    "designate_backend_bind9",
    "manila_api",
    "manila_scheduler",
    "manila_share",
    "manila_data",
    "barbican_api",
    "barbican_worker",
    "barbican_keystone_listener",
)
"""Of the services that many clouds do without, on the controllers."""
_MONITORING = (
    *_kolla("prometheus_server", "prometheus_alertmanager", "prometheus_blackbox_exporter", "grafana"),
    UnitPlan("loki", "docker", "docker.io/grafana/loki:3.2.1"),
)
"""Loki is no part of Kolla; many have one beside it."""


def plans(roles: tuple[str, ...], name: str, network: Driver = "ovs", *, further: bool = False) -> tuple[UnitPlan, ...]:
    """The units of a machine called `name` with these roles, sorted by engine and name; no name twice."""
    found = list(_EVERYWHERE)
    if "storage" in roles:
        found += _ceph(name)
    if set(roles) - {"storage"}:
        found += _DOCKER
        found += [unit for unit in _BASE if unit.name != "cron"]
    for role, units in (*_BY_DRIVER[network].items(), ("monitoring", _MONITORING)):
        if role in roles:
            found += units
    if further and "control" in roles:
        found += _FURTHER
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
