"""Magnum's clusters of every project: Kubernetes on servers of the cloud, and how it fares.

Magnum shows administrators the clusters of all projects by itself. Their health is what Magnum last asked them.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, ok
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import HOUR, joined_name, lasting, pairs, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

STUCK: Final = 2 * HOUR
"""Seconds after which a change is stuck; Magnum's own time-out is one hour, if the cluster has no other."""


class ClusterWire(Wire):
    """`GET /clusters/detail`; health from 1.8 on."""

    uuid: str
    name: str | None = None
    status: str | None = None
    status_reason: str | None = None
    health_status: str | None = None
    health_status_reason: dict[str, str] | None = None
    coe_version: str | None = None
    master_count: int | None = None
    node_count: int | None = None
    api_address: str | None = None
    keypair: str | None = None
    stack_id: str | None = None
    cluster_template_id: str | None = None
    project_id: str | None = None
    user_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Cluster(Row, frozen=True):
    """One cluster."""

    id: str
    name: str
    status: str | None
    health_status: str | None
    masters: int | None
    nodes: int | None
    version: str | None
    api_address: str | None
    project: str | None
    status_reason: str | None
    health_reason: str | None
    keypair: str | None
    stack_id: str | None
    cluster_template_id: str | None
    user_id: str | None
    project_id: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: ClusterWire, reading: Reading) -> Cluster:
    """Of the health's reasons only the bad ones are kept: `node-2.Ready=False`, `api=…`."""
    told = wire.health_status_reason or {}
    return Cluster(
        id=wire.uuid,
        name=wire.name or "",
        status=word(wire.status),
        health_status=word(wire.health_status),
        masters=wire.master_count,
        nodes=wire.node_count,
        version=word(wire.coe_version),
        api_address=wire.api_address,
        project=joined_name(reading, "projects", wire.project_id),
        status_reason=wire.status_reason or None,
        health_reason=pairs({name: said for name, said in told.items() if said not in ("True", "ok")}),
        keypair=wire.keypair,
        stack_id=wire.stack_id,
        cluster_template_id=word(wire.cluster_template_id),
        user_id=word(wire.user_id),
        project_id=word(wire.project_id),
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(cluster: Cluster, now: float) -> Health:
    """What could not be made comes before how the rest fares."""
    action, _, outcome = (cluster.status or "").lower().partition("_")
    if outcome == "failed":
        return critical(f"{action} failed: {cluster.status_reason}" if cluster.status_reason else f"{action} failed")
    if cluster.health_status == "UNHEALTHY":
        return critical(f"unhealthy: {cluster.health_reason}" if cluster.health_reason else "unhealthy")
    if outcome == "in_progress":
        return lasting(f"{action} under way", cluster.updated_at or cluster.created_at, now, STUCK) or OK
    return ok("Magnum cannot ask it how it fares") if cluster.health_status == "UNKNOWN" else OK


KIND = Kind(
    name="clusters",
    title="Clusters",
    aliases=("cluster", "magnum", "coe-clusters"),
    about="one row per Kubernetes cluster of any project: status, health, nodes, version",
    system="container-infra",
    optional=True,
    read=Rest("container-infrastructure-management", "/clusters/detail", "clusters", microversion="1.10", page=1000),
    wire=ClusterWire,
    row=row,
    fields=Cluster,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 1),
        Column("health_status", "CLUSTER HEALTH", "status", 2, help="what Magnum last heard of it"),
        Column("masters", "MASTERS", "number", 3),
        Column("nodes", "NODES", "number", 3),
        Column("version", "VERSION", "text", 3),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("api_address", "API", "url", 5),
        Column("status_reason", "WHY", "text", 6, wide=True, help="what Magnum says about its status"),
        Column("health_reason", "WHAT IS ILL", "text", 6, wide=True),
        Column("keypair", "KEYPAIR", "ref", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 5),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("stack_id", "STACK ID", "ref", 6, wide=True),
        Column("cluster_template_id", "TEMPLATE ID", "ref", 6, wide=True),
        Column("user_id", "USER ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("clusters"),
    links=(
        Link("stacks", "id", "stack_id", "its stack"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("projects",),
    period=60.0,
    deadline=60.0,
    list_command="openstack coe cluster list",
    show_command="openstack coe cluster show {id}",
)
