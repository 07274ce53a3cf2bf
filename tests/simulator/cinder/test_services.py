"""Cinder's services and pools, snapshots, backups, types, attachments."""

from __future__ import annotations

from typing import Any

import pytest

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.storage.replication import configure
from tests.simulator.calls import Client
from tests.simulator.cinder.helpers import AT, V, make, pass_time, show, start, stop


def service(cinder: Client, binary: str, host: str) -> dict[str, Any]:
    rows = cinder.get(f"{AT}/os-services?binary={binary}&host={host}", V)["services"]
    assert len(rows) == 1
    found: dict[str, Any] = rows[0]
    return found


def test_three_services_on_each_controller(cinder: Client) -> None:
    found = [(row["binary"], row["host"], row["state"]) for row in cinder.get(f"{AT}/os-services", V)["services"]]
    assert found == [
        *(("cinder-scheduler", f"ctl0{number}", "up") for number in (1, 2, 3)),
        *(("cinder-volume", f"ctl0{number}@rbd-1", "up") for number in (1, 2, 3)),
        *(("cinder-backup", f"ctl0{number}", "up") for number in (1, 2, 3)),
    ]


def test_a_dead_service_is_down_after_a_minute(cinder: Client, model: Cloud) -> None:
    stop(model, "ctl02", "cinder_volume")
    pass_time(model, 49)
    assert service(cinder, "cinder-volume", "ctl02@rbd-1")["state"] == "up"
    pass_time(model, 12)
    found = service(cinder, "cinder-volume", "ctl02@rbd-1")
    assert (found["state"], found["status"], found["backend_state"]) == ("down", "enabled", None)
    pools = [row["name"] for row in cinder.get(f"{AT}/scheduler-stats/get_pools", V)["pools"]]
    assert pools == ["ctl01@rbd-1#rbd-1", "ctl03@rbd-1#rbd-1"]
    start(model, "ctl02", "cinder_volume")
    pass_time(model, 11)
    assert service(cinder, "cinder-volume", "ctl02@rbd-1")["state"] == "up"


def test_without_the_database_nobody_reports(cinder: Client, model: Cloud) -> None:
    reply = cinder.reply("GET", f"{AT}/os-services")
    assert reply.status == 200
    for host in ("ctl01", "ctl02", "ctl03"):
        stop(model, host, "mariadb")
    pass_time(model, 90)
    reply = cinder.reply("GET", f"{AT}/os-services")
    assert reply.status == 500
    assert b"computeFault" in reply.encoded()


