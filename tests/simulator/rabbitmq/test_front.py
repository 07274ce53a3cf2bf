"""The management API over a socket: passwords, headers, methods, and a node that blocks while a peer is silent."""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from runbooks.simulator.clock import Clock
from runbooks.simulator.http.rabbitmq import listeners
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.listen import Listeners
from runbooks.simulator.model.cloud import Cloud, build
from tests.simulator.rabbitmq.calls import words


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    model = build(Layout(net=200 + os.getpid() % 50), Seed(1), Clock())
    open_ports = Listeners(listeners(model))
    model.changed.append(open_ports.changed)
    await open_ports.follow()
    yield model
    open_ports.close()


@pytest.fixture
async def http(cloud: Cloud) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def url(cloud: Cloud, path: str, host: str = "ctl01") -> str:
    return f"http://{cloud.hosts[host].machine.address}:15672/{path}"


def login(user: str, password: str) -> dict[str, str]:
    """The header of HTTP's basic authentication."""
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def basic(cloud: Cloud) -> dict[str, str]:
    return login("openstack", cloud.secrets.rabbitmq_admin)


def real(method: str, path: str, user: str | None = "guest") -> dict[str, Any]:
    return next(e for e in words() if (e["method"], e["path"], e["user"]) == (method, path, user))


async def said(response: aiohttp.ClientResponse) -> tuple[int, str, dict[str, str]]:
    """Status, body, headers that are not of the moment."""
    moment = ("date", "content-length")
    headers = {k.lower(): v for k, v in response.headers.items() if k.lower() not in moment}
    return response.status, await response.text(), headers


def expected(entry: dict[str, Any]) -> tuple[int, str, dict[str, str]]:
    return entry["status"], entry["body"], entry["headers"]


async def test_no_password(cloud: Cloud, http: aiohttp.ClientSession) -> None:
    async with http.get(url(cloud, "api/overview")) as found:
        status, body, headers = await said(found)
    headers.pop("content-type", None)
    assert (status, body, headers) == expected(real("GET", "/overview", None))


async def test_wrong_password(cloud: Cloud, http: aiohttp.ClientSession) -> None:
    for user in ("openstack", "nobody"):
        async with http.get(url(cloud, "api/overview"), headers=login(user, "wrong")) as found:
            assert await said(found) == expected(real("GET", "/overview"))


@pytest.mark.parametrize("path", ["/whoami", "/nosuch", "/queues/%2F/nosuch", "/health/checks/nosuch", "/cluster-name"])
async def test_headers_as_recorded(cloud: Cloud, http: aiohttp.ClientSession, path: str) -> None:
    entry = real("GET", path)
    from yarl import URL

    async with http.get(URL(url(cloud, f"api{path}"), encoded=True), headers=basic(cloud)) as found:
        status, _, headers = await said(found)
        assert (status, headers) == (entry["status"], entry["headers"])


async def test_wrong_method(cloud: Cloud, http: aiohttp.ClientSession) -> None:
    entry = real("DELETE", "/queues")
    async with http.delete(url(cloud, "api/queues"), headers=basic(cloud)) as found:
        status, _, headers = await said(found)
        assert (status, headers["allow"]) == (entry["status"], entry["headers"]["allow"])


async def test_names_with_slashes_and_escapes(cloud: Cloud, http: aiohttp.ClientSession) -> None:
    from yarl import URL

    path = URL(url(cloud, "api/queues/%2F/cinder-volume.ctl01%40rbd-1"), encoded=True)
    async with http.get(path, headers=basic(cloud)) as found:
        assert (await found.json())["name"] == "cinder-volume.ctl01@rbd-1"


async def test_changes_are_noted_without_secrets(cloud: Cloud, http: aiohttp.ClientSession) -> None:
    from yarl import URL

    path = URL(url(cloud, "api/queues/%2F/q-plugin/contents"), encoded=True)
    async with http.delete(path, headers=basic(cloud)) as found:
        assert found.status == 204
    [write] = cloud.writes
    assert (write.system, write.by, write.status) == ("rabbitmq", "openstack@ctl01", "204")
    assert write.what == "DELETE /api/queues/%2F/q-plugin/contents"


async def test_the_page_of_the_console(cloud: Cloud, http: aiohttp.ClientSession) -> None:
    async with http.get(url(cloud, "")) as found:
        assert found.content_type == "text/html"


async def test_a_healthy_node_blocks_until_the_silent_peer_is_given_up(
    cloud: Cloud, http: aiohttp.ClientSession
) -> None:
    cloud.hosts.set_unit("ctl03", "rabbitmq", "hung", cloud.now())
    cloud.settle()
    waiting = asyncio.create_task(_nodes(cloud, http))
    done, _ = await asyncio.wait([waiting], timeout=0.5)
    assert not done
    async with http.get(url(cloud, "api/whoami"), headers=basic(cloud)) as found:
        assert found.status == 200
    cloud.clock.advance(19)
    assert [node["running"] for node in await asyncio.wait_for(waiting, 5)] == [True, True, False]


async def _nodes(cloud: Cloud, http: aiohttp.ClientSession) -> Any:
    async with http.get(url(cloud, "api/nodes"), headers=basic(cloud)) as found:
        return await found.json()


async def test_a_frozen_node_accepts_and_stays_mute(cloud: Cloud, http: aiohttp.ClientSession) -> None:
    cloud.hosts.set_unit("ctl01", "rabbitmq", "hung", cloud.now())
    cloud.settle()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_nodes(cloud, http), 0.5)


async def test_a_dead_node_refuses(cloud: Cloud, http: aiohttp.ClientSession) -> None:
    cloud.hosts.set_unit("ctl01", "rabbitmq", "failed", cloud.now())
    cloud.settle()
    await asyncio.sleep(0.05)
    with pytest.raises(aiohttp.ClientConnectorError):
        await _nodes(cloud, http)


async def test_who_wants_json_cannot_purge(cloud: Cloud, http: aiohttp.ClientSession) -> None:
    """406, as of a real 3.10.8: the answer to purging has no JSON."""
    contents = url(cloud, "api/queues/%2F/notifications.info/contents")
    async with http.delete(contents, headers=basic(cloud) | {"Accept": "application/json"}) as found:
        assert found.status == 406
    async with http.delete(contents, headers=basic(cloud) | {"Accept": "*/*"}) as found:
        assert found.status == 204
