"""Operations on a real RabbitMQ, compared by its own commands, and taken back. They take a node out for seconds."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from collectors.call import ManagementCall
from tests.lab.operating import Operating
from tests.lab.real import RealLab, until

pytestmark = pytest.mark.lab

QUEUE = "nephoscope-test.unread"
LOG = "/var/log/rabbitmq/rabbitmq-server.log"


def told(lab: RealLab, command: str, host: str = "ctl01") -> str:
    """What the broker's own command says."""
    return lab.on(host, "sh", "-c", f"'{command} 2>/dev/null'").strip()


def queues(lab: RealLab) -> dict[str, int]:
    """Messages by queue."""
    found = json.loads(told(lab, "rabbitmqctl -q list_queues name messages --formatter json"))
    return {str(each["name"]): int(each["messages"] or 0) for each in found}


def status(lab: RealLab, host: str = "ctl01") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told(lab, "rabbitmqctl -q cluster_status --formatter json", host))
    return found


def declared(operating: Operating, name: str, messages: int) -> None:
    """A queue of our own, with messages that nobody reads, by the broker's own API."""
    cloud = operating.doing.cloud
    cloud.write(ManagementCall("PUT", f"queues/%2F/{name}", {"durable": True, "auto_delete": False}), 20)
    for number in range(messages):
        body = {"properties": {}, "routing_key": name, "payload": f"{number}", "payload_encoding": "string"}
        cloud.write(ManagementCall("POST", "exchanges/%2F/amq.default/publish", body), 20)


def shown(operating: Operating, name: str, messages: int) -> None:
    """Wait until the statistics, which lag, know of them."""
    for _ in range(30):
        found = operating.doing.cloud.fresh_row("queues", f"//{name}").rows
        told = [getattr(row, name, None) for row in found for name in ("messages", "consumers")]
        if told[:1] == [messages] and None not in told:
            return
        time.sleep(1)
    raise AssertionError(f"{name} does not show {messages} messages")


def test_an_unread_queue_is_emptied_shortened_and_deleted(lab: RealLab, operating: Operating) -> None:
    """What a new user does with a queue that nobody reads; its name says nothing, so it takes a reason."""
    declared(operating, QUEUE, 12)
    shown(operating, QUEUE, 12)
    try:
        plan = operating.plan("queue.purge", [QUEUE])
        assert {guard.name for guard in plan.closed} == {"notifications"}
        operating.do("queue.purge", QUEUE, reason="a test of our own")
        assert queues(lab)[QUEUE] == 0
        limit = {"policy": "nephoscope-test", "pattern": "^nephoscope-test", "definition": '{"max-length":5}'}
        made = operating.do("rabbitmq-node.create-policy", "rabbit@ctl01", **limit)
        assert "nephoscope-test" in told(lab, "rabbitmqctl -q list_policies")
        changed = operating.do("policy.set", "nephoscope-test", definition='{"max-length":7}')
        assert '"max-length":7' in told(lab, "rabbitmqctl -q list_policies").replace(" ", "")
        operating.undo(changed)
        assert '"max-length":5' in told(lab, "rabbitmqctl -q list_policies").replace(" ", "")
        gone = operating.do("policy.delete", "nephoscope-test")
        assert "nephoscope-test" not in told(lab, "rabbitmqctl -q list_policies")
        operating.undo(gone)
        assert "nephoscope-test" in told(lab, "rabbitmqctl -q list_policies")
        operating.undo(made)
        assert "nephoscope-test" not in told(lab, "rabbitmqctl -q list_policies")
        assert "quiet" in {guard.name for guard in operating.plan("queue.delete", [QUEUE]).closed}
    finally:
        lab.on("ctl01", "rabbitmqctl", "-q", "clear_policy", "nephoscope-test", check=False)
        lab.on("ctl01", "rabbitmqctl", "-q", "delete_queue", QUEUE, check=False)


