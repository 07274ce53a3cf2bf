"""Cinder's API, v3 with microversions up to 3.71."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from runbooks.simulator.http.api import Api, Handler, Microversions, Route
from runbooks.simulator.http.broker import through_broker
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.cinder import (
    actions,
    attachments,
    backups,
    limits,
    services,
    snapshots,
    types,
    volumes,
)

LEAST, MOST = (3, 0), (3, 71)
_PROJECT = re.compile(r"/v3/([0-9a-f]{32})(?:/|$)")


def _own_project(routes: Iterable[Route]) -> Iterator[Route]:
    """The routes, refusing a path that names another project than the token: Cinder does, admins included."""
    for route in routes:
        yield replace(route, handle=_checked(route.handle)) if route.role != "public" else route


def _checked(handle: Handler) -> Handler:
    def answer(call: Call) -> Reply:
        named = _PROJECT.match(call.path)
        if named and named[1] != call.user.project:
            raise ApiError(400, "Malformed request url")
        return handle(call)

    return answer


def _version(call: Call) -> dict[str, object]:
    return {
        "id": "v3.0",
        "status": "CURRENT",
        "version": "3.71",
        "min_version": "3.0",
        "updated": "2023-08-31T00:00:00Z",
        "links": [
            {"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
            {"rel": "self", "href": f"{call.base}/v3/"},
        ],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.volume+json;version=3"}],
    }


def _versions(call: Call) -> Reply:
    return Reply({"versions": [_version(call)]}, 300)


def _one_version(call: Call) -> Reply:
    return Reply({"versions": [_version(call)]})


def _zones(call: Call) -> Reply:
    up = any(call.cloud.storage.services.up(one) for one in call.cloud.storage.services.backends())
    return Reply({"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": up}}]})


def _empty(*keys: str) -> Route:
    path, key = keys

    def answer(call: Call) -> Reply:
        return Reply({key: []})

    return Route("GET", path, answer)


_ROUTES = (
    Route("GET", "/", _versions, "public"),
    Route("GET", "/v3", _one_version, "public"),
    *through_broker(volumes.ROUTES),
    *through_broker(actions.ROUTES),
    *through_broker(snapshots.ROUTES),
    *through_broker(backups.ROUTES),
    *through_broker(attachments.ROUTES),
    *types.ROUTES,
    *services.ROUTES,
    *limits.ROUTES,
    Route("GET", "/v3/os-availability-zone", _zones),
    _empty("/v3/qos-specs", "qos_specs"),
    _empty("/v3/groups", "groups"),
    _empty("/v3/groups/detail", "groups"),
    _empty("/v3/group_types", "group_types"),
    _empty("/v3/clusters", "clusters"),
    _empty("/v3/clusters/detail", "clusters"),
    _empty("/v3/messages", "messages"),
    _empty("/v3/os-volume-transfer", "transfers"),
    _empty("/v3/os-volume-transfer/detail", "transfers"),
    _empty("/v3/volume-transfers", "transfers"),
    _empty("/v3/volume-transfers/detail", "transfers"),
    _empty("/v3/extensions", "extensions"),
)
API = Api(
    name="cinder",
    unit="cinder_api",
    port=8776,
    routes=list(_own_project(_ROUTES)),
    microversions=Microversions("volume", LEAST, MOST),
    request_id_headers=("x-compute-request-id", "x-openstack-request-id"),
    project_in_path="/v3",
    malformed="cannot understand JSON",
    database_refused="The server has either erred or is incapable of performing the requested operation.",
    database_gone="The server has either erred or is incapable of performing the requested operation.",
    internal_error="The server has either erred or is incapable of performing the requested operation.",
)
