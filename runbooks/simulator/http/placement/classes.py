"""Placement's resource classes and traits: the standard ones, and an operator's own."""

from __future__ import annotations

import re

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.model.placement import TRAITS, standard_classes, standard_traits

_CUSTOM = re.compile(r"CUSTOM_[A-Z0-9_]+")


def _class(name: str) -> dict[str, object]:
    return {"name": name, "links": [{"rel": "self", "href": f"/resource_classes/{name}"}]}


def resource_classes(call: Call) -> Reply:
    names = [*standard_classes(), *call.cloud.placement.custom_classes]
    return Reply({"resource_classes": [_class(name) for name in names]})


def resource_class(call: Call) -> Reply:
    name = call.args["name"]
    if name not in standard_classes() and name not in call.cloud.placement.custom_classes:
        raise ApiError(404, f"No such resource class {name}.")
    return Reply(_class(name))


def put_class(call: Call) -> Reply:
    name, custom = call.args["name"], call.cloud.placement.custom_classes
    _check(name, "resource class")
    if name in custom:
        return Reply(None, 204)
    custom.append(name)
    return Reply(None, 201, {"Location": f"/resource_classes/{name}"})


def delete_class(call: Call) -> Reply:
    name, custom = call.args["name"], call.cloud.placement.custom_classes
    if name in standard_classes():
        raise ApiError(400, f"Cannot delete standard resource class {name}.")
    if name not in custom:
        raise ApiError(404, f"No such resource class {name}.")
    custom.remove(name)
    return Reply(None, 204)


def traits(call: Call) -> Reply:
    """`name=in:A,B`, `name=startswith:HW_`, `associated=true`."""
    found = [*standard_traits(), *call.cloud.placement.custom_traits]
    wanted = call.query.get("name", "")
    operator, _, value = wanted.partition(":")
    if operator == "in":
        names = set(value.split(","))
        found = [trait for trait in found if trait in names]
    elif operator == "startswith":
        found = [trait for trait in found if trait.startswith(value)]
    elif wanted:
        raise ApiError(
            400,
            "Badly formatted name parameter. Expected name query string parameter in form: ?name=[in|startswith]:"
            f'[name1,name2|prefix]. Got: "{wanted}"',
        )
    if call.query.get("associated", "").lower() == "true":
        found = [trait for trait in found if trait in TRAITS]
    return Reply({"traits": found})


def trait(call: Call) -> Reply:
    name = call.args["name"]
    if name not in standard_traits() and name not in call.cloud.placement.custom_traits:
        raise ApiError(404, f"No such trait(s): {name}.")
    return Reply(None, 204)


def put_trait(call: Call) -> Reply:
    name, custom = call.args["name"], call.cloud.placement.custom_traits
    _check(name, "trait")
    if name in custom:
        return Reply(None, 204)
    custom.append(name)
    return Reply(None, 201, {"Location": f"/traits/{name}"})


def _check(name: str, kind: str) -> None:
    if not _CUSTOM.fullmatch(name) or len(name) > 255:
        raise ApiError(
            400,
            f"The {kind} is invalid. A valid {kind} must be no longer than 255 characters, start with the prefix "
            '"CUSTOM_" and use following characters: "A"-"Z", "0"-"9" and "_"',
        )


RULE = "placement:"
ROUTES = [
    Route("GET", "/resource_classes", resource_classes, "admin", RULE + "resource_classes:list", since=(1, 2)),
    Route("GET", "/resource_classes/{name}", resource_class, "admin", RULE + "resource_classes:show", since=(1, 2)),
    Route("PUT", "/resource_classes/{name}", put_class, "admin", RULE + "resource_classes:update", since=(1, 7)),
    Route("DELETE", "/resource_classes/{name}", delete_class, "admin", RULE + "resource_classes:delete", since=(1, 2)),
    Route("GET", "/traits", traits, "admin", RULE + "traits:list", since=(1, 6)),
    Route("GET", "/traits/{name}", trait, "admin", RULE + "traits:show", since=(1, 6)),
    Route("PUT", "/traits/{name}", put_trait, "admin", RULE + "traits:update", since=(1, 6)),
]
