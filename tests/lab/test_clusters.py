"""Real Galera and RabbitMQ: each row is what the member's or the node's own client says."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import Any

import pytest

from tests.agreement import BIN
from tests.lab.real import COMMAND, RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

CONTROL = ("ctl01", "ctl02", "ctl03")


def status(lab: RealLab, host: str) -> dict[str, str]:
    """`SHOW GLOBAL STATUS` of the member on `host`, asked there."""
    lines = lab.on(host, "mariadb -Nse 'SHOW GLOBAL STATUS'").splitlines()
    return {name: value for name, _, value in (line.partition("\t") for line in lines)}


def test_galera_members_say_what_mariadb_says(lab: RealLab) -> None:
    rows = {row["member"]: row for row in lab.get("galera-members")}
    assert set(rows) == set(CONTROL)
    for host, row in rows.items():
        found = status(lab, host)
        assert row["health"] == "ok", row
        assert (row["state"], row["status"], row["size"]) == (
            found["wsrep_local_state_comment"], found["wsrep_cluster_status"], int(found["wsrep_cluster_size"])
        )  # fmt: skip
        assert row["conf_id"] == int(found["wsrep_cluster_conf_id"])
        assert row["incoming"] == found["wsrep_incoming_addresses"]


def test_databases_are_those_that_mariadb_lists(lab: RealLab) -> None:
    ours = {row["name"] for row in lab.get("databases")}
    theirs = set(lab.on("ctl01", "mariadb -Nse 'SHOW DATABASES'").split())
    assert ours <= theirs
    assert {"keystone", "nova", "neutron", "cinder", "glance", "placement"} <= ours


def test_processes_are_those_of_the_openstack_services(lab: RealLab) -> None:
    wanted = {"keystone", "nova", "neutron", "cinder"}
    found = until(lambda: {row["user"] for row in lab.get("db-processes")}, lambda users: wanted <= users)
    assert "monitor" in found


def test_rabbitmq_nodes_say_what_rabbitmqctl_says(lab: RealLab) -> None:
    told = json.loads(lab.on("ctl01", "rabbitmqctl -q cluster_status --formatter json"))
    rows = {row["name"]: row for row in lab.get("rabbitmq-nodes")}
    assert set(rows) == set(told["disk_nodes"])
    assert {name for name, row in rows.items() if row["running"]} == set(told["running_nodes"])
    assert {row["health"] for row in rows.values()} == {"ok"}


def test_queues_say_what_rabbitmqctl_says(lab: RealLab) -> None:
    def both() -> tuple[dict[str, int], dict[str, int]]:
        listed = json.loads(lab.on("ctl02", "rabbitmqctl -q list_queues name consumers --formatter json"))
        ours = {row["name"]: row["consumers"] for row in lab.get("queues")}
        return ours, {queue["name"]: queue["consumers"] for queue in listed}

    ours, _ = until(both, lambda found: found[0] == found[1])
    assert {"conductor", "scheduler", "compute.cmp01"} <= set(ours)


def test_connections_say_what_rabbitmqctl_says(lab: RealLab) -> None:
    def both() -> tuple[set[str], set[str]]:
        listed = json.loads(lab.on("ctl03", "rabbitmqctl -q list_connections name --formatter json"))
        return {row["id"] for row in lab.get("connections")}, {each["name"] for each in listed}

    ours, _ = until(both, lambda found: found[0] == found[1])
    assert len(ours) > 10


def test_listeners_say_what_rabbitmq_diagnostics_says(lab: RealLab) -> None:
    told = json.loads(lab.on("ctl01", "rabbitmq-diagnostics -q server_version --formatter json"))
    rows = {row["host"]: row for row in lab.get("amqp-listeners")}
    assert set(rows) == set(CONTROL)
    for host, row in rows.items():
        found = json.loads(lab.on(host, "rabbitmq-diagnostics -q listeners --formatter json"))["listeners"]
        (port,) = [each["port"] for each in found if each["protocol"] == "amqp" and each["node"] == f"rabbit@{host}"]
        assert (row["port"], row["answers"], row["logged_in"], row["management"]) == (port, True, True, True)
        assert row["version"] == told["value"]
        assert (row["health"], row["node"]) == ("ok", f"rabbit@{host}")
    assert "amqp" in lab.nephoscope("doctor", "amqp").stdout


def test_a_management_api_that_is_dead_is_told_from_a_dead_listener(lab: RealLab) -> None:
    lab.on("ctl03", "rabbitmqctl -q eval 'application:stop(rabbitmq_management).'")
    try:
        row = until(lambda: lab.row("amqp-listeners", "ctl03"), lambda row: row["management"] is False)
        assert (row["answers"], row["health"]) == (True, "ok")
        assert row["reason"] == "serves its clients, although its management API does not answer"
    finally:
        lab.on("ctl03", "rabbitmqctl -q eval 'application:start(rabbitmq_management).'")
    until(lambda: lab.row("amqp-listeners", "ctl03"), lambda row: row["management"] is True)
    numbers = row["address"].replace(".", ",")
    place = f"{{acceptor, {{{numbers}}}, {row['port']}}}"
    lab.on("ctl03", f"rabbitmqctl -q eval 'ranch:suspend_listener({place}).'")
    try:
        row = until(lambda: lab.row("amqp-listeners", "ctl03"), lambda row: row["answers"] is False)
        assert (row["management"], row["health"]) == (True, "critical")
        assert row["reason"].endswith("its management API answers")
    finally:
        lab.on("ctl03", f"rabbitmqctl -q eval 'ranch:resume_listener({place}).'")
    until(lambda: lab.row("amqp-listeners", "ctl03"), lambda row: row["health"] == "ok")


def test_a_network_that_is_made_is_heard_of(lab: RealLab) -> None:
    name = "nephoscope-test-events"
    command = [COMMAND, "events", "--follow", "-o", "json", f"name={name}"]
    with subprocess.Popen(
        command, env=lab.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        try:
            words = running.stderr.readline()
            assert words.startswith("nephoscope: listening to ")
            assert {"nova", "neutron", "cinder"} <= set(words.split(" to ")[1].strip().split(", "))
            told = listed(lab, "list_queues name exclusive auto_delete durable arguments")
            (ours,) = [each for each in told if each["name"].startswith("nephoscope.events.")]
            assert (ours["exclusive"], ours["auto_delete"], ours["durable"]) == (True, True, False)
            openstack(lab, "network", "create", name)
            created = [json.loads(running.stdout.readline()) for _ in range(2)]
            openstack(lab, "network", "delete", name)
        finally:
            running.send_signal(signal.SIGINT)
        assert running.wait(20) == 130
    assert [each["event_type"] for each in created] == ["network.create.start", "network.create.end"]
    assert {(each["service"], each["subject"]) for each in created} <= {("neutron", "networks"), ("neutron", None)}
    assert created[1]["resource"]
    assert all(each["request_id"].startswith("req-") for each in created)
    until(
        lambda: [each for each in listed(lab, "list_queues name") if each["name"] == ours["name"]],
        lambda found: found == [],
    )


def openstack(lab: RealLab, *words: str) -> None:
    """A command of the real client."""
    subprocess.run([str(BIN / "openstack"), *words], env=lab.environment(), check=True, capture_output=True, timeout=60)


def listed(lab: RealLab, what: str) -> list[dict[str, Any]]:
    """What `rabbitmqctl` on a controller lists."""
    found: list[dict[str, Any]] = json.loads(lab.on("ctl02", f"rabbitmqctl -q {what} --formatter json"))
    return found


def test_consumers_say_what_rabbitmqctl_says(lab: RealLab) -> None:
    def both() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        theirs = [
            (each["queue_name"], each["consumer_tag"], each["ack_required"], each["prefetch_count"], each["active"])
            for each in listed(lab, "list_consumers")
        ]
        ours = [
            (row["queue"], row["tag"], row["ack"] == "manual", row["prefetch"], row["active"])
            for row in lab.get("consumers")
        ]
        return sorted(ours), sorted(theirs)

    ours, _ = until(both, lambda found: found[0] == found[1])
    assert len(ours) > 100
    programs = {row["program"] for row in lab.get("consumers", "queue=compute.cmp01")}
    assert programs == {"nova-compute"}


def test_exchanges_say_what_rabbitmqctl_says(lab: RealLab) -> None:
    columns = ("name", "type", "durable", "auto_delete", "internal")

    def both() -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
        theirs = {
            tuple(each[column] or ("(default)" if column == "name" else False) for column in columns)
            for each in listed(lab, f"list_exchanges {' '.join(columns)}")
        }
        return {tuple(row[column] for column in columns) for row in lab.get("exchanges")}, theirs

    ours, _ = until(both, lambda found: found[0] == found[1])
    assert {"nova", "neutron", "(default)"} <= {name for name, *_ in ours}


def test_bindings_say_what_rabbitmqctl_says(lab: RealLab) -> None:
    def both() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        theirs = [
            (
                each["source_name"] or "(default)",
                each["destination_kind"],
                each["destination_name"],
                each["routing_key"],
            )
            for each in listed(lab, "list_bindings")
        ]
        ours = [
            (row["source"], row["destination_type"], row["destination"], row["routing_key"])
            for row in lab.get("bindings")
        ]
        return sorted(ours), sorted(theirs)

    ours, _ = until(both, lambda found: found[0] == found[1])
    assert ("nova", "queue", "conductor", "conductor") in ours


def test_policies_say_what_rabbitmqctl_says(lab: RealLab) -> None:
    name, pattern = "nephoscope-test", "^nephoscope-test-nothing$"
    lab.on("ctl01", f"""rabbitmqctl -q set_policy {name} '{pattern}' '{{"max-length":7}}' --apply-to queues""")
    lab.on("ctl01", f"""rabbitmqctl -q set_operator_policy {name} '^conductor$' '{{"max-length":900000}}'""")
    try:
        keys = ("vhost", "name", "pattern", "apply-to", "priority")
        theirs = {tuple(each[key] for key in keys) for each in listed(lab, "list_policies")}
        columns = ("vhost", "name", "pattern", "apply_to", "priority")
        rows = until(lambda: lab.get("policies"), lambda found: len(found) == len(theirs) + 1)
        assert {tuple(row[c] for c in columns) for row in rows if not row["operator"]} == theirs
        plain = next(row for row in rows if row["name"] == name and not row["operator"])
        assert (plain["health"], plain["queues"], plain["definition"]) == ("warning", 0, "max-length=7")
        operators = until(
            lambda: next(row for row in lab.get("policies", "operator=true")), lambda row: row["queues"] == 1
        )
        assert (operators["health"], operators["pattern"]) == ("ok", "^conductor$")
    finally:
        lab.on("ctl01", f"rabbitmqctl -q clear_policy {name}")
        lab.on("ctl01", f"rabbitmqctl -q clear_operator_policy {name}")
    until(lambda: lab.get("policies"), lambda found: name not in {row["name"] for row in found})


def test_an_alarm_is_a_row_of_its_node(lab: RealLab) -> None:
    with lab.broken("rabbitmq-memory-alarm", host="ctl02"):
        row = until(lambda: lab.row("broker-alarms", "rabbit@ctl02/memory"), lambda row: row["alarm"] is True)
        assert row["health"] == "critical"
        assert "publishers are blocked on all nodes" in row["reason"]
        told = json.loads(lab.on("ctl01", "rabbitmqctl -q status -n rabbit@ctl02 --formatter json"))
        assert any(alarm["resource"] == "memory" for alarm in told["alarms"])
        blocked = until(lambda: lab.row("broker-alarms", "rabbit@ctl02/memory"), lambda row: (row["blocked"] or 0) > 0)
        assert blocked["held"] == "blocked"
    until(lambda: {row["health"] for row in lab.get("broker-alarms")}, lambda levels: levels == {"ok"})


def test_a_killed_member_and_its_return(lab: RealLab) -> None:
    with lab.broken("galera-member-out", host="ctl03"):
        row = until(lambda: lab.row("galera-members", "ctl03"), lambda row: row["health"] == "critical")
        assert row["answers"] is False
        left = until(lambda: lab.row("galera-members", "ctl01"), lambda row: row["size"] == 2)
        assert (left["health"], left["status"]) == ("warning", "Primary")
        assert "sees 2 of 3 members" in left["reason"]
        assert int(status(lab, "ctl01")["wsrep_cluster_size"]) == 2
        assert "redundancy lost" in lab.nephoscope("health").stdout
    until(lambda: {row["health"] for row in lab.get("galera-members")}, lambda levels: levels == {"ok"})


def test_a_memory_alarm_blocks_and_is_told_as_no_lost_node(lab: RealLab) -> None:
    with lab.broken("rabbitmq-memory-alarm", host="ctl02"):
        row = until(lambda: lab.row("rabbitmq-nodes", "rabbit@ctl02"), lambda row: row["mem_alarm"] is True)
        assert (row["health"], row["running"]) == ("critical", True)
        assert "publishers are blocked" in row["reason"]
        words = lab.nephoscope("health").stdout
        assert "memory alarm" in words
        assert "majority lost" not in words
    until(lambda: lab.row("rabbitmq-nodes", "rabbit@ctl02"), lambda row: row["health"] == "ok")
