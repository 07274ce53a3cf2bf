"""Galera, RabbitMQ and memcached of a site: what nephoscope.toml says, laid over Kolla, and complete or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from collectors.errors import BadConfiguration
from collectors.site import CertificatesSite, Endpoint, GaleraSite, MemcachedSite, RabbitmqSite, Secret, SiteHost
from console.config.file import ConfigFile
from console.config.places import place
from console.config.schema_systems import (
    CertificatesTable,
    GaleraTable,
    MemberTable,
    MemcachedTable,
    NodeTable,
    RabbitmqTable,
)
from console.config.secrets import secret_of
from console.config.table import Password
from console.config.web import checked_url, host_of, url_at

if TYPE_CHECKING:
    from console.config.kolla.derive import Kolla

GALERA_PORT = 3306
MANAGEMENT_PORT = 15672
_ADDRESS = re.compile(r"[A-Za-z0-9._-]+(?::\d{1,5})?", re.ASCII)
MEMCACHED_PORT = 11211


class Around(msgspec.Struct, frozen=True):
    """What the tables of one site are read with."""

    config: ConfigFile
    table: str
    """Name of the site's table: `prod` or `prod/RegionOne`."""
    environ: Mapping[str, str]
    hosts: Mapping[str, SiteHost]
    kolla: Kolla | None

    def where(self, *keys: str) -> str:
        """A key's place in words."""
        return place(("site", self.table, *keys))

    def wrong(self, why: str, hint: str, *keys: str) -> BadConfiguration:
        """An error about a key."""
        return BadConfiguration(f"{self.config.path}, {self.where(*keys)}", why, hint)

    def told_secret(self, told: Password, *keys: str) -> Secret:
        """The secret that the table tells at `keys`."""
        passwords = self.kolla.passwords if self.kolla is not None else None
        return secret_of(told, self.where(*keys), self.config, self.environ, passwords)

    def secret(
        self, told: Password | None, user: str, system: Literal["galera", "rabbitmq"], key: str = "password"
    ) -> Secret:
        """The password of `user` of `system`: as told, else Kolla's."""
        if told is not None:
            return self.told_secret(told, system, key)
        found = None
        if self.kolla is not None and system == "galera":
            found = self.kolla.database_password(user)
        elif self.kolla is not None:
            found = self.kolla.broker_password(user)
        if found is None:
            hint = f'add {key} = {{file = "…"}}, {{env = "…"}}, {{command = […]}} or {{keyring = "…"}}'
            raise self.wrong(f"the password of {user} is missing", hint, system, key)
        return found

    def via(self, told: str, system: str) -> str:
        """`ssh:HOST`, where HOST is a host of the site."""
        if not told:
            return ""
        scheme, colon, name = told.partition(":")
        if scheme != "ssh" or not colon or not name:
            raise self.wrong(f"“{told[:40]}” is no way to get there", 'write "ssh:HOST"', system, "via")
        if name not in self.hosts:
            raise self.wrong(f"the site has no host {name}", self.like(name), system, "via")
        return told

    def like(self, name: str) -> str:
        """What to try instead of a host that the site does not have."""
        from difflib import get_close_matches

        near = get_close_matches(name, self.hosts, 1, 0.6)
        if near:
            return f"did you mean {near[0]}?"
        return f'add [site."{self.table}".hosts.{name}], or an inventory' if not self.hosts else "name one of the hosts"

    def address(self, host: str) -> str:
        """Where a host of the site is; its own name when we know nothing better."""
        return (self.hosts[host].address if host in self.hosts else "") or host


def galera(told: GaleraTable | None, around: Around) -> GaleraSite | None:
    """The database members, or None when nothing is known of them. Raises `BadConfiguration`."""
    found = around.kolla.database() if around.kolla is not None else None
    if told is None and found is None:
        return None
    told = told or GaleraTable()
    members: tuple[Endpoint, ...] = ()
    if told.members is not None:
        members = _endpoints(told.members, told.port or GALERA_PORT, around, "galera", "members")
    elif found is not None:
        members = tuple(replace(m, address=m.address or around.address(m.host)) for m in found.members)
    if not members:
        raise around.wrong("no member is named", 'add members = ["ctl01", "ctl02", "ctl03"]', "galera", "members")
    user = told.user or (found.user if found is not None else "")
    if not user:
        raise around.wrong("is missing", 'add user = "monitor" (an account that may read status)', "galera", "user")
    password = around.secret(told.password, user, "galera")
    tls = told.tls if told.tls is not None else found is not None and found.tls
    ca = around.config.absolute(told.ca) if told.ca else found.ca if found is not None else None
    return GaleraSite(members, user, password, around.via(told.via, "galera"), tls, ca)


