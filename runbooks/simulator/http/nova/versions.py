"""Nova's version documents."""

from __future__ import annotations

from runbooks.simulator.http.api import Microversions, Route, dotted
from runbooks.simulator.http.call import Call, Reply

MICROVERSIONS = Microversions("compute", (2, 1), (2, 104), "X-OpenStack-Nova-API-Version")


def _version(call: Call, name: str) -> dict[str, object]:
    current = name == "v2.1"
    return {
        "id": name if current else "v2.0",
        "status": "CURRENT" if current else "DEPRECATED",
        "version": dotted(MICROVERSIONS.most) if current else "",
        "min_version": dotted(MICROVERSIONS.least) if current else "",
        "updated": "2013-07-23T11:33:21Z" if current else "2025-07-04T12:00:00Z",
        "links": [{"rel": "self", "href": f"{call.base}/{name}/"}],
    }


def versions(call: Call) -> Reply:
    return Reply({"versions": [_version(call, "v2"), _version(call, "v2.1")]})


def version(call: Call) -> Reply:
    view = _version(call, "v2.1")
    more = {"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"}
    view["links"] = [{"rel": "self", "href": f"{call.base}/v2.1/"}, more]
    view["media-types"] = [{"base": "application/json", "type": "application/vnd.openstack.compute+json;version=2.1"}]
    return Reply({"version": view})


ROUTES = [Route("GET", "/", versions, "public"), Route("GET", "/v2.1", version, "public")]
