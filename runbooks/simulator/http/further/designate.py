"""Designate's API v2: zones and the statuses of its services, with errors as its fault wrapper prints them."""

from __future__ import annotations

import re

from runbooks.simulator.clock import iso
from runbooks.simulator.http.api import Api, Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.further.paging import after, whole
from runbooks.simulator.model.further.designate import Dns, Zone

Row = dict[str, object]
_REFERENCE = "https://docs.openstack.org/api-ref/dns"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KINDS = {400: "bad_request", 403: "forbidden", 404: "not_found", 500: "unknown"}


def error(call: Call, fault: ApiError) -> Reply:
    """`{"code": 404, "type": "zone_not_found", "message": …, "request_id": …}`.

    Who may not see all projects is refused before that, without a body.
    """
    if fault.kind == "all-projects":
        return Reply(b"", 403, {"Content-Type": "text/html; charset=utf-8"})
    body: Row = {"code": fault.status, "type": fault.kind or _KINDS.get(fault.status, "unknown")}
    if body["type"] == "PolicyNotAuthorized":
        body["type"] = "forbidden"
    if fault.message:
        body["message"] = fault.message
    return Reply(body | {"request_id": call.request_id}, fault.status, fault.headers)


def versions(call: Call) -> Reply:
    def one(number: str, status: str, updated: str) -> Row:
        links = [{"href": f"{call.base}/v2", "rel": "self"}, {"href": _REFERENCE, "rel": "help"}]
        return {"id": number, "links": links, "status": status, "updated": updated}

    first = "2022-06-29T00:00:00Z"
    found = [one("v2", "SUPPORTED", first), one("v2.0", "SUPPORTED", first)]
    return Reply({"versions": [*found, one("v2.1", "CURRENT", "2023-01-25T00:00:00Z")]})


def _zone(call: Call, one: Zone) -> Row:
    return {
        "id": one.id,
        "pool_id": _dns(call).pool_id,
        "project_id": one.project_id,
        "name": one.name,
        "email": one.email,
        "description": None,
        "ttl": 3600,
        "serial": one.serial,
        "shared": False,
        "status": one.status,
        "action": one.action,
        "version": 2,
        "attributes": {},
        "type": one.kind,
        "masters": list(one.masters),
        "created_at": iso(one.created),
        "updated_at": iso(one.updated),
        "transferred_at": iso(one.transferred) if one.transferred else None,
        "links": {"self": f"{call.base}/v2/zones/{one.id}"},
    }


def _mine(call: Call) -> list[Zone]:
    """The project's zones; every project's with the header, which is an administrator's."""
    zones = _dns(call).zones
    everybody = call.headers.get("X-Auth-All-Projects", "").lower() == "true"
    if everybody and not call.user.is_admin:
        raise ApiError(403, "", kind="all-projects")
    return [zone for zone in zones if everybody or zone.project_id == call.user.project]


def _zones(call: Call) -> Reply:
    """With `limit` and `marker`; a page as long as its limit names the next, be it empty, as Designate does."""
    found = _mine(call)
    for name in ("name", "status", "type"):
        if name in call.query:
            found = [zone for zone in found if str(_zone(call, zone)[name]) == call.query[name]]
    wrong = ApiError(400, "limit should be an integer between 1 and 1000", kind="invalid_limit")
    most = whole(call, "limit", 20, wrong)
    lost = ApiError(400, "Marker None could not be found", kind="marker_not_found")  # in the service's own words
    shown = after(found, call.query.get("marker"), lambda zone: zone.id, lost)[:most]
    links = {"self": call.base + call.path_and_query()}
    if shown and "limit" in call.query and len(shown) >= most:
        links["next"] = call.base + call.path_and_query(marker=shown[-1].id)
    rows = [_zone(call, zone) for zone in shown]
    return Reply({"zones": rows, "links": links, "metadata": {"total_count": len(found)}})


def _zone_shown(call: Call) -> Reply:
    if not _UUID.fullmatch(call.args["id"]):
        raise ApiError(400, f"Invalid UUID zone_id: {call.args['id']}", kind="invalid_uuid")
    for zone in _dns(call).zones:
        if zone.id == call.args["id"] and (call.user.is_admin or zone.project_id == call.user.project):
            return Reply(_zone(call, zone))
    raise ApiError(404, "Could not find Zone", kind="zone_not_found")


def _statuses(call: Call) -> Reply:
    dns, seed = _dns(call), call.cloud.seed
    rows = []
    for name, host in dns.services():
        status_id = seed.uuid("designate service", name, host)
        beat = iso(dns.heartbeat(name, host))
        rows.append(
            {
                "id": status_id,
                "hostname": host,
                "service_name": name,
                "status": "UP" if dns.up(name, host) else "DOWN",
                "stats": {},
                "capabilities": {},
                "heartbeated_at": beat,
                "created_at": iso(call.cloud.hosts[host].booted),
                "updated_at": beat,
                "links": {"self": f"{call.base}/v2/service_statuses/{status_id}"},
            }
        )
    return Reply({"service_statuses": rows, "links": {"self": call.base + call.path_and_query()}})


def _dns(call: Call) -> Dns:
    assert call.cloud.further is not None
    return call.cloud.further.dns


API = Api(
    name="designate",
    unit="designate_api",
    port=9001,
    routes=[
        Route("GET", "/", versions, "public"),
        Route("GET", "/v2/zones", _zones),
        Route("GET", "/v2/zones/{id}", _zone_shown),
        Route("GET", "/v2/service_statuses", _statuses, "admin"),
    ],
    error=error,
    forbidden="",
    database_refused="",
    database_gone="",
)
