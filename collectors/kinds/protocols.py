"""Protocols of one identity provider: how somebody logs in through it, and by which mapping they become a user."""

from __future__ import annotations

from collectors.health import OK, Health, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import word
from collectors.request import Rest
from collectors.rollup import Count


class ProtocolWire(Wire):
    """`GET /v3/OS-FEDERATION/identity_providers/ID/protocols`."""

    id: str
    mapping_id: str | None = None
    remote_id_attribute: str | None = None


class Protocol(Row, frozen=True):
    """One protocol; its id is what people call it."""

    id: str
    mapping: str | None
    remote_id_attribute: str | None
    provider: str | None


def row(wire: ProtocolWire, reading: Reading) -> Protocol:
    """The provider is the one that was asked for."""
    return Protocol(
        id=wire.id,
        mapping=word(wire.mapping_id),
        remote_id_attribute=word(wire.remote_id_attribute),
        provider=word(reading.parent),
    )


def health(protocol: Protocol, now: float) -> Health:
    """Without a mapping nobody who comes through it becomes a user."""
    return OK if protocol.mapping else warning("no mapping: nobody can log in through it")


KIND = Kind(
    name="protocols",
    title="Protocols",
    aliases=("protocol", "federation-protocols"),
    about="one row per protocol of an identity provider: which mapping it uses",
    system="identity",
    scope=Scope("parent", parent="identity-providers", parameter="provider"),
    read=Rest("identity", "/OS-FEDERATION/identity_providers/{parent}/protocols", "protocols"),
    wire=ProtocolWire,
    row=row,
    fields=Protocol,
    name_field="id",
    columns=(
        Column("id", "PROTOCOL", "name", 1, help="openid, saml2, mapped, …"),
        Column("mapping", "MAPPING", "ref", 1),
        Column("remote_id_attribute", "REMOTE ID FROM", "text", 3, help="what carries the provider's name"),
        Column("provider", "PROVIDER", "ref", 4),
    ),
    sort=("id",),
    health=health,
    rollup=Count("protocols"),
    links=(
        Link("mappings", "id", "mapping", "its mapping"),
        Link("identity-providers", "id", "provider", "its provider"),
    ),
    period=60.0,
    list_command="openstack federation protocol list --identity-provider PROVIDER",
    show_command="openstack federation protocol show --identity-provider {provider} {id}",
)
