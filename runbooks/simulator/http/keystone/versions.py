"""Keystone's version documents."""

from __future__ import annotations

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import Call, Reply


def _v3(call: Call) -> dict[str, object]:
    return {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": f"{call.base}/v3/"}],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    }


def versions(call: Call) -> Reply:
    return Reply({"versions": {"values": [_v3(call)]}}, 300, {"Location": f"{call.base}/v3/"})


def v3(call: Call) -> Reply:
    return Reply({"version": _v3(call)})


ROUTES = [Route("GET", "/", versions, "public"), Route("GET", "/v3", v3, "public")]
