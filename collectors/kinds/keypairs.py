"""Nova's keypairs of one user: names and fingerprints, never the key.

Nova lists keypairs only user by user, so they are found through their user.
"""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import word
from collectors.request import Rest
from collectors.rollup import Count


class Inner(msgspec.Struct, gc=False):
    """What is told of a key; the text of the public key is left out."""

    name: str
    type: str = "ssh"
    fingerprint: str | None = None


class KeypairWire(Wire):
    """`GET /os-keypairs?user_id=…` (from 2.10 on): each wrapped once more; `type` from 2.2 on."""

    keypair: Inner


class Keypair(Row, frozen=True):
    """One keypair."""

    name: str
    type: str | None
    fingerprint: str | None
    user: str | None


def row(wire: KeypairWire, reading: Reading) -> Keypair:
    """The user is the one that was asked for."""
    return Keypair(
        name=wire.keypair.name,
        type=word(wire.keypair.type),
        fingerprint=wire.keypair.fingerprint,
        user=word(reading.parent),
    )


def health(keypair: Keypair, now: float) -> Health:
    """A keypair is a record."""
    return OK


KIND = Kind(
    name="keypairs",
    title="Keypairs",
    aliases=("keypair", "keys"),
    about="one row per keypair of a user: type and fingerprint, never the key",
    system="compute",
    scope=Scope("parent", parent="users", parameter="user"),
    read=Rest("compute", "/os-keypairs", "keypairs", query=(("user_id", "{parent}"),), microversion="2.96"),
    wire=KeypairWire,
    row=row,
    fields=Keypair,
    key="name",
    columns=(
        Column("name", "NAME", "name", 1),
        Column("type", "TYPE", "text", 2, help="ssh or x509"),
        Column("fingerprint", "FINGERPRINT", "id", 2),
        Column("user", "USER", "ref", 6, wide=True),
    ),
    sort=("name",),
    health=health,
    rollup=Count("keypairs"),
    links=(Link("users", "id", "user", "whose it is"),),
    period=60.0,
    list_command="openstack keypair list --user USER",
    show_command="openstack keypair show --user {user} {name}",
)
