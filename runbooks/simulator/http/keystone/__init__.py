"""Keystone v3."""

from __future__ import annotations

from runbooks.simulator.http import errors
from runbooks.simulator.http.api import Api
from runbooks.simulator.http.keystone import access, auth, catalog, configs, federation, people, versions
from runbooks.simulator.http.keystone.policy import allows

API = Api(
    name="keystone",
    unit="keystone",
    port=5000,
    routes=[
        *versions.ROUTES,
        *auth.ROUTES,
        *catalog.ROUTES,
        *people.ROUTES,
        *configs.ROUTES,
        *access.ROUTES,
        *federation.ROUTES,
    ],
    error=errors.keystone,
    allows=allows,
    forbidden="You are not authorized to perform the requested action: {rule}.",
    unauthorized=errors.keystone_unauthorized,
    not_found=errors.keystone_no_such_path,
    malformed=(
        "Expecting to find valid JSON in request body. The server could not comply with the request since it is either "
        "malformed or otherwise incorrect. The client is assumed to be in error."
    ),
    database_refused="An unexpected error prevented the server from fulfilling your request.",
    database_gone="An unexpected error prevented the server from fulfilling your request.",
    internal_error="An unexpected error prevented the server from fulfilling your request.",
)