def test_a_queue_that_was_never_used_is_deleted(lab: RealLab, operating: Operating) -> None:
    declared(operating, f"{QUEUE}.new", 0)
    try:
        shown(operating, f"{QUEUE}.new", 0)
        closed = operating.plan("queue.delete", [f"{QUEUE}.new"]).closed
        assert {guard.name for guard in closed} == {"quiet"}, "it may be somebody's who is about to use it"
        operating.do("queue.delete", f"{QUEUE}.new", reason="declared by mistake")
        assert f"{QUEUE}.new" not in queues(lab)
    finally:
        lab.on("ctl01", "rabbitmqctl", "-q", "delete_queue", f"{QUEUE}.new", check=False)


def test_replicas_of_a_quorum_queue(lab: RealLab, operating: Operating) -> None:
    name, node = f"{QUEUE}.quorum", "rabbit@ctl03"
    body = {"durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum"}}

    def members() -> list[str]:
        found = json.loads(told(lab, "rabbitmqctl -q list_queues name members --formatter json"))
        return sorted(next(each["members"] for each in found if each["name"] == name))

    operating.doing.cloud.write(ManagementCall("PUT", f"queues/%2F/{name}", body), 20)
    try:
        shown(operating, name, 0)
        everywhere = members()
        assert node in everywhere
        fewer = operating.do("queue.shrink", name, node=node)
        assert node not in members()
        operating.undo(fewer)
        assert members() == everywhere
    finally:
        lab.on("ctl01", "rabbitmqctl", "-q", "delete_queue", name, check=False)


def test_a_connection_is_closed_and_the_log_says_why(lab: RealLab, operating: Operating) -> None:
    rows = operating.doing.cloud.rows("connections", program="neutron-dhcp-agent")
    found = rows[0] if rows else operating.doing.cloud.rows("connections")[0]
    operating.do("connection.close", found.id, reason="nephoscope test 4711")
    assert found.id not in told(lab, "rabbitmqctl -q list_connections name")
    logs = "".join(lab.on(each, "tail", "-n", "500", LOG) for each in ("ctl01", "ctl02", "ctl03"))
    assert "nephoscope test 4711" in logs


@pytest.mark.parametrize(("resource", "limit"), [("memory", "600000000"), ("disk", "150000000")])
def test_a_limit_is_moved_and_set_back(lab: RealLab, operating: Operating, resource: str, limit: str) -> None:
    before = operating.doing.cloud.rows("broker-alarms", id=f"rabbit@ctl02/{resource}")[0].limit
    outcome = operating.do("broker-alarm.set-limit", f"rabbit@ctl02/{resource}", limit=limit)
    key = "vm_memory_high_watermark_limit" if resource == "memory" else "disk_free_limit"
    assert json.loads(told(lab, "rabbitmqctl -q status --formatter json", "ctl02"))[key] == int(limit)
    operating.undo(outcome)
    assert json.loads(told(lab, "rabbitmqctl -q status --formatter json", "ctl02"))[key] == before


@pytest.mark.parametrize("resource", ["memory", "disk"])
def test_what_fills_a_node_is_explained(lab: RealLab, operating: Operating, resource: str) -> None:
    """It only looks. The lab's alarms come of a limit that was moved, on one node of three: that is told, too."""
    with lab.broken(f"rabbitmq-{resource}-alarm", host="ctl02"):
        outcome = operating.do("broker-alarm.explain", f"rabbit@ctl02/{resource}")
    answer = outcome.parts[0].shown
    assert "publishers are blocked" in answer.splitlines()[0], answer
    assert "not read" not in answer, answer
    assert "another node's" in answer, answer
    if resource == "memory":
        categories = told(lab, "rabbitmq-diagnostics -q memory_breakdown", "ctl02")
        names = {line.partition(":")[0].strip() for line in categories.splitlines()}
        shown = set(re.findall(r"\((\w+)\)$", answer, re.M))
        assert len(shown) >= 2, answer
        assert shown <= names
    else:
        folder = operating.doing.cloud.rows("rabbitmq-nodes", name="rabbit@ctl02")[0].db_dir
        mount = told(lab, f"df --output=target {folder}", "ctl02").splitlines()[-1]
        assert f" used on ctl02, {mount} (" in answer, answer


