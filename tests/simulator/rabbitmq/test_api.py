"""Paths, accounts, paging, columns, changes and refusals of the management API."""

from __future__ import annotations

from typing import Any

import pytest

from runbooks.simulator.clock import Clock
from runbooks.simulator.http.rabbitmq import clients
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.cloud import Cloud, build
from tests.simulator.calls import cloud as build_cloud
from tests.simulator.rabbitmq.calls import ask, get, queue, refused, words

RECORDED = {(e["method"], e["path"], e["user"], str(e["request"])): e for e in words()}
BODIES = {
    "not_found": '{"error":"Object Not Found","reason":"Not Found"}',
}


@pytest.fixture
def cloud() -> Cloud:
    return build_cloud()


def real(method: str, path: str, user: str = "guest") -> dict[str, Any]:
    return next(e for e in words() if (e["method"], e["path"], e["user"]) == (method, path, user))


def said(method: str, path: str, user: str = "guest") -> tuple[int, dict[str, str]]:
    import json

    found = real(method, path, user)
    return found["status"], json.loads(found["body"])


@pytest.mark.parametrize(
    "path",
    [
        "queues/%2F/nosuch",
        "queues/nosuch",
        "queues/nosuch/x",
        "vhosts/nosuch",
        "connections/nosuch",
        "exchanges/%2F/nosuch",
        "users/nosuch",
        "policies/%2F/nosuch",
        "channels/nosuch",
    ],
)
def test_what_is_not_there(cloud: Cloud, path: str) -> None:
    ours = refused(cloud, path)
    assert (ours.status, {"error": ours.error, "reason": ours.reason}) == said("GET", f"/{path}")


def test_an_unknown_node_is_an_empty_500(cloud: Cloud) -> None:
    assert refused(cloud, "nodes/rabbit@nosuch").status == real("GET", "/nodes/rabbit@nosuch")["status"]


@pytest.mark.parametrize("query", ["page=0", "page=1&page_size=501", "page=abc", "page=1&name=%5B&use_regex=true"])
def test_wrong_paging(cloud: Cloud, query: str) -> None:
    ours = refused(cloud, f"queues?{query}")
    assert (ours.status, {"error": ours.error, "reason": ours.reason}) == said("GET", f"/queues?{query}")


def test_a_page_beyond_the_end(cloud: Cloud) -> None:
    ours = refused(cloud, "queues?page=999&page_size=100")
    assert ours.error == "page_out_of_range"
    assert ours.reason.startswith("Page out of range, page: 999 page size: 100, len: ")


def test_a_page_has_the_recorded_wrapping(cloud: Cloud) -> None:
    ours = get(cloud, "queues?page=1&page_size=2&columns=name&sort=name&sort_reverse=true")
    status, recorded = said("GET", "/queues?page=1&page_size=2&columns=name&sort=name&sort_reverse=true")
    assert status == 200
    assert list(ours) == list(recorded)
    assert [list(item) for item in ours["items"]] == [["name"], ["name"]]
    assert ours["items"][0]["name"] > ours["items"][1]["name"]


def test_pages_give_every_row_once(cloud: Cloud) -> None:
    everything = [found["name"] for found in get(cloud, "queues?columns=name")]
    first = get(cloud, "queues?page=1&page_size=50&columns=name")
    found = [
        item["name"]
        for n in range(1, first["page_count"] + 1)
        for item in get(cloud, f"queues?page={n}&page_size=50&columns=name")["items"]
    ]
    assert found == everything
    assert first["total_count"] == first["filtered_count"] == len(everything)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("name=compute.cmp", {"compute.cmp01", "compute.cmp02", "compute.cmp03", "compute.cmp04"}),
        ("name=%5Eq-plugin%24&use_regex=true", {"q-plugin"}),
        ("name=no-such", set()),
    ],
)
def test_names_are_filtered(cloud: Cloud, query: str, wanted: set[str]) -> None:
    found = get(cloud, f"queues?page=1&columns=name&{query}")
    assert {item["name"] for item in found["items"]} == wanted
    assert found["filtered_count"] == len(wanted)


