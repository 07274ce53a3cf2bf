"""Keystone's projects: who owns servers, volumes and networks. Other kinds join their names."""

from __future__ import annotations

from collectors.health import OK, Health, ok
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import listed, word
from collectors.request import Rest
from collectors.rollup import Count


class ProjectWire(Wire):
    """`GET /v3/projects`."""

    id: str
    name: str = ""
    domain_id: str | None = None
    enabled: bool | None = None
    description: str | None = None
    parent_id: str | None = None
    tags: list[str] | None = None


class Project(Row, frozen=True):
    """One project."""

    id: str
    name: str
    domain_id: str | None
    enabled: bool | None
    description: str | None
    parent_id: str | None
    tags: str | None


def row(wire: ProjectWire, reading: Reading) -> Project:
    """Tags become text."""
    return Project(
        id=wire.id,
        name=wire.name,
        domain_id=word(wire.domain_id),
        enabled=wire.enabled,
        description=wire.description or None,
        parent_id=word(wire.parent_id),
        tags=listed(wire.tags),
    )


def health(project: Project, now: float) -> Health:
    """Projects are disabled on purpose."""
    return ok("disabled: nobody can log in to it") if project.enabled is False else OK


KIND = Kind(
    name="projects",
    title="Projects",
    aliases=("project", "tenants"),
    about="one row per project: domain, enabled, description",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/projects", "projects"),
    wire=ProjectWire,
    row=row,
    fields=Project,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("domain_id", "DOMAIN", "ref", 2),
        Column("enabled", "ENABLED", "flag", 2),
        Column("description", "DESCRIPTION", "text", 3),
        Column("parent_id", "PARENT", "ref", 5, wide=True, help="the project or domain above it"),
        Column("tags", "TAGS", "text", 5, wide=True),
        Column("id", "ID", "id", 4),
    ),
    sort=("name",),
    health=health,
    rollup=Count("projects"),
    links=(
        Link("servers", "project_id", "id", "its servers"),
        Link("volumes", "project_id", "id", "its volumes"),
        Link("networks", "project_id", "id", "its networks"),
        Link("floating-ips", "project_id", "id", "its floating IPs"),
        Link("snapshots", "project_id", "id", "its snapshots"),
        Link("role-assignments", "project_id", "id", "who has roles on it"),
        Link("compute-quotas", "project", "id", "its quotas in Nova"),
        Link("volume-quotas", "project", "id", "its quotas in Cinder"),
        Link("network-quotas", "project", "id", "its quotas in Neutron"),
    ),
    server_filters={"name": "name", "domain_id": "domain_id"},
    period=60.0,
    list_command="openstack project list --long",
    show_command="openstack project show {id}",
)
