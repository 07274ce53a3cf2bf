"""The APIs over sockets: HAProxy's part; dead, frozen and unreachable controllers; injected faults."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from runbooks.simulator.clock import Clock
from runbooks.simulator.http.front import fronts
from runbooks.simulator.http.keystone import API as KEYSTONE
from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.listen import Listeners
from runbooks.simulator.model.cloud import Cloud, build
from tests.simulator.calls import token

NET = 251
VIP, INTERNAL, CTL01, CTL02 = (f"http://127.77.{NET}.{host}" for host in (10, 9, 11, 12))


@pytest.fixture
async def model() -> AsyncIterator[Cloud]:
    """A cloud whose Keystone and Nova listen."""
    cloud = build(Layout(NET), Seed(2), Clock())
    listeners = Listeners([*fronts(cloud, KEYSTONE), *fronts(cloud, NOVA)])
    cloud.changed.append(listeners.changed)
    await listeners.follow()
    yield cloud
    await listeners.settled()
    listeners.close()


async def get(url: str, seconds: float = 1.0, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Status, body, headers; raises what aiohttp raises."""
    limit = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(timeout=limit) as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text(), dict(answer.headers)


async def change(model: Cloud, host: str, unit: str, state: str) -> None:
    model.hosts.set_unit(host, unit, state, model.now())  # type: ignore[arg-type]
    model.settle()
    await asyncio.sleep(0.05)


async def test_every_address_answers(model: Cloud) -> None:
    for base in (VIP, INTERNAL, CTL01, CTL02):
        status, body, headers = await get(base + ":8774/")
        assert status == 200
        assert f"{base}:8774/v2.1/" in body
        assert headers["Content-Type"] == "application/json"


async def test_the_date_is_the_clouds(model: Cloud) -> None:
    model.clock.advance(10 * 86400)
    _, _, headers = await get(VIP + ":5000/v3")
    expected = time.strftime("%a, %d %b %Y", time.gmtime(model.now()))
    assert headers["Date"].startswith(expected)


async def test_a_dead_backend_refuses_and_haproxy_takes_another(model: Cloud) -> None:
    await change(model, "ctl01", "nova_api", "failed")
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(CTL01 + ":8774/")
    assert (await get(VIP + ":8774/"))[0] == 200
    assert (await get(CTL01 + ":5000/v3"))[0] == 200
    await change(model, "ctl01", "nova_api", "running")
    assert (await get(CTL01 + ":8774/"))[0] == 200


