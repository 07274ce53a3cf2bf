"""Placement 1.39."""

from __future__ import annotations

from runbooks.simulator.http import errors
from runbooks.simulator.http.api import Api, Microversions, Route
from runbooks.simulator.http.call import Call, Reply
from runbooks.simulator.http.placement import allocations, classes, providers


def versions(call: Call) -> Reply:
    version = {
        "id": "v1.0",
        "max_version": "1.39",
        "min_version": "1.0",
        "status": "CURRENT",
        "links": [{"rel": "self", "href": ""}],
    }
    return Reply({"versions": [version]})


API = Api(
    name="placement",
    unit="placement_api",
    port=8778,
    routes=[Route("GET", "/", versions, "public"), *providers.ROUTES, *classes.ROUTES, *allocations.ROUTES],
    error=errors.placement,
    microversions=Microversions("placement", (1, 0), (1, 39)),
    forbidden="Policy does not allow {rule} to be performed.",
    not_found=errors.placement_no_such_path,
    unsupported="Unacceptable version header: {wanted}",
    malformed="Malformed JSON: Expecting value: line 1 column 1 (char 0)",
    database_refused=(
        "(pymysql.err.OperationalError) (2003, \"Can't connect to MySQL server on 'VIP' ([Errno 111] Connection "
        'refused)") (Background on this error at: https://sqlalche.me/e/21/e3q8)'
    ),
    database_gone="(pymysql.err.OperationalError) (1047, 'WSREP has not yet prepared node for application use')",
    internal_error="The server has either erred or is incapable of performing the requested operation.",
)
