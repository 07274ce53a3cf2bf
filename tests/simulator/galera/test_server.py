"""A member's port while it hangs, while it is full, and while it is gone: seen by pymysql over a socket."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pymysql
import pytest

from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.listen import Listeners
from runbooks.simulator.model.cloud import Cloud, build
from runbooks.simulator.model.hosts import UnitState
from runbooks.simulator.mysql.server import listeners


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    model = build(Layout(net=200 + os.getpid() % 50), Seed(1), Clock())
    open_ports = Listeners(listeners(model))
    model.changed.append(open_ports.changed)
    await open_ports.follow()
    yield model
    open_ports.close()


def connect(cloud: Cloud, user: str = "monitor", member: str = "ctl01", patience: float = 1.0) -> Any:
    password = cloud.secrets.galera_root if user == "root" else cloud.secrets.galera_monitor
    address = cloud.hosts[member].machine.address
    return pymysql.connect(host=address, user=user, password=password, connect_timeout=5, read_timeout=patience)


def query(connection: Any, sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


async def away(call: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    """Run a blocking client beside the event loop that serves it."""
    return await asyncio.to_thread(call, *arguments, **more)


async def unit(cloud: Cloud, host: str, state: UnitState) -> None:
    cloud.hosts.set_unit(host, "mariadb", state, cloud.now())
    cloud.settle()
    await asyncio.sleep(0.05)


async def test_a_frozen_member_keeps_connections_open_and_mute(cloud: Cloud) -> None:
    connection = await away(connect, cloud)
    await unit(cloud, "ctl01", "hung")
    with pytest.raises(pymysql.OperationalError, match="timed out"):
        await away(query, connection, "SELECT 1")
    with pytest.raises(pymysql.OperationalError):
        await away(connect, cloud, patience=0.3)
    await unit(cloud, "ctl01", "running")
    again = await away(connect, cloud)
    assert await away(query, again, "SELECT 1") == ((1,),)
    again.close()
    connection.close()


async def test_a_killed_member_drops_its_clients(cloud: Cloud) -> None:
    connection = await away(connect, cloud)
    await unit(cloud, "ctl01", "failed")
    with pytest.raises(pymysql.OperationalError, match=r"Lost connection|Connection reset|Broken pipe"):
        await away(query, connection, "SELECT 1")
    with pytest.raises(pymysql.OperationalError, match="refused"):
        await away(connect, cloud)
    connection.close()


async def test_too_many_connections(cloud: Cloud) -> None:
    root = await away(connect, cloud, "root")
    await away(query, root, "SET GLOBAL max_connections = 10")
    with pytest.raises(pymysql.OperationalError) as full:
        await away(connect, cloud)
    assert full.value.args == (1040, "Too many connections")
    await away(query, root, "SET GLOBAL max_connections = DEFAULT")
    (await away(connect, cloud)).close()
    root.close()


async def test_one_administrator_more_is_let_in(cloud: Cloud) -> None:
    root = await away(connect, cloud, "root", "ctl02")
    await away(query, root, "SET GLOBAL max_connections = 1")
    with pytest.raises(pymysql.OperationalError) as full:
        await away(connect, cloud, member="ctl02")
    assert full.value.args[0] == 1040
    second = await away(connect, cloud, "root", "ctl02")
    with pytest.raises(pymysql.OperationalError):
        await away(connect, cloud, "root", "ctl02")
    second.close()
    root.close()


async def test_without_a_member_haproxy_drops_the_client(cloud: Cloud) -> None:
    for name in ("ctl01", "ctl02", "ctl03"):
        await unit(cloud, name, "failed")
    password = cloud.secrets.galera_monitor
    with pytest.raises(pymysql.OperationalError) as lost:
        await away(pymysql.connect, host=cloud.layout.internal_vip, user="monitor", password=password)
    assert lost.value.args[0] == 2013


async def test_a_password_that_changes_counts_at_once(cloud: Cloud) -> None:
    cloud.secrets.galera_monitor = "another"
    (await away(connect, cloud)).close()
