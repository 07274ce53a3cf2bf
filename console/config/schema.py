"""The keys of nephoscope.toml: their types, what they mean, what they are when absent. Declarations only.

docs/configuration.md and every complaint about a key are made from these, so a new key is one field here and the place
that uses it.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import field

from console.config.schema_systems import (
    CephTable,
    CertificatesTable,
    GaleraTable,
    HaproxyTable,
    KeepalivedTable,
    LokiTable,
    MemcachedTable,
    OvnTable,
    RabbitmqTable,
    WebTable,
)
from console.config.table import Later, Name, Port, Table


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
    admin_cloud: Name | None = None
    """The entry of clouds.yaml that operations change things with; else the cloud's own."""
    roles: dict[str, list[Name]] | None = None
    """Role of the token = patterns of the operations that it allows: `operator = ["compute-service.*"]`."""
    lock_dir: Name | None = None
    """Where operations lock (/run/lock/nephoscope); share it to lock out others."""
    allowed_signers: Name | None = None
    """Whose SSH signatures approve what wants a second person: a file as in ssh-keygen(1), writable by no others."""
    principals: dict[str, Name] | None = None
    """Local user = the same person's name in allowed_signers, where they differ: nobody approves what he asks for."""
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
    ovn: OvnTable | None = None
    """OVN, where Neutron uses it."""
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
    loki: LokiTable | None = None
    """The logs of all hosts in one place."""
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
