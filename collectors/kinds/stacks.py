"""Heat's stacks: what templates made, and why it failed.

Heat lists every project's stacks only to whom its policy grants it (by default nobody); else these are our own
project's. Stacks inside stacks are left out: their parents say how they fare.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import HOUR, joined_name, lasting, listed, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

STUCK: Final = 2 * HOUR
"""Seconds after which one that is under way is stuck; Heat's own time-out is four hours, if nobody set another."""


class StackWire(Wire):
    """`GET /stacks`; `project` is told to administrators."""

    id: str
    stack_name: str = ""
    stack_status: str | None = None
    stack_status_reason: str | None = None
    description: str | None = None
    project: str | None = None
    stack_owner: str | None = None
    parent: str | None = None
    tags: list[str] | None = None
    creation_time: str | None = None
    updated_time: str | None = None


class Stack(Row, frozen=True):
    """One stack."""

    id: str
    name: str
    status: str | None
    status_reason: str | None
    project: str | None
    project_id: str | None
    owner: str | None
    description: str | None
    parent: str | None
    tags: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: StackWire, reading: Reading) -> Stack:
    """The project's name is joined."""
    return Stack(
        id=wire.id,
        name=wire.stack_name,
        status=word(wire.stack_status),
        status_reason=wire.stack_status_reason or None,
        project=joined_name(reading, "projects", wire.project),
        project_id=word(wire.project),
        owner=word(wire.stack_owner),
        description=wire.description or None,
        parent=wire.parent,
        tags=listed(wire.tags),
        created_at=epoch(wire.creation_time),
        updated_at=epoch(wire.updated_time),
    )


def health(stack: Stack, now: float) -> Health:
    """A status is an action and how it went: `UPDATE_FAILED`."""
    action, _, outcome = (stack.status or "").lower().partition("_")
    if outcome == "failed":
        return critical(f"{action} failed: {stack.status_reason}" if stack.status_reason else f"{action} failed")
    if outcome == "in_progress":
        since = stack.created_at if action == "create" else stack.updated_at or stack.created_at
        return lasting(f"{action} under way", since, now, STUCK) or OK
    return OK


KIND = Kind(
    name="stacks",
    title="Stacks",
    aliases=("stack", "heat"),
    about="one row per stack: status and why, project; every project's only where Heat's policy grants that",
    system="orchestration",
    optional=True,
    read=Rest("orchestration", "/stacks", "stacks", page=1000, everyone=(("global_tenant", "true"),)),
    wire=StackWire,
    row=row,
    fields=Stack,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 1),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("owner", "OWNER", "ref", 4),
        Column("updated_at", "CHANGED", "time", 3),
        Column("created_at", "CREATED", "time", 4),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("status_reason", "WHY", "text", 6, wide=True, help="what Heat says about its status"),
        Column("tags", "TAGS", "text", 6, wide=True),
        Column("parent", "PARENT", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("stacks"),
    links=(Link("projects", "id", "project_id", "its project"),),
    joins=("projects",),
    server_filters={"name": "name", "status": "status"},
    period=60.0,
    deadline=60.0,
    list_command="openstack stack list --all-projects",
    show_command="openstack stack show {id}",
)
