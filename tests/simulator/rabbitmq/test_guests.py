"""Queues that clients made themselves: who gets what, what is dropped, what goes with whom; Nova's notifications."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runbooks.simulator.model import power
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.guests import Consumer, Guest, GuestQueue, Message, matches
from runbooks.simulator.model.rpc import Who
from tests.simulator.calls import cloud as build_cloud
from tests.simulator.rabbitmq.calls import get

RECORDED = Path(__file__).resolve().parents[2] / "wire" / "notifications"


@pytest.fixture
def cloud() -> Cloud:
    return build_cloud()


@pytest.fixture
def guest(cloud: Cloud) -> Guest:
    return cloud.rabbitmq.guests.enter("ctl01", "10.0.0.9", 40_000, "monitor", {"connection_name": "ear"})


def queue(cloud: Cloud, guest: Guest, *bindings: tuple[str, str], **arguments: int) -> GuestQueue:
    named = {name.replace("_", "-"): value for name, value in arguments.items()}
    found = GuestQueue("nephoscope.q", guest, True, True, False, named, list(bindings))
    cloud.rabbitmq.guests.queues[found.name] = found
    return found


@pytest.mark.parametrize(
    ("pattern", "key", "expected"),
    [
        ("notifications.#", "notifications.info", True),
        ("notifications.#", "notifications", True),
        ("notifications.#", "versioned_notifications.info", False),
        ("notifications.*", "notifications.info", True),
        ("notifications.*", "notifications", False),
        ("*.info", "notifications.info", True),
        ("#", "a.b.c", True),
        ("a.#.c", "a.b.b.c", True),
        ("a.#.c", "a.b.d", False),
    ],
)
def test_topics(pattern: str, key: str, expected: bool) -> None:
    assert matches(pattern, key) is expected


def test_messages_reach_whom_they_are_for(cloud: Cloud, guest: Guest) -> None:
    found = queue(cloud, guest, ("nova", "notifications.#"), ("compute_fanout", ""))
    for exchange, key in (
        *(("nova", "notifications.info"), ("nova", "conductor"), ("neutron", "notifications.info")),
        *(("compute_fanout", "anything"), ("", "nephoscope.q"), ("", "other")),
    ):
        cloud.rabbitmq.guests.publish(Message(exchange, key, b"x"))
    assert [(message.exchange, message.routing_key) for message in found.waiting] == [
        *(("nova", "notifications.info"), ("compute_fanout", "anything"), ("", "nephoscope.q"))
    ]


def test_a_full_queue_drops_its_oldest(cloud: Cloud, guest: Guest) -> None:
    found = queue(cloud, guest, ("nova", "#"), x_max_length=2)
    for body in (b"1", b"2", b"3"):
        cloud.rabbitmq.guests.publish(Message("nova", "a", body))
    assert [message.body for message in found.waiting] == [b"2", b"3"]


def test_what_waits_goes_to_the_first_who_listens_and_then_in_turn(cloud: Cloud, guest: Guest) -> None:
    found = queue(cloud, guest, ("nova", "#"))
    first: list[bytes] = []
    second: list[bytes] = []
    cloud.rabbitmq.guests.publish(Message("nova", "a", b"1"))
    found.listen(Consumer(guest, 1, "t1", True, lambda message: first.append(message.body)))
    found.listen(Consumer(guest, 1, "t2", True, lambda message: second.append(message.body)))
    for body in (b"2", b"3"):
        cloud.rabbitmq.guests.publish(Message("nova", "a", body))
    assert (first, second) == ([b"1", b"2"], [b"3"])


def test_an_exclusive_queue_goes_with_its_owner(cloud: Cloud, guest: Guest) -> None:
    queue(cloud, guest)
    cloud.rabbitmq.guests.leave(guest)
    assert cloud.rabbitmq.guests.queues == {}
    assert cloud.rabbitmq.guests.connected == {}


def test_the_management_api_lists_them(cloud: Cloud, guest: Guest) -> None:
    found = queue(cloud, guest, ("nova", "notifications.#"), x_max_length=2)
    found.listen(Consumer(guest, 1, "t1", True, lambda message: None))
    listed = next(each for each in get(cloud, "queues") if each["name"] == found.name)
    assert (listed["exclusive"], listed["auto_delete"], listed["consumers"]) == (True, True, 1)
    assert listed["arguments"] == {"x-max-length": 2}
    services = [each for each in get(cloud, "queues") if each["type"] == "classic" and each["name"] != found.name]
    assert set(listed) - {"message_stats", "idle_since"} <= set(services[0]) | {
        "slave_nodes",
        "synchronised_slave_nodes",
    }
    client = next(each for each in get(cloud, "connections") if each["user"] == "monitor")
    assert list(client) == list(get(cloud, "connections")[0])
    assert (client["user_provided_name"], client["peer_port"]) == ("ear", 40_000)
    heard = next(each for each in get(cloud, "consumers") if each["queue"]["name"] == found.name)
    assert list(heard) == list(get(cloud, "consumers")[0])
    assert heard["channel_details"]["connection_name"] == client["name"]
    keys = {each["routing_key"] for each in get(cloud, "bindings") if each["destination"] == found.name}
    assert keys == {"nephoscope.q", "notifications.#"}
    totals = get(cloud, "overview")["object_totals"]
    assert totals["queues"] == len(get(cloud, "queues"))
    assert totals["connections"] == len(get(cloud, "connections"))
    assert totals["consumers"] == len(get(cloud, "consumers"))


# -- notifications ----------------------------------------------------------------------------------------------------


def heard(cloud: Cloud, guest: Guest) -> list[tuple[str, dict[str, Any]]]:
    """(routing key, message) of everything that Nova notifies of from now on."""
    found: list[tuple[str, dict[str, Any]]] = []

    def deliver(message: Message) -> None:
        envelope = json.loads(message.body)
        assert envelope["oslo.version"] == "2.0"
        found.append((message.routing_key, json.loads(envelope["oslo.message"])))

    queue(cloud, guest, ("nova", "#")).listen(Consumer(guest, 1, "t", True, deliver))
    return found


def stopped(cloud: Cloud) -> str:
    server = next(
        each for number in range(20) if (each := cloud.compute.servers.at(number)) and each.vm_state == "active"
    )
    power.act(cloud, server.id, "os-stop", Who(server.user_id, server.project_id, "req-1", True))
    cloud.clock.advance(6)
    cloud.catch_up()
    return server.id


def test_a_stopped_server_is_told_in_both_formats_as_recorded(cloud: Cloud, guest: Guest) -> None:
    found = heard(cloud, guest)
    server_id = stopped(cloud)
    assert [(key, message["event_type"]) for key, message in found] == [
        ("notifications.info", "compute.instance.power_off.start"),
        ("versioned_notifications.info", "instance.power_off.start"),
        ("notifications.info", "compute.instance.power_off.end"),
        ("versioned_notifications.info", "instance.power_off.end"),
    ]
    for key, message in found:
        real = json.loads((RECORDED / f"nova.{key.rpartition('.')[0]}.{message['event_type']}.json").read_text())
        assert list(message) == [name for name in real if name not in ("exchange", "routing_key")]
        ours, theirs = message["payload"], real["payload"]
        assert list(ours) == list(theirs)
        if "nova_object.data" in ours:
            assert list(ours["nova_object.data"]) == list(theirs["nova_object.data"])
            assert ours["nova_object.data"]["uuid"] == server_id
            flavors = [each["nova_object.data"]["flavor"]["nova_object.data"] for each in (ours, theirs)]
            assert list(flavors[0]) == list(flavors[1])
        else:
            assert ours["instance_id"] == server_id
        assert message["_context_request_id"] == "req-1"
    states = [message["payload"].get("state") for _, message in found if "state" in message["payload"]]
    assert states == ["active", "stopped"]


def test_under_an_alarm_nothing_is_sent(cloud: Cloud, guest: Guest) -> None:
    found = heard(cloud, guest)
    stopped(cloud)
    before = len(found)
    cloud.rabbitmq.set_memory_alarm("ctl02", True)
    cloud.settle()
    stopped(cloud)
    assert len(found) == before
