"""The keys of nephoscope.toml: their types, what they mean, what they are when absent. Declarations only.

docs/configuration.md and every complaint about a key are made from these, so a new key is one field here and the place
that uses it.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import field

from console.config.table import Later, Name, Password, Port, Table


class SshTable(Table, frozen=True):
    """How hosts are reached. `~/.ssh/config` holds for whatever is not said here."""

    config: Name | None = None
    """An ssh_config to use instead of ~/.ssh/config."""
    user: str = ""
    """As whom we log in, where neither the host nor ssh_config says."""
    jump: str = ""
    """The host to go through, [USER@]HOST[:PORT]."""
    known_hosts: Name | None = None
    """Host keys; one that is not in there is refused."""
    identity: Name | None = None
    """A private key; else the agent's and the usual files."""


class HostTable(Table, frozen=True):
    """One machine, or a range of them: `hosts."cmp[01:40]"`. Laid over what the inventory says about it."""

    address: str = ""
    """Its management address, or a range of as many; else its name is looked up."""
    roles: list[Name] | None = None
    """What it is for: control, network, compute, storage, monitoring, loadbalancer."""
    groups: list[Name] | None = None
    """Groups as in an inventory."""
    user: str = ""
    """As whom we log in there."""
    port: Port | None = None
    """Where its SSH listens."""


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
    """A Ceph cluster. One of mons and dashboard is enough; a lost quorum is seen only on the monitors' hosts."""

    mons: list[Name | MonTable] | None = None
    """Hosts with a monitor, or tables of host and name."""
    user: str = "viewer"
    """The cephx user without `client.`: mon 'allow r' mgr 'allow r' is enough."""
    conf: Name = "/etc/ceph/ceph.conf"
    """ceph.conf on the monitors' hosts, which names the keyring."""
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


class MemcachedTable(Table, frozen=True):
    """The caches, each asked by itself."""

    servers: list[Name | MemberTable] | None = None
    """Hosts, or tables of host, address, port; with Kolla: the group memcached."""
    port: Port | None = None
    """Port of servers that name none (11211)."""
    via: str = ""
    """`ssh:HOST` when only that host reaches them."""


class WebTable(Table, frozen=True):
    """Prometheus (targets, metrics) and Alertmanager (alerts, silences), each in a table of its own."""

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


class SiteTable(Table, frozen=True):
    """One cloud of clouds.yaml, or one region of it: `[site."CLOUD/REGION"]` is laid over `[site.CLOUD]`."""

    protection: Literal["read-only", "normal", "production"] | None = None
    """Production asks for more before it changes anything; read-only never does (normal)."""
    kolla: Name | None = None
    """Kolla's folder: globals.yml, passwords.yml and, unless said, the inventory."""
    inventory: Name | list[Name] | None = None
    """Ansible inventory: a file, a folder, or a list; INI or YAML."""
    vault_password_file: Name | None = None
    """For an encrypted passwords.yml; else ANSIBLE_VAULT_PASSWORD_FILE."""
    ansible_vault: Name | None = None
    """The program ansible-vault, when it is not on PATH."""
    lock_dir: Name | None = None
    """Where operations lock (/run/lock/nephoscope); share it to lock out others."""
    ssh: SshTable | None = None
    """How hosts are reached."""
    hosts: dict[str, HostTable] | None = None
    """Machines by name."""
    galera: GaleraTable | None = None
    """The database cluster."""
    rabbitmq: RabbitmqTable | None = None
    """The message broker."""
    certificates: CertificatesTable | None = None
    """Further certificates to look at."""
    haproxy: HaproxyTable | None = None
    """The load balancers."""
    keepalived: KeepalivedTable | None = None
    """The virtual addresses."""
    memcached: MemcachedTable | None = None
    """The caches."""
    prometheus: WebTable | None = None
    """The metrics."""
    alertmanager: WebTable | None = None
    """The alerts."""
    ceph: CephTable | None = None
    """The storage cluster."""
    notifications: bool | None = None
    """True lets us declare our own expiring queues at the broker, to hear what the services notify of (false)."""
    loki: Later | None = None
    """Kept for later."""
    grafana: Later | None = None
    """Kept for later."""


class File(Table, frozen=True):
    """The whole file. Every key is optional."""

    cloud: str = ""
    """The cloud to open when neither --cloud, OS_CLOUD nor OS_AUTH_URL says."""
    region: str = ""
    """Its region, when neither --region nor OS_REGION_NAME says."""
    read_only: bool = False
    """True: nothing is ever changed, as with --read-only."""
    theme: str = ""
    """How it looks: dark, ansi, mono, light, contrast."""
    ascii: bool = False
    """True: no characters outside ASCII, as with --ascii."""
    refresh: str | float = 0.0
    """How often what is on screen is read again: `30s` or seconds, at least 2; else as each kind says."""
    keys: dict[str, Any] = field(default_factory=dict)
    """Other keys for actions: `list.mark = "x"`; `?` shows their names."""
    site: dict[str, SiteTable] = field(default_factory=dict)
    """Where the systems of a cloud live."""
