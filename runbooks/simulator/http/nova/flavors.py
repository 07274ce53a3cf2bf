"""`flavors`: sizes of servers."""

from __future__ import annotations

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View, limit, links, next_link, page
from runbooks.simulator.model.flavors import Flavor

RULE = "os_compute_api:"


def full(call: Call, flavor: Flavor) -> View:
    """A flavor as `flavors/detail` lists it."""
    shown: View = {
        "id": flavor.id,
        "name": flavor.name,
        "ram": flavor.ram,
        "disk": flavor.disk,
        "swap": flavor.swap if call.version >= (2, 75) else flavor.swap or "",
        "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral,
        "OS-FLV-DISABLED:disabled": False,
        "vcpus": flavor.vcpus,
        "os-flavor-access:is_public": flavor.public,
        "rxtx_factor": 1.0,
        "links": links(call, "flavors", flavor.id),
    }
    if call.version >= (2, 55):
        shown["description"] = flavor.description
    if call.version >= (2, 61):
        shown["extra_specs"] = dict(flavor.extra_specs)
    return shown


def _visible(call: Call) -> list[Flavor]:
    """By id; private ones for the projects that have access, and for admins that ask (`is_public=None` for all)."""
    wanted = call.query.get("is_public", "").strip().lower()
    found = sorted(call.cloud.compute.flavors.values(), key=lambda flavor: flavor.id)
    if not call.user.is_admin or wanted in ("", "true", "1", "t", "yes", "on"):
        return [flavor for flavor in found if flavor.public or call.user.project in flavor.projects]
    if wanted == "none":
        return found
    return [flavor for flavor in found if not flavor.public]


def _page(call: Call) -> list[Flavor]:
    found = _visible(call)
    for name, value in (("minRam", "ram"), ("minDisk", "disk")):
        text = call.query.get(name, "0")
        if not text.isdecimal():
            raise ApiError(400, f"Invalid {name} filter [{text}]")
        found = [flavor for flavor in found if getattr(flavor, value) >= int(text)]
    return page(call, found, lambda flavor: flavor.id, lambda marker: ApiError(400, f"marker [{marker}] not found"))


def _listed(call: Call, flavors: list[Flavor], views: list[View]) -> Reply:
    body: View = {"flavors": views}
    if flavors and len(flavors) == limit(call):
        body["flavors_links"] = next_link(call, flavors[-1].id)
    return Reply(body)


def index(call: Call) -> Reply:
    flavors = _page(call)
    views: list[View] = []
    for flavor in flavors:
        shown: View = {"id": flavor.id, "name": flavor.name, "links": links(call, "flavors", flavor.id)}
        if call.version >= (2, 55):
            shown["description"] = flavor.description
        views.append(shown)
    return _listed(call, flavors, views)


def detail(call: Call) -> Reply:
    flavors = _page(call)
    return _listed(call, flavors, [full(call, flavor) for flavor in flavors])


def one(call: Call) -> Flavor:
    """The flavor of the path. Raises ApiError 404."""
    key = call.args["id"]
    found = call.cloud.compute.flavors.get(key)
    allowed = found is not None and (found.public or call.user.is_admin or call.user.project in found.projects)
    if found is None or not allowed:
        raise ApiError(404, f"Flavor {key} could not be found.")
    return found


def show(call: Call) -> Reply:
    return Reply({"flavor": full(call, one(call))})


def extra_specs(call: Call) -> Reply:
    return Reply({"extra_specs": dict(one(call).extra_specs)})


def allowed_projects(flavor: Flavor) -> Reply:
    """The list of who may use it."""
    return Reply({"flavor_access": [{"flavor_id": flavor.id, "tenant_id": each} for each in flavor.projects]})


def access(call: Call) -> Reply:
    """Which projects may use a private flavor."""
    flavor = one(call)
    if flavor.public:
        raise ApiError(404, "Access list not available for public flavors.")
    return allowed_projects(flavor)


ROUTES = [
    Route("GET", "/v2.1/flavors", index, "any"),
    Route("GET", "/v2.1/flavors/detail", detail, "any"),
    Route("GET", "/v2.1/flavors/{id}", show, "any"),
    Route("GET", "/v2.1/flavors/{id}/os-extra_specs", extra_specs, "reader", RULE + "os-flavor-extra-specs:index"),
    Route("GET", "/v2.1/flavors/{id}/os-flavor-access", access, "admin", RULE + "os-flavor-access"),
]
