"""Volumes over the cloud's time: made, attached, extended, moved, deleted; quotas and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client
from tests.simulator.cinder.helpers import AT, V, act, make, pass_time, show, start, stop


def listed(client: Client, query: str = "all_tenants=1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{AT}/volumes/detail?{query}", V)["volumes"]
    return found


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def test_a_volume_is_made_in_seconds(owner: Client, model: Cloud) -> None:
    made = make(owner, size=7, name="seven", metadata={"a": "b"})
    assert (made["status"], made["size"], made["volume_type"], made["metadata"]) == (
        "creating",
        7,
        "rbd-1",
        {"a": "b"},
    )
    assert ids(listed(owner))[0] == made["id"]
    pass_time(model, 1.5)
    assert show(owner, made["id"])["status"] == "creating"
    pass_time(model, 2)
    assert show(owner, made["id"])["status"] == "available"
    owner.do("DELETE", f"{AT}/volumes/{made['id']}", status=202)
    assert show(owner, made["id"])["status"] == "deleting"
    pass_time(model, 3)
    owner.get(f"{AT}/volumes/{made['id']}", V, status=404)


def test_a_bootable_volume_from_an_image_takes_longer(owner: Client, model: Cloud) -> None:
    image = model.seed.uuid("image", "debian-12")
    made = make(owner, size=5, imageRef=image)
    pass_time(model, 3)
    found = show(owner, made["id"])
    assert (found["status"], found["bootable"]) == ("downloading", "true")
    assert found["volume_image_metadata"]["image_id"] == image
    pass_time(model, 10)
    assert show(owner, made["id"])["status"] == "available"


def test_without_schedulers_a_volume_stays_creating(cinder: Client, model: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        stop(model, host, "cinder_scheduler")
    made = make(cinder)
    pass_time(model, 300)
    assert show(cinder, made["id"])["status"] == "creating"
    start(model, "ctl02", "cinder_scheduler")
    pass_time(model, 20)
    pass_time(model, 5)
    assert show(cinder, made["id"])["status"] == "available"


def test_without_backends_a_volume_is_an_error(cinder: Client, model: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        stop(model, host, "cinder_volume")
    pass_time(model, 75)
    made = make(cinder)
    pass_time(model, 5)
    found = show(cinder, made["id"])
    assert (found["status"], found["os-vol-host-attr:host"]) == ("error", None)
    assert cinder.get(f"{AT}/scheduler-stats/get_pools", V)["pools"] == []


def test_a_deletion_waits_for_its_backend(cinder: Client, model: Cloud) -> None:
    volume = next(row for row in listed(cinder) if row["name"] == "scratch")  # it has no snapshots
    host = volume["os-vol-host-attr:host"].partition("@")[0]
    stop(model, host, "cinder_volume")
    cinder.do("DELETE", f"{AT}/volumes/{volume['id']}", status=202)
    pass_time(model, 100)
    assert show(cinder, volume["id"])["status"] == "deleting"
    start(model, host, "cinder_volume")
    pass_time(model, 5)
    cinder.get(f"{AT}/volumes/{volume['id']}", V, status=404)


def test_volumes_grow_but_do_not_shrink(cinder: Client, model: Cloud) -> None:
    volume = next(row for row in listed(cinder) if row["status"] == "in-use")
    act(cinder, volume["id"], "os-extend", {"new_size": volume["size"] + 5})
    assert show(cinder, volume["id"])["status"] == "extending"
    pass_time(model, 2)
    found = show(cinder, volume["id"])
    assert (found["status"], found["size"]) == ("in-use", volume["size"] + 5)
    words = act(cinder, volume["id"], "os-extend", {"new_size": 1}, 400)["badRequest"]["message"]
    assert words == (
        "Invalid input received: New size for extend must be greater than current size. "
        f"(current: {volume['size'] + 5}, extended: 1)."
    )
    assert act(cinder, volume["id"], "os-extend", {"new_size": "much"}, 400)["badRequest"]["code"] == 400


def test_nova_attaches_and_detaches(cinder: Client, model: Cloud) -> None:
    nova = Client(model, NOVA)
    volume = next(row["id"] for row in listed(cinder) if row["status"] == "available")
    server = next(one for one in model.compute.servers.on_host("cmp01") if one.vm_state == "active")
    at = f"/v2.1/servers/{server.id}/os-volume_attachments"
    nova.do("POST", at, {"volumeAttachment": {"volumeId": volume}}, "2.96")
    assert show(cinder, volume)["status"] == "attaching"
    pass_time(model, 3)
    found = show(cinder, volume)
    assert (found["status"], found["attachments"][0]["server_id"]) == ("in-use", server.id)
    attached = nova.get(f"/v2.1/servers/{server.id}", "2.96")["server"]["os-extended-volumes:volumes_attached"]
    assert volume in [one["id"] for one in attached]
    twice = nova.do("POST", at, {"volumeAttachment": {"volumeId": volume}}, "2.96", status=400)
    assert twice["badRequest"]["message"] == (
        f"Invalid volume: volume '{volume}' status must be 'available'. Currently in 'in-use'"
    )
    nova.do("DELETE", f"{at}/{volume}", version="2.96", status=202)
    assert show(cinder, volume)["status"] == "detaching"
    pass_time(model, 3)
    found = show(cinder, volume)
    assert (found["status"], found["attachments"]) == ("available", [])
    assert nova.do("DELETE", f"{at}/{volume}", version="2.96", status=404)


def test_a_deleted_server_frees_its_volume(cinder: Client, model: Cloud) -> None:
    row = next(row for row in listed(cinder) if row["attachments"])
    model.compute.servers.remove(row["attachments"][0]["server_id"])
    found = show(cinder, row["id"])
    assert (found["status"], found["attachments"]) == ("available", [])
    assert found["created_at"] == row["created_at"]


def test_an_operator_resets_and_frees_what_hangs(cinder: Client, owner: Client, model: Cloud) -> None:
    row = next(row for row in listed(owner) if row["status"] == "in-use")
    act(cinder, row["id"], "os-reset_status", {"status": "error"})
    assert show(cinder, row["id"])["status"] == "error"
    act(cinder, row["id"], "os-reset_status", {"status": "in-use"})
    assert show(cinder, row["id"])["status"] == "in-use"
    attachment = row["attachments"][0]
    given = {"attachment_id": attachment["attachment_id"]}
    refused = act(cinder, row["id"], "os-force_detach", given, 409)["conflictingRequest"]["message"]
    assert refused == f"Detach volume from instance {attachment['server_id']} using the Compute API"


def test_what_no_server_has_is_forced_free(cinder: Client, owner: Client, model: Cloud) -> None:
    row = make(owner)
    pass_time(model, 5)
    server = next(server for server in model.compute.servers.newest() if server.host)
    given = {"attachment": {"volume_uuid": row["id"], "instance_uuid": server.id}}
    owner.do("POST", "/v3/attachments", given, V)
    assert show(cinder, row["id"])["status"] == "reserved"
    act(cinder, row["id"], "os-reset_status", {"status": "detaching"})
    act(cinder, row["id"], "os-force_detach", {"connector": None})
    found = show(cinder, row["id"])
    assert (found["status"], found["attachments"]) == ("available", [])
    words = act(cinder, row["id"], "os-reset_status", {"status": "in-use"}, 400)["badRequest"]["message"]
    assert words == "Cannot reset-state to in-use because volume does not have any attachments."
    refused = act(owner, row["id"], "os-reset_status", {"status": "error"}, 403)["forbidden"]["message"]
    assert refused == "Policy doesn't allow volume_extension:volume_admin_actions:reset_status to be performed."


def test_deletion_is_refused_in_cinders_words(cinder: Client) -> None:
    row = next(row for row in listed(cinder) if row["status"] == "in-use")
    words = cinder.do("DELETE", f"{AT}/volumes/{row['id']}", status=400)["badRequest"]["message"]
    assert words == (
        "Invalid volume: Volume status must be available or error or error_restoring or error_extending or "
        "error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, "
        "or be disassociated from snapshots after volume transfer."
    )


def test_a_failed_deletion_can_be_forced(cinder: Client, model: Cloud) -> None:
    row = next(row for row in listed(cinder) if row["status"] == "error_deleting")
    cinder.do("DELETE", f"{AT}/volumes/{row['id']}", status=400)
    act(cinder, row["id"], "os-force_delete")
    pass_time(model, 3)
    cinder.get(f"{AT}/volumes/{row['id']}", V, status=404)


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({"size": 0}, 400, "Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1"),
        ({"size": "big"}, 400, "Invalid input for field/attribute size. Value: big. 'big' does not match '^[0-9]+$'"),
        ({"size": None}, 400, "Invalid input received: Invalid volume size provided for create request: None"),
        ({"volume_type": "gold"}, 404, "Volume type gold could not be found."),
        ({"availability_zone": "moon"}, 400, "Invalid input received: Availability zone 'moon' is invalid."),
        ({"snapshot_id": "nope"}, 404, "Snapshot nope could not be found."),
        ({"imageRef": "nope"}, 400, "Invalid image identifier or unable to access requested image."),
        ({"multiattach": True}, 400, "multiattach parameter has been removed."),
    ],
)
def test_odd_volumes_are_refused(cinder: Client, values: dict[str, object], status: int, words: str) -> None:
    found = make(cinder, status, **values)
    assert next(iter(found.values()))["message"].startswith(words)


def test_no_json_is_refused(cinder: Client) -> None:
    found = cinder.do("POST", f"{AT}/volumes", "dog", V, status=400)
    assert found == {"badRequest": {"code": 400, "message": "cannot understand JSON"}}
    found = cinder.do("POST", f"{AT}/volumes", {}, V, status=400)
    assert found["badRequest"]["message"].endswith("'volume' is a required property")


def test_quotas_end_what_may_be_made(cinder: Client, owner: Client, model: Cloud) -> None:
    project = model.tenants[2].project_id
    used = cinder.get(f"{AT}/os-quota-sets/{project}?usage=true", V)["quota_set"]
    assert used["volumes"]["in_use"] == len(listed(owner))
    copies = owner.get(f"{AT}/snapshots", V)["snapshots"]
    assert used["snapshots"]["in_use"] == len(copies) == 3
    assert used["gigabytes"]["in_use"] == sum(row["size"] for row in [*listed(owner), *copies])
    cinder.do("PUT", f"{AT}/os-quota-sets/{project}", {"quota_set": {"volumes": used["volumes"]["in_use"]}}, V)
    reply = owner.reply("POST", f"{AT}/volumes", {"volume": {"size": 1}})
    assert (reply.status, reply.headers["Retry-After"]) == (413, "0")
    found = make(owner, 413)["overLimit"]["message"]
    assert found == (f"Maximum number of volumes allowed ({used['volumes']['in_use']}) exceeded for quota 'volumes'.")
    cinder.do("PUT", f"{AT}/os-quota-sets/{project}", {"quota_set": {"volumes": -1, "gigabytes": 100}}, V)
    found = make(owner, 413, size=500)["overLimit"]["message"]
    assert found == (
        "Requested volume or snapshot exceeds allowed gigabytes quota. Requested 500G, quota is 100G and "
        f"{used['gigabytes']['in_use']}G has been consumed."
    )
    absolute = owner.get(f"{AT}/limits", V)["limits"]["absolute"]
    assert (absolute["maxTotalVolumes"], absolute["totalVolumesUsed"]) == (-1, used["volumes"]["in_use"])
    owner.do("PUT", f"{AT}/os-quota-sets/{project}", {"quota_set": {"volumes": 99}}, V, status=403)


def test_metadata(owner: Client, model: Cloud) -> None:
    made = make(owner, metadata={"a": "1"})["id"]
    at = f"{AT}/volumes/{made}/metadata"
    assert owner.do("POST", at, {"metadata": {"b": "2"}}, V)["metadata"] == {"a": "1", "b": "2"}
    assert owner.do("PUT", at, {"metadata": {"c": "3"}}, V)["metadata"] == {"c": "3"}
    owner.do("DELETE", f"{at}/c", version=V)
    words = owner.do("DELETE", f"{at}/c", version=V, status=404)["itemNotFound"]["message"]
    assert words == f"Volume {made} has no metadata with key c."


def test_a_migration_takes_time(cinder: Client, model: Cloud) -> None:
    row = next(row for row in listed(cinder) if row["status"] == "available")
    other = "ctl02@rbd-1#rbd-1"
    act(cinder, row["id"], "os-migrate_volume", {"host": other})
    assert show(cinder, row["id"])["migration_status"] == "migrating"
    pass_time(model, 6)
    found = show(cinder, row["id"])
    assert (found["migration_status"], found["os-vol-host-attr:host"]) == ("success", other)
    words = act(cinder, row["id"], "os-migrate_volume", {"host": "ctl09@x#x"}, 400)["badRequest"]["message"]
    assert words == "Invalid host: No available service named 'ctl09@x#x'"


def test_an_unknown_action_is_refused(cinder: Client) -> None:
    row = listed(cinder)[0]
    words = act(cinder, row["id"], "os-paint", {}, 400)["badRequest"]["message"]
    assert words == "There is no such action: os-paint"


def retyped(client: Client, model: Cloud, policy: str, back_end: str) -> tuple[str, str]:
    """(status, type) of a new volume once it was to become a type of that back-end; it is `retyping` first."""
    volume = make(client)["id"]
    pass_time(model, 4)
    specs = {"volume_backend_name": back_end} if back_end else {}
    client.do("POST", f"{AT}/types", {"volume_type": {"name": "wanted", "extra_specs": specs}}, V)
    act(client, volume, "os-retype", {"new_type": "wanted", "migration_policy": policy})
    assert (show(client, volume)["status"], show(client, volume)["volume_type"]) == ("retyping", "rbd-1")
    pass_time(model, 10)
    found = show(client, volume)
    return found["status"], found["volume_type"]


@pytest.mark.parametrize(
    ("policy", "back_end", "becomes"),
    [
        ("never", "", "wanted"),
        ("never", "rbd-1", "wanted"),
        ("on-demand", "rbd-1", "wanted"),
        ("never", "nowhere", "rbd-1"),
        ("on-demand", "nowhere", "rbd-1"),
    ],
)
def test_a_type_that_no_back_end_can_be_is_accepted_and_not_given(
    cinder: Client, model: Cloud, policy: str, back_end: str, becomes: str
) -> None:
    assert retyped(cinder, model, policy, back_end) == ("available", becomes)
