"""Queues: what oslo.messaging names them for, lonely ones, backlogs, replicas out of step."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.kinds.queues import role_of
from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import decoded, listed, one, verdict

KIND = "queues"
RPC: dict[str, Any] = {"name": "compute.cmp17", "vhost": "/", "state": "running", "type": "classic", "messages": 0}


def test_the_recorded_queues_of_the_services() -> None:
    found = {row.name: row for row in listed(KIND, "openstack-queues.json")}
    compute = found["compute.cmp01"]
    assert (compute.role, compute.topic, compute.host, compute.consumers) == ("rpc", "compute", "cmp01", 1)
    volume = found["cinder-volume.ctl01@fake1"]
    assert (volume.topic, volume.host) == ("cinder-volume", "ctl01")
    worst = {name: verdict(KIND, row) for name, row in found.items() if verdict(KIND, row)[0] != "ok"}
    assert worst == {
        "notifications.error": ("warning", "nobody reads these notifications: 4 messages wait and grow"),
        "notifications.info": ("warning", "nobody reads these notifications: 154 messages wait and grow"),
        "versioned_notifications.error": ("warning", "nobody reads these notifications: 4 messages wait and grow"),
    }


def test_the_recorded_mirrored_and_quorum_queues() -> None:
    found = {row.name: row for row in listed(KIND, "healthy-ctl01-queues.json")}
    assert (found["conductor"].replicas, found["conductor"].replicas_online) == (3, 3)
    assert (found["q.quorum"].replicas, found["q.quorum"].type) == (3, "quorum")
    assert verdict(KIND, found["conductor"]) == ("critical", "no consumers, 501 messages wait: is the service dead?")


def test_the_recorded_cut() -> None:
    found = {row.name: row for row in listed(KIND, "cut-seen-from-ctl01-queues.json")}
    quorum = found["q.quorum"]
    assert (quorum.replicas, quorum.replicas_online, quorum.not_online) == (3, 2, "rabbit@ctl03")
    assert "2 of 3 replicas online, not rabbit@ctl03" in verdict(KIND, quorum)[1]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"consumers": 1}, ("ok", "")),
        ({"consumers": 0}, ("warning", "no consumers: is the service on cmp17 dead?")),
        (
            {"consumers": 0, "messages": 41, "messages_ready": 41},
            ("critical", "no consumers, 41 messages wait: is the service on cmp17 dead?"),
        ),
        (
            {"consumers": 0, "messages": 1, "messages_ready": 1},
            ("critical", "no consumers, 1 message waits: is the service on cmp17 dead?"),
        ),
        (
            {"name": "q-plugin", "consumers": 0, "messages_ready": 9},
            ("critical", "no consumers, 9 messages wait: is the service dead?"),
        ),
        (
            {
                "name": "reply_0b7feb4720104c5d",
                "consumers": 0,
                "messages_ready": 3,
                "arguments": {"x-expires": 1800000},
            },
            ("ok", "no consumers, 3 messages wait; left by a process that is gone, it expires by itself"),
        ),
        (
            {"name": "reply_0b7f", "consumers": 0, "messages_ready": 5000, "arguments": {"x-expires": 1800000}},
            ("warning", "no consumers, 5,000 messages wait; left by a process that is gone, it expires by itself"),
        ),
        ({"name": "reply_0b7feb4720104c5d", "consumers": 0, "arguments": {"x-expires": 1800000}}, ("ok", "")),
        ({"name": "notifications.info", "consumers": 0}, ("ok", "")),
        (
            {"consumers": 2, "messages_ready": 4000},
            ("warning", "4,000 messages wait: its consumers do not keep up"),
        ),
        (
            {"consumers": 2, "messages_unacknowledged": 1200},
            ("warning", "1,200 messages were taken and not confirmed"),
        ),
        ({"consumers": 1, "state": "down"}, ("critical", "down: nobody can use it")),
        ({"consumers": 1, "state": "flow"}, ("ok", "")),
        ({"state": None, "consumers": None}, ("unknown", "no statistics yet")),
        (
            {"consumers": 1, "node": "a", "slave_nodes": ["b", "c"], "synchronised_slave_nodes": ["b"]},
            ("warning", "mirror on c is not synchronised"),
        ),
        (
            {"consumers": 1, "type": "quorum", "members": ["a", "b", "c"], "online": ["a"]},
            ("critical", "lost its quorum: 1 of 3 replicas online"),
        ),
        (
            {"consumers": 1, "type": "quorum", "members": ["a", "b", "c"], "online": ["a", "c"]},
            ("warning", "2 of 3 replicas online, not b"),
        ),
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(RPC | changes))) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conductor", ("rpc", "conductor", None)),
        ("conductor.ctl01", ("rpc", "conductor", "ctl01")),
        ("cinder-volume.ctl01@rbd-1", ("rpc", "cinder-volume", "ctl01")),
        ("neutron-vo-Port-1.11", ("rpc", "neutron-vo-Port-1.11", None)),
        ("neutron-vo-Port-1.11.cmp02", ("rpc", "neutron-vo-Port-1.11", "cmp02")),
        ("compute_fanout_4326a91d820d4383", ("fanout", "compute", None)),
        ("reply_36ce3d8d725646cb", ("reply", None, None)),
        ("notifications.info", ("notifications", None, None)),
        ("", ("rpc", None, None)),
        ("a..b", ("rpc", "a", ".b")),
    ],
)
def test_what_a_name_says(name: str, expected: tuple[str, str | None, str | None]) -> None:
    if not name:
        assert role_of(name) == "rpc"
        return
    found = one(KIND, name=name)
    assert (found.role, found.topic, found.host) == expected


def test_rates_and_expiry() -> None:
    stats = {"publish_details": {"rate": 2.5}, "deliver_get_details": {"rate": 0}}
    found = one(
        KIND, **(RPC | {"message_stats": stats, "arguments": {"x-expires": 1800000, "x-queue-type": "classic"}})
    )
    assert (found.publish_rate, found.deliver_rate, found.expires) == (2.5, 0.0, 1800.0)


def test_queues_of_two_vhosts_may_share_a_name() -> None:
    assert {one(KIND, name="q", vhost=vhost).id for vhost in ("/", "other")} == {"//q", "other/q"}


@pytest.mark.parametrize(
    "changes", [{"messages": "many"}, {"consumers": [1]}, {"idle_since": "long"}, {"members": "all"}, {"name": None}]
)
def test_odd_queues(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [RPC | changes])
    assert isinstance(found, OddRow)


@pytest.mark.parametrize("name", ["[@click=app.quit]x[/]", "a\x1b[2Jb", "‮evil", "x" * 4000, "a\nb\x00"])
def test_hostile_names_are_names(name: str) -> None:
    found = one(KIND, name=name, state="running", consumers=1)
    assert found.name == name
    assert verdict(KIND, found) == ("ok", "")


def test_a_queue_of_our_own_that_was_just_made_is_no_news() -> None:
    ours = one("queues", name="nephoscope.events.bastion.1234.ab12", vhost="/", consumers=1)
    assert verdict("queues", ours) == ("ok", "")
    other = one("queues", name="conductor", vhost="/", consumers=1)
    assert verdict("queues", other) == ("unknown", "no statistics yet")
