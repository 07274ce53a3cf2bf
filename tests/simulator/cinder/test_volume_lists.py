"""Volumes in lists: pages, filters, links, microversions, who sees what."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from runbooks.simulator.http.cinder import API
from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud
from tests.simulator.cinder.helpers import AT, V


def listed(client: Client, query: str = "all_tenants=1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{AT}/volumes/detail?{query}", V)["volumes"]
    return found


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def test_volumes_are_listed_newest_first(cinder: Client) -> None:
    born = [row["created_at"] for row in listed(cinder)]
    assert born == sorted(born, reverse=True)
    assert len(born) == 14


def test_servers_and_volumes_tell_the_same(cinder: Client, model: Cloud) -> None:
    nova = Client(model, NOVA)
    servers = nova.get("/v2.1/servers/detail?all_tenants=1", "2.96")["servers"]
    there = {(server["id"], one["id"]) for server in servers for one in server["os-extended-volumes:volumes_attached"]}
    here = {(one["server_id"], row["id"]) for row in listed(cinder) for one in row["attachments"]}
    assert here == there
    assert {row["status"] for row in listed(cinder) if row["attachments"]} == {"in-use"}
    for row in listed(cinder):
        for one in row["attachments"]:
            told = nova.get(f"/v2.1/servers/{one['server_id']}/os-volume_attachments", "2.96")["volumeAttachments"]
            assert (one["attachment_id"], one["device"]) in [(each["attachment_id"], each["device"]) for each in told]


@pytest.mark.parametrize("limit", [1, 3, 14])
def test_pages_together_are_the_whole_list(cinder: Client, limit: int) -> None:
    whole = ids(listed(cinder))
    found: list[str] = []
    path = f"{AT}/volumes/detail?all_tenants=1&limit={limit}"
    for _ in range(20):
        page = cinder.get(path, V)
        found += ids(page["volumes"])
        if "volumes_links" not in page:
            break
        parts = urlsplit(page["volumes_links"][0]["href"])
        assert parts.netloc == f"{cinder.cloud.layout.vip}:8776"
        path = f"{parts.path}?{parts.query}"
    assert found == whole


def test_links_name_the_project_where_the_request_did(cinder: Client, model: Cloud) -> None:
    project = next(one.id for one in model.identity.projects.values() if one.name == "admin")
    page = cinder.get(f"{AT}/{project}/volumes?all_tenants=1&limit=1", V)
    assert f"/v3/{project}/volumes?" in page["volumes_links"][0]["href"]
    assert page["volumes"][0]["links"][0]["href"].endswith(f"/v3/{project}/volumes/{page['volumes'][0]['id']}")
    plain = cinder.get(f"{AT}/volumes?all_tenants=1&limit=1", V)
    assert "/v3/volumes?" in plain["volumes_links"][0]["href"]


def test_a_path_of_another_project_is_refused(cinder: Client, model: Cloud) -> None:
    found = cinder.get(f"{AT}/{model.tenants[0].project_id}/volumes", V, status=400)
    assert found["badRequest"]["message"] == "Malformed request url"


def test_at_most_a_thousand_are_sent_at_once() -> None:
    model = cloud(computes=100, servers=6000)
    client = Client(model, API)
    first = client.get(f"{AT}/volumes?all_tenants=1", V)
    assert len(first["volumes"]) == 1000
    assert first["volumes_links"][0]["rel"] == "next"
    last = first["volumes"][-1]["id"]
    second = client.get(f"{AT}/volumes?all_tenants=1&marker={last}", V)
    assert len(second["volumes"]) == 504
    assert "volumes_links" not in second
    assert not set(ids(first["volumes"])) & set(ids(second["volumes"]))


def test_filters_and_sorting(cinder: Client, model: Cloud) -> None:
    every = listed(cinder)
    for query, fits in (
        ("status=in-use", lambda row: row["status"] == "in-use"),
        ("status=error", lambda row: row["status"] == "error"),
        ("name=archive", lambda row: row["name"] == "archive"),
        ("name~=data", lambda row: "data" in row["name"]),
        (
            f"project_id={model.tenants[0].project_id}",
            lambda row: row["os-vol-tenant-attr:tenant_id"] == model.tenants[0].project_id,
        ),
        ("host=ctl01@rbd-1%23rbd-1", lambda row: row["os-vol-host-attr:host"] == "ctl01@rbd-1#rbd-1"),
        ("bootable=false", lambda row: row["bootable"] == "false"),
        ("colour=red", lambda row: False),
    ):
        assert ids(listed(cinder, f"all_tenants=1&{query}")) == [row["id"] for row in every if fits(row)], query
    sizes = [row["size"] for row in listed(cinder, "all_tenants=1&sort=size:asc,name:desc")]
    assert sizes == sorted(sizes)
    by_name = listed(cinder, "all_tenants=1&sort_key=name&sort_dir=asc")
    second = listed(cinder, f"all_tenants=1&sort_key=name&sort_dir=asc&limit=2&marker={by_name[1]['id']}")
    assert ids(second) == ids(by_name)[2:4]
    counted = cinder.get(f"{AT}/volumes/detail?all_tenants=1&limit=2&with_count=true", V)
    assert (len(counted["volumes"]), counted["count"]) == (2, 14)
    summary = cinder.get(f"{AT}/volumes/summary?all_tenants=1", V)["volume-summary"]
    assert (summary["total_count"], summary["total_size"]) == (14, sum(row["size"] for row in every))


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("limit=x", 400, "limit param must be an integer"),
        ("limit=-1", 400, "limit param must be positive"),
        ("offset=-1", 400, "Invalid input received: offset must be >= 0"),
        ("marker=nope", 404, "Volume nope could not be found."),
        ("sort=size&sort_key=size", 400, "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used"),
        ("sort=colour:asc", 400, "Invalid input received: Sort key supplied is invalid: colour"),
    ],
)
def test_odd_queries_are_refused(cinder: Client, query: str, status: int, words: str) -> None:
    found = cinder.get(f"{AT}/volumes?{query}", V, status=status)
    kind = "itemNotFound" if status == 404 else "badRequest"
    assert found[kind]["code"] == status
    assert found[kind]["message"].startswith(words)


def test_tenants_see_their_own(owner: Client, model: Cloud) -> None:
    rows = listed(owner)
    assert {row["os-vol-tenant-attr:tenant_id"] for row in rows} == {model.tenants[2].project_id}
    assert "os-vol-host-attr:host" not in rows[0]
    other = next(model.storage.volumes.of_project(model.tenants[0].project_id)).id
    words = owner.get(f"{AT}/volumes/{other}", V, status=404)["itemNotFound"]["message"]
    assert words == f"Volume {other} could not be found."
    words = owner.get(f"{AT}/os-services", V, status=403)["forbidden"]["message"]
    assert words == "Policy doesn't allow volume_extension:services:index to be performed."


@pytest.mark.parametrize(
    ("version", "there", "absent"),
    [
        ("3.0", "multiattach", "group_id"),
        ("3.13", "group_id", "provider_id"),
        ("3.48", "service_uuid", "cluster_name"),
        ("3.61", "cluster_name", "volume_type_id"),
        ("3.63", "volume_type_id", "consumes_quota"),
        ("3.65", "consumes_quota", "nothing"),
    ],
)
def test_newer_microversions_show_more(cinder: Client, version: str, there: str, absent: str) -> None:
    row = cinder.get(f"{AT}/volumes/detail?all_tenants=1&limit=1", version)["volumes"][0]
    assert there in row
    assert absent not in row


def test_a_microversion_that_is_too_new_is_refused(cinder: Client) -> None:
    found = cinder.get(f"{AT}/volumes", "3.999", status=406)
    words = "Version 3.999 is not supported by the API. Minimum is 3.0 and maximum is 3.71."
    assert found["computeFault"]["message"] == words
    reply = cinder.reply("GET", f"{AT}/volumes", OpenStack_API_Version="volume latest")
    assert reply.headers["OpenStack-API-Version"] == "volume 3.71"
