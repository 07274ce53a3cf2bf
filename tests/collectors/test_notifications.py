"""Notifications as real services sent them: what they say, what never gets through, and what is no notification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.notifications import Event, EventFeed, event_of
from collectors.notifications.message import LARGEST, opened
from collectors.redact import DEEPEST, GONE, without_secrets

WIRE = Path(__file__).parents[1] / "wire" / "notifications"
FILES = sorted(path.name for path in WIRE.glob("*.json"))
NOW = 1_795_214_400.0


def recorded(name: str) -> tuple[dict[str, Any], str]:
    """(message, exchange) of a recording."""
    message = json.loads((WIRE / name).read_text())
    exchange = message.pop("exchange")
    message.pop("routing_key")
    return message, exchange


def wrapped(message: dict[str, Any]) -> bytes:
    """In the envelope of messagingv2."""
    return json.dumps({"oslo.version": "2.0", "oslo.message": json.dumps(message)}).encode()


def event(name: str) -> Event:
    message, exchange = recorded(name)
    return event_of(wrapped(message), exchange, NOW)


@pytest.mark.parametrize("name", FILES)
def test_every_recording_is_an_event(name: str) -> None:
    message, exchange = recorded(name)
    found = event(name)
    assert found == event_of(json.dumps(message).encode(), exchange, NOW), "with or without the envelope"
    assert found.event_type == message["event_type"]
    assert found.id == message["message_id"]
    assert found.request_id.startswith("req-")
    assert found.host in ("ctl01", "cmp02", "cmp03")
    assert found.service in ("nova", "neutron", "cinder")
    assert abs(found.at - NOW) < 86_400
    assert found.versioned is ("versioned" in name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nova.notifications.compute.instance.power_off.end", ("servers", "lab-one", "cmp02", "info", "stopped")),
        ("nova.versioned_notifications.instance.power_off.end", ("servers", "lab-one", "cmp02", "info", "stopped")),
        ("nova.notifications.compute.instance.create.end", ("servers", "lab-one", "cmp02", "info", "active")),
        (
            "nova.notifications.compute.instance.power_off.start",
            ("servers", "lab-one", "cmp02", "info", "active (powering-off)"),
        ),
        ("neutron.notifications.port.update.end", ("ports", "", "cmp02", "info", "DOWN")),
        ("neutron.notifications.port.delete.end", ("ports", "", "cmp02", "info", "DOWN")),
        ("neutron.notifications.network.create.end", ("networks", "lab-nowhere", "ctl01", "info", "ACTIVE")),
        ("openstack.notifications.volume.create.end", ("volumes", "lab-vol", "ctl01", "info", "available")),
        ("nova.versioned_notifications.compute.exception", ("", "", "cmp03", "error", "NotImplementedError")),
    ],
)
def test_what_an_event_says(name: str, expected: tuple[str, ...]) -> None:
    found = event(f"{name}.json")
    assert (found.kind, found.name, found.host, found.severity, found.detail) == expected


@pytest.mark.parametrize(
    "name",
    [
        "nova.versioned_notifications.instance.create.error",
        "nova.versioned_notifications.compute_task.build_instances.error",
    ],
)
def test_a_failure_says_why(name: str) -> None:
    found = event(f"{name}.json")
    assert found.severity == "error"
    assert found.kind == "servers"
    assert "084476c0" in found.detail or "Exceeded maximum number of retries" in found.detail


@pytest.mark.parametrize("name", FILES)
def test_no_token_is_in_what_is_left_of_a_message(name: str) -> None:
    message, _ = recorded(name)
    message["_context_auth_token"] = "gAAAA-secret"
    message["payload"] = {"deep": [{"admin_pass": "gAAAA-secret"}], **message["payload"]}
    left = json.dumps(opened(wrapped(message)))
    assert "gAAAA-secret" not in left
    assert "REDACTED" not in left, "the recordings have it where tokens were"
    assert "publicURL" not in left


@pytest.mark.parametrize(
    "key",
    [
        *("auth_token", "_context_auth_token", "service_token", "X-Auth-Token", "admin_pass", "adminPass", "password"),
        *("user_data", "connection_info", "connection_data", "auth_password", "secret_key", "private_key", "keyring"),
        *("credentials", "api-key", "trust_token", "PASSWD"),
    ],
)
def test_secrets_are_known_by_their_keys_at_any_depth(key: str) -> None:
    found = without_secrets({"a": [{"b": {key: "hidden", "kept": 1}}], key: {"x": "hidden"}})
    assert "hidden" not in json.dumps(found)
    assert found["a"][0]["b"] == {key: GONE, "kept": 1}


def test_what_is_too_deep_goes() -> None:
    nest: Any = "hidden"
    for _ in range(DEEPEST + 5):
        nest = {"a": nest}
    assert "hidden" not in json.dumps(without_secrets(nest))
    nest = ["hidden"]
    for _ in range(DEEPEST + 5):
        nest = [nest]
    assert "hidden" not in json.dumps(without_secrets(nest))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"5",
        b"{}",
        b'{"oslo.message": "no json"}',
        b'{"oslo.message": "[1]"}',
        b'{"event_type": 5}',
        b"[" * 100_000,
        b'{"oslo.message": "' + b"[" * 100_000 + b'"}',
        b" " * (LARGEST + 1),
    ],
)
def test_what_is_no_notification(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  any words
        event_of(body, "nova", NOW)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"event_type": "identity.user.created", "payload": {"resource_info": "u1"}}, ("keystone", "users", "u1", "")),
        ({"event_type": "image.update", "payload": {"id": "i1", "name": "x"}}, ("glance", "images", "i1", "x")),
        (
            {"event_type": "service.update", "publisher_id": "nova-compute:cmp01", "payload": {
                "nova_object.data": {"uuid": "s1", "binary": "nova-compute", "host": "cmp01", "disabled": True}}},
            ("nova", "compute-services", "s1", "nova-compute@cmp01"),
        ),
        ({"event_type": "router.delete.end", "payload": {"router_id": "r1"}}, ("neutron", "routers", "r1", "")),
        (
            {"event_type": "security_group_rule.create.end", "payload": {
                "security_group_rule": {"id": "rule", "security_group_id": "g1"}}},
            ("neutron", "security-groups", "g1", ""),
        ),
        ({"event_type": "port.create.end", "payload": {"ports": [{"id": "p1", "name": "a"}, {"id": "p2"}]}},
         ("neutron", "ports", "p1", "a")),
        ({"event_type": "port.create.end", "payload": {"ports": []}}, ("neutron", "", "", "")),
        ({"event_type": "strange", "publisher_id": "some.host", "payload": [1]}, ("some", "", "", "")),
    ],
)  # fmt: skip
def test_services_that_were_not_recorded(message: dict[str, Any], expected: tuple[str, ...]) -> None:
    exchange = expected[0] if expected[0] in ("neutron", "nova") else "openstack"
    found = event_of(json.dumps(message).encode(), exchange, NOW)
    assert (found.service, found.kind, found.resource, found.name) == expected
    assert found.at == NOW


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["payload", "event_type", "port", "fault", "reason", "nova_object.data", "request_spec", "id", "timestamp"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(payload=JSON, more=st.dictionaries(st.sampled_from(["timestamp", "priority", "publisher_id", "ctxt"]), JSON))
def test_whatever_comes_is_an_event_or_refused(payload: object, more: dict[str, object]) -> None:
    body = json.dumps(more | {"event_type": "port.update", "payload": payload}).encode()
    assert event_of(body, "neutron", NOW).event_type == "port.update"


# -- the feed ---------------------------------------------------------------------------------------------------------


def made(number: int, **more: Any) -> Event:
    told: dict[str, Any] = {"id": f"m{number}", "at": NOW + number, "severity": "info", "service": "nova"}
    return Event(**(told | {"event_type": "instance.update", "resource": "s1", "request_id": "req-1"} | more))


def test_the_feed_keeps_the_last_and_tells_each() -> None:
    feed = EventFeed(3)
    told: list[Event] = []
    end = feed.listen(told.append)
    for number in range(5):
        assert feed.add(made(number))
    end()
    feed.add(made(9))
    assert [each.id for each in feed.events()] == ["m3", "m4", "m9"]
    assert [each.id for each in told] == ["m0", "m1", "m2", "m3", "m4"]


def test_the_two_formats_of_one_event_are_one() -> None:
    feed = EventFeed()
    for name in (
        "nova.notifications.compute.instance.power_off.end",
        "nova.versioned_notifications.instance.power_off.end",
    ):
        feed.add(event(f"{name}.json"))
    assert [each.event_type for each in feed.events()] == ["compute.instance.power_off.end"]


def test_the_same_again_is_another_event() -> None:
    feed = EventFeed()
    assert feed.add(made(0))
    assert feed.add(made(1))
    assert not feed.add(made(2, versioned=True))
    assert feed.add(made(3, versioned=True)), "its pair was the one before"
    assert feed.add(made(60)), "too late to be the pair of that"
    assert feed.add(made(61, resource="s2", versioned=True))
