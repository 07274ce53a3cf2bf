"""Lists of the loaded extensions that this cloud makes little or no use of: segments, default rules, and empty ones."""

from __future__ import annotations

from runbooks.simulator.clock import iso_z
from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import Call, Reply
from runbooks.simulator.http.neutron import floatingips
from runbooks.simulator.http.neutron.query import Row

_EMPTY = {
    "qos/policies": "policies",
    "qos/rule-types": "rule_types",
    "trunks": "trunks",
    "address-scopes": "address_scopes",
    "flavors": "flavors",
    "service_profiles": "service_profiles",
    "metering/metering-labels": "metering_labels",
    "metering/metering-label-rules": "metering_label_rules",
}


def _empty(path: str, key: str) -> Route:
    def answer(call: Call) -> Reply:
        return Reply({key: []})

    return Route("GET", f"/v2.0/{path}", answer)


def _segments(call: Call) -> Reply:
    """Each network has one."""
    if not call.user.is_admin:
        return Reply({"segments": []})
    rows: list[Row] = [
        {
            "id": call.cloud.seed.uuid("segment", one.id),
            "network_id": one.id,
            "name": None,
            "description": None,
            "network_type": one.kind,
            "physical_network": one.physical,
            "segmentation_id": one.segment,
            "created_at": iso_z(one.created),
            "updated_at": iso_z(one.created),
            "revision_number": 0,
        }
        for one in call.cloud.network.networks.values()
    ]
    wanted = {
        name: call.query[name] for name in ("network_id", "network_type", "segmentation_id") if name in call.query
    }
    rows = [row for row in rows if all(str(row[name]) == value for name, value in wanted.items())]
    return Reply({"segments": sorted(rows, key=lambda row: str(row["id"]))})


def _default_rules(call: Call) -> Reply:
    """What new security groups begin with."""
    rows: list[Row] = []
    for direction in ("ingress", "egress"):
        for ethertype in ("IPv4", "IPv6"):
            rows.append(
                {
                    "id": call.cloud.seed.uuid("default rule", direction, ethertype),
                    "ethertype": ethertype,
                    "direction": direction,
                    "protocol": None,
                    "port_range_min": None,
                    "port_range_max": None,
                    "remote_group_id": "PARENT" if direction == "ingress" else None,
                    "remote_address_group_id": None,
                    "remote_ip_prefix": None,
                    "standard_attr_id": len(rows) + 1,
                    "used_in_default_sg": True,
                    "used_in_non_default_sg": direction == "egress",
                    "description": "Legacy default SG rule for "
                    + ("ingress traffic" if direction == "ingress" else "egress traffic"),
                }
            )
    return Reply({"default_security_group_rules": rows})


def _port_forwardings(call: Call) -> Reply:
    floatingips.FLOATING_IPS.find(call, call.args["id"])
    return Reply({"port_forwardings": []})


ROUTES = (
    *(_empty(path, key) for path, key in _EMPTY.items()),
    Route("GET", "/v2.0/segments", _segments),
    Route("GET", "/v2.0/default-security-group-rules", _default_rules),
    Route("GET", "/v2.0/floatingips/{id}/port_forwardings", _port_forwardings),
)
