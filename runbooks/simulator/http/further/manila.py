"""Manila's API v2 with microversions up to 2.83: shares, services, pools."""

from __future__ import annotations

from runbooks.simulator.clock import iso
from runbooks.simulator.http import errors
from runbooks.simulator.http.api import Api, Microversions, Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.further.paging import whole
from runbooks.simulator.model.further.manila import BACKEND, POOL, SHARE, Share, Shares, ShareService

LEAST, MOST = (2, 0), (2, 83)
Row = dict[str, object]


def error(call: Call, fault: ApiError) -> Reply:
    """As Nova's, but the type of the content has no charset."""
    found = errors.compute(call, fault)
    return Reply(found.body, found.status, {**found.headers, "Content-Type": "application/json"})


def _version(call: Call) -> Row:
    return {
        "id": "v2.0",
        "status": "CURRENT",
        "version": "2.83",
        "min_version": "2.0",
        "updated": "2015-08-27T11:33:21Z",
        "links": [
            {"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"},
            {"rel": "self", "href": f"{call.base}/v2/"},
        ],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.share+json;version=1"}],
    }


def versions(call: Call) -> Reply:
    return Reply({"versions": [_version(call)]}, 300)


def one_version(call: Call) -> Reply:
    return Reply({"versions": [_version(call)]})


def _share(call: Call, one: Share) -> Row:
    """As the detailed list has it at the call's version (from 2.65 on, the newest that is recorded)."""
    row: Row = {
        "id": one.id,
        "size": one.size,
        "availability_zone": "nova",
        "created_at": iso(one.created),
        "status": one.status,
        "name": one.name,
        "description": None,
        "project_id": one.project_id,
        "snapshot_id": None,
        "share_network_id": None,
        "share_proto": one.protocol,
        "metadata": {},
        "share_type": _shares(call).type_id,
        "volume_type": "default",
        "links": [
            {"rel": "self", "href": f"{call.base}/v2/shares/{one.id}"},
            {"rel": "bookmark", "href": f"{call.base}/shares/{one.id}"},
        ],
        "is_public": False,
        "snapshot_support": False,
        "task_state": None,
        "share_type_name": "default",
        "access_rules_status": "active",
        "replication_type": None,
        "has_replicas": False,
        "user_id": one.user_id,
        "create_share_from_snapshot_support": False,
        "revert_to_snapshot_support": False,
        "share_group_id": None,
        "source_share_group_snapshot_member_id": None,
        "mount_snapshot_support": False,
        "progress": "100%",
    }
    if call.version >= (2, 69):
        row |= {"is_soft_deleted": False, "scheduled_to_be_deleted_at": None}
    if call.version >= (2, 80):
        row["source_backup_id"] = None
    if call.user.is_admin:
        row |= {"share_server_id": None, "host": one.host}
    return row


def _all_shares(call: Call) -> Reply:
    """The project's; every project's with `all_tenants`, which does nothing for others than administrators."""
    everybody = call.query.get("all_tenants", "") in ("1", "true", "True") and call.user.is_admin
    found = [share for share in _shares(call).shares if everybody or share.project_id == call.user.project]
    found = [share for share in found if call.query.get("name") in (None, share.name)]
    begin = whole(call, "offset", 0, ApiError(400, "offset param must be an integer"))
    most = whole(call, "limit", 1000, ApiError(400, "limit param must be an integer"))
    shown = found[begin : begin + min(most, 1000)]
    body: Row = {"shares": [_share(call, share) for share in shown]}
    if "limit" in call.query and shown and len(shown) == most:
        body["shares_links"] = [{"rel": "next", "href": call.base + call.path_and_query(marker=shown[-1].id)}]
    return Reply(body)


def _share_shown(call: Call) -> Reply:
    for share in _shares(call).shares:
        if share.id == call.args["id"] and (call.user.is_admin or share.project_id == call.user.project):
            return Reply({"share": _share(call, share)})
    raise ApiError(404, "The resource could not be found.")


def _service(call: Call, one: ShareService) -> Row:
    shares = _shares(call)
    row: Row = {
        "id": one.number,
        "binary": one.binary,
        "host": one.host,
        "zone": "nova",
        "status": "enabled",
        "state": "up" if shares.up(one) else "down",
        "updated_at": iso(shares.heartbeat(one)),
    }
    return row | {"disabled_reason": None} if call.version >= (2, 83) else row


def _services(call: Call) -> Reply:
    return Reply({"services": [_service(call, one) for one in _shares(call).services]})


def _pools(call: Call) -> Reply:
    """One pool of each share service that reports to the schedulers."""
    shares = _shares(call)
    rows = []
    for one in shares.services:
        if one.binary == SHARE and shares.up(one):
            host = one.machine
            names = {"name": f"{one.host}#{POOL}", "host": host, "backend": BACKEND, "pool": POOL}
            capabilities = {
                "pool_name": POOL,
                "total_capacity_gb": 40960.0,
                "free_capacity_gb": 40960.0 - sum(share.size for share in shares.shares),
                "reserved_percentage": 0,
                "share_backend_name": BACKEND,
                "storage_protocol": "NFS",
                "vendor_name": "Ceph",
                "driver_version": "1.0",
                "timestamp": iso(shares.heartbeat(one)),
            }
            rows.append(names | {"capabilities": capabilities})
    return Reply({"pools": rows})


def _shares(call: Call) -> Shares:
    assert call.cloud.further is not None
    return call.cloud.further.shares


API = Api(
    name="manila",
    unit="manila_api",
    port=8786,
    routes=[
        Route("GET", "/", versions, "public"),
        Route("GET", "/v2", one_version, "public"),
        Route("GET", "/v2/shares/detail", _all_shares, "reader", "share:get_all"),
        Route("GET", "/v2/shares/{id}", _share_shown, "reader", "share:get"),
        Route("GET", "/v2/services", _services, "admin", "service:index"),
        Route("GET", "/v2/scheduler-stats/pools/detail", _pools, "admin", "scheduler_stats:pools:detail"),
    ],
    microversions=Microversions(
        "shared-file-system", LEAST, MOST, legacy="X-OpenStack-Manila-API-Version", standard=False
    ),
    error=error,
    project_in_path="/v2",
    forbidden="Access was denied to this resource.",
    database_refused="The server has either erred or is incapable of performing the requested operation.",
    database_gone="The server has either erred or is incapable of performing the requested operation.",
)
