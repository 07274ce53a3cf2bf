"""Glance's objects as it sends them, and its errors."""

from __future__ import annotations

from html import escape
from typing import Any

from runbooks.simulator.clock import iso_z
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.errors import title
from runbooks.simulator.model.images import Image, Member

Row = dict[str, Any]


def image(record: Image) -> Row:
    """An image: its own properties first, as recorded."""
    row: Row = dict(record.properties)
    row |= {
        "name": record.name,
        "disk_format": record.disk_format,
        "container_format": record.container_format,
        "visibility": record.visibility,
        "size": record.size,
        "virtual_size": record.virtual_size,
        "status": record.status,
        "checksum": record.checksum,
        "protected": record.protected,
        "min_ram": record.min_ram,
        "min_disk": record.min_disk,
        "owner": record.owner,
        "os_hidden": record.hidden,
        "os_hash_algo": "sha512" if record.hash_value else None,
        "os_hash_value": record.hash_value,
        "id": record.id,
        "created_at": iso_z(record.created),
        "updated_at": iso_z(record.updated),
        "tags": list(record.tags),
        "self": f"/v2/images/{record.id}",
        "file": f"/v2/images/{record.id}/file",
        "schema": "/v2/schemas/image",
    }
    if record.stores is not None:
        row["stores"] = record.stores
    return row


def member(record: Image, one: Member) -> Row:
    """A project that an image is shared with."""
    return {
        "member_id": one.project_id,
        "image_id": record.id,
        "status": one.status,
        "created_at": iso_z(one.created),
        "updated_at": iso_z(one.updated),
        "schema": "/v2/schemas/member",
    }


_EXPLAINED = {
    401: (
        "This server could not verify that you are authorized to access the document you requested. Either you "
        "supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the "
        "credentials required."
    ),
    404: "The resource could not be found.",
    405: "The method {} is not allowed for this resource.",
}


def answer(call: Call, fault: ApiError) -> Reply:
    """An error as webob prints it: a small page, or JSON for clients that accept JSON and not HTML."""
    accepted = call.headers.get("Accept", "*/*")
    text = escape(fault.message)
    if "application/json" in accepted and "text/html" not in accepted and "*/*" not in accepted:
        body = {
            "message": f"{text}<br /><br />\n\n\n",
            "code": f"{fault.status} {title(fault.status)}",
            "title": title(fault.status),
        }
        return Reply(body, fault.status, fault.headers)
    head = f"{fault.status} {title(fault.status)}"
    page = (
        f"<html>\n <head>\n  <title>{head}</title>\n </head>\n <body>\n  <h1>{head}</h1>\n"
        f"  {text}<br /><br />\n\n\n </body>\n</html>"
    )
    return Reply(page.encode(), fault.status, {"Content-Type": "text/html; charset=UTF-8", **fault.headers})


def unauthorized(call: Call) -> Reply:
    """Glance's own 401: the middleware leaves the decision to it (`delay_auth_decision`)."""
    uri = f"http://{call.cloud.identity.address}:5000/v3"
    return answer(call, ApiError(401, _EXPLAINED[401], headers={"WWW-Authenticate": f'Keystone uri="{uri}"'}))


def no_such_path(call: Call) -> Reply:
    """404 for a path that Glance does not know."""
    return answer(call, ApiError(404, _EXPLAINED[404]))
