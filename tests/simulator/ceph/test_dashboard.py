"""The dashboard over real sockets: tokens and how long they live, versions, rights, a standby, its documents."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from runbooks.simulator.clock import Clock
from runbooks.simulator.faults import Faults
from runbooks.simulator.http.ceph import listeners
from runbooks.simulator.http.ceph.tokens import LIFETIME
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.listen import Listeners
from runbooks.simulator.model.cloud import Cloud, build
from tests.simulator.calls import Hand
from tests.simulator.ceph.calls import differences, recorded

V1 = "application/vnd.ceph.api.v1.0+json"
V2 = "application/vnd.ceph.api.v2.0+json"
MOMENT = {"date", "content-length", "set-cookie", "content-language", "cache-control", "connection"}


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    model = build(Layout(net=200 + os.getpid() % 50), Seed(1), Clock(Hand()))
    open_ports = Listeners(listeners(model))
    model.changed.append(open_ports.changed)
    await open_ports.follow()
    yield model
    await open_ports.settled()
    open_ports.close()


class Client:
    """Asks one dashboard; verifies its certificate as a real client does."""

    def __init__(self, cloud: Cloud, session: aiohttp.ClientSession) -> None:
        self.cloud = cloud
        self.session = session
        self.token = ""

    async def ask(
        self, method: str, path: str, host: str = "ceph01", body: object = None, accept: str = V1, **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        given = {"Accept": accept, "Authorization": f"Bearer {self.token}"} | headers
        url = f"https://{self.cloud.hosts[host].machine.address}:8443{path}"
        async with self.session.request(
            method, url, json=body, headers={k: v for k, v in given.items() if v}, allow_redirects=False
        ) as reply:
            text = await reply.text()
            found = await reply.json(content_type=None) if text.startswith(("{", "[")) else text
            return reply.status, {key.lower(): value for key, value in reply.headers.items()}, found

    async def sign_in(self, user: str = "viewer", host: str = "ceph01") -> Any:
        password = {"viewer": self.cloud.secrets.ceph_viewer, "operator": self.cloud.secrets.ceph_operator}[user]
        status, _, body = await self.ask("POST", "/api/auth", host, {"username": user, "password": password})
        assert status == 201
        self.token = body["token"]
        return body

    async def get(self, path: str, host: str = "ceph01", accept: str = V1) -> Any:
        status, _, body = await self.ask("GET", path, host, accept=accept)
        assert status == 200, body
        return body


@pytest.fixture
async def client(cloud: Cloud) -> AsyncIterator[Client]:
    context = ssl.create_default_context(cadata=cloud.secrets.authority.pem)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        yield Client(cloud, session)


async def settle(cloud: Cloud) -> None:
    """Let what was changed reach the sockets."""
    cloud.catch_up()
    await asyncio.sleep(0)
    await asyncio.sleep(0)


DOCUMENTS = {
    "summary.json": "/api/summary",
    "health_minimal.json": "/api/health/minimal",
    "health_full.json": "/api/health/full",
    "osd.json": "/api/osd",
    "osd_0.json": "/api/osd/0",
    "osd_flags.json": "/api/osd/flags",
    "osd_safe_to_destroy_ids_0.json": "/api/osd/safe_to_destroy?ids=0",
    "pool.json": "/api/pool",
    "monitor.json": "/api/monitor",
    "host.json": "/api/host",
    "block_image.json": "/api/block/image",
    "mgr_module.json": "/api/mgr/module",
    "logs_all.json": "/api/logs/all",
    "task.json": "/api/task",
}


async def test_documents_have_the_recorded_shape(client: Client) -> None:
    await client.sign_in("operator")
    for name, path in DOCUMENTS.items():
        real = recorded(f"dashboard/{name}")
        ours = await client.get(path, accept=V2 if "image" in name else V1)
        assert differences(real["body"], ours, order=False) == [], name
    for name in ("ok-user", "ok-crush_rule"):
        real = recorded("dashboard/answers.json")[name]
        assert differences(real["body"], await client.get(real["request"].partition(" ")[2]), order=False) == []


REFUSALS: dict[str, tuple[str, str, str, object]] = {
    "auth-415": ("POST", "/api/auth", "", {"username": "viewer", "password": "x"}),
    "auth-wrong": ("POST", "/api/auth", V1, {"username": "viewer", "password": "x"}),
    "bad-token": ("GET", "/api/summary", V1, None),
    "no-accept": ("GET", "/api/summary", "*/*", None),
    "v2": ("GET", "/api/summary", V2, None),
    "v01": ("GET", "/api/summary", "application/vnd.ceph.api.v0.1+json", None),
    "image-v1": ("GET", "/api/block/image", V1, None),
    "notfound": ("GET", "/api/nothing", V1, None),
    "pg": ("GET", "/api/pg", V1, None),
    "osd99": ("GET", "/api/osd/99", V1, None),
    "osdx": ("GET", "/api/osd/x", V1, None),
    "flags-write": ("PUT", "/api/osd/flags", V1, {"flags": []}),
    "ok-mgr_module": ("GET", "/api/mgr/module", V1, None),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_refusals_are_the_recorded_ones(client: Client, name: str) -> None:
    method, path, accept, body = REFUSALS[name]
    real = recorded("dashboard/answers.json")[name]
    await client.sign_in()
    if name == "bad-token":
        client.token = "x.y.z"
    status, headers, ours = await client.ask(method, path, body=body, accept=accept or "*/*")
    assert status == real["status"]
    assert set(ours) == set(real["body"])
    assert {k: v for k, v in ours.items() if k != "request_id"} == {
        k: v for k, v in real["body"].items() if k != "request_id"
    }
    told = {key.lower(): value for key, value in real["headers"].items() if key.lower() not in MOMENT}
    assert {key: headers[key] for key in told} == told


async def test_a_sign_in_is_answered_as_recorded(client: Client) -> None:
    real = recorded("dashboard/answers.json")["auth"]
    ours = await client.sign_in()
    assert {**ours, "token": "REDACTED"} == real["body"]
    assert len(ours["token"].split(".")) == 3
    assert set((await client.sign_in("operator"))["permissions"]) == set(
        recorded("dashboard/auth.json")["body"]["permissions"]
    )
    _, headers, _ = await client.ask("GET", "/api/host")
    assert headers["content-type"] == recorded("dashboard/answers.json")["ok-host"]["headers"]["Content-Type"]


async def test_a_token_ends_after_eight_hours_and_a_new_sign_in_helps(client: Client, cloud: Cloud) -> None:
    await client.sign_in()
    cloud.clock.advance(LIFETIME - 1)
    assert (await client.ask("GET", "/api/summary"))[0] == 200
    cloud.clock.advance(2)
    assert (await client.ask("GET", "/api/summary"))[0] == 401
    await client.sign_in()
    assert (await client.ask("GET", "/api/summary"))[0] == 200
    old = client.token
    assert (await client.ask("POST", "/api/auth/logout"))[0] == 200
    client.token = old
    assert (await client.ask("GET", "/api/summary"))[0] == 401


async def test_no_token_and_a_foreign_one_are_refused(client: Client, cloud: Cloud) -> None:
    assert (await client.ask("GET", "/api/summary"))[0] == 401
    await client.sign_in()
    head, body, signature = client.token.split(".")
    client.token = f"{head}.{body}.{signature[::-1]}"
    assert (await client.ask("GET", "/api/summary"))[0] == 401


async def test_a_standby_sends_to_the_active_one(client: Client, cloud: Cloud) -> None:
    real = recorded("dashboard/answers.json")["standby"]
    for method, path in (("GET", "/api/summary"), ("POST", "/api/auth"), ("GET", "/")):
        status, headers, text = await client.ask(method, path, "ceph02")
        assert status == real["status"]
        url = f"https://{cloud.hosts['ceph01'].machine.address}:8443/"
        assert headers["location"] == url
        assert text == real["body"].replace("https://10.78.0.41:8443/", url)
        assert headers["content-type"].replace(" ", "") == real["headers"]["Content-Type"]


async def test_a_failover_keeps_tokens_and_moves_the_service(client: Client, cloud: Cloud) -> None:
    await client.sign_in()
    cloud.ceph.managers.fail("ceph01", cloud.now())
    cloud.settle()
    await settle(cloud)
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.ask("GET", "/api/summary", "ceph02")  # it loads its modules
    cloud.clock.advance(5)
    await settle(cloud)
    assert (await client.get("/api/summary", "ceph02"))["mgr_id"] == "ceph02"
    assert (await client.ask("GET", "/api/summary", "ceph01"))[0] == 303


async def test_a_dead_manager_refuses_until_it_runs_again(client: Client, cloud: Cloud) -> None:
    await client.sign_in()
    faults = Faults(cloud)
    fault = faults.inject("ceph-mgr-down", {})
    await settle(cloud)
    for host in ("ceph01", "ceph02"):
        with pytest.raises(aiohttp.ClientError):
            await client.ask("GET", "/api/summary", host)
    cloud.clock.advance(40)
    await settle(cloud)
    faults.undo(fault.id)
    cloud.clock.advance(10)
    await settle(cloud)
    await client.get("/api/summary")


async def test_without_quorum_nobody_signs_in_and_the_rest_is_of_before(client: Client, cloud: Cloud) -> None:
    await client.sign_in()
    faults = Faults(cloud)
    fault = faults.inject("ceph-quorum-lost", {})
    cloud.clock.advance(15)
    await settle(cloud)
    body = await client.get("/api/health/minimal")
    assert body["health"]["status"] == "HEALTH_OK"
    assert (await client.get("/api/summary"))["have_mon_connection"] is False
    waiting = [asyncio.create_task(client.sign_in()), asyncio.create_task(client.get("/api/monitor"))]
    done, _ = await asyncio.wait(waiting, timeout=0.3)
    assert not done
    faults.undo(fault.id)
    cloud.clock.advance(5)
    await settle(cloud)
    await asyncio.wait_for(asyncio.gather(*waiting), 5)


async def test_health_shows_faults_as_a_list(client: Client, cloud: Cloud) -> None:
    await client.sign_in()
    Faults(cloud).inject("ceph-osd-down", {"host": "ceph02"})
    cloud.clock.advance(10)
    found = (await client.get("/api/health/full"))["health"]
    assert [(each["type"], each["severity"]) for each in found["checks"]] == [
        ("OSD_DOWN", "HEALTH_WARN"),
        ("PG_DEGRADED", "HEALTH_WARN"),
    ]
    assert found["checks"][0]["detail"] == [{"message": "osd.3 (root=default,host=ceph02) is down"}]
    rows = await client.get("/api/osd")
    assert [row["tree"]["status"] for row in rows].count("down") == 1
    assert rows[3]["stats"]["op_w"] == 0.0
    log = (await client.get("/api/logs/all"))["clog"]
    assert any("Health check failed: 1 osds down (OSD_DOWN)" in line["message"] for line in log)


async def test_an_expired_certificate_is_refused_by_who_looks(cloud: Cloud) -> None:
    faults = Faults(cloud)
    fault = faults.inject("certificate-expired", {})
    context = ssl.create_default_context(cadata=cloud.secrets.authority.pem)
    url = f"https://{cloud.hosts['ceph01'].machine.address}:8443/"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as stranger:
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match="certificate has expired"):
            await stranger.get(url)
        faults.undo(fault.id)
        async with stranger.get(url) as reply:
            assert reply.status == 200


async def test_images_belong_to_the_services(client: Client, cloud: Cloud) -> None:
    await client.sign_in()
    found = {each["pool_name"]: each["value"] for each in await client.get("/api/block/image", accept=V2)}
    assert {image["name"] for image in found["images"]} == {
        image.id for image in cloud.images.by_id.values() if image.size is not None
    }
    volumes = {f"volume-{volume.id}" for volume in cloud.storage.volumes.newest() if volume.host}
    lost = {image["name"] for image in found["volumes"]} - volumes
    assert len(lost) == 1
    disks = {f"{server.id}_disk" for server in cloud.compute.servers.newest()}
    assert len({image["name"] for image in found["vms"]} - disks) == 1
    assert volumes <= {image["name"] for image in found["volumes"]}
    parent = next(image["parent"] for image in found["vms"] if image["parent"])
    assert parent["pool_name"] == "images"
    assert parent["image_name"] in {image["name"] for image in found["images"]}