async def test_without_backends_haproxy_answers_503(model: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        await change(model, host, "nova_api", "stopped")
    status, body, headers = await get(VIP + ":8774/")
    assert status == 503
    assert "No server is available to handle this request." in body
    assert headers["Content-Type"].startswith("text/html")


async def test_without_haproxy_the_virtual_address_refuses(model: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        await change(model, host, "haproxy", "stopped")
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(VIP + ":8774/")
    assert (await get(CTL02 + ":8774/"))[0] == 200


async def test_a_frozen_backend_accepts_and_stays_mute_until_it_thaws(model: Cloud) -> None:
    await change(model, "ctl01", "nova_api", "hung")
    waiting = asyncio.create_task(get(CTL01 + ":8774/", seconds=5))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await change(model, "ctl01", "nova_api", "running")
    assert (await waiting)[0] == 200


async def test_a_frozen_backend_is_not_chosen(model: Cloud) -> None:
    await change(model, "ctl01", "nova_api", "hung")
    assert (await get(VIP + ":8774/"))[0] == 200


async def test_a_host_without_power_gives_no_answer_at_all(model: Cloud) -> None:
    model.hosts.power_off("ctl01", model.now())
    model.settle()
    await asyncio.sleep(0.05)
    with pytest.raises(TimeoutError):
        await get(CTL01 + ":8774/", seconds=0.7)
    model.hosts.boot("ctl01", model.now(), "another")
    model.settle()
    await asyncio.sleep(0.05)
    assert (await get(CTL01 + ":8774/", seconds=3))[0] == 200


async def test_open_connections_die_with_the_process(model: Cloud) -> None:
    reader, writer = await asyncio.open_connection(f"127.77.{NET}.11", 8774)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.read(12)).startswith(b"HTTP/1.1 200")
    await change(model, "ctl01", "nova_api", "failed")
    await asyncio.wait_for(reader.read(), 1.0)  # the rest, then the end
    assert reader.at_eof()
    writer.close()


def break_api(model: Cloud, service: str, interface: str, mode: str) -> None:
    model.api_faults[service, interface] = mode
    model.settle()


async def test_refuse_closes_one_interface(model: Cloud) -> None:
    break_api(model, "nova", "public", "refuse")
    await asyncio.sleep(0.05)
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(VIP + ":8774/")
    assert (await get(INTERNAL + ":8774/"))[0] == 200
    model.api_faults.clear()
    model.settle()
    await asyncio.sleep(0.05)
    assert (await get(VIP + ":8774/"))[0] == 200


async def test_500_comes_after_the_token_check(model: Cloud) -> None:
    break_api(model, "nova", "*", "500")
    assert (await get(VIP + ":8774/v2.1/servers"))[0] == 401
    status, body, _ = await get(VIP + ":8774/v2.1/servers", 1.0, **{"X-Auth-Token": token(model)})
    assert status == 500
    assert "Unexpected API Error" in body


async def test_hang_says_nothing(model: Cloud) -> None:
    break_api(model, "nova", "*", "hang")
    with pytest.raises(TimeoutError):
        await get(VIP + ":8774/", seconds=0.5)
    assert (await get(VIP + ":5000/v3"))[0] == 200


async def test_hang_ends_when_it_is_taken_back(model: Cloud) -> None:
    break_api(model, "nova", "*", "hang")
    waiting = asyncio.create_task(get(VIP + ":8774/", seconds=5))
    await asyncio.sleep(0.2)
    model.api_faults.clear()
    assert (await waiting)[0] == 200


async def test_drip_begins_and_does_not_end(model: Cloud) -> None:
    break_api(model, "nova", "*", "drip")
    limit = aiohttp.ClientTimeout(total=1.5)
    async with aiohttp.ClientSession(timeout=limit) as session:
        answer = await session.get(VIP + ":8774/")
        assert answer.status == 200
        assert int(answer.headers["Content-Length"]) > 100
        with pytest.raises(TimeoutError):
            await answer.read()


async def test_reset_resets(model: Cloud) -> None:
    break_api(model, "nova", "*", "reset")
    with pytest.raises(aiohttp.ClientOSError):
        await get(VIP + ":8774/")


async def test_a_head_request_has_no_body(model: Cloud) -> None:
    async with aiohttp.ClientSession() as session, session.head(VIP + ":8774/") as answer:
        assert answer.status == 200
        assert await answer.read() == b""


async def test_a_body_that_is_no_json_is_refused(model: Cloud) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(VIP + ":5000/v3/auth/tokens", data=b"\xff{") as answer:
            assert answer.status == 400
        async with session.post(VIP + ":5000/v3/auth/tokens", data=b"[]") as answer:
            assert answer.status == 400


async def test_garbage_does_not_hurt(model: Cloud) -> None:
    reader, writer = await asyncio.open_connection(f"127.77.{NET}.10", 8774)
    writer.write(b"\x00\x01\x02\r\n\r\n")
    assert (await reader.read(12)).startswith(b"HTTP/1.")
    writer.close()
    assert (await get(VIP + ":8774/"))[0] == 200


async def test_a_body_without_end_is_cut_off(model: Cloud) -> None:
    async def flood() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield bytes(1 << 20)

    async with aiohttp.ClientSession() as session:
        try:
            async with session.post(VIP + ":5000/v3/auth/tokens", data=flood()) as answer:
                assert answer.status == 413
        except aiohttp.ClientOSError:
            pass  # the connection was closed before all was sent
    assert (await get(VIP + ":5000/v3"))[0] == 200
