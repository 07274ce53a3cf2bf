"""The keys of nephoscope.toml about one system of a site: database, broker, Ceph, balancers, caches, metrics, logs.

Declarations only, as in `console/config/schema.py`, whose `SiteTable` holds them.
"""

from __future__ import annotations

from console.config.table import Name, Password, Port, Table


class MemberTable(Table, frozen=True):
    """One member of the database cluster."""

    host: Name
    """The machine it is on, as named under hosts."""
    address: str = ""
    """Where it listens; else the host's address."""
    port: Port | None = None
    """Its port; else the cluster's."""


class GaleraTable(Table, frozen=True):
    """The database members, each asked by itself and never through the virtual address."""

    user: str = ""
    """An account that may read status; with Kolla: prometheus, else monitor."""
    password: Password | None = None
    """Its password; with Kolla: what belongs to the user."""
    admin_user: str = ""
    """An account that may set variables and end queries, for operations only; with Kolla: root."""
    admin_password: Password | None = None
    """Its password; with Kolla: database_password."""
    members: list[Name | MemberTable] | None = None
    """Hosts, or tables of host, address, port; with Kolla: the group mariadb."""
    port: Port | None = None
    """Port of members that name none (3306)."""
    via: str = ""
    """`ssh:HOST` when only that host reaches them."""
    tls: bool | None = None
    """True when the members want TLS."""
    ca: Name | None = None
    """CA that signed their certificates."""


class NodeTable(Table, frozen=True):
    """One node of the broker."""

    host: Name
    """The machine it is on, as named under hosts."""
    name: str = ""
    """Its own name, rabbit@HOST."""
    url: str = ""
    """Its management API, without /api."""
    address: str = ""
    """Where the API listens, when no URL is given; else the host's address."""
    port: Port | None = None
    """Port of the API, when no URL is given."""


class RabbitmqTable(Table, frozen=True):
    """The broker: its management APIs, and where its clients connect."""

    user: str = ""
    """An account with the tag monitoring; with Kolla: its monitoring user, else openstack."""
    password: Password | None = None
    """Its password; with Kolla: what belongs to the user."""
    admin_user: str = ""
    """An account with the tag administrator, for operations only; with Kolla: openstack."""
    admin_password: Password | None = None
    """Its password; with Kolla: rabbitmq_password."""
    urls: list[Name] | None = None
    """Management URLs without /api, in the order they are tried."""
    nodes: list[Name | NodeTable] | None = None
    """Instead of urls: hosts, or tables of host, url, address, port; with Kolla: the group rabbitmq."""
    port: Port | None = None
    """Port of nodes that name none (15672)."""
    tls: bool | None = None
    """True when nodes without a URL are asked with https."""
    via: str = ""
    """`ssh:HOST` when only that host reaches them."""
    ca: Name | None = None
    """CA that signed their certificates."""
    amqp_port: Port | None = None
    """Where clients connect on the same machines (5672; 5671 with TLS); with Kolla: rabbitmq_port."""
    amqp_tls: bool | None = None
    """True when clients must use TLS; with Kolla: rabbitmq_enable_tls."""
    amqp_user: str = ""
    """As whom we connect there; else user. Notifications need rights on queues named `nephoscope.*`."""
    amqp_password: Password | None = None
    """Its password; with Kolla: what belongs to the user."""
    vhost: Name | None = None
    """The virtual host of the services (/)."""


class MonTable(Table, frozen=True):
    """One monitor of Ceph."""

    host: Name
    """The machine it is on, as named under hosts."""
    name: str = ""
    """Its own name; else the host's, up to the first dot."""


class DashboardTable(Table, frozen=True):
    """Ceph's dashboard: it is asked where the monitors' hosts cannot be."""

    urls: list[Name]
    """`https://HOST:8443` of every manager; a password goes to no other address."""
    user: Name
    """A person with the role read-only."""
    password: Password
    """Its password."""
    via: str = ""
    """`ssh:HOST` when only that host reaches them."""
    ca: Name | None = None
    """CA that signed their certificates, or the certificate itself."""


