"""Volume types with their extra specs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.cinder import find, query, views
from runbooks.simulator.model.storage.records import VolumeType


def _list(call: Call) -> Reply:
    types = list(call.cloud.storage.types.values())
    wanted = query.filters(call)
    shown = [one for one in types if call.user.is_admin or one.public]
    asked = call.query.get("is_public", "").lower()
    if call.user.is_admin and asked in ("true", "1", "false", "0"):
        shown = [one for one in shown if one.public == (asked in ("true", "1"))]
    shown = [one for one in shown if query.fits({"name": one.name, "extra_specs": one.extra_specs}, wanted)]
    return Reply({"volume_types": [views.volume_type(call, one) for one in query.page(call, shown)]})


def _show(call: Call) -> Reply:
    wanted = call.args["id"]
    if wanted == "default":
        wanted = call.cloud.storage.default_type
    return Reply({"volume_type": views.volume_type(call, find.volume_type(call, wanted))})


def _create(call: Call) -> Reply:
    given = find.part(call, "volume_type")
    name = str(given.get("name") or "")
    types = call.cloud.storage.types
    if not name:
        raise ApiError(400, "Invalid input for field/attribute name. Value: . '' is too short")
    if any(one.name == name for one in types.values()):
        raise ApiError(409, f"Volume Type {name} already exists.")
    made = VolumeType(
        id=str(uuid4()),
        name=name,
        description=given.get("description"),
        public=bool(given.get("os-volume-type-access:is_public", True)),
        extra_specs=_specs(given.get("extra_specs") or {}),
    )
    types[made.id] = made
    return Reply({"volume_type": views.volume_type(call, made)})


def _update(call: Call) -> Reply:
    kind = find.volume_type(call, call.args["id"])
    given = find.part(call, "volume_type")
    kind.name = given.get("name", kind.name)
    kind.description = given.get("description", kind.description)
    kind.public = bool(given.get("is_public", kind.public))
    return Reply({"volume_type": views.volume_type(call, kind)})


def _delete(call: Call) -> Reply:
    storage = call.cloud.storage
    kind = find.volume_type(call, call.args["id"])
    if kind.id == storage.default_type:
        raise ApiError(400, f"The volume type {kind.id} is a default volume type and cannot be deleted.")
    if any(one.type_id == kind.id for one in storage.volumes.held.values()):
        raise ApiError(400, "Target volume type is still in use.")
    del storage.types[kind.id]
    return Reply(None, 202)


def _extra_specs(call: Call) -> Reply:
    return Reply({"extra_specs": find.volume_type(call, call.args["id"]).extra_specs})


def _add_extra_specs(call: Call) -> Reply:
    kind = find.volume_type(call, call.args["id"])
    kind.extra_specs |= _specs(find.part(call, "extra_specs"))
    return Reply({"extra_specs": kind.extra_specs})


def _one_extra_spec(call: Call) -> Reply:
    kind, key = find.volume_type(call, call.args["id"]), call.args["key"]
    if call.method == "PUT":
        kind.extra_specs |= _specs(call.body())
    elif key not in kind.extra_specs:
        raise ApiError(404, f"Volume Type {kind.id} has no extra specs with key {key}.")
    elif call.method == "DELETE":
        del kind.extra_specs[key]
        return Reply(None, 202)
    return Reply({key: kind.extra_specs[key]})


def _encryption(call: Call) -> Reply:
    find.volume_type(call, call.args["id"])
    return Reply({})


def _access(call: Call) -> Reply:
    kind = find.volume_type(call, call.args["id"])
    if kind.public:
        raise ApiError(404, "Access list not available for public volume types.")
    return Reply({"volume_type_access": []})


def _specs(given: dict[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in given.items()}


_MANAGE = "volume_extension:type_update"
_SPECS = "volume_extension:types_extra_specs"
_KEY = "/v3/types/{id}/extra_specs/{key}"
ROUTES = (
    Route("GET", "/v3/types", _list, rule="volume_extension:type_get_all"),
    Route("POST", "/v3/types", _create, "admin", "volume_extension:type_create"),
    Route("GET", "/v3/types/{id}", _show, rule="volume_extension:type_get"),
    Route("PUT", "/v3/types/{id}", _update, "admin", _MANAGE),
    Route("DELETE", "/v3/types/{id}", _delete, "admin", "volume_extension:type_delete"),
    Route("GET", "/v3/types/{id}/extra_specs", _extra_specs, rule=f"{_SPECS}:index"),
    Route("POST", "/v3/types/{id}/extra_specs", _add_extra_specs, "admin", f"{_SPECS}:create"),
    Route("GET", _KEY, _one_extra_spec, rule=f"{_SPECS}:show"),
    Route("PUT", _KEY, _one_extra_spec, "admin", f"{_SPECS}:update"),
    Route(
        "DELETE",
        "/v3/types/{id}/extra_specs/{key}",
        _one_extra_spec,
        "admin",
        f"{_SPECS}:delete",
    ),
    Route("GET", "/v3/types/{id}/encryption", _encryption, "admin", "volume_extension:volume_type_encryption"),
    Route("GET", "/v3/types/{id}/os-volume-type-access", _access, "admin", "volume_extension:volume_type_access"),
)
