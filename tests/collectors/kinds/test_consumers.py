"""Consumers: whose they are by their connection, how they confirm, who waits, what a broker leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import by_id, decoded, listed, one, verdict

KIND = "consumers"
ONE: dict[str, Any] = {
    "queue": {"name": "compute.cmp17", "vhost": "/"},
    "consumer_tag": "2",
    "ack_required": True,
    "active": True,
    "activity_status": "up",
    "prefetch_count": 0,
    "channel_details": {"connection_name": "a -> b", "name": "a -> b (1)", "node": "rabbit@ctl01", "peer_host": "a"},
}


def test_the_recorded_consumers_know_their_programs() -> None:
    clients = by_id(listed("connections", "openstack-connections.json"))
    found = listed(KIND, "openstack-consumers.json", {"connections": clients})
    assert len(found) == len({row.id for row in found}) == 3
    reply, port, _ = found
    assert (reply.program, reply.role, reply.ack, reply.prefetch) == ("nova-compute", "reply", "manual", 0)
    assert (reply.since, reply.state) == (clients[reply.connection].connected_at, "running")
    assert (port.queue, port.topic, port.program) == ("neutron-vo-Port-1.11", "neutron-vo-Port-1.11", None)
    assert [row.host for row in found] == [None, None, "cmp01"]
    assert {verdict(KIND, row) for row in found} == {("ok", "")}


def test_the_recorded_consumers_without_their_connections() -> None:
    found = listed(KIND, "openstack-consumers.json")
    assert {(row.program, row.since, row.state) for row in found} == {(None, None, None)}
    assert all(row.peer_host and row.node for row in found)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("ok", "")),
        (
            {"active": False, "activity_status": "waiting"},
            ("ok", "waits: another consumer of the queue is the active one"),
        ),
        (
            {"active": False, "activity_status": "suspected_down"},
            ("critical", "rabbit@ctl01 is suspected down: nothing is delivered to it"),
        ),
        ({"active": None, "activity_status": None}, ("unknown", "the broker does not say whether it is active")),
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(ONE | changes))) == expected


def test_a_blocked_connection_is_told() -> None:
    client = one("connections", name="a -> b", state="blocked", user_provided_name="nova-compute:7:x")
    (found,) = decoded(KIND, [ONE], joins={"connections": {"a -> b": client}})
    level, reason = verdict(KIND, found)
    assert (level, found.program) == ("warning", "nova-compute")
    assert "blocked by an alarm" in reason


def test_a_broker_without_activity_and_with_an_empty_channel() -> None:
    old = {"queue": {"name": "q", "vhost": "/"}, "consumer_tag": "t", "ack_required": False, "channel_details": []}
    found = one(KIND, **old)
    assert (found.ack, found.connection, found.id) == ("automatic", None, "//q t no channel")
    assert verdict(KIND, found)[0] == "unknown"


def test_two_consumers_of_one_queue_are_two() -> None:
    second = ONE | {"channel_details": {"name": "a -> b (2)", "connection_name": "a -> b"}}
    rows = decoded(KIND, [ONE, second, ONE | {"consumer_tag": "3"}])
    assert len({row.id for row in rows}) == 3


@pytest.mark.parametrize(
    "changes", [{"queue": "q"}, {"queue": None}, {"prefetch_count": "all"}, {"channel_details": 1}]
)
def test_odd_consumers(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [ONE | changes])
    assert isinstance(found, OddRow)
