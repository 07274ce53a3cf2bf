"""Reading a POST or PUT body against the attribute map, with the refusals of Neutron's API layer, in its order."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.http.neutron.attributes import REQUIRED, UNSET, Resource
from runbooks.simulator.http.neutron.errors import malformed
from runbooks.simulator.http.neutron.values import UnfitError


def read_create(resource: Resource, body: Any, project: str) -> tuple[bool, list[dict[str, Any]]]:
    """The objects that a POST asks for, defaults filled in, and whether it was a bulk request.

    A field whose value the service is to choose is absent. `project` owns what names no owner.
    """
    found = _dictionary(body)
    if resource.collection in found:
        items = found[resource.collection]
        if not items or not isinstance(items, list):
            raise malformed("Resources required")
        return True, [_create(resource, _one(resource, item, wrapped=False), project) for item in items]
    return False, [_create(resource, _one(resource, found), project)]


def read_update(resource: Resource, body: Any) -> dict[str, Any]:
    """The changes that a PUT asks for."""
    given = _same_project(_one(resource, _dictionary(body)))
    _known(resource, given)
    for name in given:
        if not resource.attributes[name].may("U"):
            raise malformed(f"Cannot update read-only attribute {name}")
    return _convert(resource, given)


def _dictionary(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise malformed("Body contains invalid data")
    return body


def _one(resource: Resource, body: Any, *, wrapped: bool = True) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise malformed("Body contains invalid data")
    if resource.name not in body:
        if not wrapped:
            return dict(body)
        raise malformed(f"Unable to find '{resource.name}' in request body")
    inner = body[resource.name]
    if not isinstance(inner, dict):
        raise malformed(f"Object '{resource.name}' contains invalid data")
    return dict(inner)


def _same_project(given: dict[str, Any]) -> dict[str, Any]:
    """`tenant_id` and `project_id` are one thing; either name is taken."""
    owner = given.get("project_id", given.get("tenant_id"))
    given.pop("tenant_id", None)
    given.pop("project_id", None)
    if owner is not None:
        given["project_id"] = owner
    return given


def _known(resource: Resource, given: dict[str, Any]) -> None:
    odd = [name for name in given if name not in resource.attributes]
    if odd:
        raise malformed(f"Unrecognized attribute(s) '{', '.join(odd)}'")


def _create(resource: Resource, given: dict[str, Any], project: str) -> dict[str, Any]:
    given = _same_project(given)
    if "project_id" in resource.attributes:
        given.setdefault("project_id", project)
    _known(resource, given)
    for name, attribute in resource.attributes.items():
        if attribute.may("P"):
            if name not in given and attribute.default is REQUIRED:
                raise malformed(f"Failed to parse request. Required attribute '{name}' not specified")
        elif name in given:
            raise malformed(f"Attribute '{name}' not allowed in POST")
    read = _convert(resource, given)
    for name, attribute in resource.attributes.items():
        if attribute.may("P") and name not in read and attribute.default is not UNSET:
            default = attribute.default
            read[name] = list(default) if default == () else dict(default) if isinstance(default, dict) else default
    return read


def _convert(resource: Resource, given: dict[str, Any]) -> dict[str, Any]:
    read = {}
    for name, value in given.items():
        try:
            read[name] = resource.attributes[name].read(value)
        except UnfitError as reason:
            raise malformed(f"Invalid input for {name}. Reason: {reason}.") from None
    return read
