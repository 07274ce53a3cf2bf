"""`GET /servers` and `/servers/detail`: filters, order, pages; and single servers.

The usual lists (newest first, of all projects, of one, of a host) walk the model from the marker on, so a page costs
a page. Other orders gather everything first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import flag, limit, next_link
from runbooks.simulator.http.nova.server_view import ServerView
from runbooks.simulator.model.server import Server, vm_states_of

RULE = "os_compute_api:servers:"
SORTABLE: dict[str, Callable[[Server], str | float]] = {
    "created_at": lambda server: server.created,
    "updated_at": lambda server: server.updated,
    "launched_at": lambda server: server.launched or 0.0,
    "display_name": lambda server: server.name,
    "host": lambda server: server.host or "",
    "node": lambda server: server.host or "",
    "uuid": lambda server: server.id,
    "vm_state": lambda server: server.vm_state,
    "task_state": lambda server: server.task_state or "",
    "power_state": lambda server: float(server.power_state),
    "project_id": lambda server: server.project_id,
    "user_id": lambda server: server.user_id,
    "instance_type_id": lambda server: server.flavor.id,
    "image_ref": lambda server: server.image_id,
    "key_name": lambda server: server.key_name or "",
    "availability_zone": lambda server: "nova" if server.host else "",
    "root_device_name": lambda server: "",
}
Test = Callable[[Server], bool]


def index(call: Call) -> Reply:
    return _reply(call, ServerView(call).brief)


def detail(call: Call) -> Reply:
    return _reply(call, ServerView(call).full)


def _reply(call: Call, view: Callable[[Server], dict[str, object]]) -> Reply:
    size = limit(call)
    servers = list(islice(_found(call), size))
    body: dict[str, object] = {"servers": [view(server) for server in servers]}
    if servers and len(servers) == size:
        body["servers_links"] = next_link(call, servers[-1].id)
    return Reply(body)


def _found(call: Call) -> Iterator[Server]:
    """All servers of the list from the marker on, in order."""
    query, servers = call.query, call.cloud.compute.servers
    everybody = flag(call, "all_tenants")
    if everybody and not call.user.is_admin:
        action = "detail:get_all_tenants" if call.path.endswith("/detail") else "index:get_all_tenants"
        raise ApiError(403, call.api.forbidden.format(rule=RULE + action))
    project = (query.get("project_id") or query.get("tenant_id")) if everybody else call.user.project
    host = (query.get("host") or query.get("node")) if call.user.is_admin else None
    tests = list(_tests(call, host))
    marker = query.get("marker")
    order = list(zip(*_order(call), strict=True))
    if "changes-since" in query or "changes-before" in query:
        return _after(_changed(call, project, tests), marker)
    if host:
        found: Iterable[Server] = sorted(servers.on_host(host), key=lambda server: -server.created)
        chosen = (server for server in found if not project or server.project_id == project)
        return _after(_sorted(filter(_all(tests), chosen), order), marker)
    if order != [("created_at", "desc")]:
        found = servers.of_project(project) if project else servers.newest()
        return _after(_sorted(filter(_all(tests), found), order), marker)
    try:
        states = _vm_states(call)
        found = servers.of_project(project, marker, states) if project else servers.newest(marker, states)
        return filter(_all(tests), _started(found))
    except KeyError:
        raise _no_marker(marker) from None


def _started(found: Iterator[Server]) -> Iterator[Server]:
    """The same iterator, its first item already asked for: a wrong marker shows itself here, not later."""
    first = list(islice(found, 1))

    def rest() -> Iterator[Server]:
        yield from first
        yield from found

    return rest()


def _no_marker(marker: str | None) -> ApiError:
    return ApiError(400, f"marker [{marker}] not found")


def _after(found: Iterable[Server], marker: str | None) -> Iterator[Server]:
    rest = iter(found)
    if marker and not any(server.id == marker for server in rest):
        raise _no_marker(marker)
    return rest


def _all(tests: list[Test]) -> Test:
    if not tests:
        return lambda server: True
    return lambda server: all(test(server) for test in tests)


def _order(call: Call) -> tuple[list[str], list[str]]:
    """Keys and directions; `created_at desc` by default. Raises ApiError 400 for an unknown one."""
    keys = call.query.getall("sort_key", ["created_at"])
    directions = call.query.getall("sort_dir", ["desc"])
    for key in keys:
        if key not in SORTABLE:
            raise ApiError(
                400,
                f"Invalid input for query parameters sort_key. Value: {key}. '{key}' is not one of {sorted(SORTABLE)}",
            )
    for direction in directions:
        if direction not in ("asc", "desc"):
            raise ApiError(400, f"Unknown sort direction, must be one of: asc, desc (got {direction})")
    return keys, (directions * len(keys))[: len(keys)]


def _sorted(found: Iterable[Server], order: list[tuple[str, str]]) -> Iterable[Server]:
    servers = list(found)
    for key, direction in reversed(order):
        servers.sort(key=SORTABLE[key], reverse=direction == "desc")
    return servers


def _tests(call: Call, host: str | None) -> Iterator[Test]:
    """What the query asks of a server."""
    query = call.query
    statuses = query.getall("status", [])
    if statuses:
        wanted = {status.upper() for status in statuses}
        if not any(vm_states_of(status) for status in wanted):
            yield lambda server: False  # an unknown status matches nothing
        yield lambda server: server.status in wanted
    if "name" in query:
        try:
            pattern = re.compile(query["name"], re.IGNORECASE)
        except re.error:
            raise ApiError(400, f"Invalid input for query parameters name. Value: {query['name']}") from None
        yield lambda server: pattern.search(server.name) is not None
    exact: dict[str, Callable[[Server], str]] = {
        "uuid": lambda server: server.id,
        "flavor": lambda server: server.flavor.id,
        "image": lambda server: server.image_id,
        "user_id": lambda server: server.user_id,
        "vm_state": lambda server: server.vm_state,
        "task_state": lambda server: server.task_state or "",
        "power_state": lambda server: str(server.power_state),
        "reservation_id": lambda server: server.reservation_id,
        "key_name": lambda server: server.key_name or "",
    }
    for name, value in exact.items():
        if name in query and (call.user.is_admin or name in ("flavor", "image")):
            yield partial(_is, value, query[name])
    if "ip" in query:
        address = re.compile(query["ip"])
        yield lambda server: any(address.match(nic.address) for nic in server.nics)
    if "locked" in query and call.version >= (2, 73):
        locked = flag(call, "locked")
        yield lambda server: server.locked is locked


def _is(value: Callable[[Server], str], wanted: str, server: Server) -> bool:
    return value(server) == wanted


def _vm_states(call: Call) -> frozenset[str] | None:
    """The vm_states that the query's statuses may mean; None when it asks for none."""
    statuses = call.query.getall("status", [])
    return frozenset().union(*map(vm_states_of, statuses)) if statuses else None


