"""The CRUSH map as the dashboard tells it: devices, buckets, the rule, its tunables, and the tree."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.ceph import osds
from runbooks.simulator.model.ceph import Ceph

Doc = dict[str, Any]


def crush_map(ceph: Ceph) -> Doc:
    """The tree, and the map that it is made of."""
    types = ("osd", "host", "chassis", "rack", "row", "pdu", "pod", "room", "datacenter", "zone", "region", "root")
    nodes = list(osds.tree_nodes(ceph))
    weights = {osd.id: int(osds.crush_weight(osd) * 65536) for osd in ceph.osds.values()}
    buckets = []
    for node in sorted((node for node in nodes if node["type"] != "osd"), key=lambda node: -int(node["id"])):
        children = node["children"][::-1]
        inside = [each if each >= 0 else None for each in children]
        items = []
        for place, child in enumerate(children):
            own = [osd for osd in ceph.osds.values() if child in (osd.id, osds.host_id(ceph, osd.host))]
            items.append({"id": child, "weight": sum(weights[osd.id] for osd in own), "pos": place})
        buckets.append(
            {
                "id": node["id"],
                "name": node["name"],
                "type_id": node["type_id"],
                "type_name": node["type"],
                "weight": sum(item["weight"] for item in items),
                "alg": "straw2",
                "hash": "rjenkins1",
                "items": items if inside else [],
            }
        )
    return {
        "tree": osds.osd_tree(ceph),
        "crush": {
            "devices": [{"id": osd.id, "name": osd.name, "class": "hdd"} for osd in ceph.osds.values()],
            "types": [{"type_id": number, "name": name} for number, name in enumerate(types)],
            "buckets": buckets,
            "rules": [CRUSH_RULE],
            "tunables": _TUNABLES,
            "choose_args": {},
        },
        "crush_map_text": {},
    }


CRUSH_RULE: Doc = {
    "rule_id": 0,
    "rule_name": "replicated_rule",
    "ruleset": 0,
    "type": 1,
    "min_size": 1,
    "max_size": 10,
    "steps": [
        {"op": "take", "item": -1, "item_name": "default"},
        {"op": "chooseleaf_firstn", "num": 0, "type": "host"},
        {"op": "emit"},
    ],
}
_TUNABLES: Doc = {
    "choose_local_tries": 0,
    "choose_local_fallback_tries": 0,
    "choose_total_tries": 50,
    "chooseleaf_descend_once": 1,
    "chooseleaf_vary_r": 1,
    "chooseleaf_stable": 1,
    "straw_calc_version": 1,
    "allowed_bucket_algs": 54,
    "profile": "jewel",
    "optimal_tunables": 1,
    "legacy_tunables": 0,
    "minimum_required_version": "jewel",
    "require_feature_tunables": 1,
    "require_feature_tunables2": 1,
    "has_v2_rules": 0,
    "require_feature_tunables3": 1,
    "has_v3_rules": 0,
    "has_v4_buckets": 1,
    "require_feature_tunables5": 1,
    "has_v5_rules": 0,
}
