"""Keystone's trusts: somebody lets somebody else act for them on a project; Heat and Magnum work by them."""

from __future__ import annotations

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import ago, joined_name, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch


class TrustWire(Wire):
    """`GET /v3/OS-TRUST/trusts`; roles are told only of a single one."""

    id: str
    trustor_user_id: str | None = None
    trustee_user_id: str | None = None
    project_id: str | None = None
    impersonation: bool | None = None
    expires_at: str | None = None
    remaining_uses: int | None = None
    deleted_at: str | None = None
    redelegation_count: int | None = None
    redelegated_trust_id: str | None = None


class Trust(Row, frozen=True):
    """One trust."""

    id: str
    trustor: str | None
    trustee: str | None
    project: str | None
    impersonation: bool | None
    expires_at: float | None
    remaining_uses: int | None
    redelegation_count: int | None
    trustor_id: str | None
    trustee_id: str | None
    project_id: str | None
    redelegated_trust_id: str | None
    deleted_at: float | None


def row(wire: TrustWire, reading: Reading) -> Trust:
    """Names are joined; a user that is gone is told by its id."""
    return Trust(
        id=wire.id,
        trustor=joined_name(reading, "users", wire.trustor_user_id) or word(wire.trustor_user_id),
        trustee=joined_name(reading, "users", wire.trustee_user_id) or word(wire.trustee_user_id),
        project=joined_name(reading, "projects", wire.project_id),
        impersonation=wire.impersonation,
        expires_at=epoch(wire.expires_at),
        remaining_uses=wire.remaining_uses,
        redelegation_count=wire.redelegation_count,
        trustor_id=word(wire.trustor_user_id),
        trustee_id=word(wire.trustee_user_id),
        project_id=word(wire.project_id),
        redelegated_trust_id=wire.redelegated_trust_id,
        deleted_at=epoch(wire.deleted_at),
    )


def health(trust: Trust, now: float) -> Health:
    """One that ended or is used up no longer lets its trustee act: what was built on it stops working."""
    if trust.expires_at is not None and trust.expires_at <= now:
        return warning(f"expired {ago(now - trust.expires_at)}")
    if trust.remaining_uses == 0:
        return warning("used up")
    return ok("deleted") if trust.deleted_at is not None else OK


KIND = Kind(
    name="trusts",
    title="Trusts",
    aliases=("trust",),
    about="one row per trust: who lets whom act for them, on which project, until when",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/OS-TRUST/trusts", "trusts"),
    wire=TrustWire,
    row=row,
    fields=Trust,
    name_field="id",
    columns=(
        Column("trustor", "TRUSTOR", "ref", 1, help="who lets another act", joined=True),
        Column("trustee", "TRUSTEE", "ref", 1, help="who may act", joined=True),
        Column("project", "PROJECT", "ref", 2, joined=True),
        Column("impersonation", "IMPERSONATES", "flag", 3, help="what is done looks as if the trustor did it"),
        Column("expires_at", "EXPIRES", "time", 3, wide=True),
        Column("remaining_uses", "USES LEFT", "number", 4, help="tokens that it may still give; none: no limit"),
        Column("redelegation_count", "REDELEGATIONS", "number", 6, wide=True, help="how often it may be passed on"),
        Column("redelegated_trust_id", "PASSED ON FROM", "ref", 6, wide=True),
        Column("deleted_at", "DELETED", "time", 6, wide=True),
        Column("trustor_id", "TRUSTOR ID", "ref", 6, wide=True),
        Column("trustee_id", "TRUSTEE ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 4),
    ),
    sort=("trustor", "trustee"),
    health=health,
    rollup=Count("trusts"),
    links=(
        Link("users", "id", "trustor_id", "who lets another act"),
        Link("users", "id", "trustee_id", "who may act"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("users", "projects"),
    server_filters={"trustor_id": "trustor_user_id", "trustee_id": "trustee_user_id"},
    period=60.0,
    list_command="openstack trust list",
    show_command="openstack trust show {id}",
)