def test_columns_reach_into_objects(cloud: Cloud) -> None:
    found = get(cloud, "queues?columns=name,message_stats.publish,messages_details.rate&sort=message_stats.publish")
    assert set(found[-1]) == {"message_stats", "messages_details", "name"}
    assert list(found[-1]["message_stats"]) == ["publish"]
    counts = [item.get("message_stats", {}).get("publish", -1) for item in found]
    assert counts == sorted(counts)


def test_disable_stats_leaves_the_recorded_keys(cloud: Cloud) -> None:
    _, recorded = said("GET", "/queues?disable_stats=true&enable_queue_totals=true")
    plain, mirrored = recorded[0], recorded[2]  # type: ignore[index]
    for found in get(cloud, "queues?disable_stats=true&enable_queue_totals=true"):
        if found["type"] == "classic":
            assert list(found) in ([*plain], [*mirrored]), found["name"]


def test_one_queue_tells_its_consumers(cloud: Cloud) -> None:
    found = get(cloud, "queues/%2F/conductor")
    assert next(iter(found)) == "consumer_details"
    assert len(found["consumer_details"]) == found["consumers"] == 9
    assert found["consumer_details"][0]["queue"] == {"name": "conductor", "vhost": "/"}


def test_channels_of_one_connection(cloud: Cloud) -> None:
    from urllib.parse import quote

    name = get(cloud, "connections")[0]["name"]
    [channel] = get(cloud, f"connections/{quote(name)}/channels")
    assert channel["connection_details"]["name"] == name
    detail = get(cloud, f"channels/{quote(channel['name'])}")
    assert len(detail["consumer_details"]) == detail["consumer_count"]


def test_purge(cloud: Cloud) -> None:
    cloud.rabbitmq.set_consumed("q-plugin", False)
    cloud.settle()
    cloud.clock.advance(600)
    assert queue(cloud, "q-plugin")["messages"] > 100
    assert ask(cloud, "queues/%2F/q-plugin/contents", "DELETE").status == 204
    assert queue(cloud, "q-plugin")["messages"] == 0
    cloud.clock.advance(60)
    assert queue(cloud, "q-plugin")["messages"] > 0


def test_a_deleted_queue_is_declared_again_by_its_consumers(cloud: Cloud) -> None:
    assert ask(cloud, "queues/%2F/q-plugin", "DELETE").status == 204
    assert refused(cloud, "queues/%2F/q-plugin").status == 404
    cloud.clock.advance(3)
    assert queue(cloud, "q-plugin")["consumers"] == 6


def test_a_deleted_queue_without_consumers_stays_away(cloud: Cloud) -> None:
    cloud.hosts.set_unit("cmp01", "nova_compute", "stopped", cloud.now())
    cloud.settle()
    ask(cloud, "queues/%2F/compute.cmp01", "DELETE")
    cloud.clock.advance(60)
    assert refused(cloud, "queues/%2F/compute.cmp01").status == 404


def test_a_closed_connection_comes_back_under_another_name(cloud: Cloud) -> None:
    from urllib.parse import quote

    before = {found["name"] for found in get(cloud, "connections")}
    name = next(iter(sorted(before)))
    assert ask(cloud, f"connections/{quote(name)}", "DELETE").status == 204
    after = {found["name"] for found in get(cloud, "connections")}
    assert name not in after
    assert len(after) == len(before)


def test_policies_come_and_go(cloud: Cloud) -> None:
    body = {"pattern": "^compute", "definition": {"ha-mode": "all"}, "priority": 5, "apply-to": "queues"}
    assert ask(cloud, "policies/%2F/x", "PUT", body=body).status == 201
    assert ask(cloud, "policies/%2F/x", "PUT", body=body).status == 204
    assert queue(cloud, "compute.cmp01")["policy"] == "x"
    assert queue(cloud, "conductor")["policy"] == "ha-all"
    assert ask(cloud, "policies/%2F/x", "DELETE").status == 204
    assert refused(cloud, "policies/%2F/x", "DELETE").status == 404
    assert queue(cloud, "compute.cmp01")["policy"] == "ha-all"