def test_newer_lists_wait_for_a_scheduler(cinder: Client, model: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        stop(model, host, "cinder_scheduler")
    late = cinder.reply("GET", f"{AT}/os-services", OpenStack_API_Version="volume 3.70")
    assert (late.status, late.delay) == (500, 60.0)
    assert cinder.reply("GET", f"{AT}/scheduler-stats/get_pools").delay == 60.0
    old = cinder.reply("GET", f"{AT}/os-services", OpenStack_API_Version="volume 3.48")
    assert (old.status, old.delay) == (200, 0.0)


def test_services_are_disabled_with_a_reason(cinder: Client) -> None:
    body = {"binary": "cinder-volume", "host": "ctl01@rbd-1", "disabled_reason": "new disks"}
    told = cinder.do("PUT", f"{AT}/os-services/disable-log-reason", body, V)
    assert (told["status"], told["disabled"], told["disabled_reason"]) == ("disabled", True, "new disks")
    found = service(cinder, "cinder-volume", "ctl01@rbd-1")
    assert (found["status"], found["state"], found["disabled_reason"]) == ("disabled", "up", "new disks")
    assert len(cinder.get(f"{AT}/scheduler-stats/get_pools", V)["pools"]) == 2
    told = cinder.do("PUT", f"{AT}/os-services/enable", body, V)
    assert (told["status"], told["disabled"]) == ("enabled", False)
    assert service(cinder, "cinder-volume", "ctl01@rbd-1")["disabled_reason"] is None


def test_freeze_thaw_and_failover(cinder: Client) -> None:
    body = {"host": "ctl01@rbd-1"}
    cinder.do("PUT", f"{AT}/os-services/freeze", body, V, status=200)
    assert service(cinder, "cinder-volume", "ctl01@rbd-1")["frozen"] is True
    again = cinder.do("PUT", f"{AT}/os-services/freeze", body, V, status=400)["badRequest"]["message"]
    assert again.endswith("frozen in ['ctl01@rbd-1'] must be False to failover.")
    cinder.do("PUT", f"{AT}/os-services/thaw", body, V, status=200)
    assert service(cinder, "cinder-volume", "ctl01@rbd-1")["frozen"] is False
    refused = cinder.do("PUT", f"{AT}/os-services/failover_host", body, V, status=400)["badRequest"]["message"]
    assert "replication_status in ['ctl01@rbd-1'] must be enabled or failed-over" in refused
    found = service(cinder, "cinder-volume", "ctl01@rbd-1")
    assert (found["replication_status"], found["status"]) == ("disabled", "enabled")


def test_a_backend_that_replicates_fails_over_and_back(cinder: Client, model: Cloud) -> None:
    name, at = "ctl01@rbd-1", f"{AT}/os-services/failover_host"
    found = model.storage.services.find("cinder-volume", name)
    assert found is not None
    configure(found, "[rbd-1]\nreplication_device = conf:/etc/ceph/b.conf,backend_id:site-b\n", model.now())
    assert service(cinder, "cinder-volume", name)["replication_status"] == "disabled", "it was not started again yet"
    pass_time(model, 5)
    stop(model, "ctl01", "cinder_volume")
    start(model, "ctl01", "cinder_volume")
    assert service(cinder, "cinder-volume", name)["replication_status"] == "enabled"
    cinder.do("PUT", at, {"host": name, "backend_id": "nowhere"}, V, status=202)
    assert service(cinder, "cinder-volume", name)["replication_status"] == "failing-over"
    pass_time(model, 5)
    assert service(cinder, "cinder-volume", name)["replication_status"] == "enabled", "nobody knows that storage"
    cinder.do("PUT", at, {"host": name}, V, status=202)
    pass_time(model, 5)
    over = service(cinder, "cinder-volume", name)
    assert (over["replication_status"], over["active_backend_id"]) == ("failed-over", "site-b")
    assert (over["status"], over["disabled_reason"]) == ("disabled", "failed-over")
    rows = cinder.get(f"{AT}/volumes/detail?all_tenants=1", V)["volumes"]
    assert {row["status"] for row in rows if (row["os-vol-host-attr:host"] or "").startswith(name)} == {"error"}
    cinder.do("PUT", at, {"host": name, "backend_id": "default"}, V, status=202)
    pass_time(model, 5)
    back = service(cinder, "cinder-volume", name)
    assert (back["replication_status"], back["active_backend_id"], back["status"]) == ("enabled", "", "enabled")


@pytest.mark.parametrize(
    ("action", "body", "status", "words"),
    [
        ("enable", {}, 400, "Invalid input for field/attribute host. Value: None. 'host' is a required property"),
        (
            "enable",
            {"host": "ctl09", "binary": "cinder-volume"},
            404,
            "Service cinder-volume could not be found on host ctl09.",
        ),
        ("dance", {"host": "ctl01"}, 404, "Unknown action"),
        (
            "freeze",
            {"host": "ctl09"},
            400,
            "Invalid input received: Service cinder-volume could not be found on host ctl09.",
        ),
    ],
)
def test_odd_changes_of_services_are_refused(
    cinder: Client, action: str, body: dict[str, str], status: int, words: str
) -> None:
    found = cinder.do("PUT", f"{AT}/os-services/{action}", body, V, status=status)
    assert next(iter(found.values()))["message"] == words


def test_pools_tell_sizes(cinder: Client) -> None:
    pool = cinder.get(f"{AT}/scheduler-stats/get_pools?detail=true", V)["pools"][0]["capabilities"]
    assert pool["total_capacity_gb"] > pool["free_capacity_gb"] > 0
    assert (pool["storage_protocol"], pool["volume_backend_name"]) == ("ceph", "rbd-1")


def test_snapshots_come_and_go(cinder: Client, model: Cloud) -> None:
    volume = make(cinder, size=3)["id"]
    pass_time(model, 4)
    body = {"snapshot": {"volume_id": volume, "name": "before"}}
    made = cinder.do("POST", f"{AT}/snapshots", body, V, status=202)["snapshot"]
    assert (made["status"], made["size"], made["volume_id"]) == ("creating", 3, volume)
    pass_time(model, 3)
    found = cinder.get(f"{AT}/snapshots/{made['id']}", V)["snapshot"]
    assert (found["status"], found["os-extended-snapshot-attributes:progress"]) == ("available", "100%")
    assert cinder.do("DELETE", f"{AT}/volumes/{volume}", status=400)["badRequest"]["code"] == 400
    copy = make(cinder, size=None, snapshot_id=made["id"])
    assert copy["size"] == 3
    too_small = {"size": 1, "snapshot_id": made["id"]}
    assert "cannot be smaller than" in make(cinder, 400, **too_small)["badRequest"]["message"]
    pass_time(model, 4)
    cinder.do("DELETE", f"{AT}/snapshots/{made['id']}", status=202)
    pass_time(model, 3)
    words = cinder.get(f"{AT}/snapshots/{made['id']}", V, status=404)["itemNotFound"]["message"]
    assert words == f"Snapshot {made['id']} could not be found."


def test_a_volume_is_deleted_with_its_snapshots(cinder: Client, model: Cloud) -> None:
    volume = make(cinder)["id"]
    pass_time(model, 4)
    cinder.do("POST", f"{AT}/snapshots", {"snapshot": {"volume_id": volume}}, V, status=202)
    pass_time(model, 3)
    cinder.do("DELETE", f"{AT}/volumes/{volume}?cascade=true", status=202)
    pass_time(model, 3)
    assert volume not in str(cinder.get(f"{AT}/snapshots/detail?all_tenants=1", V))


def test_snapshots_of_all_tenants_are_for_admins(cinder: Client, owner: Client, model: Cloud) -> None:
    key = "os-extended-snapshot-attributes:project_id"
    every = [row[key] for row in cinder.get(f"{AT}/snapshots/detail?all_tenants=1", V)["snapshots"]]
    assert sorted(every) == sorted([model.tenants[0].project_id] * 3 + [model.tenants[2].project_id] * 3)
    mine = [row[key] for row in owner.get(f"{AT}/snapshots/detail?all_tenants=1", V)["snapshots"]]
    assert mine == [model.tenants[2].project_id] * 3
    page = cinder.get(f"{AT}/snapshots/detail?all_tenants=1&limit=2", V)
    assert page["snapshots_links"][0]["href"].endswith(f"marker={page['snapshots'][-1]['id']}")
    failed = cinder.get(f"{AT}/backups/detail?all_tenants=1&status=error", V)["backups"]
    assert [row["name"] for row in failed] == ["weekly"]


def test_backups_take_as_long_as_they_are_large(cinder: Client, model: Cloud) -> None:
    volume = make(cinder, size=5)["id"]
    pass_time(model, 4)
    made = cinder.do("POST", f"{AT}/backups", {"backup": {"volume_id": volume, "name": "b"}}, V, status=202)["backup"]
    assert show(cinder, volume)["status"] == "backing-up"
    pass_time(model, 5)
    assert cinder.get(f"{AT}/backups/{made['id']}", V)["backup"]["status"] == "creating"
    pass_time(model, 3)
    assert cinder.get(f"{AT}/backups/{made['id']}", V)["backup"]["status"] == "available"
    assert show(cinder, volume)["status"] == "available"
    cinder.do("DELETE", f"{AT}/backups/{made['id']}", status=202)
    pass_time(model, 3)
    cinder.get(f"{AT}/backups/{made['id']}", V, status=404)


def test_without_backup_services_there_is_no_backup(cinder: Client, model: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        stop(model, host, "cinder_backup")
    volume = make(cinder)["id"]
    pass_time(model, 75)
    found = cinder.do("POST", f"{AT}/backups", {"backup": {"volume_id": volume}}, V, status=500)
    assert found["computeFault"]["message"] == "Service cinder-backup could not be found."


def test_types(cinder: Client, owner: Client) -> None:
    names = [row["name"] for row in cinder.get(f"{AT}/types", V)["volume_types"]]
    assert names == ["rbd-1", "__DEFAULT__"]
    made = cinder.do("POST", f"{AT}/types", {"volume_type": {"name": "gold"}}, V)["volume_type"]
    at = f"{AT}/types/{made['id']}"
    told = cinder.do("POST", f"{at}/extra_specs", {"extra_specs": {"speed": "high"}}, V)
    assert told["extra_specs"] == {"speed": "high"}
    assert "volumes_gold" in cinder.get(f"{AT}/os-quota-sets/x/defaults", V)["quota_set"]
    words = cinder.do("POST", f"{AT}/types", {"volume_type": {"name": "gold"}}, V, status=409)
    assert words["conflictingRequest"]["message"] == "Volume Type gold already exists."
    cinder.do("DELETE", at, status=202)
    assert cinder.get(f"{AT}/types/default", V)["volume_type"]["name"] == "rbd-1"
    owner.do("POST", f"{AT}/types", {"volume_type": {"name": "mine"}}, V, status=403)


def test_attachments_have_an_api_of_their_own(cinder: Client, model: Cloud) -> None:
    cinder.get(f"{AT}/attachments", "3.26", status=404)
    rows = cinder.get(f"{AT}/attachments?all_tenants=1", "3.27")["attachments"]
    assert len(rows) == 10
    one = cinder.get(f"{AT}/attachments/{rows[0]['id']}", "3.27")["attachment"]
    assert one["connection_info"]["driver_volume_type"] == "rbd"
    refused = cinder.do("DELETE", f"{AT}/attachments/{one['id']}", version="3.27", status=409)
    assert "using the Compute API" in refused["conflictingRequest"]["message"]
    assert show(cinder, one["volume_id"])["status"] == "in-use"


def test_what_is_reserved_for_a_server_is_not_plugged_in(cinder: Client, model: Cloud) -> None:
    server = model.compute.servers.at(0)
    assert server is not None
    volume = next(one for one in model.storage.volumes.newest() if one.name == "scratch")
    body = {"attachment": {"volume_uuid": volume.id, "instance_uuid": server.id}}
    made = cinder.do("POST", f"{AT}/attachments", body, "3.27", status=200)["attachment"]
    assert (made["status"], made["instance"], made["connection_info"]) == ("reserved", server.id, {})
    assert show(cinder, volume.id)["status"] == "reserved"
    assert show(cinder, volume.id)["attachments"] == []
    assert volume.id not in server.volumes
    mine = cinder.get(f"{AT}/attachments?all_tenants=1&instance_id={server.id}&status=reserved", "3.27")["attachments"]
    assert [row["id"] for row in mine] == [made["id"]]
    again = cinder.do("POST", f"{AT}/attachments", body, "3.27", status=400)["badRequest"]["message"]
    assert again.endswith("but the current status is reserved.")
    cinder.do("DELETE", f"{AT}/attachments/{made['id']}", version="3.27", status=200)
    assert show(cinder, volume.id)["status"] == "available"


def test_while_the_broker_is_gone_a_post_is_late_but_has_made_the_volume(cinder: Client, model: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        stop(model, host, "rabbitmq")
    reply = cinder.reply("POST", f"{AT}/volumes", {"volume": {"size": 1, "name": "late"}})
    assert (reply.status, reply.delay) == (500, 60.0)
    rows = cinder.get(f"{AT}/volumes/detail?name=late", V)["volumes"]
    assert [row["status"] for row in rows] == ["creating"]
