"""What was done to one server, by whom, and with which request id: Nova's instance actions, newest first."""

from __future__ import annotations

from collectors.health import OK, Health, critical
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Scope, Wire
from collectors.kinds._shared import joined_name, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch


class ServerActionWire(Wire):
    """`GET /servers/ID/os-instance-actions`; `updated_at` from 2.58 on."""

    request_id: str
    action: str = ""
    instance_uuid: str | None = None
    user_id: str | None = None
    project_id: str | None = None
    start_time: str | None = None
    updated_at: str | None = None
    message: str | None = None


class ServerAction(Row, frozen=True):
    """One action."""

    request_id: str
    action: str
    server: str
    start_time: float | None
    updated_at: float | None
    user: str | None
    user_id: str | None
    project_id: str | None
    message: str | None


def row(wire: ServerActionWire, reading: Reading) -> ServerAction:
    """The server is the one that was asked for."""
    return ServerAction(
        request_id=wire.request_id,
        action=wire.action,
        server=wire.instance_uuid or reading.parent,
        start_time=epoch(wire.start_time),
        updated_at=epoch(wire.updated_at),
        user=joined_name(reading, "users", wire.user_id),
        user_id=word(wire.user_id),
        project_id=word(wire.project_id),
        message=wire.message or None,
    )


def health(action: ServerAction, now: float) -> Health:
    """Nova sets a message only when an action failed."""
    return critical(action.message) if action.message else OK


KIND = Kind(
    name="server-actions",
    title="Server actions",
    aliases=("server-action", "actions"),
    about="one row per thing that was done to a server: action, user, request id, error",
    system="compute",
    scope=Scope("parent", parent="servers", parameter="server"),
    read=Rest(
        "compute",
        "/servers/{parent}/os-instance-actions",
        "instanceActions",
        microversion="2.96",
    ),
    wire=ServerActionWire,
    row=row,
    fields=ServerAction,
    key="request_id",
    name_field="action",
    columns=(
        Column("action", "ACTION", "name", 1),
        Column("start_time", "STARTED", "time", 1),
        Column("user", "USER", "ref", 2, joined=True),
        Column("request_id", "REQUEST", "id", 3, help="search the services' logs for it"),
        Column("message", "MESSAGE", "text", 5, wide=True),
        Column("updated_at", "CHANGED", "time", 5, wide=True),
        Column("user_id", "USER ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("server", "SERVER", "ref", 6, wide=True),
    ),
    health=health,
    rollup=Count("actions"),
    links=(Link("servers", "id", "server", "its server"), Link("users", "id", "user_id", "who did it")),
    joins=("users",),
    runs=Runs(request="{request_id}"),
    list_command="openstack server event list {server}",
    show_command="openstack server event show {server} {request_id}",
)