class CephTable(Table, frozen=True):
    """A Ceph cluster. One of mons, local and dashboard is enough; a lost quorum is seen only on the monitors' hosts."""

    mons: list[Name | MonTable] | None = None
    """Hosts with a monitor, or tables of host and name."""
    user: str = "viewer"
    """The cephx user without `client.`: mon 'allow r' mgr 'allow r' is enough."""
    conf: Name = "/etc/ceph/ceph.conf"
    """ceph.conf on the monitors' hosts, which names the keyring."""
    local: Name | None = None
    """ceph.conf on this machine, which names the keyring: asked from here (needs python3-rados), before all else."""
    admin: str = "admin"
    """The cephx user that operations use on the monitors' hosts, without `client.`."""
    dashboard: DashboardTable | None = None
    """The dashboards of the managers."""


class CertificatesTable(Table, frozen=True):
    """TLS addresses whose certificates are looked at besides those of the catalogue."""

    addresses: list[Name]
    """`HOST:PORT`, or `HOST` alone for 443."""
    ca: Name | None = None
    """CA that signed them, where the system does not know it."""


class HaproxyTable(Table, frozen=True):
    """The load balancers: each is asked for its statistics, by its socket over SSH or by its statistics page."""

    hosts: list[Name] | None = None
    """Hosts that run it; with Kolla: the group loadbalancer."""
    socket: str = ""
    """Path of its statistics socket on those hosts; else the usual ones are tried."""
    urls: list[Name] | None = None
    """Its statistics pages (`stats uri`) instead of the socket, one per host; with Kolla: port 1984 of each."""
    user: str = ""
    """For the pages, where they want one; with Kolla: openstack."""
    password: Password | None = None
    """Its password; with Kolla: haproxy_password."""
    via: str = ""
    """`ssh:HOST` when only that host reaches the pages."""
    ca: Name | None = None
    """CA that signed the pages' certificates."""


class KeepalivedTable(Table, frozen=True):
    """The virtual addresses, and the hosts that share them."""

    hosts: list[Name] | None = None
    """Hosts that run Keepalived; else those of haproxy."""
    config: str = ""
    """Its configuration on those hosts (/etc/keepalived/keepalived.conf; with Kolla: in /etc/kolla)."""
    addresses: list[Name] | None = None
    """Virtual addresses besides those in its configurations; with Kolla: the internal and the external one."""


class OvnTable(Table, frozen=True):
    """OVN's central part: the members of its databases, and northd."""

    hosts: list[Name] | None = None
    """Hosts that run all of it; with Kolla: the groups ovn-nb-db, ovn-sb-db and ovn-northd."""
    northbound: list[Name] | None = None
    """Hosts of the northbound database, where they are others."""
    southbound: list[Name] | None = None
    """Hosts of the southbound database, where they are others."""
    northd: list[Name] | None = None
    """Hosts of northd, where they are others."""


class MemcachedTable(Table, frozen=True):
    """The caches, each asked by itself."""

    servers: list[Name | MemberTable] | None = None
    """Hosts, or tables of host, address, port; with Kolla: the group memcached."""
    port: Port | None = None
    """Port of servers that name none (11211)."""
    via: str = ""
    """`ssh:HOST` when only that host reaches them."""


class WebTable(Table, frozen=True):
    """Prometheus (targets, charts) and Alertmanager (alerts, silences), each in a table of its own."""

    url: Name | None = None
    """Where it is, without a path of its API."""
    urls: list[Name] | None = None
    """Several of them, in the order they are tried; with Kolla: those of its group."""
    user: str = ""
    """Where it wants one."""
    password: Password | None = None
    """Its password."""
    token: Password | None = None
    """A bearer token, instead of user and password."""
    via: str = ""
    """`ssh:HOST` when only that host reaches it."""
    ca: Name | None = None
    """CA that signed its certificate."""


class LokiTable(WebTable, frozen=True):
    """Loki, as another place of logs: for hosts that cannot be reached, or before them."""

    tenant: str = ""
    """Whose logs (`X-Scope-OrgID`), where it has several tenants."""
    prefer: bool | None = None
    """True: it is asked first, and hosts only where it has nothing of them (false)."""
    host_label: str = ""
    """The label that names the host; else one of the usual: host, hostname, node, instance and others."""
    service_label: str = ""
    """The label that names the service; else all of the usual: unit, container, service_name, filename and others."""
