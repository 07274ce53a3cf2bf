"""Galera and RabbitMQ of a running simulator through the real sources: kinds, faults, doctor, real clients."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from collectors import registry
from collectors.connections import Connections
from collectors.deadline import Deadline
from collectors.kind_health import kind_health
from collectors.read import read
from collectors.site import AmqpSite, Endpoint, GaleraSite, RabbitmqSite, Secret, Site, SiteHost, SshSettings
from collectors.snapshot import Snapshot
from collectors.sources.base import Where
from tests.ground import Ground
from tests.ground import ground as ground

HOSTS = ("ctl01", "ctl02", "ctl03")


def secret(ground: Ground, name: str) -> Secret:
    return Secret(lambda: (ground.state / name).read_text().strip(), f"file {name}")


def site(ground: Ground) -> Site:
    address = {host: f"127.77.{ground.net}.{11 + place}" for place, host in enumerate(HOSTS)}
    galera = GaleraSite(
        tuple(Endpoint(host, address[host], 3306) for host in HOSTS), "monitor", secret(ground, "galera.secret")
    )
    urls = tuple((host, f"http://{address[host]}:15672") for host in HOSTS)
    word = secret(ground, "rabbitmq.secret")
    amqp = AmqpSite(tuple(Endpoint(host, address[host], 5672) for host in HOSTS), "monitor", word)
    return Site("simulator", galera=galera, rabbitmq=RabbitmqSite(urls, "monitor", word), amqp=amqp)


@pytest.fixture
def connections(ground: Ground) -> Iterator[Connections]:
    found = Connections(site(ground))
    yield found
    found.close()


def look(connections: Connections, kind: str, where: Where | None = None) -> Snapshot:
    return read(registry.kind(kind), connections, where, clock=time.time)


def said(snapshot: Snapshot) -> tuple[str, str]:
    found = kind_health(snapshot, time.time()).health
    return found.level, found.reason


@pytest.mark.parametrize(
    "kind", ["galera-members", "databases", "db-processes", "rabbitmq-nodes", "queues", "connections"]
)
def test_everything_is_well(connections: Connections, kind: str) -> None:
    found = look(connections, kind)
    assert found.errors == ()
    assert found.odd == 0
    assert len(found.rows) > 2
    assert said(found)[0] == "ok", said(found)


@pytest.mark.skipif(shutil.which("mariadb") is None, reason="the MariaDB client is not installed")
def test_members_and_databases_agree_with_the_mariadb_client(ground: Ground, connections: Connections) -> None:
    def client(host: str, sql: str) -> list[list[str]]:
        command = ["mariadb", f"--defaults-file={ground.state}/my.cnf", "-h", host, "-Nse", sql]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    members: Any = look(connections, "galera-members").rows
    for place, member in enumerate(members):
        found = dict(client(f"127.77.{ground.net}.{11 + place}", "SHOW GLOBAL STATUS LIKE 'wsrep_%'"))
        assert member.state == found["wsrep_local_state_comment"]
        assert member.status == found["wsrep_cluster_status"]
        assert member.size == int(found["wsrep_cluster_size"])
        assert member.conf_id == int(found["wsrep_cluster_conf_id"])
    databases: Any = look(connections, "databases").rows
    assert [row.name for row in databases] == [row[0] for row in client(f"127.77.{ground.net}.11", "SHOW DATABASES")]


def test_queues_and_connections_agree_with_the_management_api(ground: Ground, connections: Connections) -> None:
    word = (ground.state / "rabbitmq.secret").read_text().strip()

    def api(path: str) -> Any:
        request = urllib.request.Request(f"http://127.77.{ground.net}.12:15672/api/{path}")
        request.add_header("Authorization", "Basic " + b64encode(f"monitor:{word}".encode()).decode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    queues: Any = look(connections, "queues").rows
    assert {row.name: row.consumers for row in queues} == {q["name"]: q["consumers"] for q in api("queues")}
    clients: Any = look(connections, "connections").rows
    assert {row.id: row.state for row in clients} == {c["name"]: c["state"] for c in api("connections")}
    nodes: Any = look(connections, "rabbitmq-nodes").rows
    assert {row.name: row.running for row in nodes} == {n["name"]: n["running"] for n in api("nodes")}


def test_one_member_only(connections: Connections) -> None:
    found: Any = look(connections, "db-processes", Where(targets=("ctl02",))).rows
    assert {row.member for row in found} == {"ctl02"}


def test_processes_are_filtered_by_the_server(connections: Connections) -> None:
    found: Any = look(connections, "db-processes", Where(query=(("user", "neutron"),))).rows
    assert {row.user for row in found} == {"neutron"}


def test_a_killed_member(ground: Ground, connections: Connections) -> None:
    fault = ground.inject("galera-member-out", host="ctl03")
    try:
        ground.ask("clock", advance=8)
        found = look(connections, "galera-members")
        assert [row.size for row in found.rows] == [2, 2, None]  # type: ignore[union-attr]
        assert said(found) == ("warning", "2 of 3 members Synced; ctl03: Connection refused; redundancy lost")
    finally:
        ground.ask("undo", id=fault)
        ground.ask("clock", advance=30)


def test_a_member_comes_back_although_nobody_asks(ground: Ground) -> None:
    fault = ground.inject("galera-member-out", host="ctl03")
    ground.ask("clock", advance=8)
    ground.ask("undo", id=fault)
    ground.ask("clock", advance=3.5)  # it has not started quite yet
    end = time.monotonic() + 5
    with socket.socket() as refused:
        assert refused.connect_ex((f"127.77.{ground.net}.13", 3306)) != 0
    while time.monotonic() < end:
        with socket.socket() as sock:
            if sock.connect_ex((f"127.77.{ground.net}.13", 3306)) == 0:
                break
        time.sleep(0.1)
    else:
        pytest.fail("ctl03 never opened its port")
    ground.ask("clock", advance=30)


def test_no_quorum(ground: Ground, connections: Connections) -> None:
    fault = ground.inject("galera-no-quorum")
    try:
        ground.ask("clock", advance=10)
        level, reason = said(look(connections, "galera-members"))
        assert level == "critical"
        assert "non-Primary: sees only itself and refuses queries (error 1047)" in reason
        assert reason.endswith("majority lost")
        assert look(connections, "databases").errors == ()
    finally:
        ground.ask("undo", id=fault)
        ground.ask("clock", advance=40)


def test_a_memory_alarm(ground: Ground, connections: Connections) -> None:
    fault = ground.inject("rabbitmq-memory-alarm", host="ctl02")
    try:
        level, reason = said(look(connections, "rabbitmq-nodes"))
        assert level == "critical"
        assert "rabbit@ctl02: memory alarm" in reason
        assert "lost" not in reason
        level, reason = said(look(connections, "connections"))
        assert level == "critical"
        assert "blocked: an alarm on some node keeps it from sending" in reason
    finally:
        ground.ask("undo", id=fault)


def joined(connections: Connections, kind: str) -> Snapshot:
    """The kind with everything that it joins."""
    found = registry.kind(kind)
    others = {name: look(connections, name) for name in found.joins}
    return read(found, connections, clock=time.time, joined=others)


def test_who_listens_to_what(connections: Connections) -> None:
    found: Any = joined(connections, "consumers").rows
    assert ("compute.cmp01", "nova-compute", "manual") in {(row.queue, row.program, row.ack) for row in found}
    assert {row.state for row in found} == {"running"}
    queues: Any = look(connections, "queues").rows
    counted = {row.name: row.consumers for row in queues}
    assert {name: sum(1 for row in found if row.queue == name) for name in counted} == counted
    bindings: Any = joined(connections, "bindings").rows
    assert {row.destination: row.consumers for row in bindings} == counted
    exchanges: Any = look(connections, "exchanges").rows
    assert {row.source for row in bindings} <= {row.name for row in exchanges}
    (policy,) = joined(connections, "policies").rows
    applied = sum(1 for row in queues if row.policy == "ha-all")
    assert (policy.name, policy.queues, policy.mirrors) == ("ha-all", applied, True)  # type: ignore[union-attr]


@pytest.mark.parametrize(("fault", "resource"), [("rabbitmq-memory-alarm", "memory"), ("rabbitmq-disk-alarm", "disk")])
def test_an_alarm_says_whom_it_holds_back(ground: Ground, connections: Connections, fault: str, resource: str) -> None:
    made = ground.inject(fault, host="ctl02")
    try:
        ground.ask("clock", advance=200)
        found = look(connections, "broker-alarms")
        rows: Any = {row.id: row for row in found.rows}  # type: ignore[union-attr]
        (bad,) = [row for row in rows.values() if row.alarm]
        assert bad.id == f"rabbit@ctl02/{resource}"
        clients: Any = look(connections, "connections").rows
        assert bad.blocked == sum(1 for client in clients if client.state == "blocked") > 0
        assert 100 <= time.time() + found.targets[0].skew - bad.since <= 320
        level, reason = said(found)
        assert level == "critical"
        assert f"rabbit@ctl02: {resource} alarm for" in reason
    finally:
        ground.ask("undo", id=made)
        ground.ask("clock", advance=120)


def test_a_dead_node_lets_no_client_in(ground: Ground, connections: Connections) -> None:
    made = ground.inject("rabbitmq-node-out", host="ctl03")
    try:
        found = joined(connections, "amqp-listeners")
        rows: Any = found.rows
        assert [row.answers for row in rows] == [True, True, False]
        level, reason = said(found)
        assert level == "warning"
        assert "2 of 3 listeners let clients in; ctl03: no client gets in: Connection refused" in reason
    finally:
        ground.ask("undo", id=made)
        ground.ask("clock", advance=60)


def test_a_partition_is_told_after_it_has_healed(ground: Ground, connections: Connections) -> None:
    made = ground.inject("rabbitmq-partition", host="ctl03")
    try:
        ground.ask("clock", advance=60)
        found = look(connections, "rabbitmq-nodes")
        rows: Any = {row.name: row.partitions for row in found.rows}  # type: ignore[union-attr]
        assert rows == {
            "rabbit@ctl01": "rabbit@ctl03",
            "rabbit@ctl02": "rabbit@ctl03",
            "rabbit@ctl03": "rabbit@ctl01, rabbit@ctl02",
        }
        assert "both sides ran on" in said(found)[1]
        assert said(joined(connections, "amqp-listeners"))[0] == "ok", "both sides let their clients in"
    finally:
        ground.ask("undo", id=made)
        ground.ask("clock", advance=60)
    assert said(look(connections, "rabbitmq-nodes"))[0] == "ok"


def test_a_minority_pauses_and_lets_nobody_in(ground: Ground, connections: Connections) -> None:
    made = ground.inject("rabbitmq-partition", host="ctl03", handling="pause_minority")
    try:
        ground.ask("clock", advance=60)
        rows: Any = joined(connections, "amqp-listeners").rows
        assert [row.answers for row in rows] == [True, True, False]
        assert said(look(connections, "rabbitmq-nodes"))[0] == "warning"
        assert len(look(connections, "consumers").rows) > 100
    finally:
        ground.ask("undo", id=made)
        ground.ask("clock", advance=60)


def test_a_dead_node_says_nothing_of_its_limits(ground: Ground, connections: Connections) -> None:
    made = ground.inject("rabbitmq-node-out", host="ctl03")
    try:
        found = look(connections, "broker-alarms")
        assert said(found)[0] == "unknown"
        assert "the node is not running" in said(found)[1]
    finally:
        ground.ask("undo", id=made)
        ground.ask("clock", advance=60)


def test_a_queue_without_consumers(ground: Ground, connections: Connections) -> None:
    fault = ground.inject("queue-without-consumer", queue="q-plugin")
    try:
        ground.ask("clock", advance=60)
        level, reason = said(look(connections, "queues"))
        assert level == "critical"
        assert "q-plugin: no consumers, " in reason
    finally:
        ground.ask("undo", id=fault)
        ground.ask("clock", advance=60)


def test_doctor(connections: Connections) -> None:
    for system in ("galera", "rabbitmq", "amqp"):
        facts = list(connections.system(system).doctor(Deadline(10)))
        assert [fact.level for fact in facts] == ["ok", "ok", "ok"], facts
        assert all(fact.round_trip is not None and fact.round_trip < 5 for fact in facts)
        assert {fact.identity for fact in facts} in ({"monitor@%"}, {"monitor (monitoring)"}, {"monitor"})


@pytest.fixture
def through_ssh(ground: Ground) -> Iterator[Connections]:
    """The same members and nodes, but reached from ctl02."""
    plain = site(ground)
    assert plain.galera is not None
    assert plain.rabbitmq is not None
    assert plain.amqp is not None
    folder = ground.state
    made = replace(
        plain,
        galera=replace(plain.galera, via="ssh:ctl02"),
        rabbitmq=replace(plain.rabbitmq, via="ssh:ctl02"),
        amqp=replace(plain.amqp, via="ssh:ctl02"),
        hosts={"ctl02": SiteHost("ctl02", f"127.77.{ground.net}.12", ("control",))},
        ssh=SshSettings(
            config=folder / "ssh_config", known_hosts=folder / "known_hosts", identity=folder / "id_ed25519"
        ),
    )
    found = Connections(made)
    yield found
    found.close()


@pytest.mark.parametrize(
    "kind", ["galera-members", "databases", "db-processes", "rabbitmq-nodes", "queues", "amqp-listeners"]
)
def test_through_an_ssh_host(through_ssh: Connections, connections: Connections, kind: str) -> None:
    for _ in range(2):  # the second time on the same connections
        found = look(through_ssh, kind)
        assert (found.errors, found.odd) == ((), 0)
        assert said(found)[0] == "ok"
    assert len(found.rows) >= len(look(connections, kind).rows) - len(HOSTS)  # which has a thread on each member


def test_a_killed_member_through_an_ssh_host(ground: Ground, through_ssh: Connections) -> None:
    look(through_ssh, "galera-members")
    fault = ground.inject("galera-member-out", host="ctl03")
    try:
        ground.ask("clock", advance=8)
        found = look(through_ssh, "galera-members")
        assert [row.size for row in found.rows] == [2, 2, None]  # type: ignore[union-attr]
        level, reason = said(found)
        assert level == "warning"
        assert "ctl03" in reason
    finally:
        ground.ask("undo", id=fault)
        ground.ask("clock", advance=30)


def test_doctor_through_an_ssh_host(through_ssh: Connections) -> None:
    for system in ("galera", "rabbitmq", "amqp"):
        facts = list(through_ssh.system(system).doctor(Deadline(10)))
        assert [fact.level for fact in facts] == ["ok", "ok", "ok"], facts
