"""From Kolla's groups and variables to our values: hosts with roles, members of the database, nodes of the broker.

Least accounts: status is read as the exporter's `prometheus` user (PROCESS, SLAVE MONITOR, SELECT) where Prometheus is
deployed, else as `monitor` (USAGE, REPLICATION CLIENT); never as root. What is where follows kolla-ansible: roles
mariadb and rabbitmq bind to `api_interface_address` of the hosts in the groups of their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from collectors.inventory import Inventory, Machine
from collectors.notes import Note
from collectors.site import Endpoint, Secret, SiteHost, SshSettings
from console.config.kolla.folder import KollaFolder
from console.config.kolla.passwords import Passwords
from console.config.kolla.variables import Variables

ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "control": ("control",),
    "network": ("network",),
    "compute": ("compute",),
    "storage": ("storage",),
    "monitoring": ("monitoring",),
    "loadbalancer": ("loadbalancer", "haproxy"),
}
"""Role → groups of Kolla's inventory that give it; `haproxy` was the name before Xena."""


class Database(msgspec.Struct, frozen=True):
    """What Kolla says about Galera."""

    members: tuple[Endpoint, ...]
    """The address is empty where the inventory tells none."""
    user: str
    tls: bool
    ca: Path | None


class Broker(msgspec.Struct, frozen=True):
    """What Kolla says about RabbitMQ's management APIs."""

    nodes: tuple[Endpoint, ...]
    """The address is empty where the inventory tells none."""
    user: str
    tls: bool
    ca: Path | None
    amqp_port: int = 0


