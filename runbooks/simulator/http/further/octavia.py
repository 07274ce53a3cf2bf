"""Octavia's API v2: load balancers and amphorae, with errors as WSME prints them."""

from __future__ import annotations

from runbooks.simulator.clock import iso
from runbooks.simulator.http.api import Api, Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.errors import title
from runbooks.simulator.http.further.paging import after, whole
from runbooks.simulator.model.further.octavia import Amphora, Balancing, LoadBalancer

_NEWEST = 27
"""Octavia 2025.1 says that it has v2.0 to v2.27."""
_LBAAS, _ADMIN = "/v2/lbaas", "/v2/octavia"
Row = dict[str, object]


def error(call: Call, fault: ApiError) -> Reply:
    """`{"faultcode": "Client", "faultstring": …, "debuginfo": null}`; what fails before a handler is pecan's."""
    if fault.kind == "pecan":
        body = {"code": fault.status, "title": title(fault.status), "description": fault.message}
        return Reply(body, fault.status, fault.headers)
    side = "Server" if fault.status >= 500 else "Client"
    return Reply({"faultcode": side, "faultstring": fault.message, "debuginfo": None}, fault.status, fault.headers)


def versions(call: Call) -> Reply:
    def one(minor: int) -> Row:
        status = "CURRENT" if minor == _NEWEST else "SUPPORTED"
        links = [{"href": f"{call.base}/v2", "rel": "self"}]
        return {"id": f"v2.{minor}", "status": status, "updated": "2023-11-10T00:00:00Z", "links": links}

    return Reply({"versions": [one(minor) for minor in range(_NEWEST + 1)]})


def _balancer(one: LoadBalancer) -> Row:
    return {
        "id": one.id,
        "name": one.name,
        "description": "",
        "provisioning_status": one.provisioning,
        "operating_status": one.operating,
        "admin_state_up": True,
        "project_id": one.project_id,
        "created_at": iso(one.created, micro=False),
        "updated_at": iso(one.updated, micro=False),
        "vip_address": one.vip_address,
        "vip_port_id": one.vip_port_id,
        "vip_subnet_id": one.vip_subnet_id,
        "vip_network_id": one.vip_network_id,
        "vip_sg_ids": [],
        "additional_vips": [],
        "listeners": [{"id": each} for each in one.listeners],
        "pools": [{"id": each} for each in one.pools],
        "provider": "amphora",
        "flavor_id": None,
        "vip_qos_policy_id": None,
        "tags": [],
        "availability_zone": None,
        "vip_vnic_type": "normal",
        "tenant_id": one.project_id,
    }


def _amphora(one: Amphora) -> Row:
    return {
        "id": one.id,
        "loadbalancer_id": one.load_balancer,
        "compute_id": one.server_id,
        "lb_network_ip": one.lb_network_ip,
        "vrrp_ip": one.vrrp_ip,
        "ha_ip": one.vip.vip_address,
        "vrrp_port_id": one.vrrp_port_id,
        "ha_port_id": one.vip.vip_port_id,
        "cert_expiration": iso(one.certificate_until, micro=False),
        "cert_busy": False,
        "role": "BACKUP" if one.number else "MASTER",
        "status": one.status,
        "vrrp_interface": "eth1",
        "vrrp_id": 1,
        "vrrp_priority": 90 if one.number else 100,
        "cached_zone": "nova",
        "created_at": iso(one.created, micro=False),
        "updated_at": iso(one.updated, micro=False),
        "image_id": one.image_id,
        "compute_flavor": one.flavor_id,
    }


def _page(call: Call, key: str, rows: list[Row]) -> Reply:
    """Filters by any field, `limit` and `marker`; a full page links to the next one."""
    filters = {name: call.query[name] for name in call.query if name not in ("limit", "marker", "fields", "sort")}
    known = set(rows[0]) if rows else set()
    if rows and set(filters) - known:
        raise ApiError(400, "One or more arguments are either duplicate or invalid")
    rows = [row for row in rows if all(str(row[name]) == value for name, value in filters.items())]
    given, marker = call.query.get("limit", ""), call.query.get("marker")
    most = whole(call, "limit", 1000, ApiError(400, f"Supplied pagination limit '{given}' is not valid.", kind="pecan"))
    lost = ApiError(400, f"Supplied pagination marker '{marker}' is not valid.")
    rest = after(rows, marker, lambda row: str(row["id"]), lost)
    shown = rest[: min(most, 1000) or 1000]
    links = []
    if len(shown) < len(rest):
        links.append({"rel": "next", "href": call.base + call.path_and_query(marker=str(shown[-1]["id"]))})
    return Reply({key: shown, f"{key}_links": links})


def _balancers(call: Call) -> Reply:
    """Every project's for administrators, else the caller's."""
    found = _further(call).load_balancers
    return _page(call, "loadbalancers", [_balancer(each) for each in found if _ours(call, each)])


def _balancer_shown(call: Call) -> Reply:
    for each in _further(call).load_balancers:
        if each.id == call.args["id"]:
            if not _ours(call, each):
                raise ApiError(403, call.api.forbidden)
            return Reply({"loadbalancer": _balancer(each)})
    raise ApiError(404, f"Load Balancer {call.args['id']} not found.")


def _amphorae(call: Call) -> Reply:
    return _page(call, "amphorae", [_amphora(each) for each in _further(call).amphorae])


def _amphora_shown(call: Call) -> Reply:
    for each in _further(call).amphorae:
        if each.id == call.args["id"]:
            return Reply({"amphora": _amphora(each)})
    raise ApiError(404, f"Amphora {call.args['id']} not found.")


def _further(call: Call) -> Balancing:
    assert call.cloud.further is not None
    return call.cloud.further.balancing


def _ours(call: Call, balancer: LoadBalancer) -> bool:
    return call.user.is_admin or balancer.project_id == call.user.project


API = Api(
    name="octavia",
    unit="octavia_api",
    port=9876,
    routes=[
        Route("GET", "/", versions, "public"),
        Route("GET", _LBAAS + "/loadbalancers", _balancers),
        Route("GET", _LBAAS + "/loadbalancers/{id}", _balancer_shown),
        Route("GET", _ADMIN + "/amphorae", _amphorae, "admin"),
        Route("GET", _ADMIN + "/amphorae/{id}", _amphora_shown, "admin"),
    ],
    error=error,
    forbidden="Policy does not allow this request to be performed.",
    database_refused="(pymysql.err.OperationalError) (2003, \"Can't connect to MySQL server on 'VIP'\")",
    database_gone="(pymysql.err.OperationalError) (1047, 'WSREP has not yet prepared node for application use')",
)
