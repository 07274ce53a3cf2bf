"""Keystone's domains: the containers of users, groups and projects; one per LDAP directory or company.

A domain may have settings of its own in Keystone's database, by which its users live in a directory. Keystone never
hands out the password there, and of the rest only what says where the directory is becomes a row. Settings in files of
Keystone's hosts are not in the API: such a domain looks like one that has none.
"""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import listed, word
from collectors.request import Each, Rest
from collectors.rollup import Count


class IdentityConfig(msgspec.Struct, gc=False):
    """Where the domain's users are."""

    driver: str | None = None


class LdapConfig(msgspec.Struct, gc=False):
    """Which directory they are in."""

    url: str | None = None
    suffix: str | None = None
    user_tree_dn: str | None = None


class DomainConfig(msgspec.Struct, gc=False):
    """`GET /v3/domains/ID/config`, as far as it is looked at."""

    identity: IdentityConfig | None = None
    ldap: LdapConfig | None = None


class DomainWire(Wire):
    """`GET /v3/domains`, with the configuration of each."""

    id: str
    name: str = ""
    enabled: bool | None = None
    description: str | None = None
    tags: list[str] | None = None
    config: DomainConfig | None = None
    config_refused: str | None = None


class Domain(Row, frozen=True):
    """One domain."""

    id: str
    name: str
    enabled: bool | None
    description: str | None
    tags: str | None
    driver: str | None
    url: str | None
    users_below: str | None
    unread: str | None


def row(wire: DomainWire, reading: Reading) -> Domain:
    """Tags become text; of a configuration only where users are."""
    config = wire.config or DomainConfig()
    ldap = config.ldap or LdapConfig()
    return Domain(
        id=wire.id,
        name=wire.name,
        enabled=wire.enabled,
        description=wire.description or None,
        tags=listed(wire.tags),
        driver=word((config.identity or IdentityConfig()).driver),
        url=ldap.url or None,
        users_below=ldap.user_tree_dn or ldap.suffix or None,
        unread=wire.config_refused or None,
    )


def health(domain: Domain, now: float) -> Health:
    """Domains are disabled on purpose, with all that is in them."""
    if domain.enabled is False:
        return ok("disabled: none of its users can log in")
    if domain.unread:
        return unknown(f"where its users are cannot be read: {domain.unread}")
    if domain.driver == "ldap" and not domain.url:
        return warning("its users are in a directory, and none is named")
    return OK


KIND = Kind(
    name="domains",
    title="Domains",
    aliases=("domain",),
    about="one row per domain of users and projects: enabled, which directory its users are in",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/domains", "domains", each=Each("/domains/{id}/config", "config", "config")),
    wire=DomainWire,
    row=row,
    fields=Domain,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("enabled", "ENABLED", "flag", 2),
        Column("driver", "DRIVER", "status", 2, help="ldap or sql, of its own; empty: as Keystone's own setting says"),
        Column("url", "DIRECTORY", "url", 3, help="of LDAP"),
        Column("description", "DESCRIPTION", "text", 3),
        Column("users_below", "USERS BELOW", "text", 5, wide=True, help="the tree of the directory that has its users"),
        Column("unread", "NOT READ", "text", 6, wide=True, help="why its configuration could not be read"),
        Column("tags", "TAGS", "text", 5, wide=True),
        Column("id", "ID", "id", 4),
    ),
    sort=("name",),
    health=health,
    rollup=Count("domains"),
    links=(
        Link("projects", "domain_id", "id", "its projects"),
        Link("users", "domain_id", "id", "its users"),
        Link("groups", "domain_id", "id", "its groups"),
        Link("identity-providers", "domain_id", "id", "its identity providers"),
    ),
    server_filters={"name": "name"},
    period=120.0,
    list_command="openstack domain list",
    show_command="openstack domain show {id}",
)