def memcached(told: MemcachedTable | None, around: Around) -> MemcachedSite | None:
    """The caches, or None when nothing is known of them. Raises `BadConfiguration`."""
    found = around.kolla.caches() if around.kolla is not None else ()
    if told is None and not found:
        return None
    told = told or MemcachedTable()
    if told.servers is not None:
        servers = _endpoints(told.servers, told.port or MEMCACHED_PORT, around, "memcached", "servers")
    else:
        servers = tuple(replace(server, address=server.address or around.address(server.host)) for server in found)
    if not servers:
        raise around.wrong("no server is named", 'add servers = ["ctl01", "ctl02"]', "memcached", "servers")
    return MemcachedSite(servers, around.via(told.via, "memcached"))


def _endpoints(
    told: Sequence[str | MemberTable], usual: int, around: Around, system: str, key: str
) -> tuple[Endpoint, ...]:
    members = tuple(
        Endpoint(member, around.address(member), usual)
        if isinstance(member, str)
        else Endpoint(member.host, member.address or around.address(member.host), member.port or usual)
        for member in told
    )
    names = [member.host for member in members]
    for name in names:
        if names.count(name) > 1:
            raise around.wrong(f"{name} is named {names.count(name)} times", "keep one", system, key)
    return members


def rabbitmq(told: RabbitmqTable | None, around: Around) -> RabbitmqSite | None:
    """The management APIs, or None when nothing is known of them. Raises `BadConfiguration`."""
    found = around.kolla.broker() if around.kolla is not None else None
    if told is None and found is None:
        return None
    told = told or RabbitmqTable()
    if told.urls is not None and told.nodes is not None:
        raise around.wrong("urls and nodes are both given", "keep one of them", "rabbitmq", "nodes")
    urls = _urls(told, around)
    if told.urls is None and told.nodes is None and found is not None:
        urls = tuple(
            (node.host, url_at(node.address or around.address(node.host), node.port, found.tls)) for node in found.nodes
        )
    if not urls:
        raise around.wrong("no node is named", 'add urls = ["http://ctl01:15672"]', "rabbitmq", "urls")
    user = told.user or (found.user if found is not None else "")
    if not user:
        raise around.wrong("is missing", "add user = … (an account with the tag monitoring)", "rabbitmq", "user")
    password = around.secret(told.password, user, "rabbitmq")
    ca = around.config.absolute(told.ca) if told.ca else found.ca if found is not None else None
    return RabbitmqSite(urls, user, password, around.via(told.via, "rabbitmq"), ca)


def _urls(told: RabbitmqTable, around: Around) -> tuple[tuple[str, str], ...]:
    """(host, URL) of every node that the table names."""
    if told.urls is not None:
        checked = [_management_url(url, around, "urls") for url in told.urls]
        return tuple((host_of(url, around.hosts), url) for url in checked)
    found = []
    for node in told.nodes or ():
        entry = NodeTable(host=node) if isinstance(node, str) else node
        url = entry.url or _plain_url(entry, told, around)
        found.append((entry.host, _management_url(url, around, "nodes")))
    return tuple(found)


def certificates(told: CertificatesTable, around: Around) -> CertificatesSite:
    """Further TLS addresses. Raises `BadConfiguration`."""
    for text in told.addresses:
        if not _ADDRESS.fullmatch(text) or not 0 < int(text.rpartition(":")[2] if ":" in text else 443) < 65536:
            hint = 'write "HOST:PORT"'
            raise around.wrong(f"“{text[:60]}” is no address", hint, "certificates", "addresses")
    return CertificatesSite(tuple(told.addresses), around.config.absolute(told.ca) if told.ca else None)


def _plain_url(node: NodeTable, told: RabbitmqTable, around: Around) -> str:
    port = node.port or told.port or MANAGEMENT_PORT
    return url_at(node.address or around.address(node.host), port, bool(told.tls))


def _management_url(text: str, around: Around, key: str) -> str:
    """`text` without `/api` and slashes at its end. Raises `BadConfiguration` when it is no URL of the API."""
    url = checked_url(text, around, "rabbitmq", key, "http://HOST:15672")
    return url.removesuffix("/api").rstrip("/")
