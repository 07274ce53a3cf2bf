"""Glance's API, v2."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import msgspec

from runbooks.simulator.http.api import Api, Route
from runbooks.simulator.http.call import Call, Reply
from runbooks.simulator.http.glance import images, views

_VERSIONS = tuple(f"v2.{minor}" for minor in (15, 13, 12, 11, 10, 9, 8, 17, 7, 6, 5, 4, 3, 2, 1, 0))
"""In the order in which Glance lists them."""
CURRENT = "v2.17"


def _image_schema() -> dict[str, Any]:
    text = (files("runbooks.simulator.http.glance") / "image.json").read_bytes()
    found: dict[str, Any] = msgspec.json.decode(text)
    return found


_IMAGE = _image_schema()
_MEMBER = {
    "name": "member",
    "properties": {
        "member_id": {"type": "string", "description": "An identifier for the image member (tenantId)"},
        "image_id": {
            "type": "string",
            "description": "An identifier for the image",
            "pattern": _IMAGE["properties"]["id"]["pattern"],
        },
        "created_at": {"type": "string", "description": "Date and time of image member creation"},
        "updated_at": {"type": "string", "description": "Date and time of last modification of image member"},
        "status": {
            "type": "string",
            "description": "The status of this image member",
            "enum": ["pending", "accepted", "rejected"],
        },
        "schema": {"readOnly": True, "type": "string"},
    },
}


def _collection(name: str, item: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {name: {"type": "array", "items": item}}
    links = [{"rel": "describedby", "href": "{schema}"}]
    if name == "images":
        properties |= {"first": {"type": "string"}, "next": {"type": "string"}}
        links = [{"rel": "first", "href": "{first}"}, {"rel": "next", "href": "{next}"}, *links]
    return {"name": name, "properties": properties | {"schema": {"type": "string"}}, "links": links}


_SCHEMAS = {
    "image": _IMAGE,
    "images": _collection("images", _IMAGE),
    "member": _MEMBER,
    "members": _collection("members", _MEMBER),
}


def _versions(call: Call) -> Reply:
    rows = [
        {
            "id": version,
            "status": "CURRENT" if version == CURRENT else "SUPPORTED",
            "links": [{"rel": "self", "href": f"{call.base}/v2/"}],
        }
        for version in _VERSIONS
    ]
    return Reply({"versions": rows}, 300 if call.path in ("/", "") else 200)


def _schema(call: Call) -> Reply:
    found = _SCHEMAS.get(call.args["name"])
    return views.no_such_path(call) if found is None else Reply(found)


def _stores(call: Call) -> Reply:
    return Reply({"stores": [{"id": "rbd", "description": "Ceph", "default": "true"}]})


def _import(call: Call) -> Reply:
    methods = {"description": "Import methods available.", "type": "array", "value": ["glance-direct", "web-download"]}
    return Reply({"import-methods": methods})


def _usage(call: Call) -> Reply:
    own = [one for one in call.cloud.images.by_id.values() if one.owner == call.user.project]
    size = sum(one.size or 0 for one in own) >> 20
    return Reply(
        {
            "usage": {
                "image_size_total": {"limit": -1, "usage": size},
                "image_count_total": {"limit": -1, "usage": len(own)},
                "image_stage_total": {"limit": -1, "usage": 0},
                "image_count_uploading": {"limit": -1, "usage": 0},
            }
        }
    )


def _tasks(call: Call) -> Reply:
    return Reply({"tasks": [], "first": "/v2/tasks", "schema": "/v2/schemas/tasks"})


API = Api(
    name="glance",
    unit="glance_api",
    port=9292,
    routes=[
        Route("GET", "/", _versions, "public"),
        Route("GET", "/versions", _versions, "public"),
        *images.ROUTES,
        Route("GET", "/v2/schemas/{name}", _schema),
        Route("GET", "/v2/info/stores", _stores),
        Route("GET", "/v2/info/import", _import),
        Route("GET", "/v2/info/usage", _usage),
        Route("GET", "/v2/tasks", _tasks, "admin", "tasks_api_access"),
    ],
    error=views.answer,
    forbidden="You are not authorized to complete {rule} action.",
    malformed="Malformed JSON in request body.",
    wrong_method="The method is not allowed for this resource.",
    not_found=views.no_such_path,
    unauthorized=views.unauthorized,
    unvalidated=views.unauthorized,
    database_refused="The server has either erred or is incapable of performing the requested operation.",
    database_gone="The server has either erred or is incapable of performing the requested operation.",
    internal_error="The server has either erred or is incapable of performing the requested operation.",
)
