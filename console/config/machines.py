"""The machines of a site and the way to them: from an inventory, a Kolla folder, and what nephoscope.toml lays over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from collectors.errors import BadConfiguration
from collectors.notes import Note
from collectors.site import Site, SiteHost, SshSettings
from console.config.file import ConfigFile
from console.config.places import place
from console.config.schema import HostTable, SiteTable, SshTable

if TYPE_CHECKING:
    from console.config.kolla.derive import Kolla


class Machines(msgspec.Struct, frozen=True):
    """Hosts by name, how they are reached, and the Kolla folder that knows more, if there is one."""

    hosts: dict[str, SiteHost]
    ssh: SshSettings
    kolla: Kolla | None = None
    notes: tuple[Note, ...] = ()


def machines_of(table: SiteTable, name: str, config: ConfigFile, environ: Mapping[str, str]) -> Machines:
    """What the site's table `name` and the files it names say. Raises `BadConfiguration`."""
    found = _from_files(table, config, environ)
    ssh = _ssh(table.ssh or SshTable(), config, found.ssh)
    return replace(found, hosts=_laid_over(found.hosts, table, name, config), ssh=ssh)


def _from_files(table: SiteTable, config: ConfigFile, environ: Mapping[str, str]) -> Machines:
    told = (table.inventory,) if isinstance(table.inventory, str) else table.inventory or ()
    inventories = [config.absolute(path) for path in told]
    if table.kolla is None and not inventories:
        return Machines({}, SshSettings())
    # These files want a YAML parser; a site without them does not pay for it.
    from console.config.kolla.derive import Kolla, hosts_of, ssh_of
    from console.config.kolla.folder import read_folder
    from console.config.kolla.passwords import Passwords

    if table.kolla is None:
        from collectors.inventory import read_inventory

        inventory = read_inventory(inventories)
        return Machines(hosts_of(inventory, {}), ssh_of(inventory, config.path.parent), None, inventory.notes)
    folder = read_folder(config.absolute(table.kolla), inventories, needed=not table.hosts)
    password_file = config.absolute(table.vault_password_file) if table.vault_password_file else None
    program = table.ansible_vault or "ansible-vault"
    if "/" in program:
        program = str(config.absolute(program))
    kolla = Kolla(folder, Passwords(folder.path, folder.variables, environ, password_file, program))
    return Machines(kolla.hosts(), kolla.ssh(), kolla, tuple(kolla.notes()))


def _laid_over(hosts: dict[str, SiteHost], table: SiteTable, name: str, config: ConfigFile) -> dict[str, SiteHost]:
    """The inventory's hosts with what the table says laid over them."""
    for pattern, told in (table.hosts or {}).items():
        for host_name, address in _names(pattern, told, name, config):
            known = hosts.get(host_name, SiteHost(host_name))
            hosts[host_name] = replace(
                known,
                address=address or known.address,
                roles=tuple(told.roles) if told.roles is not None else known.roles,
                groups=tuple(told.groups) if told.groups is not None else known.groups,
                user=told.user or known.user,
                port=told.port or known.port,
            )
    return hosts


def _names(pattern: str, told: HostTable, site: str, config: ConfigFile) -> Iterable[tuple[str, str]]:
    """(host, address) of a host's table; both may be ranges."""
    if "[" not in pattern and "]" not in pattern:
        return ((pattern, told.address),)
    from collectors.inventory.ranges import expand

    where = f"{config.path}, {place(('site', site, 'hosts', pattern))}"
    try:
        names = expand(pattern)
        addresses = expand(told.address) if "[" in told.address else [told.address]
    except ValueError as error:
        raise BadConfiguration(where, str(error), "mend the range") from error
    if not told.address:
        addresses = [""] * len(names)
    if len(names) != len(addresses):
        why = f"{len(names)} names, but {len(addresses)} address{'es' if len(addresses) > 1 else ''}"
        raise BadConfiguration(where, why, "make the address a range of as many, or leave it out")
    return zip(names, addresses, strict=True)


def _ssh(told: SshTable, config: ConfigFile, known: SshSettings) -> SshSettings:
    def path(text: str | None) -> Path | None:
        return config.absolute(text) if text else None

    identity = path(told.identity) or known.identity
    return SshSettings(path(told.config), path(told.known_hosts), told.user, told.jump or known.jump, identity)


def oddities(site: Site) -> Iterable[Note]:
    """What is odd about the site as a whole."""
    idle = [host.name for host in site.hosts.values() if not host.roles]
    if idle:
        shown = ", ".join(idle[:5]) + (f" and {len(idle) - 5} more" if len(idle) > 5 else "")
        yield Note("warning", f"hosts of {site.cloud}", f"no role is known of {shown}", 'add roles = ["compute"]')
    seen: dict[str, str] = {}
    for host in site.hosts.values():
        key = f"{host.address}:{host.port or 22}"
        if host.address and seen.setdefault(key, host.name) != host.name:
            text = f"{seen[key]} and {host.name} have the same address {host.address}"
            yield Note("warning", f"hosts of {site.cloud}", text, "one of them is wrong")
    members = site.galera.members if site.galera is not None else ()
    for member in members:
        if site.hosts and member.host not in site.hosts:
            text = f"member {member.host} is no host of the site"
            yield Note("warning", f"galera of {site.cloud}", text, "name it as under hosts, so that both are linked")
    unplaced = [member.host for member in members if member.address == member.host]
    if unplaced:
        text = f"no address is known of {', '.join(unplaced)}: these names are looked up"
        yield Note("ok", f"galera of {site.cloud}", text)
