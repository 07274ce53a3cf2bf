"""How each service prints an error: same keys, order and words as recorded from the real ones."""

from __future__ import annotations

from http import HTTPStatus

from runbooks.simulator.http.call import ApiError, Call, Reply

UNAUTHORIZED = "The request you have made requires authentication."

_COMPUTE_NAMES = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}


def title(status: int) -> str:
    """`Not Found`; Python's and webob's words agree."""
    return HTTPStatus(status).phrase


def compute(call: Call, fault: ApiError) -> Reply:
    """Nova and Cinder: `{"itemNotFound": {"code": 404, "message": …}}`."""
    body = {_COMPUTE_NAMES.get(fault.status, "computeFault"): {"code": fault.status, "message": fault.message}}
    return Reply(body, fault.status, {"Content-Type": "application/json; charset=UTF-8", **fault.headers})


def keystone(call: Call, fault: ApiError) -> Reply:
    """Keystone: `{"error": {"code": 404, "message": …, "title": "Not Found"}}`."""
    body = {"error": {"code": fault.status, "message": fault.message, "title": title(fault.status)}}
    headers = dict(fault.headers)
    if fault.status == 401:
        headers["WWW-Authenticate"] = f'Keystone uri="{call.base}"'
    return Reply(body, fault.status, headers)


def neutron(call: Call, fault: ApiError) -> Reply:
    """Neutron: `{"NeutronError": {"type": …, "message": …, "detail": ""}}`."""
    body = {"NeutronError": {"type": fault.kind or f"HTTP{fault.status}", "message": fault.message, "detail": ""}}
    return Reply(body, fault.status, fault.headers)


def placement(call: Call, fault: ApiError) -> Reply:
    """Placement: `{"errors": [{"status", "title", "detail", "code", "request_id"}]}`; `code` since 1.23."""
    error: dict[str, object] = {
        "status": fault.status,
        "title": title(fault.status),
        "detail": f"{_EXPLAIN.get(fault.status, '')}\n\n {fault.message}  ",
        "code": fault.kind or "placement.undefined_code",
        "request_id": call.request_id,
    }
    if call.version < (1, 23):
        del error["code"]
    if fault.status == 406 and call.api.microversions is not None:
        rules = call.api.microversions
        error |= {"max_version": "{}.{}".format(*rules.most), "min_version": "{}.{}".format(*rules.least)}
    return Reply({"errors": [error]}, fault.status, fault.headers)


_EXPLAIN = {
    400: "The server could not comply with the request since it is either malformed or otherwise incorrect.\n",
    403: "Access was denied to this resource.",
    404: "The resource could not be found.",
    405: "The method specified is not allowed for this resource.",
    406: "The resource could not be generated that was acceptable to your browser.",
    409: "There was a conflict when trying to complete your request.",
    500: "The server has either erred or is incapable of performing the requested operation.",
}


def glance(call: Call, fault: ApiError) -> Reply:
    """Glance: a small HTML page, as webob prints it."""
    head = f"{fault.status} {title(fault.status)}"
    text = (
        f"<html>\n <head>\n  <title>{head}</title>\n </head>\n <body>\n  <h1>{head}</h1>\n"
        f"  {fault.message}<br /><br />\n\n\n </body>\n</html>"
    )
    return Reply(text.encode(), fault.status, {"Content-Type": "text/html; charset=UTF-8", **fault.headers})


def unauthorized(call: Call) -> Reply:
    """keystonemiddleware's answer to a missing or invalid token, the same in front of every service but Keystone."""
    error = {"code": 401, "title": "Unauthorized", "message": UNAUTHORIZED}
    uri = f"http://{call.cloud.identity.address}:5000/v3"
    return Reply({"error": error}, 401, {"WWW-Authenticate": f'Keystone uri="{uri}"'})


def keystone_unavailable(call: Call) -> Reply:
    """keystonemiddleware's answer when it cannot ask Keystone, as webob prints it for clients that accept JSON."""
    words = "The server is currently unavailable. Please try again at a later time."
    text = f"{words}<br /><br />\nThe Keystone service is temporarily unavailable.\n\n"
    return Reply({"message": text, "code": "503 Service Unavailable", "title": "Service Unavailable"}, 503)


def no_such_path(call: Call) -> Reply:
    """webob's 404 for a path that no route has, in JSON as it prints it for clients that accept that."""
    text = "The resource could not be found.<br /><br />\n\n\n"
    return Reply({"message": text, "code": "404 Not Found", "title": "Not Found"}, 404)


def keystone_unauthorized(call: Call) -> Reply:
    """Keystone's own 401."""
    return keystone(call, ApiError(401, UNAUTHORIZED))


def keystone_no_such_path(call: Call) -> Reply:
    """Flask's 404 in Keystone's format."""
    text = (
        "The requested URL was not found on the server. If you entered the URL manually please check your spelling and "
        "try again."
    )
    return keystone(call, ApiError(404, text))


def placement_no_such_path(call: Call) -> Reply:
    """Placement's 404 for a path that no route has."""
    return placement(call, ApiError(404, ""))
