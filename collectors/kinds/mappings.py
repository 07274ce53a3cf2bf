"""Mappings of a federated Keystone: rules that make a user, groups and projects of what an identity provider says."""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health, warning
from collectors.kind import Column, Kind, Reading, Row, Scope, Wire
from collectors.kinds._shared import listed, word
from collectors.request import Rest
from collectors.rollup import Count


class Remote(msgspec.Struct, gc=False):
    """A condition on what the provider says."""

    type: str | None = None


class Rule(msgspec.Struct, gc=False):
    """One rule: what must be said, and what it makes."""

    local: list[dict[str, msgspec.Raw]] | None = None
    remote: list[Remote] | None = None


class MappingWire(Wire):
    """`GET /v3/OS-FEDERATION/mappings`; `schema_version` since 2024."""

    id: str
    rules: list[Rule] | None = None
    schema_version: str | None = None


class Mapping(Row, frozen=True):
    """One mapping; its id is what people call it."""

    id: str
    rules: int
    makes: str | None
    looks_at: str | None
    schema_version: str | None


def row(wire: MappingWire, reading: Reading) -> Mapping:
    """The rules themselves are in the raw view; here is what they look at and what they make."""
    rules = wire.rules or []
    makes = {name for rule in rules for part in rule.local or () for name in part}
    looks_at = {remote.type for rule in rules for remote in rule.remote or () if remote.type}
    return Mapping(
        id=wire.id,
        rules=len(rules),
        makes=listed(sorted(makes)),
        looks_at=listed(sorted(looks_at)),
        schema_version=word(wire.schema_version),
    )


def health(mapping: Mapping, now: float) -> Health:
    """One that makes nothing lets nobody in."""
    return OK if mapping.rules else warning("no rules: nobody becomes a user by it")


KIND = Kind(
    name="mappings",
    title="Mappings",
    aliases=("mapping", "federation-mappings"),
    about="one row per mapping of a federation: its rules, what they look at and what they make",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/OS-FEDERATION/mappings", "mappings"),
    wire=MappingWire,
    row=row,
    fields=Mapping,
    name_field="id",
    columns=(
        Column("id", "MAPPING", "name", 1),
        Column("rules", "RULES", "number", 1),
        Column("makes", "MAKES", "text", 2, help="user, group, projects, …"),
        Column("looks_at", "LOOKS AT", "text", 3, help="what the provider must say"),
        Column("schema_version", "SCHEMA", "id", 6, wide=True),
    ),
    sort=("id",),
    health=health,
    rollup=Count("mappings"),
    period=60.0,
    list_command="openstack mapping list",
    show_command="openstack mapping show {id}",
)
