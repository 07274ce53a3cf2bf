"""Rows of a kind from what real services answered, without any connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from collectors import registry
from collectors.decode import rows_of
from collectors.health import Health
from collectors.kind import AnyKind, Reading
from collectors.request import Rest
from collectors.snapshot import AnyRow
from collectors.sources.base import Page
from collectors.sources.paging import opened
from collectors.values import epoch
from tests.wire_cloud import recorded

NOW = epoch("2026-11-20T23:05:00Z") or 0.0
"""About when the recordings were made."""

FIXTURES: Mapping[str, str] = {
    "agent-networks": "network/agents_ID_dhcp-networks",
    "agent-routers": "network/agents_ID_l3-routers",
    "agents": "network/agents",
    "aggregates": "compute/os-aggregates@2.96",
    "amphorae": "reference/amphorae",
    "application-credentials": "identity/application_credentials",
    "attachments": "block-storage/attachments_all_tenants_1@3.70",
    "backups": "reference/backups",
    "baremetal-nodes": "reference/baremetal-nodes",
    "clusters": "reference/clusters",
    "compute-quotas": "compute/os-quota-sets_PROJECT_detail@2.96",
    "compute-services": "compute/os-services@2.96",
    "dhcp-agents": "network/networks_ID_dhcp-agents",
    "dns-services": "dns/service_statuses",
    "domains": "identity/domains",
    "flavor-access": "reference/flavor-access",
    "flavors": "compute/flavors_detail_is_public_None@2.96",
    "floating-ips": "network/floatingips",
    "groups": "identity/groups",
    "hypervisors": "compute/os-hypervisors_detail@2.87",
    "identity-providers": "identity/identity_providers",
    "images": "image/images",
    "keypairs": "compute/os-keypairs_user_id@2.96",
    "load-balancers": "reference/load-balancers",
    "mappings": "identity/mappings",
    "migrations": "compute/os-migrations@2.96",
    "network-quotas": "network/quotas_PROJECT_details",
    "networks": "network/networks",
    "object-containers": "reference/object-containers",
    "orchestration-services": "orchestration/services",
    "ports": "network/ports",
    "projects": "identity/projects",
    "protocols": "identity/protocols",
    "provider-summaries": "placement/allocation_candidates@1.39",
    "regions": "identity/regions",
    "resource-providers": "placement/resource_providers@1.39",
    "role-assignments": "identity/role_assignments_include_names",
    "roles": "identity/roles",
    "router-agents": "network/routers_ID_l3-agents",
    "routers": "network/routers",
    "secrets": "key-manager/secrets",
    "security-group-rules": "network/security-group-rules",
    "security-groups": "network/security-groups",
    "server-actions": "compute/servers_ID_os-instance-actions@2.96",
    "server-groups": "compute/os-server-groups_apart@2.96",
    "servers": "compute/servers_detail_all_tenants_1@2.96",
    "services": "identity/services",
    "share-services": "shared-file-system/services@2.65",
    "shares": "shared-file-system/shares_detail@2.65",
    "snapshots": "block-storage/snapshots_detail_one@3.70",
    "stacks": "orchestration/stacks",
    "subnets": "network/subnets",
    "trusts": "identity/trusts",
    "usages": "compute/os-simple-tenant-usage@2.1",
    "users": "identity/users",
    "volume-pools": "block-storage/scheduler-stats_get_pools_ceph@3.70",
    "volume-quotas": "block-storage/os-quota-sets_PROJECT_used@3.70",
    "volume-services": "block-storage/os-services@3.70",
    "volumes": "block-storage/volumes_detail_all_tenants_1@3.70",
    "zones": "dns/zones",
}
"""Kind → the recording of its list; of services that no lab ran, what their API reference says (`reference/`)."""


def joined(*kinds: str) -> dict[str, dict[str, Any]]:
    """What `Reading.joins` holds once these kinds have been read."""
    return {name: {row.id: row for row in rows(name)} for name in kinds}  # type: ignore[union-attr]


def rows(name: str, fixture: str = "", *, joins: Mapping[str, Mapping[str, Any]] | None = None) -> list[AnyRow]:
    """The rows of kind `name` in a recording (its own, or `fixture`)."""
    kind = registry.kind(name)
    assert isinstance(kind.read, Rest)
    page = opened(msgspec.json.encode(recorded(fixture or FIXTURES[name])), kind.read, name)
    return decoded(kind, msgspec.json.decode(page.raw), joins=joins)


def decoded(kind: AnyKind, found: object, *, joins: Mapping[str, Mapping[str, Any]] | None = None) -> list[AnyRow]:
    """The rows of a list of objects."""
    reading = Reading("wire", NOW, parent="the-parent", joins=joins or {})
    return rows_of(Page(raw=msgspec.json.encode(found)), kind, reading)


def row(name: str, /, **found: Any) -> Any:
    """The row of one object with these members (dashes and colons are written as in `**{"OS-EXT…": …}`)."""
    (made,) = decoded(registry.kind(name), [found])
    return made


def verdict(found: Any, kind: str, now: float = NOW) -> tuple[str, str]:
    """Level and reason of a row."""
    health: Health = registry.kind(kind).health(found, now)
    return health.level, health.reason
