"""What a unit or container is, told from its name, and what its stopping costs: what an operator reads before Enter.

Names differ by how a cloud was deployed (`nova_compute`, `nova-compute`, `openstack-nova-compute`); one table of
patterns serves them all. What is not in it is told as what it is: something that we know nothing of.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

import msgspec

_DEPLOYED: Final = re.compile(r"^(?:kolla-|openstack-|devstack@)|-container$")


class Voters(msgspec.Struct, frozen=True):
    """The members of a cluster that votes: the rows of `kind`, of which `well` ones vote now."""

    kind: str
    well: str


class Effect(msgspec.Struct, frozen=True):
    """What follows when it stops."""

    stops: str
    shared: bool = False
    """Others of its name on other hosts take over: never two at a time, never the last one."""
    voters: Voters | None = None
    never: str = ""
    """Why it is not stopped or restarted by itself, from here."""


_GALERA = Voters("galera-members", "status=Primary ready=true")
_RABBITMQ = Voters("rabbitmq-nodes", "running=true")
_MONS = Voters("mons", "in_quorum=true")
_API = "requests that it works on fail; the other hosts answer new ones"
_WORKER = "what it works on fails or is taken up again; the other hosts go on"
_AGENT = "what is wired stays and traffic flows; {} until it runs again"

_TABLE: Final[tuple[tuple[str, Effect], ...]] = (
    ("ssh sshd ssh@*", Effect("nobody can log in any more", never="we come in by it")),
    (
        "systemd-* dbus dbus-broker networking NetworkManager wicked* user@* getty* serial-getty*",
        Effect("the host itself depends on it", never="the host itself depends on it"),
    ),
    (
        "docker docker.service containerd podman crio",
        Effect("every container of the host stops with it", never="every container of the host would stop: stop those"),
    ),
    ("mariadb mysql mysqld mariadb-server", Effect("its clients are cut; another member serves them", voters=_GALERA)),
    (
        "rabbitmq rabbitmq-server rabbitmq-server@*",
        Effect("its clients are cut and connect to another node; its queue leaders move", voters=_RABBITMQ),
    ),
    ("ceph-mon* *ceph-*@mon.*", Effect("clients use the other monitors after an election", voters=_MONS)),
    ("ceph-mgr* *ceph-*@mgr.*", Effect("another manager takes over; the dashboard moves", shared=True)),
    (
        "ceph-osd* *ceph-*@osd.*",
        Effect("its copies serve; reads and writes pause for seconds, recovery begins after ten minutes"),
    ),
    ("etcd", Effect("its clients use the other members", shared=True)),
    ("ovn-nb-db ovn-sb-db ovn-northd", Effect("another one takes over; nothing new is wired meanwhile", shared=True)),
    ("nova-compute nova-compute-*", Effect("its servers run on; none can be changed there, Nova counts it as down")),
    (
        "nova-libvirt libvirtd virtqemud virtproxyd",
        Effect("its running servers run on; Nova can neither see nor change them"),
    ),
    ("nova-ssh", Effect("no cold migration or resize to or from this host")),
    (
        "openvswitch-switch openvswitch-vswitchd ovs-vswitchd openvswitch",
        Effect("traffic of all servers, routers and tunnels of this host stops until its flows are there again"),
    ),
    (
        "openvswitch-db ovsdb-server",
        Effect("nothing can be wired; systemd stops ovs-vswitchd with it, and then traffic stops"),
    ),
    ("neutron-openvswitch-agent neutron-linuxbridge-agent", Effect(_AGENT.format("nothing new is wired"))),
    ("ovn-controller", Effect(_AGENT.format("nothing new is wired"))),
    ("neutron-l3-agent", Effect(_AGENT.format("no router or floating IP changes on this host"))),
    ("neutron-dhcp-agent", Effect("its dnsmasq run on; new ports get no address from this host until it runs again")),
    (
        "neutron-metadata-agent neutron-ovn-metadata-agent ovn-metadata-agent neutron-ovn-agent",
        Effect("servers that ask this host get no metadata"),
    ),
    (
        "haproxy",
        Effect("connections through this host are cut; a virtual address that it has moves away", shared=True),
    ),
    ("keepalived", Effect("virtual addresses that it has move to another host within seconds", shared=True)),
    (
        "memcached",
        Effect("the tokens that it caches are lost: a burst of validations, and calls wait for it", shared=True),
    ),
    (
        "cinder-volume cinder-backup",
        Effect("attached volumes go on; nothing of its backend can be created, changed or attached"),
    ),
    (
        "nova-conductor nova-scheduler cinder-scheduler heat-engine designate-* octavia-worker octavia-h* masakari-*"
        " neutron-rpc-server neutron-periodic-workers magnum-conductor",
        Effect(_WORKER, shared=True),
    ),
    (
        "*-api *-api-* nova-metadata nova-novncproxy nova-*proxy keystone neutron-server horizon apache2 httpd"
        " mariadb-clustercheck proxysql glance-api heat-api-cfn octavia-api",
        Effect(_API, shared=True),
    ),
    ("chrony chronyd ntpd", Effect("its clock runs free, a few milliseconds a day")),
    ("prometheus* alertmanager grafana loki", Effect("what it measures, shows or sends is missing meanwhile")),
    ("fluentd rsyslog", Effect("its log lines arrive late or are lost")),
)


@cache
def plain(name: str) -> str:
    """The service's own name, however it was deployed: `nova_compute` and `openstack-nova-compute` → `nova-compute`."""
    return _DEPLOYED.sub("", name.replace("_", "-"))


@cache
def effect(name: str) -> Effect:
    """What stopping a unit or container of this name leads to."""
    service = plain(name)
    for patterns, found in _TABLE:
        if any(fnmatchcase(service, pattern) for pattern in patterns.split()):
            return found
    return Effect("what it does; we know nothing of it")
