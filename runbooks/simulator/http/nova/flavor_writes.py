"""`flavors`, changed: an operator makes, describes and deletes sizes, sets their extra specs, says who may use them."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.flavors import RULE, allowed_projects, full, one
from runbooks.simulator.model.flavors import Flavor


def _number(given: dict[str, object], name: str, least: int, default: int | None = None) -> int:
    found = given.get(name, default)
    if isinstance(found, str) and found.isdecimal():
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool) or found < least:
        raise ApiError(
            400,
            f"Invalid input for field/attribute {name}. Value: {found}. {found!r} is less than the minimum of {least}",
        )
    return found


def create(call: Call) -> Reply:
    given = call.body().get("flavor")
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise ApiError(400, "Invalid input for field/attribute flavor. 'name' is a required property")
    name, wanted = str(given["name"]), given.get("id")
    key = str(wanted) if wanted not in (None, "auto") else str(uuid4())
    flavors = call.cloud.compute.flavors
    if key in flavors:
        raise ApiError(409, f"Flavor with ID {key} already exists.")
    if any(each.name == name for each in flavors.values()):
        raise ApiError(409, f"Flavor with name {name} already exists.")
    made = Flavor(
        id=key,
        name=name,
        vcpus=_number(given, "vcpus", 1),
        ram=_number(given, "ram", 0),
        disk=_number(given, "disk", 0),
        ephemeral=_number(given, "OS-FLV-EXT-DATA:ephemeral", 0, 0),
        swap=_number(given, "swap", 0, 0),
        public=bool(given.get("os-flavor-access:is_public", True)),
        description=str(given["description"]) if given.get("description") and call.version >= (2, 55) else None,
    )
    flavors[key] = made
    return Reply({"flavor": full(call, made)})


def update(call: Call) -> Reply:
    """The description, since 2.55."""
    given = call.body().get("flavor")
    found = one(call)
    text = given.get("description") if isinstance(given, dict) else None
    changed = replace(found, description=str(text) if text is not None else None)
    call.cloud.compute.flavors[found.id] = changed
    return Reply({"flavor": full(call, changed)})


def delete(call: Call) -> Reply:
    """Servers built from it keep their size."""
    del call.cloud.compute.flavors[one(call).id]
    return Reply(None, 202)


def set_specs(call: Call) -> Reply:
    given = call.body().get("extra_specs")
    if not isinstance(given, dict) or not given:
        raise ApiError(400, "Invalid input for field/attribute extra_specs. Value: None.")
    found = one(call)
    specs = {str(name): str(value) for name, value in given.items()}
    call.cloud.compute.flavors[found.id] = replace(found, extra_specs=found.extra_specs | specs)
    return Reply({"extra_specs": specs})


def delete_spec(call: Call) -> Reply:
    found, name = one(call), call.args["spec"]
    if name not in found.extra_specs:
        raise ApiError(404, f"Flavor {found.id} has no extra specs with key {name}.")
    kept = {key: value for key, value in found.extra_specs.items() if key != name}
    call.cloud.compute.flavors[found.id] = replace(found, extra_specs=kept)
    return Reply(None, 200)


def action(call: Call) -> Reply:
    """`addTenantAccess` and `removeTenantAccess`: which projects may use a private flavor."""
    body = call.body()
    verb = next((name for name in ("addTenantAccess", "removeTenantAccess") if name in body), "")
    part = body.get(verb)
    project = part.get("tenant") if isinstance(part, dict) else None
    if not verb:
        raise ApiError(400, f"There is no such action: {next(iter(body), None)}")
    if not isinstance(project, str) or not project:
        raise ApiError(400, f"Invalid input for field/attribute {verb}. Value: {part}. 'tenant' is a required property")
    adding = verb == "addTenantAccess"
    if adding and project not in call.cloud.identity.projects:
        raise ApiError(400, f"Project ID {project} is not a valid project.")
    found = one(call)
    if adding and found.public and call.version >= (2, 7):
        raise ApiError(409, "Can not add access to a public flavor.")
    if adding and project in found.projects:
        words = f"Flavor access already exists for flavor {found.id} and project {project} combination."
        raise ApiError(409, words)
    if not adding and project not in found.projects:
        raise ApiError(404, f"Flavor access not found for {found.id} / {project} combination.")
    kept = tuple(each for each in found.projects if each != project)
    changed = replace(found, projects=(*kept, project) if adding else kept)
    call.cloud.compute.flavors[found.id] = changed
    return allowed_projects(changed)


_AT = "/v2.1/flavors"
ROUTES = [
    Route("POST", _AT, create, "admin", RULE + "os-flavor-manage:create"),
    Route("PUT", _AT + "/{id}", update, "admin", RULE + "os-flavor-manage:update", since=(2, 55)),
    Route("DELETE", _AT + "/{id}", delete, "admin", RULE + "os-flavor-manage:delete"),
    Route("POST", _AT + "/{id}/action", action, "admin", RULE + "os-flavor-access:add_tenant_access"),
    Route("POST", _AT + "/{id}/os-extra_specs", set_specs, "admin", RULE + "os-flavor-extra-specs:create"),
    Route("DELETE", _AT + "/{id}/os-extra_specs/{spec}", delete_spec, "admin", RULE + "os-flavor-extra-specs:delete"),
]
