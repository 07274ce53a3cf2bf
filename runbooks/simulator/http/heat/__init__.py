"""Heat v1: stacks and engines, read only."""

from __future__ import annotations

from runbooks.simulator.clock import iso_z
from runbooks.simulator.http.api import Api, Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.errors import title
from runbooks.simulator.model.orchestration import INTERVAL, Stack

_EXPLAIN = {
    400: "The server could not comply with the request since it is either malformed or otherwise incorrect.",
    403: "Access was denied to this resource.",
    404: "The resource could not be found.",
    500: "The server has either erred or is incapable of performing the requested operation.",
}


def error(call: Call, fault: ApiError) -> Reply:
    """Heat's: `{"code": 404, "title": "Not Found", "explanation": …, "error": {…}}`."""
    inner = {"type": fault.kind or "HTTPError", "traceback": None, "message": fault.message}
    explanation = _EXPLAIN.get(fault.status, fault.message)
    body = {"code": fault.status, "title": title(fault.status), "explanation": explanation, "error": inner}
    return Reply(body, fault.status, fault.headers)


def versions(call: Call) -> Reply:
    links = [{"rel": "self", "href": f"{call.base}/v1/"}]
    return Reply({"versions": [{"id": "v1.0", "status": "CURRENT", "links": links}]}, 300)


def _view(call: Call, stack: Stack) -> dict[str, object]:
    """As Heat lists a stack; the project is told to administrators."""
    project: dict[str, object] = {"project": stack.project_id} if call.user.is_admin else {}
    return {
        "id": stack.id,
        "links": [{"href": f"{call.base}/v1/{stack.project_id}/stacks/{stack.name}/{stack.id}", "rel": "self"}],
        **project,
        "stack_name": stack.name,
        "description": stack.description,
        "stack_status": stack.status,
        "stack_status_reason": stack.reason,
        "creation_time": iso_z(stack.created),
        "updated_time": iso_z(stack.updated) if stack.updated else None,
        "deletion_time": None,
        "stack_owner": None,
        "parent": None,
        "stack_user_project_id": stack.project_id,
        "tags": None,
    }


def _mine(call: Call) -> str:
    """The project of the path; somebody else's is forbidden."""
    project = call.args["project_id"]
    if project != call.user.project:
        raise ApiError(403, "You are not authorized to use index.", kind="Forbidden")
    return project


def stacks(call: Call) -> Reply:
    """The project's, or all with `global_tenant` for an admin."""
    project = _mine(call)
    everybody = call.query.get("global_tenant", "").lower() in ("true", "1", "yes")
    if everybody and not call.user.is_admin:
        raise ApiError(403, "You are not authorized to use stacks:global_index.", kind="Forbidden")
    found = call.cloud.orchestration.stacks.values()
    return Reply({"stacks": [_view(call, stack) for stack in found if everybody or stack.project_id == project]})


def stack(call: Call) -> Reply:
    _mine(call)
    for found in call.cloud.orchestration.stacks.values():
        if call.args["name"] in (found.name, found.id) and found.project_id == call.user.project:
            return Reply(
                {"stack": _view(call, found) | {"disable_rollback": True, "timeout_mins": None, "outputs": []}}
            )
    raise ApiError(404, f"The Stack ({call.args['name']}) could not be found.", kind="EntityNotFound")


def services(call: Call) -> Reply:
    heat, seed = call.cloud.orchestration, call.cloud.seed
    found = []
    for host in heat.engines():
        heartbeat = call.cloud.reports["heat-engine", host].heartbeat(call.cloud.now())
        found.append(
            {
                "id": seed.uuid("heat service", host),
                "binary": "heat-engine",
                "engine_id": seed.uuid("heat engine", host),
                "host": host,
                "hostname": host,
                "topic": "engine",
                "report_interval": int(INTERVAL),
                "created_at": iso_z(call.cloud.hosts[host].booted).removesuffix("Z") + ".000000",
                "updated_at": iso_z(heartbeat).removesuffix("Z") + ".000000",
                "deleted_at": None,
                "status": "up" if heat.up(host) else "down",
            }
        )
    return Reply({"services": found})


_AT = "/v1/{project_id}"
API = Api(
    name="heat",
    unit="heat_api",
    port=8004,
    routes=[
        Route("GET", "/", versions, "public"),
        Route("GET", _AT + "/stacks", stacks, "reader", "stacks:index"),
        Route("GET", _AT + "/stacks/{name}", stack, "reader", "stacks:show"),
        Route("GET", _AT + "/stacks/{name}/{stack_id}", stack, "reader", "stacks:show"),
        Route("GET", _AT + "/services", services, "admin", "service:index"),
    ],
    error=error,
    forbidden="You are not authorized to use {rule}.",
    database_refused="(pymysql.err.OperationalError) (2003, \"Can't connect to MySQL server on 'VIP'\")",
    database_gone="(pymysql.err.OperationalError) (1047, 'WSREP has not yet prepared node for application use')",
    internal_error="Timed out waiting for a reply to message ID",
)
