"""Octavia's amphorae: the servers that do the work of load balancers; two of them where one may fail.

Octavia's own, so they tell how the service fares. It commands them by a certificate that it renews in time: one that
ended is an amphora that still serves, but that nothing can change any more.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import DAY, MINUTE, ago, lasting, word
from collectors.request import Rest
from collectors.rollup import Share
from collectors.values import age, epoch

STUCK: Final = 30 * MINUTE
SOON: Final = 7 * DAY
"""Seconds before its certificate ends; Octavia renews it two weeks before, if it can."""


class AmphoraWire(Wire):
    """`GET /octavia/amphorae`, for administrators; the documentation spells the balancer's id in another way."""

    id: str
    loadbalancer_id: str | None = None
    load_balancer_id: str | None = None
    compute_id: str | None = None
    status: str | None = None
    role: str | None = None
    lb_network_ip: str | None = None
    vrrp_ip: str | None = None
    ha_ip: str | None = None
    vrrp_priority: int | None = None
    cert_expiration: str | None = None
    cached_zone: str | None = None
    image_id: str | None = None
    compute_flavor: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Amphora(Row, frozen=True):
    """One amphora."""

    id: str
    status: str | None
    role: str | None
    load_balancer_id: str | None
    server: str | None
    lb_network_ip: str | None
    ha_ip: str | None
    vrrp_ip: str | None
    vrrp_priority: int | None
    cert_expires_at: float | None
    zone: str | None
    image_id: str | None
    compute_flavor: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: AmphoraWire, reading: Reading) -> Amphora:
    """Octavia calls servers computes."""
    return Amphora(
        id=wire.id,
        status=word(wire.status),
        role=word(wire.role),
        load_balancer_id=wire.loadbalancer_id or wire.load_balancer_id or None,
        server=wire.compute_id or None,
        lb_network_ip=wire.lb_network_ip,
        ha_ip=wire.ha_ip,
        vrrp_ip=wire.vrrp_ip,
        vrrp_priority=wire.vrrp_priority,
        cert_expires_at=epoch(wire.cert_expiration),
        zone=word(wire.cached_zone),
        image_id=word(wire.image_id),
        compute_flavor=word(wire.compute_flavor),
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(amphora: Amphora, now: float) -> Health:
    """In error, stuck on its way, or out of reach of the service that made it."""
    status = amphora.status or ""
    if status == "ERROR":
        return critical("in error")
    if status == "BOOTING" or status.startswith("PENDING_"):
        since = amphora.updated_at or amphora.created_at
        return lasting(status.lower().replace("_", " "), since, now, STUCK) or OK
    if status == "ALLOCATED" and amphora.cert_expires_at is not None:
        left = amphora.cert_expires_at - now
        if left <= 0:
            return critical(f"its certificate expired {ago(-left)}: Octavia cannot command it")
        if left < SOON:
            return warning(f"its certificate expires in {age(max(left, 10.0))} and was not renewed")
    return OK


KIND = Kind(
    name="amphorae",
    title="Amphorae",
    aliases=("amphora", "amphoras"),
    about="one row per server that works for load balancers: status, role, certificate",
    system="load-balancer",
    optional=True,
    read=Rest("load-balancer", "/octavia/amphorae", "amphorae", page=1000),
    wire=AmphoraWire,
    row=row,
    fields=Amphora,
    name_field="id",
    columns=(
        Column("status", "STATUS", "status", 1, help="ALLOCATED: it works for a load balancer"),
        Column("role", "ROLE", "text", 1, help="MASTER and BACKUP of a pair, or STANDALONE"),
        Column("lb_network_ip", "ADDRESS", "text", 2, help="where Octavia reaches it"),
        Column("ha_ip", "SERVES", "text", 2, help="the address of its load balancer"),
        Column("load_balancer_id", "LOAD BALANCER", "ref", 4),
        Column("server", "SERVER", "ref", 5),
        Column("cert_expires_at", "CERTIFICATE", "time", 4, wide=True, help="when its certificate ends"),
        Column("zone", "ZONE", "text", 5),
        Column("vrrp_ip", "OWN ADDRESS", "text", 6, wide=True),
        Column("vrrp_priority", "PRIORITY", "number", 6, wide=True),
        Column("image_id", "IMAGE ID", "ref", 6, wide=True),
        Column("compute_flavor", "FLAVOR ID", "ref", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("id", "ID", "id", 3),
    ),
    sort=("load_balancer_id", "role"),
    health=health,
    rollup=Share("amphorae", "well", bad="in trouble", none="ok"),
    links=(
        Link("servers", "id", "server", "the server that it is"),
        Link("load-balancers", "id", "load_balancer_id", "its load balancer"),
    ),
    server_filters={"load_balancer_id": "loadbalancer_id", "status": "status", "role": "role"},
    period=30.0,
    deadline=60.0,
    list_command="openstack loadbalancer amphora list --long",
    show_command="openstack loadbalancer amphora show {id}",
)
