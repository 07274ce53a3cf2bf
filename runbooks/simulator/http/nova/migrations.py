"""`os-migrations` and a server's own live migrations."""

from __future__ import annotations

from collections.abc import Callable

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View, limit, next_link, page, stamp
from runbooks.simulator.http.nova.server_list import one
from runbooks.simulator.model.migrations import Migration

RULE = "os_compute_api:"


def _view(call: Call, migration: Migration) -> View:
    flavors = list(call.cloud.compute.flavors)

    def flavor(key: str) -> int | None:
        return flavors.index(key) + 1 if key in flavors else None

    shown: View = {
        "id": migration.number,
        "source_compute": migration.source,
        "source_node": migration.source,
        "dest_compute": migration.dest,
        "dest_host": None,
        "dest_node": migration.dest,
        "status": migration.status,
        "instance_uuid": migration.server_id,
        "old_instance_type_id": flavor(migration.old_flavor.id),
        "new_instance_type_id": flavor(migration.new_flavor.id),
        "created_at": stamp(migration.created),
        "updated_at": stamp(migration.updated),
    }
    if migration.dest in call.cloud.hosts:
        shown["dest_host"] = call.cloud.hosts[migration.dest or ""].machine.address
    if call.version >= (2, 23):
        shown["migration_type"] = migration.kind
        if migration.kind == "live-migration" and migration.status in ("preparing", "running", "queued"):
            href = f"servers/{migration.server_id}/migrations/{migration.number}"
            shown["links"] = [
                {"rel": "self", "href": f"{call.base}/v2.1/{href}"},
                {"rel": "bookmark", "href": f"{call.base}/{href}"},
            ]
    if call.version >= (2, 59):
        shown["uuid"] = migration.id
    if call.version >= (2, 80):
        shown |= {"user_id": migration.user_id, "project_id": migration.project_id}
    return shown


def index(call: Call) -> Reply:
    """Newest first since 2.59, oldest first before."""
    found = list(call.cloud.compute.migrations)
    tests: dict[str, Callable[[Migration], str]] = {
        "status": lambda each: each.status,
        "instance_uuid": lambda each: each.server_id,
        "source_compute": lambda each: each.source,
        "migration_type": lambda each: each.kind,
        "user_id": lambda each: each.user_id,
        "project_id": lambda each: each.project_id,
    }
    for name, value in tests.items():
        if name in call.query:
            found = [each for each in found if value(each) == call.query[name]]
    if "host" in call.query:
        found = [each for each in found if call.query["host"] in (each.source, each.dest)]
    if call.version < (2, 59):
        return Reply({"migrations": [_view(call, each) for each in found]})
    found.reverse()
    found = page(
        call, found, lambda each: each.id, lambda marker: ApiError(400, f"Marker {marker} could not be found.")
    )
    body: View = {"migrations": [_view(call, each) for each in found]}
    if found and "limit" in call.query and len(found) == limit(call):
        body["migrations_links"] = next_link(call, found[-1].id)
    return Reply(body)


def _live(call: Call, migration: Migration) -> View:
    """A live migration under way, as its server's own list shows it."""
    server = one(call)
    done = server.progress
    memory, disk = server.flavor.ram << 20, server.flavor.disk << 30
    shown: View = {
        "id": migration.number,
        "status": migration.status,
        "source_compute": migration.source,
        "source_node": migration.source,
        "dest_compute": migration.dest,
        "dest_host": call.cloud.hosts[migration.dest].machine.address if migration.dest else None,
        "dest_node": migration.dest,
        "memory_total_bytes": memory,
        "memory_processed_bytes": memory * done // 100,
        "memory_remaining_bytes": memory - memory * done // 100,
        "disk_total_bytes": disk,
        "disk_processed_bytes": 0,
        "disk_remaining_bytes": disk,
        "server_uuid": migration.server_id,
        "created_at": stamp(migration.created),
        "updated_at": stamp(migration.updated),
    }
    if call.version >= (2, 59):
        shown["uuid"] = migration.id
    if call.version >= (2, 80):
        shown |= {"user_id": migration.user_id, "project_id": migration.project_id}
    return shown


def of_server(call: Call) -> Reply:
    return Reply({"migrations": [_live(call, each) for each in _under_way(call)]})


def _under_way(call: Call) -> list[Migration]:
    key = one(call).id
    return [
        each
        for each in call.cloud.compute.migrations
        if each.server_id == key and each.kind == "live-migration" and each.status in ("queued", "preparing", "running")
    ]


def one_of_server(call: Call) -> Reply:
    for each in _under_way(call):
        if str(each.number) == call.args["migration_id"]:
            return Reply({"migration": _live(call, each)})
    raise ApiError(
        404,
        f"Migration {call.args['migration_id']} for server {call.args['id']} is not live-migration.",
    )


def abort(call: Call) -> Reply:
    """`DELETE`: stop a live migration; the server stays where it is."""
    for each in _under_way(call):
        if str(each.number) == call.args["migration_id"]:
            server = call.cloud.compute.servers.edit(each.server_id)
            each.set("cancelled", call.cloud.now())
            server.task_state, server.updated, server.progress = None, call.cloud.now(), 0
            return Reply(None, 202)
    raise ApiError(404, f"Migration {call.args['migration_id']} not found for server {call.args['id']}")


_AT = "/v2.1/servers/{id}/migrations"
ROUTES = [
    Route("GET", "/v2.1/os-migrations", index, "admin", RULE + "os-migrations:index"),
    Route("GET", _AT, of_server, "admin", RULE + "servers:migrations:index", since=(2, 23)),
    Route("GET", _AT + "/{migration_id}", one_of_server, "admin", RULE + "servers:migrations:show", since=(2, 23)),
    Route("DELETE", _AT + "/{migration_id}", abort, "admin", RULE + "servers:migrations:delete", since=(2, 24)),
]
