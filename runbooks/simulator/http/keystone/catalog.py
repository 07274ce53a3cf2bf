"""Keystone's regions, services and endpoints: lists, single ones, and an operator's changes."""

from __future__ import annotations

from uuid import uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.keystone.rest import View, filtered, given, itself, listed, one, text, truth
from runbooks.simulator.model.catalog import Catalog, CatalogService, Endpoint, Region

INTERFACES = ("public", "internal", "admin")


def _catalog(call: Call) -> Catalog:
    return call.cloud.identity.catalog


def _region(call: Call, region: Region) -> View:
    return {
        "id": region.id,
        "description": region.description,
        "parent_region_id": region.parent_id,
        "links": itself(call, "regions", region.id),
    }


def _service(call: Call, service: CatalogService) -> View:
    view: View = {"name": service.name, "id": service.id, "type": service.type, "enabled": service.enabled}
    if service.description is not None:
        view["description"] = service.description
    return view | {"links": itself(call, "services", service.id)}


def _endpoint(call: Call, endpoint: Endpoint) -> View:
    return {
        "id": endpoint.id,
        "interface": endpoint.interface,
        "region_id": endpoint.region_id,
        "service_id": endpoint.service_id,
        "url": endpoint.url,
        "enabled": endpoint.enabled,
        "region": endpoint.region_id,
        "links": itself(call, "endpoints", endpoint.id),
    }


def regions(call: Call) -> Reply:
    views = [_region(call, region) for region in _catalog(call).regions.values()]
    return Reply(listed(call, regions=filtered(call, views, "parent_region_id")))


def region(call: Call) -> Reply:
    return Reply({"region": _region(call, one(_catalog(call).regions, call.args["id"], "region"))})


def services(call: Call) -> Reply:
    views = [_service(call, service) for service in _catalog(call).services.values()]
    return Reply(listed(call, services=filtered(call, views, "type", "name")))


def service(call: Call) -> Reply:
    return Reply({"service": _service(call, one(_catalog(call).services, call.args["id"], "service"))})


def create_service(call: Call) -> Reply:
    values = given(call, "service")
    made = CatalogService(uuid4().hex, text(values, "name", ""), text(values, "type"), truth(values, "enabled", True))
    if isinstance(values.get("description"), str):
        made.description = text(values, "description")
    _catalog(call).services[made.id] = made
    return Reply({"service": _service(call, made)}, 201)


def update_service(call: Call) -> Reply:
    found, values = one(_catalog(call).services, call.args["id"], "service"), given(call, "service")
    found.name, found.type = text(values, "name", found.name), text(values, "type", found.type)
    found.enabled = truth(values, "enabled", found.enabled)
    if "description" in values:
        found.description = text(values, "description")
    return Reply({"service": _service(call, found)})


def delete_service(call: Call) -> Reply:
    """Its endpoints go with it."""
    catalog = _catalog(call)
    found = one(catalog.services, call.args["id"], "service")
    del catalog.services[found.id]
    for key in [key for key, endpoint in catalog.endpoints.items() if endpoint.service_id == found.id]:
        del catalog.endpoints[key]
    return Reply(None, 204)


def endpoints(call: Call) -> Reply:
    views = [_endpoint(call, endpoint) for endpoint in _catalog(call).endpoints.values()]
    return Reply(listed(call, endpoints=filtered(call, views, "interface", "service_id", "region_id", "region")))


def endpoint(call: Call) -> Reply:
    return Reply({"endpoint": _endpoint(call, one(_catalog(call).endpoints, call.args["id"], "endpoint"))})


def _checked(call: Call, made: Endpoint) -> Endpoint:
    if made.interface not in INTERFACES:
        raise ApiError(400, f"Invalid input for field 'interface': '{made.interface}' is not one of {INTERFACES!r}")
    if made.service_id not in _catalog(call).services:
        raise ApiError(400, f"Could not find service: {made.service_id}.")
    if made.region_id not in _catalog(call).regions:
        raise ApiError(400, f"Could not find region: {made.region_id}.")
    return made


def create_endpoint(call: Call) -> Reply:
    values = given(call, "endpoint")
    made = Endpoint(
        id=uuid4().hex,
        service_id=text(values, "service_id"),
        region_id=text(values, "region_id", text(values, "region", "RegionOne")),
        interface=text(values, "interface"),
        url=text(values, "url"),
        enabled=truth(values, "enabled", True),
    )
    _catalog(call).endpoints[made.id] = _checked(call, made)
    return Reply({"endpoint": _endpoint(call, made)}, 201)


def update_endpoint(call: Call) -> Reply:
    found, values = one(_catalog(call).endpoints, call.args["id"], "endpoint"), given(call, "endpoint")
    changed = Endpoint(
        id=found.id,
        service_id=text(values, "service_id", found.service_id),
        region_id=text(values, "region_id", found.region_id),
        interface=text(values, "interface", found.interface),
        url=text(values, "url", found.url),
        enabled=truth(values, "enabled", found.enabled),
    )
    _catalog(call).endpoints[found.id] = _checked(call, changed)
    return Reply({"endpoint": _endpoint(call, changed)})


def delete_endpoint(call: Call) -> Reply:
    found = one(_catalog(call).endpoints, call.args["id"], "endpoint")
    del _catalog(call).endpoints[found.id]
    return Reply(None, 204)


ROUTES = [
    Route("GET", "/v3/regions", regions, "any"),
    Route("GET", "/v3/regions/{id}", region, "any"),
    Route("GET", "/v3/services", services, "reader", "identity:list_services"),
    Route("POST", "/v3/services", create_service, "admin", "identity:create_service"),
    Route("GET", "/v3/services/{id}", service, "reader", "identity:get_service"),
    Route("PATCH", "/v3/services/{id}", update_service, "admin", "identity:update_service"),
    Route("DELETE", "/v3/services/{id}", delete_service, "admin", "identity:delete_service"),
    Route("GET", "/v3/endpoints", endpoints, "reader", "identity:list_endpoints"),
    Route("POST", "/v3/endpoints", create_endpoint, "admin", "identity:create_endpoint"),
    Route("GET", "/v3/endpoints/{id}", endpoint, "reader", "identity:get_endpoint"),
    Route("PATCH", "/v3/endpoints/{id}", update_endpoint, "admin", "identity:update_endpoint"),
    Route("DELETE", "/v3/endpoints/{id}", delete_endpoint, "admin", "identity:delete_endpoint"),
]
