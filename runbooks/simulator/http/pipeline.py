"""From a request to an answer, without sockets: ids, token, path, microversion, policy, handler, error format."""

from __future__ import annotations

import re
from uuid import uuid4

from runbooks.simulator.http.call import ApiError, Call, Reply

_GLOBAL_ID = re.compile(r"req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def answer(call: Call, *, broken: bool = False) -> Reply:
    """The service's whole answer to `call`. `broken`: answer 500 to whatever passes the token check."""
    api = call.api
    call.request_id = f"req-{uuid4()}"
    reply = _answer(call, broken)
    headers = {"Content-Type": "application/json", **reply.headers}
    if reply.status != 401 or api.name == "keystone":
        headers |= api.version_headers(call.version)
    headers |= dict.fromkeys(api.request_id_headers, call.request_id)
    if call.method not in ("GET", "HEAD") and not _is_login(call):
        by = call.cloud.identity.user_name(call.token.user_id) if call.token else "-"
        call.cloud.wrote(api.name, f"{call.method} {call.path_and_query()}", by, str(reply.status))
    return Reply(reply.body, reply.status, headers, reply.delay)


def _is_login(call: Call) -> bool:
    return call.api.name == "keystone" and call.path.rstrip("/").endswith("/auth/tokens")


def _answer(call: Call, broken: bool) -> Reply:
    api, cloud = call.api, call.cloud
    route, call.args, known = api.find(call.method, call.path)
    public = route is not None and route.role == "public"
    try:
        if not public:
            call.token = cloud.identity.token(call.headers.get("X-Auth-Token", ""), cloud.now())
            if call.token is None:
                return api.unauthorized(call)
        if broken:
            return api.error(call, ApiError(500, api.internal_error))
        if route is None:
            return api.error(call, ApiError(405, api.wrong_method)) if known else api.not_found(call)
        if not (public and api.microversions):
            call.version = api.version_of(call)
            route, call.args, _ = api.find(call.method, call.path, call.version)
        if route is None or not route.since <= call.version <= route.until:
            return api.not_found(call)
        if call.token is not None and not api.allows(api, route.role, call.token):
            return api.error(call, ApiError(403, api.forbidden.format(rule=route.rule), kind="PolicyNotAuthorized"))
        if api.needs_database and not (public and api.microversions) and not cloud.galera.primary():
            return api.error(call, ApiError(500, api.database_gone))
        return route.handle(call)
    except ApiError as fault:
        return api.error(call, fault)


def forbid(call: Call, rule: str) -> ApiError:
    """The refusal of something that the caller's role may not do; for handlers that decide themselves."""
    return ApiError(403, call.api.forbidden.format(rule=rule), kind="PolicyNotAuthorized")