def test_a_node_is_drained_and_revived(lab: RealLab, operating: Operating) -> None:
    try:
        outcome = operating.do("rabbitmq-node.drain", "rabbit@ctl02")
        assert "marked for maintenance" in status(lab)["maintenance_status"]["rabbit@ctl02"]
        assert "maintenance" in {guard.name for guard in operating.plan("rabbitmq-node.stop", ["rabbit@ctl03"]).closed}
        operating.undo(outcome)
    finally:
        lab.on("ctl02", "rabbitmq-upgrade", "revive", check=False)
    assert status(lab)["maintenance_status"]["rabbit@ctl02"] == "not under maintenance"


def test_a_node_is_restarted_with_its_unit(lab: RealLab, operating: Operating) -> None:
    before = told(lab, "systemctl show -p ExecMainStartTimestampMonotonic rabbitmq-server", "ctl02")
    operating.do("rabbitmq-node.restart", "rabbit@ctl02")
    assert told(lab, "systemctl show -p ExecMainStartTimestampMonotonic rabbitmq-server", "ctl02") != before
    assert len(status(lab)["running_nodes"]) == 3


def test_leaders_are_spread_over_the_nodes(lab: RealLab, operating: Operating) -> None:
    """Six queues that one node leads alone: afterwards none leads more than its share."""
    names = [f"{QUEUE}.led-{n}" for n in range(6)]
    arguments = {"x-queue-type": "quorum", "x-queue-leader-locator": "client-local"}

    def leaders() -> dict[str, str]:
        found = json.loads(told(lab, "rabbitmqctl -q list_queues name leader --formatter json"))
        return {each["name"]: each["leader"] for each in found if each["name"] in names}

    try:
        for name in names:
            body = {"durable": True, "auto_delete": False, "arguments": arguments}
            operating.doing.cloud.write(ManagementCall("PUT", f"queues/%2F/{name}", body), 20)
        (node,) = set(leaders().values())
        for name in names:
            shown(operating, name, 0)
        operating.do("rabbitmq-node.rebalance", node)
        counts = [list(leaders().values()).count(f"rabbit@ctl0{n}") for n in (1, 2, 3)]
        assert max(counts) <= 3, counts
    finally:
        for name in names:
            lab.on("ctl01", "rabbitmqctl", "-q", "delete_queue", name, check=False)


def test_a_partition_that_was_ignored_is_healed(lab: RealLab, operating: Operating) -> None:
    """Both sides have run on by themselves; the network is whole again, and neither takes the other's word."""
    with lab.broken("rabbitmq-partition", host="ctl03", handling="ignore"):
        until(lambda: status(lab)["partitions"], bool, 30)
        until(lambda: [row["partitions"] for row in lab.get("rabbitmq-nodes")], all, 60)  # its statistics lag
        plan = operating.plan("rabbitmq-node.heal-partition", ["rabbit@ctl03"])
        (sides,) = (guard.words for guard in plan.guards if guard.name == "sides")
        assert sides.startswith("loses: rabbit@ctl03 (1 node"), sides
        operating.do("rabbitmq-node.heal-partition", "rabbit@ctl03")
        assert status(lab)["partitions"] in ({}, [])
        assert len(status(lab)["running_nodes"]) == 3


def test_a_node_is_forgotten_and_joins_again(lab: RealLab, operating: Operating) -> None:
    """Its application has stopped, its unit runs: the one way in which it can be commanded after it was forgotten."""
    node = "rabbit@ctl03"
    assert "runs: stop it first" in operating.refused("rabbitmq-node.forget", node)["sense"]
    lab.on("ctl03", "rabbitmqctl", "-q", "stop_app")
    try:
        until(lambda: lab.row("rabbitmq-nodes", node).get("running"), lambda running: running is False, 60)
        forgotten = operating.do("rabbitmq-node.forget", node)
        assert sorted(status(lab)["disk_nodes"]) == ["rabbit@ctl01", "rabbit@ctl02"]
        assert forgotten.inverse
        operating.undo(forgotten)
        assert len(status(lab)["disk_nodes"]) == len(status(lab)["running_nodes"]) == 3
        assert len(status(lab, "ctl03")["running_nodes"]) == 3
    finally:
        if len(status(lab)["running_nodes"]) < 3:
            again = "rabbitmqctl -q reset; rabbitmqctl -q join_cluster rabbit@ctl01; rabbitmqctl -q start_app"
            lab.on("ctl03", "sh", "-c", f"'{again}'", check=False)
