"""What a list does not say of its objects, asked of each: found, absent, refused, gone, too many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from collectors.errors import Refused, Unreachable
from collectors.request import Each, Rest
from collectors.sources.each import MOST, enriched
from tests.collectors.sources.test_openstack_lists import rows
from tests.wire_cloud import WireCloud
from tests.wire_server import json_reply

CONFIG = Each("/things/{id}/config", "config", "config")
MEMBERS = Each("/ports", "ports", "members", query=(("security_groups", "{group}"), ("fields", "id")))
PATH = "/compute/v2.1/things"
WITH = Rest("compute", "/things", "things", each=CONFIG)


class Service:
    """What answers, by path; it notes what it was asked."""

    def __init__(self, answers: dict[str, bytes | Exception]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, path: str, query: Mapping[str, str]) -> bytes:
        self.asked.append((path, dict(query)))
        found = self.answers.get(path, b"{}")
        if isinstance(found, Exception):
            raise found
        return found


def found(objects: object, each: Each, service: Service) -> Any:
    return msgspec.json.decode(enriched(msgspec.json.encode(objects), each, service)[0])


def test_what_is_found_is_put_into_the_object() -> None:
    service = Service({"/things/a%2Fb/config": b'{"config": {"x": 1}}'})
    assert found([{"id": "a/b"}], CONFIG, service) == [{"id": "a/b", "config": {"x": 1}}]


def test_what_is_not_there_is_left_out_and_a_refusal_is_told() -> None:
    service = Service({
        "/things/a/config": Refused("identity", "not found", status=404),
        "/things/b/config": Refused("identity", "refused: 403", status=403),
        "/things/c/config": b"<html>",
        "/things/d/config": b'{"other": 1}',
    })  # fmt: skip
    assert found([{"id": name} for name in "abcd"], CONFIG, service) == [
        {"id": "a"},
        {"id": "b", "config_refused": "refused: 403"},
        {"id": "c", "config_refused": "the answer has no “config”"},
        {"id": "d", "config_refused": "the answer has no “config”"},
    ]


def test_a_service_that_is_gone_ends_the_read() -> None:
    with pytest.raises(Unreachable):
        found([{"id": "a"}], CONFIG, Service({"/things/a/config": Unreachable("identity", "gone")}))


def test_the_same_question_is_asked_once_and_of_those_that_have_what_it_needs() -> None:
    service = Service({"/ports": b'{"ports": [{"id": "p"}]}'})
    objects = [{"id": "1", "group": "g"}, {"id": "2", "group": "g"}, {"id": "3", "group": None}, {"id": "4"}, 5]
    told = found(objects, MEMBERS, service)
    assert [one.get("members") for one in told[:4]] == [[{"id": "p"}], [{"id": "p"}], None, None]
    assert service.asked == [("/ports", {"security_groups": "g", "fields": "id"})]


def test_no_more_than_so_many_are_asked() -> None:
    service = Service({})
    service.answers = {f"/things/{number}/config": b'{"config": 1}' for number in range(MOST + 5)}
    told = found([{"id": str(number)} for number in range(MOST + 5)], CONFIG, service)
    assert len(service.asked) == MOST
    assert [one.get("config") for one in told[MOST - 1 : MOST + 1]] == [1, None]
    assert told[-1]["config_refused"] == f"not asked: more than {MOST} of them"


@pytest.mark.parametrize("raw", [b"no json", b'{"a": 1}', b"[1, null]", b"\xff"])
def test_a_list_that_is_none_is_left_to_who_decodes_it(raw: bytes) -> None:
    service = Service({})
    enriched(raw, CONFIG, service)
    assert service.asked == []


def test_over_http(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"things": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}))
    cloud.on(f"{PATH}/a/config", json_reply({"config": {"identity": {"driver": "ldap"}}}))
    cloud.on(f"{PATH}/b/config", json_reply({"error": {"message": "none", "code": 404}}, 404))
    cloud.on(f"{PATH}/c/config", json_reply({"error": {"message": "You are not authorized", "code": 403}}, 403))
    first, second, third = rows(cloud.source(), WITH)
    assert first["config"] == {"identity": {"driver": "ldap"}}
    assert second == {"id": "b"}
    assert "authorized" in third["config_refused"]