class Kolla:
    """One Kolla folder as the console sees it."""

    def __init__(self, folder: KollaFolder, passwords: Passwords) -> None:
        self.folder = folder
        self.passwords = passwords
        self.variables = Variables(folder.variables)

    def hosts(self) -> dict[str, SiteHost]:
        """The machines of the inventory; the deployment host itself is none of them."""
        return hosts_of(self.folder.inventory, self.folder.variables) if self.folder.inventory is not None else {}

    def ssh(self) -> SshSettings:
        """How the inventory's hosts are reached."""
        inventory = self.folder.inventory
        return ssh_of(inventory, self.folder.path) if inventory is not None else SshSettings()

    def database(self) -> Database | None:
        """The members of the default shard; None when Kolla does not run MariaDB."""
        found = [] if self.variables.denied("enable_mariadb") else list(self._machines("mariadb"))
        shard = self.variables.text("mariadb_default_database_shard_id")
        members = tuple(
            Endpoint(machine.name, _api_address(seen), seen.number("mariadb_port") or 3306)
            for machine, seen in found
            if seen.text("mariadb_shard_id") == shard
        )
        if not members:
            return None
        tls = self.variables.flag("kolla_enable_tls_backend") and not self.variables.denied("enable_proxysql")
        if self.variables.told("database_enable_tls_backend"):
            tls = self.variables.flag("database_enable_tls_backend")
        return Database(members, self._database_user(), tls, self._ca() if tls else None)

    def broker(self) -> Broker | None:
        """The management APIs; None when Kolla does not run RabbitMQ."""
        if self.variables.denied("enable_rabbitmq"):
            return None
        tls = self.variables.flag("rabbitmq_enable_tls")
        nodes = tuple(
            Endpoint(machine.name, _api_address(seen), seen.number("rabbitmq_management_port") or 15672)
            for machine, seen in self._machines("rabbitmq")
        )
        user = self.variables.text("rabbitmq_monitoring_user") or self.variables.text("rabbitmq_user")
        port = self.variables.number("rabbitmq_port") or (5671 if tls else 5672)
        return Broker(nodes, user, tls, self._ca() if tls else None, port) if nodes else None

    def balancers(self) -> tuple[Endpoint, ...]:
        """Where the statistics pages of HAProxy are; none when Kolla does not run it."""
        if self.variables.denied("enable_haproxy"):
            return ()
        found = list(self._machines("loadbalancer")) or list(self._machines("haproxy"))
        return tuple(
            Endpoint(machine.name, _api_address(seen), seen.number("haproxy_stats_port") or 1984)
            for machine, seen in found
        )

    def caches(self) -> tuple[Endpoint, ...]:
        """The memcached servers; none when Kolla does not run it."""
        if self.variables.denied("enable_memcached"):
            return ()
        return tuple(
            Endpoint(machine.name, _api_address(seen), seen.number("memcached_port") or 11211)
            for machine, seen in self._machines("memcached")
        )

    def ovn(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None:
        """The hosts of OVN's northbound and southbound database and of northd; None where Neutron uses something else.

        `enable_ovn` follows `neutron_plugin_agent` unless it is told.
        """
        told = self.variables.told("enable_ovn")
        wanted = self.variables.flag("enable_ovn") if told else self.variables.text("neutron_plugin_agent") == "ovn"
        if not wanted:
            return None
        found = [tuple(m.name for m, _ in self._machines(group)) for group in ("ovn-nb-db", "ovn-sb-db", "ovn-northd")]
        return (found[0], found[1], found[2]) if all(found) else None

    def monitoring(self, service: Literal["prometheus", "alertmanager"]) -> tuple[Endpoint, ...]:
        """Where Prometheus or its Alertmanager is; none when Kolla does not run it."""
        alerts = service == "alertmanager"
        if not self.variables.flag("enable_prometheus_alertmanager" if alerts else "enable_prometheus_server"):
            return ()
        port, usual = ("prometheus_alertmanager_port", 9093) if alerts else ("prometheus_port", 9091)
        group = "prometheus-alertmanager" if alerts else "prometheus"
        return tuple(
            Endpoint(machine.name, _api_address(seen), seen.number(port) or usual)
            for machine, seen in self._machines(group)
        )

    def metrics_account(self) -> tuple[str, Secret]:
        """The account of Prometheus itself; older releases have none, and it takes any."""
        return "admin", self.passwords.optional("prometheus_password")

    def balancer_account(self) -> tuple[str, Secret]:
        """The account of the statistics pages."""
        return self.variables.text("haproxy_user"), self.passwords.secret("haproxy_password")

    def virtual_addresses(self) -> tuple[str, ...] | None:
        """The internal and the external virtual address as far as they are told; None without Keepalived."""
        if self.variables.denied("enable_keepalived"):
            return None
        told = (self.variables.text(f"kolla_{which}_vip_address") for which in ("internal", "external"))
        return tuple(dict.fromkeys(address for address in told if address))

    def database_password(self, user: str) -> Secret | None:
        """The password that Kolla made for an account of the database; None for one it does not know."""
        if user == "haproxy" and user == self._database_user():
            # Before ProxySQL the health check's account had no password (kolla-ansible de973b81f).
            return Secret(lambda: "", "Kolla: this account has none")
        if user.startswith("root_shard_"):
            return self.passwords.secret("database_password")
        if user.startswith("backup_shard_"):
            return self.passwords.secret("mariadb_backup_database_password")
        return self._known(
            user,
            {
                self.variables.text("database_user") or "root": "database_password",
                self.variables.text("mariadb_monitor_user") or "monitor": "mariadb_monitor_password",
                "prometheus": "prometheus_mysql_exporter_database_password",
            },
        )

    def broker_password(self, user: str) -> Secret | None:
        """The password that Kolla made for an account of the broker; None for one it does not know."""
        return self._known(
            user,
            {
                self.variables.text("rabbitmq_user"): "rabbitmq_password",
                self.variables.text("rabbitmq_monitoring_user"): "rabbitmq_monitoring_password",
            },
        )

    def _known(self, user: str, names: Mapping[str, str]) -> Secret | None:
        return self.passwords.secret(names[user]) if user and user in names else None

    def notes(self) -> Iterator[Note]:
        """What `doctor` should tell about the folder."""
        yield from self.folder.notes
        if self.folder.inventory is not None:
            yield from self.folder.inventory.notes

    def _machines(self, group: str) -> Iterator[tuple[Machine, Variables]]:
        inventory = self.folder.inventory
        for name in inventory.groups.get(group, ()) if inventory is not None else ():
            assert inventory is not None
            machine = inventory.hosts[name]
            yield machine, Variables(self.folder.variables, machine.variables)

    def _database_user(self) -> str:
        if self.variables.flag("enable_prometheus") and self.variables.flag("enable_prometheus_mysqld_exporter"):
            return "prometheus"
        if self.variables.told("mariadb_monitor_user"):
            return self.variables.text("mariadb_monitor_user")
        return "haproxy" if self.variables.denied("enable_proxysql") else "monitor"

    def _ca(self) -> Path | None:
        """The CA that `kolla-ansible certificates` makes, when it is there."""
        told = self.variables.text("kolla_certificates_dir")
        path = (Path(told) if told else self.folder.path / "certificates") / "ca" / "root.crt"
        return path if path.is_file() else None


def ssh_of(inventory: Inventory, folder: Path) -> SshSettings:
    """What all hosts of an inventory have in common: a key (relative to `folder`), a host to go through."""
    seen = [Variables(machine.variables) for machine in inventory.hosts.values()]
    seen = [variables for variables in seen if variables.text("ansible_connection") != "local"]
    keys = {v.text("ansible_ssh_private_key_file") or v.text("ansible_private_key_file") for v in seen}
    jumps = {_jump(f"{v.text('ansible_ssh_common_args')} {v.text('ansible_ssh_extra_args')}") for v in seen}
    key = keys.pop() if len(keys) == 1 else ""
    identity = folder / Path(key).expanduser() if key else None
    return SshSettings(identity=identity, jump=jumps.pop() if len(jumps) == 1 else "")


def _jump(arguments: str) -> str:
    """The host that SSH arguments go through."""
    found = re.search(r"(?:-J\s*|ProxyJump[=\s]\s*)['\"]?([^\s'\"]+)", arguments)
    return found[1] if found else ""


def hosts_of(inventory: Inventory, globals_: Mapping[str, Any]) -> dict[str, SiteHost]:
    """The machines of an inventory with their roles. `localhost` counts only where it has a role (all-in-one)."""
    members = {role: {n for group in groups for n in inventory.groups.get(group, ())} for role, groups in ROLES.items()}
    found: dict[str, SiteHost] = {}
    for machine in inventory.hosts.values():
        seen = Variables(globals_, machine.variables)
        roles = tuple(role for role, names in members.items() if machine.name in names)
        local = seen.text("ansible_connection") == "local"
        if local and not roles:
            continue
        found[machine.name] = SiteHost(
            machine.name,
            seen.text("ansible_host") or seen.text("ansible_ssh_host") or ("127.0.0.1" if local else ""),
            roles,
            machine.groups,
            seen.text("ansible_user") or seen.text("ansible_ssh_user"),
            seen.number("ansible_port") or seen.number("ansible_ssh_port"),
        )
    return found


def _api_address(seen: Variables) -> str:
    """Where Kolla binds its services, as far as an inventory can tell; empty when it cannot."""
    told = seen.text("api_interface_address") or seen.text("ansible_host") or seen.text("ansible_ssh_host")
    return told or ("127.0.0.1" if seen.text("ansible_connection") == "local" else "")