def _moment(call: Call, name: str) -> float:
    text = call.query[name]
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ApiError(
            400, f"Invalid input for query parameters {name}. Value: {text}. '{text}' is not a 'date-time'"
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _changed(call: Call, project: str | None, tests: list[Test]) -> Iterator[Server]:
    """`changes-since`: what was changed or deleted since, deleted ones included."""
    compute = call.cloud.compute
    since = _moment(call, "changes-since") if "changes-since" in call.query else 0.0
    before = _moment(call, "changes-before") if "changes-before" in call.query else float("inf")
    gone = (server for server in reversed(compute.deleted.values()) if server.updated >= since)
    everything = [*compute.servers.changed_since(since), *gone]
    everything.sort(key=lambda server: -server.created)
    for server in everything:
        if (not project or server.project_id == project) and int(server.updated) <= before and _all(tests)(server):
            yield server


def show(call: Call) -> Reply:
    return Reply({"server": ServerView(call).full(one(call))})


def one(call: Call) -> Server:
    """The server of the path, for reading. Raises ApiError 404 also when it is another project's."""
    found = call.cloud.compute.servers.get(call.args["id"])
    if found is None or not (call.user.is_admin or found.project_id == call.user.project):
        raise ApiError(404, f"Instance {call.args['id']} could not be found.")
    return found


ROUTES = [
    Route("GET", "/v2.1/servers", index, "reader", RULE + "index"),
    Route("GET", "/v2.1/servers/detail", detail, "reader", RULE + "detail"),
    Route("GET", "/v2.1/servers/{id}", show, "reader", RULE + "show"),
]