def test_an_operators_policy_is_laid_over_the_other(cloud: Cloud) -> None:
    limits = {"pattern": "^compute", "definition": {"max-length": 500}}
    assert ask(cloud, "operator-policies/%2F/cap", "PUT", body=limits).status == 201
    assert [found["name"] for found in get(cloud, "operator-policies")] == ["cap"]
    found = queue(cloud, "compute.cmp01")
    assert (found["policy"], found["operator_policy"]) == ("ha-all", "cap")
    assert found["effective_policy_definition"] == {"ha-mode": "all", "max-length": 500}
    assert queue(cloud, "conductor")["operator_policy"] is None
    mirrors = {"pattern": "^", "definition": {"ha-mode": "all"}}
    assert refused(cloud, "operator-policies/%2F/x", "PUT", body=mirrors).status == 400
    assert ask(cloud, "operator-policies/%2F/cap", "DELETE").status == 204
    assert queue(cloud, "compute.cmp01")["operator_policy"] is None


def test_a_quorum_queue_is_never_mirrored(cloud: Cloud) -> None:
    body = {"pattern": "^notifications", "definition": {"ha-mode": "all"}, "priority": 9}
    ask(cloud, "policies/%2F/x", "PUT", body=body)
    assert queue(cloud, "notifications.info")["policy"] is None


@pytest.mark.parametrize(
    "entry", [e for e in words() if e["method"] == "PUT" and e["path"].startswith("/policies") and e["request"]]
)
def test_policy_answers_as_recorded(cloud: Cloud, entry: dict[str, Any]) -> None:
    import json

    user = {"guest": "openstack"}.get(entry["user"], entry["user"])
    path = entry["path"].lstrip("/")
    if entry["status"] < 300:
        assert ask(cloud, path, "PUT", body=entry["request"]).status in (201, 204)
        return
    ours = refused(cloud, path, "PUT", user, entry["request"])
    theirs = json.loads(entry["body"])
    assert (ours.status, ours.error) == (entry["status"], theirs["error"])
    if "invalid: {" not in theirs["reason"]:  # the expression's own error is Erlang's there and Python's here
        assert ours.reason == theirs["reason"]


@pytest.mark.parametrize(
    ("method", "path", "recorded_path"),
    [
        ("GET", "users", "/users"),
        ("DELETE", "queues/%2F/conductor", "/queues/%2F/conductor"),
        ("PUT", "policies/%2F/x", "/policies/%2F/x"),
    ],
)
def test_the_monitor_may_not(cloud: Cloud, method: str, path: str, recorded_path: str) -> None:
    ours = refused(cloud, path, method, "monitor", {"pattern": "^", "definition": {"ha-mode": "all"}})
    assert (ours.status, {"error": ours.error, "reason": ours.reason}) == said(method, recorded_path, "monitor")


def test_the_monitor_may_not_close_connections_nor_purge(cloud: Cloud) -> None:
    assert refused(cloud, "connections/x", "DELETE", "monitor").reason == "User not authorised to access object"
    assert refused(cloud, "queues/%2F/conductor/contents", "DELETE", "monitor").reason == "Access refused."


@pytest.mark.parametrize("path", ["whoami", "overview", "nodes", "queues", "connections", "health/checks/alarms"])
def test_the_monitor_may_look(cloud: Cloud, path: str) -> None:
    assert ask(cloud, path, user="monitor").status == 200


def test_health_checks_with_arguments(cloud: Cloud) -> None:
    assert ask(cloud, "health/checks/port-listener/15672").body == {"status": "ok", "port": 15672}
    failed = ask(cloud, "health/checks/port-listener/9")
    assert (failed.status, failed.body["missing"]) == (503, 9)
    assert refused(cloud, "health/checks/port-listener/abc").reason == "Invalid port"
    assert ask(cloud, "health/checks/protocol-listener/amqp").status == 200
    assert ask(cloud, "health/checks/protocol-listener/nosuch").body["reason"] == "No active listener"


def test_aliveness_test_is_not_there_to_be_called(cloud: Cloud) -> None:
    from runbooks.simulator.http.rabbitmq.routes import find

    assert find(("aliveness-test", "/")) == {}


def test_no_two_connections_of_a_host_have_the_same_port() -> None:
    """A broker knows a connection by both its ends: of two that were the same, lists would show one."""
    for number in range(60):
        names = [each.name for each in clients.connections(build(Layout(), Seed(number), Clock()))]
        assert len(set(names)) == len(names), f"seed {number}"
