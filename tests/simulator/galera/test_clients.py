"""Real clients on a member's port: Debian's mariadb client, pymysql, and bytes that are no client at all."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest

from tests.ground import Ground
from tests.simulator.galera.recorded import pairs

needs_client = pytest.mark.skipif(shutil.which("mariadb") is None, reason="the MariaDB client is not installed")


def member(ground: Ground, number: int = 1) -> str:
    return f"127.77.{ground.net}.{10 + number}"


def mariadb(ground: Ground, *arguments: str, host: str = "") -> subprocess.CompletedProcess[str]:
    command = ["mariadb", f"--defaults-file={ground.state}/my.cnf", "-h", host or member(ground), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


@pytest.fixture
def secret(ground: Ground) -> str:
    return (ground.state / "galera.secret").read_text().strip()


@pytest.fixture
def connection(ground: Ground, secret: str) -> Iterator[Any]:
    with pymysql.connect(host=member(ground), user="monitor", password=secret, connect_timeout=5) as found:
        yield found


def rows(connection: Any, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments or None)
        return list(cursor.fetchall())


@needs_client
def test_status_by_the_mariadb_client(ground: Ground) -> None:
    found = mariadb(ground, "-Nse", "SHOW GLOBAL STATUS LIKE 'wsrep_%'")
    assert found.returncode == 0, found.stderr
    ours = dict(line.split("\t", 1) for line in found.stdout.splitlines())
    assert list(ours) == list(pairs("healthy-status-ctl01.tsv"))
    assert ours["wsrep_cluster_status"] == "Primary"


@needs_client
def test_databases_by_the_mariadb_client(ground: Ground) -> None:
    found = mariadb(ground, "-Nse", "SHOW DATABASES").stdout.split()
    assert found == sorted(found)
    assert {"nova", "nova_api", "nova_cell0", "neutron", "cinder", "glance", "keystone", "placement"} < set(found)


@needs_client
def test_the_clients_own_status_line(ground: Ground) -> None:
    found = mariadb(ground, "-e", r"\s").stdout
    assert "Server version:\t\t10.11.19-MariaDB-0+deb12u1 Debian 12" in found
    assert "Current user:\t\tmonitor@127.0.0.1" in found
    assert "Queries per second avg" in found


@needs_client
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-pwrong", "-e", "SELECT 1"), "ERROR 1045 (28000): Access denied for user 'monitor'@'127.0.0.1'"),
        (("nosuch",), "ERROR 1049 (42000): Unknown database 'nosuch'"),
        (("-e", "SELECT * FROM nova.nosuch"), "ERROR 1146 (42S02) at line 1: Table 'nova.nosuch' doesn't exist"),
        (("-e", "selec 1"), "ERROR 1064 (42000) at line 1: You have an error in your SQL syntax;"),
        (("-e", "SET GLOBAL wsrep_desync=ON"), "ERROR 1227 (42000) at line 1: Access denied; you need"),
    ],
)
def test_refusals_as_the_client_prints_them(ground: Ground, arguments: tuple[str, ...], words: str) -> None:
    found = mariadb(ground, *arguments)
    assert found.returncode == 1
    assert words in found.stderr


@needs_client
def test_mysqladmin(ground: Ground) -> None:
    command = ["mariadb-admin", f"--defaults-file={ground.state}/my.cnf", "ping", "status", "processlist"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout
    assert "mysqld is alive" in found
    assert "system user" in found


@needs_client
def test_through_the_virtual_address_all_reach_one_member(ground: Ground) -> None:
    for _ in range(3):
        found = mariadb(ground, "-Nse", "SELECT @@hostname", host=f"127.77.{ground.net}.9")
        assert found.stdout.strip() == "ctl01", found.stderr


def test_pymysql_reads_types(connection: Any) -> None:
    assert connection.get_server_info() == "5.5.5-10.11.19-MariaDB-0+deb12u1"
    [(number, text, nothing, when)] = rows(connection, "SELECT 7, 'ж', NULL, NOW()")
    assert (number, text, nothing) == (7, "ж", None)
    assert when.year >= 2024
    [(total,)] = rows(
        connection, "SELECT SUM(data_length) FROM information_schema.tables WHERE table_schema = %s", "nova"
    )
    assert total > 1_000_000


def test_large_results_arrive_whole(connection: Any) -> None:
    found = rows(connection, "SELECT id FROM neutron.ml2_vxlan_allocations")
    assert len(found) == 65_000
    assert found[-1] == (65_000,)


def test_own_connection_is_in_the_process_list(connection: Any) -> None:
    mine = connection.thread_id()
    found = [row for row in rows(connection, "SHOW FULL PROCESSLIST") if row[0] == mine]
    assert [(row[1], row[4], row[7]) for row in found] == [("monitor", "Query", "SHOW FULL PROCESSLIST")]


def test_a_killed_client_loses_its_connection(ground: Ground, secret: str, connection: Any) -> None:
    victim = pymysql.connect(host=member(ground), user="monitor", password=secret)
    identity = victim.thread_id()  # type: ignore[no-untyped-call]
    rows(connection, f"KILL {identity}")
    with pytest.raises(pymysql.OperationalError) as lost:
        rows(victim, "SELECT 1")
    assert lost.value.args[0] in (2006, 2013)


def test_a_killed_member_refuses_and_comes_back(ground: Ground, secret: str) -> None:
    fault = ground.inject("galera-member-out", host="ctl02")
    try:
        with pytest.raises(pymysql.OperationalError) as refused:
            pymysql.connect(host=member(ground, 2), user="monitor", password=secret, connect_timeout=2)
        assert "refused" in str(refused.value)
        ground.ask("clock", advance=10)
        with pymysql.connect(host=member(ground, 1), user="monitor", password=secret) as other:
            assert rows(other, "SHOW STATUS LIKE 'wsrep_cluster_size'") == [("wsrep_cluster_size", "2")]
    finally:
        ground.ask("undo", id=fault)
    ground.ask("clock", advance=30)
    with pymysql.connect(host=member(ground, 2), user="monitor", password=secret) as back:
        assert rows(back, "SHOW STATUS LIKE 'wsrep_local_state_comment'") == [("wsrep_local_state_comment", "Synced")]


def test_without_quorum_the_last_member_says_1047(ground: Ground, secret: str) -> None:
    fault = ground.inject("galera-no-quorum")
    try:
        ground.ask("clock", advance=10)
        with pymysql.connect(host=member(ground), user="monitor", password=secret) as last:
            assert rows(last, "SHOW STATUS LIKE 'wsrep_cluster_status'") == [("wsrep_cluster_status", "non-Primary")]
            with pytest.raises(pymysql.OperationalError) as refused:
                rows(last, "SELECT COUNT(*) FROM nova.instances")
            assert refused.value.args == (1047, "WSREP has not yet prepared node for application use")
    finally:
        ground.ask("undo", id=fault)
        ground.ask("clock", advance=30)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00" * 64,
        b"\xff\xff\xff\x01" + b"A" * 200,
        b"\x05\x00\x00\x01abc",
        b"\x20\x00\x00\x09" + b"\x85\xa6\xff\x01" * 8,
    ],
)
def test_garbage_in_place_of_a_login_ends_the_connection(ground: Ground, sent: bytes) -> None:
    with socket.create_connection((member(ground), 3306), timeout=5) as raw:
        assert raw.recv(200)[5:].startswith(b"5.5.5-10.11")
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        end = time.monotonic() + 5
        while raw.recv(4096):
            assert time.monotonic() < end
