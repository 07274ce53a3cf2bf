"""Barbican's secrets of our own project: names, types and when they end; the payload is never asked for.

Barbican lists only the secrets of the project that asks, whoever asks.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import DAY, ago, joined_name, pairs, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import age, epoch

SOON: Final = 7 * DAY


class SecretWire(Wire):
    """`GET /secrets`; the id is only in its address."""

    secret_ref: str
    name: str | None = None
    status: str | None = None
    secret_type: str | None = None
    algorithm: str | None = None
    bit_length: int | None = None
    mode: str | None = None
    content_types: dict[str, str] | None = None
    creator_id: str | None = None
    expiration: str | None = None
    created: str | None = None
    updated: str | None = None


class Secret(Row, frozen=True):
    """What is told of one secret."""

    id: str
    name: str
    status: str | None
    secret_type: str | None
    expires_at: float | None
    algorithm: str | None
    bit_length: int | None
    mode: str | None
    content_types: str | None
    creator: str | None
    creator_id: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: SecretWire, reading: Reading) -> Secret:
    """The id is the end of the address."""
    return Secret(
        id=wire.secret_ref.rstrip("/").rpartition("/")[2],
        name=wire.name or "",
        status=word(wire.status),
        secret_type=word(wire.secret_type),
        expires_at=epoch(wire.expiration),
        algorithm=word(wire.algorithm),
        bit_length=wire.bit_length,
        mode=word(wire.mode),
        content_types=pairs(wire.content_types),
        creator=joined_name(reading, "users", wire.creator_id),
        creator_id=word(wire.creator_id),
        created_at=epoch(wire.created),
        updated_at=epoch(wire.updated),
    )


def health(secret: Secret, now: float) -> Health:
    """One that ended is no longer given out: what needs it (a volume, a listener) does not start again."""
    if secret.status == "ERROR":
        return critical("could not be stored")
    if secret.expires_at is None:
        return OK
    left = secret.expires_at - now
    if left <= 0:
        return warning(f"expired {ago(-left)}")
    return warning(f"expires in {age(max(left, 10.0))}") if left < SOON else OK


KIND = Kind(
    name="secrets",
    title="Secrets",
    aliases=("secret", "barbican"),
    about="one row per secret of our own project in Barbican: type and when it ends; never its payload",
    system="key-manager",
    optional=True,
    read=Rest("key-manager", "/secrets", "secrets", page=100),
    wire=SecretWire,
    row=row,
    fields=Secret,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 2),
        Column("secret_type", "TYPE", "text", 2, help="symmetric, private, certificate, passphrase, opaque"),
        Column("expires_at", "EXPIRES", "time", 3, wide=True),
        Column("creator", "CREATOR", "ref", 3, joined=True),
        Column("created_at", "CREATED", "time", 4),
        Column("algorithm", "ALGORITHM", "text", 5),
        Column("bit_length", "BITS", "number", 5),
        Column("mode", "MODE", "text", 6, wide=True),
        Column("content_types", "CONTENT", "text", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("creator_id", "CREATOR ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 4),
    ),
    sort=("name",),
    health=health,
    rollup=Count("secrets"),
    links=(Link("users", "id", "creator_id", "who made it"),),
    joins=("users",),
    server_filters={"name": "name", "secret_type": "secret_type"},
    period=60.0,
    list_command="openstack secret list",
)
