"""Identity providers of a federated Keystone: who else may say who somebody is."""

from __future__ import annotations

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import joined_name, listed, word
from collectors.request import Rest
from collectors.rollup import Count


class IdentityProviderWire(Wire):
    """`GET /v3/OS-FEDERATION/identity_providers`."""

    id: str
    enabled: bool | None = None
    description: str | None = None
    domain_id: str | None = None
    remote_ids: list[str] | None = None
    authorization_ttl: int | None = None


class IdentityProvider(Row, frozen=True):
    """One provider; its id is what people call it."""

    id: str
    enabled: bool | None
    domain: str | None
    remote_ids: str | None
    description: str | None
    authorization_ttl: float | None
    domain_id: str | None


def row(wire: IdentityProviderWire, reading: Reading) -> IdentityProvider:
    """Minutes become seconds."""
    return IdentityProvider(
        id=wire.id,
        enabled=wire.enabled,
        domain=joined_name(reading, "domains", wire.domain_id),
        remote_ids=listed(wire.remote_ids),
        description=wire.description or None,
        authorization_ttl=None if wire.authorization_ttl is None else wire.authorization_ttl * 60.0,
        domain_id=word(wire.domain_id),
    )


def health(provider: IdentityProvider, now: float) -> Health:
    """One without the name that it calls itself by is never recognised."""
    if provider.enabled is False:
        return ok("disabled: nobody can log in through it")
    if provider.enabled and not provider.remote_ids:
        return warning("no remote id: Keystone cannot tell whose word it is")
    return OK


KIND = Kind(
    name="identity-providers",
    title="Identity providers",
    aliases=("identity-provider", "idps", "idp"),
    about="one row per identity provider of a federation: enabled, domain, what it calls itself",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/OS-FEDERATION/identity_providers", "identity_providers"),
    wire=IdentityProviderWire,
    row=row,
    fields=IdentityProvider,
    name_field="id",
    columns=(
        Column("id", "PROVIDER", "name", 1),
        Column("enabled", "ENABLED", "flag", 2),
        Column("domain", "DOMAIN", "ref", 2, help="where its users go", joined=True),
        Column("remote_ids", "REMOTE IDS", "text", 3, help="what it calls itself"),
        Column("description", "DESCRIPTION", "text", 4),
        Column("authorization_ttl", "MEMBERSHIP", "duration", 6, wide=True, help="how long groups that it told hold"),
        Column("domain_id", "DOMAIN ID", "ref", 6, wide=True),
    ),
    sort=("id",),
    health=health,
    rollup=Count("identity providers"),
    links=(
        Link("protocols", "provider", "id", "its protocols"),
        Link("domains", "id", "domain_id", "its domain"),
    ),
    joins=("domains",),
    period=60.0,
    list_command="openstack identity provider list",
    show_command="openstack identity provider show {id}",
)
