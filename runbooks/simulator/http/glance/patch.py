"""Changes of an image: JSON patch (both of Glance's dialects), and what each property may hold."""

from __future__ import annotations

from typing import Any

import msgspec

from runbooks.simulator.http.call import ApiError, Call
from runbooks.simulator.model.images import Image

_DIALECTS = ("application/openstack-images-v2.0-json-patch", "application/openstack-images-v2.1-json-patch")
_KNOWN = "It must be one of the following: add, remove, replace."
_READ_ONLY = frozenset(
    {"created_at", "updated_at", "status", "checksum", "size", "virtual_size", "direct_url", "self", "file", "schema"}
    | {"stores", "id", "os_hash_algo", "os_hash_value"}
)
_RESERVED = frozenset({"deleted", "deleted_at", "is_public", "location"})
_FIELDS = {
    "name": "name",
    "visibility": "visibility",
    "protected": "protected",
    "os_hidden": "hidden",
    "owner": "owner",
    "min_ram": "min_ram",
    "min_disk": "min_disk",
    "container_format": "container_format",
    "disk_format": "disk_format",
    "tags": "tags",
}
_CHOICES: dict[str, tuple[str | None, ...]] = {
    "visibility": ("community", "public", "private", "shared"),
    "container_format": (None, "ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"),
    "disk_format": (None, "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"),
}
_TYPES: dict[str, tuple[type, str]] = {
    "protected": (bool, "boolean"),
    "os_hidden": (bool, "boolean"),
    "min_ram": (int, "integer"),
    "min_disk": (int, "integer"),
    "tags": (list, "array"),
}


def apply(call: Call, image: Image) -> None:
    """Carry out the patch in the request's body. Raises ApiError 400, 403, 409, 415."""
    kind = call.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind not in _DIALECTS:
        allowed = ", ".join(_DIALECTS)
        raise ApiError(415, f"Image PATCH expects Content-Type one of: {allowed}", headers={"Accept-Patch": allowed})
    try:
        changes = msgspec.json.decode(call.data)
    except msgspec.DecodeError:
        raise ApiError(400, "Malformed JSON in request body.") from None
    if not isinstance(changes, list):
        raise ApiError(400, "Request body must be a JSON array of operation objects.")
    for change in changes:
        if not isinstance(change, dict):
            raise ApiError(400, "Operations must be JSON objects.")
        operation, pointer = _operation(change, newer=kind == _DIALECTS[1])
        if operation != "remove" and "value" not in change:
            raise ApiError(400, f'Operation "{operation}" requires a member named "value".')
        _change(call, image, operation, _name(pointer), change.get("value"))


def _operation(change: dict[str, Any], *, newer: bool) -> tuple[str, str]:
    known = ("add", "remove", "replace")
    if newer:
        operation = change.get("op")
        if operation is None:
            raise ApiError(
                400,
                f"Unable to find `op` in JSON Schema change. {_KNOWN}",
            )
        if operation not in known:
            raise ApiError(
                400, f"Invalid operation: `{operation}`. It must be one of the following: add, remove, replace."
            )
        if "path" not in change:
            raise ApiError(400, "Unable to find 'path' in JSON Schema change")
        return str(operation), str(change["path"])
    found = [name for name in known if name in change]
    if len(found) != 1:
        raise ApiError(400, 'Operation objects must contain exactly one member named "add", "remove", or "replace".')
    return found[0], str(change[found[0]])


def _name(pointer: str) -> str:
    if not pointer.startswith("/"):
        raise ApiError(400, f'Pointer `{pointer}` does not start with "/".')
    if len(pointer) > 1 and pointer.endswith("/"):
        raise ApiError(400, f'Pointer `{pointer}` end with "/".')
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]
    if len(parts) != 1:
        raise ApiError(400, f"Invalid JSON pointer for this resource: '/{'/'.join(parts)}'")
    return parts[0]


def _change(call: Call, image: Image, operation: str, name: str, value: Any) -> None:
    _may_name(name)
    if operation == "remove":
        if name in _FIELDS:
            raise ApiError(403, f"Property {name} may not be removed.")
        if name not in image.properties:
            raise ApiError(409, f"Property {name} does not exist.")
        del image.properties[name]
        return
    if operation == "replace" and name not in _FIELDS and name not in image.properties:
        raise ApiError(409, f"Property {name} does not exist.")
    set_value(call, image, name, value)


def set_value(call: Call, image: Image, name: str, value: Any) -> None:
    """Set one property. Raises ApiError 400 for a value that the schema forbids, 403 for a name."""
    _may_name(name)
    if name not in _FIELDS:
        if not isinstance(value, str):
            raise _unfit(f"{value!r} is not of type 'string'", name)
        if len(name) > 255:
            raise ApiError(400, "Custom property should not be greater than 255 characters.")
        image.properties[name] = value
        return
    if name in _CHOICES and value not in _CHOICES[name]:
        raise _unfit(f"{value!r} is not one of {list(_CHOICES[name])!r}", name)
    if name in _TYPES:
        kind, word = _TYPES[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise _unfit(f"{value!r} is not of type '{word}'", name)
    elif value is not None and not isinstance(value, str):
        raise _unfit(f"{value!r} is not of type 'null', 'string'", name)
    if name == "visibility" and value == "public" and not call.user.is_admin:
        raise ApiError(403, "You are not authorized to complete publicize_image action.")
    if name == "owner" and not call.user.is_admin and value != call.user.project:
        raise ApiError(403, "Owner can't be updated by non admin.")
    setattr(image, _FIELDS[name], value)


def _may_name(name: str) -> None:
    if name in _READ_ONLY:
        raise ApiError(403, f"Attribute '{name}' is read-only.")
    if name in _RESERVED or name.startswith("os_glance"):
        raise ApiError(403, f"Attribute '{name}' is reserved.")


def _unfit(reason: str, name: str) -> ApiError:
    return ApiError(
        400,
        f"Provided object does not match schema 'image': {reason}\n\n"
        f"Failed validating in schema['properties']['{name}']",
    )
