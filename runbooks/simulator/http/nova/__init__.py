"""Nova 2.1 with microversions."""

from __future__ import annotations

from runbooks.simulator.http.api import Api
from runbooks.simulator.http.nova import (
    aggregates,
    attachments,
    flavor_writes,
    flavors,
    hypervisors,
    keys_and_groups,
    migrations,
    quotas,
    server_actions,
    server_create,
    server_list,
    server_parts,
    services,
    usage,
    versions,
)

API = Api(
    name="nova",
    unit="nova_api",
    port=8774,
    routes=[
        *versions.ROUTES,
        *services.ROUTES,
        *hypervisors.ROUTES,
        *server_list.ROUTES,
        *server_parts.ROUTES,
        *server_create.ROUTES,
        *server_actions.ROUTES,
        *attachments.ROUTES,
        *flavors.ROUTES,
        *flavor_writes.ROUTES,
        *aggregates.ROUTES,
        *migrations.ROUTES,
        *quotas.ROUTES,
        *usage.ROUTES,
        *keys_and_groups.ROUTES,
    ],
    microversions=versions.MICROVERSIONS,
    request_id_headers=("x-openstack-request-id", "x-compute-request-id"),
    project_in_path="/v2.1",
)
