"""Any collection of any service of the catalogue as a kind, without a file of its own: `orchestration/stacks`.

The members that nearly every API has (id, name, status, owner, times) become columns, whatever each calls them; an
object without an id is told apart by what it holds. The rest of an object is kept as JSON text. Collections whose path
or envelope cannot be guessed are in a table here; any other word is tried as the path, and the only list in the answer
is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha1
from typing import Any, Final, NamedTuple

import msgspec

from collectors.errors import UsageError
from collectors.health import OK, Health, critical, unknown
from collectors.kind import AnyKind, Column, Kind, Reading, Row
from collectors.projects import purpose
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch


class Collection(NamedTuple):
    """Where a collection is. An empty `key` is the only list in the answer (or the answer itself)."""

    path: str
    key: str = ""
    query: tuple[tuple[str, str], ...] = ()
    microversion: str = ""


_ALL: Final = (("all_tenants", "1"),)

KNOWN: Final[Mapping[str, Mapping[str, Collection]]] = {
    "accelerator": {"arqs": Collection("/accelerator_requests", "arqs"), "devices": Collection("/devices")},
    "alarm": {"alarms": Collection("/alarms")},
    "application-container": {"containers": Collection("/containers", "containers", (("all_projects", "1"),))},
    "baremetal": {
        "drivers": Collection("/drivers", "drivers"),
        "nodes": Collection("/nodes/detail", "nodes"),
        "ports": Collection("/ports/detail", "ports"),
    },
    "block-storage": {
        "backups": Collection("/backups/detail", "backups", _ALL),
        "pools": Collection("/scheduler-stats/get_pools", "pools", (("detail", "true"),)),
        "snapshots": Collection("/snapshots/detail", "snapshots", _ALL),
        "transfers": Collection("/volume-transfers/detail", "transfers", _ALL),
        "types": Collection("/types", "volume_types"),
    },
    "compute": {
        "keypairs": Collection("/os-keypairs", "keypairs"),
        "server-groups": Collection("/os-server-groups", "server_groups", (("all_projects", "True"),)),
    },
    "container-infrastructure-management": {
        "clusters": Collection("/clusters", "clusters"),
        "services": Collection("/mservices", "mservices"),
        "templates": Collection("/clustertemplates", "clustertemplates"),
    },
    "database": {"datastores": Collection("/datastores"), "instances": Collection("/instances", "instances")},
    "dns": {"recordsets": Collection("/recordsets", "recordsets"), "zones": Collection("/zones", "zones")},
    "identity": {
        "credentials": Collection("/credentials", "credentials"),
        "domains": Collection("/domains", "domains"),
        "groups": Collection("/groups", "groups"),
    },
    "instance-ha": {
        "notifications": Collection("/notifications", "notifications"),
        "segments": Collection("/segments", "segments"),
    },
    "key-manager": {
        "containers": Collection("/containers", "containers"),
        "orders": Collection("/orders", "orders"),
        "secrets": Collection("/secrets", "secrets"),
    },
    "load-balancer": {
        "amphorae": Collection("/octavia/amphorae", "amphorae"),
        "listeners": Collection("/lbaas/listeners", "listeners"),
        "loadbalancers": Collection("/lbaas/loadbalancers", "loadbalancers"),
        "pools": Collection("/lbaas/pools", "pools"),
    },
    "message": {"queues": Collection("/queues", "queues")},
    "metric": {
        "archive-policies": Collection("/archive_policy"),
        "metrics": Collection("/metric"),
        "resources": Collection("/resource/generic"),
    },
    "network": {
        "address-scopes": Collection("/address-scopes", "address_scopes"),
        "qos-policies": Collection("/qos/policies", "policies"),
        "rbac-policies": Collection("/rbac-policies", "rbac_policies"),
        "security-group-rules": Collection("/security-group-rules", "security_group_rules"),
        "subnetpools": Collection("/subnetpools", "subnetpools"),
        "trunks": Collection("/trunks", "trunks"),
    },
    "nfv-orchestration": {"vims": Collection("/vims", "vims"), "vnfs": Collection("/vnfs", "vnfs")},
    "object-store": {"containers": Collection("", "", (("format", "json"),))},
    "orchestration": {"services": Collection("/services", "services"), "stacks": Collection("/stacks", "stacks")},
    "placement": {
        "resource-classes": Collection("/resource_classes", "resource_classes", (), "1.39"),
        "traits": Collection("/traits", "traits", (), "1.39"),
    },
    "reservation": {"hosts": Collection("/os-hosts", "hosts"), "leases": Collection("/leases", "leases")},
    "resource-optimization": {
        "action-plans": Collection("/action_plans", "action_plans"),
        "audits": Collection("/audits", "audits"),
    },
    "shared-file-system": {
        "services": Collection("/services", "services", (), "2.7"),
        "share-networks": Collection("/share-networks/detail", "share_networks", _ALL),
        "shares": Collection("/shares/detail", "shares", _ALL),
    },
    "workflow": {"executions": Collection("/executions", "executions"), "workflows": Collection("/workflows")},
}
"""Service type → collection → where it is."""

_ID: Final = ("id", "uuid", "secret_ref", "container_ref", "order_ref", "metric_id", "alarm_id", "keypair_id")
_NAME: Final = ("name", "stack_name", "display_name", "hostname", "title")
_STATUS: Final = ("status", "stack_status", "provisioning_status", "provision_state", "state")
_OWNER: Final = ("project_id", "tenant_id", "project", "owner")
_CREATED: Final = ("created_at", "created", "creation_time", "createdAt", "start_time")
_UPDATED: Final = ("updated_at", "updated", "updated_time", "updatedAt")
_REASON: Final = ("status_reason", "stack_status_reason", "fault", "last_error", "error_message")
_ALLOWED: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"
_BAD: Final = ("ERROR", "FAILED", "FAILURE", "CRITICAL", "DOWN", "OFFLINE")


class AnyObject(Row, frozen=True):
    """One object of some service; `rest` is the JSON text of what has no column."""

    id: str
    name: str
    status: str | None
    project_id: str | None
    created_at: float | None
    updated_at: float | None
    status_reason: str | None
    rest: str | None


def _first(found: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """Takes the first of `names` that holds a word or a number out of `found`."""
    for name in names:
        value = found.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            del found[name]
            return str(value)
    return None


def _moment(found: dict[str, Any], names: tuple[str, ...]) -> float | None:
    for name in names:
        value = found.get(name)
        if not isinstance(value, str):
            continue
        try:
            at = epoch(value)
        except ValueError:
            continue
        del found[name]
        return at
    return None


def row(wire: object, reading: Reading) -> AnyObject:
    """The usual members by their usual names; objects that are wrapped once more (keypairs) are unwrapped."""
    if isinstance(wire, str):
        wire = {"name": wire}
    if not isinstance(wire, dict):
        raise TypeError(f"an object was expected, not {type(wire).__name__}")
    inner = next(iter(wire.values())) if len(wire) == 1 else None
    found: dict[str, Any] = dict(inner if isinstance(inner, dict) else wire)
    digest = sha1(msgspec.json.encode(found, order="deterministic"), usedforsecurity=False).hexdigest()[:12]
    found.pop("links", None)
    identity, name = _first(found, _ID), _first(found, _NAME)
    status, owner = _first(found, _STATUS), _first(found, _OWNER)
    created, updated, reason = _moment(found, _CREATED), _moment(found, _UPDATED), _first(found, _REASON)
    rest = {key: value for key, value in found.items() if value not in (None, "", [], {})}
    return AnyObject(
        id=(identity or name or digest).rstrip("/").rpartition("/")[2] or digest,
        name=name or "",
        status=status,
        project_id=owner,
        created_at=created,
        updated_at=updated,
        status_reason=reason,
        rest=msgspec.json.encode(rest).decode() if rest else None,
    )


def health(found: AnyObject, now: float) -> Health:
    """Only words that mean the same everywhere are judged."""
    words = (found.status or "").upper().replace("_", " ").replace("-", " ").split()
    if any(word in _BAD for word in words):
        return critical(f"{found.status}: {found.status_reason}" if found.status_reason else f"{found.status}")
    return unknown("the service does not know its state") if words == ["UNKNOWN"] else OK


def _service(word: str) -> str:
    """The service type that `word` means: itself, an alias (`volumev3`) or a project (`heat`)."""
    from os_service_types import ServiceTypes

    types = ServiceTypes()
    data = types.get_service_data_for_project(word)
    return str(data["service_type"] if data else types.get_service_type(word) or word)


@cache
def generic_kind(word: str) -> AnyKind:
    """The kind for `SERVICE/COLLECTION`. Raises `UsageError` for anything else."""
    service, _, collection = word.strip().lower().partition("/")
    collection = collection.strip("/")
    if not service or not collection or ".." in word or not set(word) <= set(_ALLOWED):
        hint = "write SERVICE/COLLECTION, for example orchestration/stacks"
        raise UsageError(f"“{word[:60]}” names no collection of a service", hint)
    service = _service(service)
    known = KNOWN.get(service, {})
    where = known.get(collection.replace("_", "-")) or Collection(f"/{collection}")
    what = purpose(service)
    return Kind(
        name=f"{service}/{collection}",
        title=f"{service}: {collection}",
        about=f"{collection} as {service} lists them" + (f". {what}" if what else ""),
        system=service,
        optional=True,
        read=Rest(service, where.path, where.key, where.query, where.microversion),
        wire=object,
        row=row,
        fields=AnyObject,
        columns=(
            Column("name", "NAME", "name", 1),
            Column("status", "STATUS", "status", 2),
            Column("project_id", "PROJECT ID", "ref", 5),
            Column("created_at", "CREATED", "time", 4),
            Column("updated_at", "CHANGED", "time", 4),
            Column("id", "ID", "id", 3),
            Column("status_reason", "WHY", "text", 6, wide=True, help="what the service says about its status"),
            Column("rest", "MORE", "text", 6, wide=True, help="everything else, as JSON"),
        ),
        sort=("name",),
        health=health,
        rollup=Count(collection),
        period=30.0,
        deadline=60.0,
    )
