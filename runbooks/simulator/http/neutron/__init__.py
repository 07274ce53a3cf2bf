"""Neutron's API, v2.0: one engine (queries, bodies, errors) over a declaration of each resource."""

from __future__ import annotations

from runbooks.simulator.http.api import Api
from runbooks.simulator.http.broker import through_broker
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.neutron import (
    agents,
    documents,
    errors,
    floatingips,
    interfaces,
    networks,
    others,
    ports,
    quotas,
    routers,
    security,
    sharing,
    subnets,
    tags,
)


def _no_such_path(call: Call) -> Reply:
    return errors.answer(call, ApiError(404, "The resource could not be found."))


API = Api(
    name="neutron",
    unit="neutron_server",
    port=9696,
    routes=[
        *documents.ROUTES,
        *through_broker(networks.ROUTES),
        *through_broker(subnets.ROUTES),
        *through_broker(ports.ROUTES),
        *through_broker(routers.ROUTES),
        *through_broker(interfaces.ROUTES),
        *through_broker(floatingips.ROUTES),
        *through_broker(security.ROUTES),
        *sharing.ROUTES,
        *through_broker(agents.ROUTES),
        *quotas.ROUTES,
        *tags.ROUTES,
        *others.ROUTES,
    ],
    error=errors.answer,
    forbidden="rule:{rule} is disallowed by policy",
    malformed="Body contains invalid data",
    wrong_method="The server could not comply with the request since it is either malformed or otherwise incorrect.",
    not_found=_no_such_path,
    database_refused=errors.INTERNAL_ERROR,
    database_patience=60.0,  # oslo.db tries again; HAProxy loses patience first
    database_gone=errors.INTERNAL_ERROR,
    internal_error=errors.INTERNAL_ERROR,
)
