"""Tags of any object: read, replace, add one, remove one, remove all."""

from __future__ import annotations

from typing import Any

import msgspec

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.neutron import floatingips, networks, ports, routers, security, subnets
from runbooks.simulator.http.neutron.errors import malformed
from runbooks.simulator.http.neutron.objects import Objects

_TAGGED: dict[str, Objects] = {
    one.resource.path: one
    for one in (
        networks.NETWORKS,
        subnets.SUBNETS,
        ports.PORTS,
        routers.ROUTERS,
        floatingips.FLOATING_IPS,
        security.SECURITY_GROUPS,
    )
}


def _objects(call: Call) -> Objects:
    return _TAGGED[call.path.split("/")[2]]


def _tags(call: Call) -> list[str]:
    found: list[str] = _objects(call).find(call, call.args["id"])["tags"]
    return found


def _set(call: Call, tags: list[str]) -> None:
    network, identity = call.cloud.network, call.args["id"]
    kept = tuple(dict.fromkeys(tags))
    path = call.path.split("/")[2]
    if path == "ports":
        port = network.ports.get(identity)
        if port is not None:
            network.ports.change(port, tags=kept)
    elif path == "floatingips":
        floating = network.floating_ips.get(identity)
        if floating is not None:
            network.floating_ips.change(floating, tags=kept)
    else:
        homes: dict[str, Any] = {
            "networks": network.networks,
            "subnets": network.subnets,
            "routers": network.routers.by_id,
            "security-groups": network.security_groups,
        }
        record = homes[path][identity]
        record.tags = kept
        record.touch(call.cloud.now())


def _list(call: Call) -> Reply:
    return Reply({"tags": _tags(call)})


def _replace(call: Call) -> Reply:
    _tags(call)
    try:
        body = msgspec.json.decode(call.data)
        given = body["tags"]
    except (msgspec.DecodeError, KeyError, TypeError):
        raise malformed("Invalid tags body") from None
    if not isinstance(given, list) or not all(isinstance(tag, str) for tag in given):
        raise malformed("Invalid tags body")
    _set(call, given)
    return Reply({"tags": _tags(call)})


def _clear(call: Call) -> Reply:
    _tags(call)
    _set(call, [])
    return Reply(None, 204)


def _has(call: Call) -> Reply:
    _require(call, _tags(call))
    return Reply(None, 204)


def _add(call: Call) -> Reply:
    _set(call, [*_tags(call), call.args["tag"]])
    return Reply(None, 201)


def _remove(call: Call) -> Reply:
    found = _tags(call)
    _require(call, found)
    _set(call, [tag for tag in found if tag != call.args["tag"]])
    return Reply(None, 204)


def _require(call: Call, tags: list[str]) -> None:
    if call.args["tag"] not in tags:
        raise ApiError(404, f"Tag {call.args['tag']} could not be found.", kind="TagNotFound")


ROUTES = tuple(
    route
    for path in _TAGGED
    for route in (
        Route("GET", f"/v2.0/{path}/{{id}}/tags", _list),
        Route("PUT", f"/v2.0/{path}/{{id}}/tags", _replace, "member", "update_tags"),
        Route("DELETE", f"/v2.0/{path}/{{id}}/tags", _clear, "member", "delete_tags"),
        Route("GET", f"/v2.0/{path}/{{id}}/tags/{{tag}}", _has),
        Route("PUT", f"/v2.0/{path}/{{id}}/tags/{{tag}}", _add, "member", "update_tags"),
        Route("DELETE", f"/v2.0/{path}/{{id}}/tags/{{tag}}", _remove, "member", "delete_tags"),
    )
)
