"""RabbitMQ's operations beside the contract: sides of a partition, words of policies, what a purge must show."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from collectors.call import ManagementCall
from collectors.errors import UsageError
from collectors.registry import kind
from collectors.snapshot import Snapshot, TargetRead
from runbooks.command_words import by_hand
from runbooks.expect import Expect, judged
from runbooks.operations import rabbitmq_membership
from runbooks.operations.broker_alarms import wanted
from runbooks.operations.policies import put_step, same, settings
from runbooks.operations.queues import _fewer, content
from runbooks.operations.rabbitmq_partition import chosen, sides
from runbooks.registry import operation
from tests.collectors.kinds.cluster_recordings import decoded, listed
from tests.runbooks.scenario import Fault, Passed
from tests.runbooks.trial import Trial

HOUR = 3600.0


def nodes(**parted: str) -> list[Any]:
    """Nodes of these names, each with those that it is parted from (a word per node, blanks between)."""
    return decoded(
        "rabbitmq-nodes",
        [
            {"name": name, "running": True, "partitions": words.split(), "sockets_used": 10, "sees": {"queues": 5}}
            for name, words in parted.items()
        ],
    )


def test_the_smaller_side_loses() -> None:
    rows = nodes(a="c", b="c", c="a b")
    assert [side.nodes for side in sides(rows)] == [("c",), ("a", "b")]
    losing, staying = chosen(rows, "")
    assert [side.nodes for side in losing] == [("c",)]
    assert staying[0].words == "a, b (2 nodes, 20 connections, 5 queues)"


def test_whom_the_operator_names_loses() -> None:
    losing, staying = chosen(nodes(a="c", b="c", c="a b"), "a")
    assert (losing[0].nodes, staying[0].nodes) == (("a", "b"), ("c",))
    with pytest.raises(UsageError, match="on no side"):
        chosen(nodes(a="c", b="c", c="a b"), "z")


def test_of_three_sides_two_lose() -> None:
    losing, staying = chosen(nodes(a="b c", b="a c", c="a b"), "")
    assert [side.nodes for side in losing] == [("a",), ("b",)]
    assert [side.nodes for side in staying] == [("c",)]


def test_a_whole_cluster_has_no_sides() -> None:
    with pytest.raises(UsageError, match="no two sides"):
        chosen(nodes(a="", b=""), "")


def test_the_recorded_partition() -> None:
    rows = [row for row in listed("rabbitmq-nodes", "healed-ctl01-nodes.json") if row.running]
    assert len(sides(rows)) >= 1


@pytest.mark.parametrize(("messages", "fewer"), [(0, 1), (1, 1), (9, 1), (10, 10), (154, 100), (19_855, 10_000)])
def test_a_purge_is_seen_by_fewer_messages(messages: int, fewer: int) -> None:
    assert _fewer(messages) == fewer


def test_what_waits_is_told_with_its_age() -> None:
    queue = {"name": "notifications.info", "messages": 2, "messages_ready": 2, "message_bytes": 2048}
    (idle,) = decoded("queues", [queue | {"idle_since": "2026-11-20T10:00:00.000+00:00"}])
    assert content(idle, (idle.idle_since or 0) + 3 * HOUR) == "2 messages (2.0 KiB), idle for 3 h"
    (fed,) = decoded("queues", [queue | {"message_stats": {"publish_details": {"rate": 1.5}}}])
    assert content(fed, 0.0) == "2 messages (2.0 KiB), 1.5 more each second"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"x"'])
def test_a_definition_that_sets_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        settings(text)


def test_the_proof_of_a_policy_finds_its_row() -> None:
    """Quotes, blanks and brackets of patterns and of JSON mean something else in a filter."""
    given = {
        "pattern": r'^(?!amq\.)[a-z "]+$',
        "definition": '{"max-length": 5}',
        "priority": "-1",
        "apply_to": "queues",
    }
    step = put_step("/", "odd", False, given)
    assert isinstance(step.call, ManagementCall)
    assert step.call.path == "policies/%2F/odd"
    rows = decoded("policies", [{"name": "odd", "vhost": "/"} | dict(step.call.body)])
    assert step.expect is not None
    assert judged(step.expect, snapshot("policies", rows)).state == "reached"
    other = decoded("policies", [{"name": "odd", "vhost": "/"} | dict(step.call.body) | {"definition": {"a": 1}}])
    assert judged(step.expect, snapshot("policies", other)).state == "pending"
    assert same('a "b" [c]*') == "a??b???c??"


def snapshot(name: str, rows: list[Any]) -> Snapshot:
    declared = kind(name)
    healths = [declared.health(row, 0.0) for row in rows]
    keys = {declared.key_of(row): at for at, row in enumerate(rows)}
    return Snapshot(
        kind=declared, rows=rows, healths=healths, targets=(TargetRead("rabbitmq", 0.0, len(rows)),), at=0.0, keys=keys
    )


def test_so_many_may_be_left() -> None:
    rows = decoded("queues", [{"name": f"q{n}", "leader": "rabbit@ctl01", "members": ["a", "b"]} for n in range(3)])
    where = "node=rabbit@ctl01 replicas>1"
    assert judged(Expect("queues", where=where, absent=True, most=3), snapshot("queues", rows)).state == "reached"
    look = judged(Expect("queues", where=where, absent=True, most=2), snapshot("queues", rows))
    assert (look.state, look.words) == ("pending", "3 queues are still there")


def test_a_reason_is_in_the_command_by_hand() -> None:
    call = ManagementCall("DELETE", "connections/a%20b", reason="hangs: 5 % of it\r\nX-Evil: ä")
    assert "-H 'X-Reason: hangs: 5 %25 of it%0D%0AX-Evil: %C3%A4'" in by_hand(call)


@pytest.mark.parametrize("text", ["", "much", "-5", "0"])
def test_a_limit_is_an_amount_of_bytes(text: str) -> None:
    with pytest.raises(UsageError):
        wanted(text)
    assert wanted("2GiB") == 2 << 30


def test_a_higher_watermark_ends_the_alarm(trial: Trial) -> None:
    trial.prepare((Fault("rabbitmq-memory-alarm", {"host": "ctl02"}), Passed(10)))
    assert trial.row("broker-alarms", "rabbit@ctl02/memory")["alarm"] is True
    wanted_operation = operation("broker-alarm.set-limit")
    plan, outcome = trial.do(wanted_operation, ("rabbit@ctl02/memory",), {"limit": "90GiB"})
    assert outcome.result == "done", outcome.words
    assert trial.row("broker-alarms", "rabbit@ctl02/memory")["alarm"] is False
    fills = next(guard.words for guard in plan.guards if guard.name == "fills")
    assert fills.startswith("largest: ")
    assert "notifications" in fills or "consumers" in fills


def test_the_side_that_is_named_loses(trial: Trial) -> None:
    """Two of three lose: both stop before the first starts, and every view is whole afterwards."""
    trial.prepare((Fault("rabbitmq-partition", {"host": "ctl03"}), Passed(120)))
    wanted_operation = operation("rabbitmq-node.heal-partition")
    plan, outcome = trial.do(wanted_operation, ("rabbit@ctl03",), {"loses": "rabbit@ctl01"})
    verbs = [step.text.split()[0] for _, step in plan.parts[0].steps()]
    assert verbs == ["stop", "stop", "start", "start"]
    assert outcome.result == "done", outcome.words
    for name in ("rabbit@ctl01", "rabbit@ctl02", "rabbit@ctl03"):
        row = trial.row("rabbitmq-nodes", name)
        assert (row["running"], row["partitions"], row["missing_for"]) == (True, None, None)


def test_a_reply_queue_is_never_purged(trial: Trial) -> None:
    names = [row.name for row in trial.doing.cloud.rows("queues", role="reply")]
    plan = trial.plan(operation("queue.purge"), (names[0],), {"reason": "because"})
    assert "answers" in next(guard.words for guard in plan.closed if guard.name == "sense")


@pytest.mark.parametrize(
    ("unknown_to", "state"), [("rabbit@ctl01, rabbit@ctl02", "open"), (None, "closed"), ("rabbit@ctl02", "closed")]
)
def test_a_node_in_a_cluster_of_its_own_may_join(
    monkeypatch: pytest.MonkeyPatch, unknown_to: str | None, state: str
) -> None:
    """A forgotten node that was started anew is well in its own eyes: as on a real one."""
    monkeypatch.setattr(rabbitmq_membership, "unit_of", lambda cloud, host: SimpleNamespace(name="u", state="active"))
    row = SimpleNamespace(name="rabbit@ctl03", unknown_to=unknown_to)
    asked: Any = SimpleNamespace(
        values={"node": "rabbit@ctl03"}, identity="rabbit@ctl01", cloud=SimpleNamespace(rows=lambda kind: [row])
    )
    assert rabbitmq_membership._outside(asked).state == state
