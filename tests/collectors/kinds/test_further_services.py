"""Barbican, Designate, Manila, Magnum, Ironic, Swift: rows of what they answered, and what is the matter with them."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.registry import kind
from collectors.values import epoch
from tests.collectors.kinds.recordings import row, rows, verdict

RECORDED = epoch("2026-11-27T17:41:10Z") or 0.0


def by_name(name: str) -> dict[str, Any]:
    return {one.name: one for one in rows(name)}  # type: ignore[union-attr]


def test_a_secret_and_nothing_of_what_it_holds() -> None:
    (made,) = by_name("secrets").values()
    assert (made.id, made.name, made.secret_type) == ("a8bc863b-0a89-430b-b0c5-a38901eb692f", "tls", "passphrase")
    assert made.content_types == "default=text/plain"
    assert verdict(made, "secrets", RECORDED) == ("warning", "expires in 4 d")
    assert verdict(made, "secrets", RECORDED + 8 * 86400) == ("warning", "expired 3 d ago")


def test_a_zone() -> None:
    (made,) = by_name("zones").values()
    assert (made.name, made.status, made.serial, made.ttl) == ("example.org.", "ACTIVE", 1795801251, 3600.0)
    assert verdict(made, "zones", RECORDED) == ("ok", "")
    request: Any = kind("zones").read
    assert request.headers == (("X-Auth-All-Projects", "true"),)


def test_the_processes_of_designate() -> None:
    found: list[Any] = rows("dns-services")
    assert [one.service for one in found] == ["central", "producer", "mdns", "worker"]
    assert {verdict(one, "dns-services", RECORDED) for one in found} == {("ok", "")}
    assert {verdict(one, "dns-services", RECORDED + 300) for one in found} == {
        ("critical", "no heartbeat for 5 min")
    }, "their stored status stays UP"


def test_a_share_and_its_services() -> None:
    (made,) = by_name("shares").values()
    assert (made.name, made.share_proto, made.size, made.share_type) == ("home", "NFS", 2**30, "nfs")
    assert made.host == "ctl02@dummy#fake_pool_for_dummy"
    assert verdict(made, "shares") == ("ok", "")
    found: list[Any] = rows("share-services")
    assert [(one.id, one.binary, one.machine) for one in found] == [
        ("1", "manila-scheduler", "ctl02"),
        ("4", "manila-share", "ctl02"),
    ]


def test_clusters_tell_what_is_ill() -> None:
    found = by_name("clusters")
    assert (found["k8s"].version, found["k8s"].nodes, found["k8s"].health_reason) == ("v1.31.1", 1, None)
    assert verdict(found["k8s"], "clusters") == ("ok", "")
    assert verdict(found["ml"], "clusters") == ("critical", "unhealthy: ml-node-1.Ready=False")
    assert verdict(found["test"], "clusters") == ("critical", "create failed: Create timed out")


def test_bare_metal_nodes() -> None:
    found = by_name("baremetal-nodes")
    assert verdict(found["bm-01"], "baremetal-nodes") == verdict(found["bm-02"], "baremetal-nodes") == ("ok", "")
    assert verdict(found["bm-03"], "baremetal-nodes") == (
        "critical",
        "deploy failed: Timeout reached while waiting for callback for node d0f0c6f2",
    )
    unnamed = found["77b0c9c7-3a6e-4a43-a0a1-19ad2b2ec0a3"]
    assert verdict(unnamed, "baremetal-nodes") == (
        "critical",
        "power failure: During sync_power_state, max retries exceeded",
    )
    assert not any("password" in str(getattr(one, name)) for one in found.values() for name in one.__struct_fields__)


def test_containers_of_swift() -> None:
    found = by_name("object-containers")
    assert {name: (one.objects, one.size) for name, one in found.items()} == {
        "janeausten": (0, 0),
        "marktwain": (1, 14),
    }


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("secrets", {"secret_ref": "http://x/s", "status": "ERROR"}, ("critical", "could not be stored")),
        ("zones", {"id": "z", "status": "ERROR", "action": "UPDATE"},
         ("critical", "its update did not reach the name servers")),
        ("zones", {"id": "z", "status": "ERROR", "action": "NONE"},
         ("critical", "its change did not reach the name servers")),
        ("zones", {"id": "z", "status": "PENDING", "action": "CREATE", "created_at": "2026-11-20T23:00:00"},
         ("ok", "")),
        ("zones", {"id": "z", "status": "PENDING", "action": "CREATE", "created_at": "2026-11-20T22:05:00"},
         ("warning", "create not confirmed by the name servers for 60 min")),
        ("zones", {"id": "z", "status": "ACTIVE", "type": "SECONDARY", "masters": ["192.0.2.1"]},
         ("warning", "secondary, but never transferred from its masters")),
        ("dns-services", {"id": "d", "status": "DOWN"}, ("critical", "down")),
        ("dns-services", {"id": "d", "status": "STOPPED"}, ("critical", "stopped")),
        ("dns-services", {"id": "d", "status": "WARNING"}, ("warning", "it warns: see its log")),
        ("dns-services", {"id": "d"}, ("unknown", "status is missing")),
        ("shares", {"id": "s", "status": "error"}, ("critical", "in error")),
        ("shares", {"id": "s", "status": "shrinking_possible_data_loss_error"},
         ("critical", "shrinking possible data loss error")),
        ("shares", {"id": "s", "status": "creating", "created_at": "2026-11-20T22:05:00"},
         ("warning", "creating for 60 min")),
        ("shares", {"id": "s", "status": "deleting", "created_at": "2026-11-01T22:05:00"}, ("ok", "")),
        ("shares", {"id": "s", "status": "migrating"}, ("ok", "migrating: it moves data")),
        ("shares", {"id": "s", "status": "available", "access_rules_status": "error"},
         ("warning", "its access rules could not be applied")),
        ("shares", {"id": "s", "status": "available", "task_state": "migration_error"},
         ("warning", "its last migration failed")),
        ("share-services", {"id": 1, "state": "down", "updated_at": "2026-11-20T22:35:00"},
         ("critical", "no heartbeat for 30 min")),
        ("share-services", {"id": 1, "state": "stopped", "status": "enabled", "updated_at": "2026-11-20T22:35:00"},
         ("critical", "stopped")),
        ("share-services", {"id": 1, "state": "down", "status": "disabled"},
         ("warning", "never heard; disabled, no reason given")),
        ("share-services", {"id": 1, "state": "up", "status": "disabled", "disabled_reason": "drain"},
         ("ok", "disabled: drain")),
        ("share-services", {"id": 1}, ("unknown", "state is missing")),
        ("clusters", {"uuid": "c", "status": "UPDATE_IN_PROGRESS", "updated_at": "2026-11-20T20:05:00Z"},
         ("warning", "update under way for 3 h")),
        ("clusters", {"uuid": "c", "status": "CREATE_COMPLETE", "health_status": "UNKNOWN"},
         ("ok", "Magnum cannot ask it how it fares")),
        ("baremetal-nodes", {"uuid": "n", "provision_state": "clean failed"}, ("critical", "clean failed")),
        ("baremetal-nodes", {"uuid": "n", "provision_state": "active", "maintenance": True,
                             "maintenance_reason": "new disk"}, ("ok", "maintenance: new disk")),
        ("baremetal-nodes", {"uuid": "n", "provision_state": "active", "maintenance": True},
         ("warning", "in maintenance, no reason given")),
        ("baremetal-nodes", {"uuid": "n", "provision_state": "available", "retired": True}, ("ok", "retired")),
        ("baremetal-nodes", {"uuid": "n", "provision_state": "wait call-back", "power_state": "power on",
                             "provision_updated_at": "2026-11-20T20:05:00Z"},
         ("warning", "wait call-back for 3 h")),
        ("baremetal-nodes", {"uuid": "n", "provision_state": "active", "power_state": "power off"},
         ("ok", "given out, and powered off")),
        ("baremetal-nodes", {"uuid": "n", "provision_state": "available"},
         ("unknown", "its power state is not known: its controller does not answer Ironic")),
        ("baremetal-nodes", {"uuid": "n", "provision_state": "enroll"}, ("ok", "")),
    ],
)  # fmt: skip
def test_health(name: str, fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row(name, **fields), name) == expected
