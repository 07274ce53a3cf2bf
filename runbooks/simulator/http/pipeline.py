"""From a request to an answer, without sockets: ids, token, path, microversion, policy, handler, error format."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import uuid4

from runbooks.simulator.http import token_check
from runbooks.simulator.http.call import HUNG_UP, ApiError, Call, Reply

_GLOBAL_ID = re.compile(r"req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def answer(call: Call, *, broken: bool = False) -> Reply:
    """The service's whole answer to `call`. `broken`: this API alone has lost its database."""
    api = call.api
    call.request_id = f"req-{uuid4()}"
    reply = _answer(call, broken)
    if reply is HUNG_UP:
        return reply
    headers = {"Content-Type": "application/json", **reply.headers}
    if reply.status != 401 or api.name == "keystone":
        headers |= api.version_headers(call.version)
    headers |= dict.fromkeys(api.request_id_headers, call.request_id)
    if call.method not in ("GET", "HEAD") and not reply.only_read and not _is_login(call):
        by = call.cloud.identity.user_name(call.token.user_id) if call.token else "-"
        call.cloud.wrote(api.name, f"{call.method} {call.path_and_query()}", by, str(reply.status))
    return Reply(reply.body, reply.status, headers, reply.delay)


def _is_login(call: Call) -> bool:
    return call.api.name == "keystone" and call.path.rstrip("/").endswith("/auth/tokens")


def _answer(call: Call, broken: bool) -> Reply:
    api, cloud = call.api, call.cloud
    route, call.args, known = api.find(call.method, call.path)
    public = route is not None and route.role == "public"
    document = public and call.method in ("GET", "HEAD")  # the versions: known without the database
    lost = broken or not cloud.galera.primary()
    try:
        if api.name == "keystone":
            if lost and not document:
                return _keystone_lost(call)
            if not public:
                call.token = cloud.identity.token(call.headers.get("X-Auth-Token", ""), cloud.now())
                if call.token is None:
                    return api.unauthorized(call)
        elif not public and (refusal := token_check.refused(call)) is not None:
            return refusal
        if route is None:
            return api.error(call, ApiError(405, api.wrong_method)) if known else api.not_found(call)
        if not (public and api.microversions):
            call.version = api.version_of(call)
            route, call.args, _ = api.find(call.method, call.path, call.version)
        if route is None or not route.since <= call.version <= route.until:
            return api.not_found(call)
        if call.token is not None and not api.allows(api, route.role, call.token):
            return api.error(call, ApiError(403, api.forbidden.format(rule=route.rule), kind="PolicyNotAuthorized"))
        if lost and not document:
            refused = api.database_refused.replace("VIP", cloud.layout.internal_vip)
            words = refused if broken else api.database_gone
            return replace(api.error(call, ApiError(500, words)), delay=api.database_patience)
        return route.handle(call)
    except ApiError as fault:
        return api.error(call, fault)


def _keystone_lost(call: Call) -> Reply:
    """Keystone without its database: who logs in gets no answer at all, which HAProxy tells as a 502."""
    if _is_login(call):
        return HUNG_UP
    if not call.headers.get("X-Auth-Token"):
        return call.api.unauthorized(call)
    return call.api.error(call, ApiError(500, call.api.database_gone))


def forbid(call: Call, rule: str) -> ApiError:
    """The refusal of something that the caller's role may not do; for handlers that decide themselves."""
    return ApiError(403, call.api.forbidden.format(rule=rule), kind="PolicyNotAuthorized")
