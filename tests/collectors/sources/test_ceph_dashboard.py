"""The dashboard at the wire: login, a token that lapses, the way to the active manager, what it says of the cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.deadline import Deadline, working
from collectors.errors import NotOffered, NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.site import CephDashboard, Secret
from collectors.sources.ceph_commands import RBD
from collectors.sources.ceph_dashboard import KEPT, DashboardWay
from collectors.sources.ceph_views import VIEWS
from tests.ceph_host import WIRE
from tests.wire_server import HANG, Reply, Seen, WireServer, closed_port, html_reply, json_reply
from tests.wire_tls import self_signed

PASSWORD = "correct hörse"
FULL = "/api/health/full"


def recorded(name: str) -> Any:
    """The body of a recorded answer."""
    return json.loads((WIRE / "dashboard" / f"{name}.json").read_text())["body"]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def logged_in(seen: Seen) -> Reply:
    """A token for the right password."""
    if json.loads(seen.body) == {"username": "viewer", "password": PASSWORD}:
        return json_reply({"token": "the-token", "username": "viewer"}, 201)
    return json_reply({"detail": "Invalid credentials", "code": "invalid_credentials"}, 400)


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        running.on("/api/auth", logged_in, method="POST")
        running.on(FULL, json_reply(recorded("health_full")))
        running.on("/api/osd", json_reply(recorded("osd")))
        running.on("/api/host", json_reply(recorded("host")))
        running.on("/api/block/image", json_reply(recorded("block_image")))
        yield running


def way_of(*urls: str, password: str = PASSWORD, clock: Clock | None = None, **more: Any) -> DashboardWay:
    return DashboardWay(
        CephDashboard(urls, "viewer", Secret(lambda: password, "a test"), **more), None, clock or Clock()
    )


def ask(way: DashboardWay, *names: str, seconds: float = 10) -> dict[str, Any]:
    with working(Deadline(seconds)) as deadline:
        return way.ask(names, deadline)


def failure(way: DashboardWay, *names: str, seconds: float = 10) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask(way, *names, seconds=seconds)
    return caught.value


def paths(server: WireServer) -> list[str]:
    return [f"{each.method} {each.path}" for each in server.seen]


def test_one_answer_serves_most_commands(server: WireServer) -> None:
    way = way_of(server.url)
    found = ask(way, "health", "status", "osd dump", "osd tree", "osd pool ls", "df", "mgr stat", "quorum_status")
    assert not [each for each in found.values() if isinstance(each, SourceError)]
    assert paths(server) == ["POST /api/auth", f"GET {FULL}"]
    assert found["health"] == {"status": "HEALTH_OK", "checks": {}, "mutes": []}
    assert found["quorum_status"]["quorum_names"] == ["ceph01", "ceph02", "ceph03"]


@pytest.mark.parametrize(
    ("view", "names"),
    [
        ("health", []),
        ("osds", [0, 1, 2]),
        ("pools", ["device_health_metrics", "images", "vms", "volumes"]),
        ("mgrs", ["ceph01", "ceph02"]),
    ],
)
def test_views_are_made_of_it_as_of_the_commands(server: WireServer, view: str, names: list[object]) -> None:
    found = VIEWS[view]
    items = found.items(ask(way_of(server.url), *found.needs, *found.uses))
    found_names: list[Any] = [each.get("osd", each.get("pool_name", each.get("name"))) for each in items]
    assert sorted(found_names) == names


def test_what_is_down_is_told_as_the_commands_do(server: WireServer) -> None:
    server.on(FULL, json_reply(recorded("health_full_osd_down")))
    found = ask(way_of(server.url), "health", "status", "osd dump", "osd tree")
    assert set(found["health"]["checks"]) == {"OSD_DOWN", "OSD_HOST_DOWN", "PG_DEGRADED"}
    check = found["health"]["checks"]["OSD_DOWN"]
    assert check["summary"]["message"] == "1 osds down"
    assert check["detail"][0]["message"] == "osd.2 (root=default,host=ceph03) is down"
    assert found["status"]["pgmap"]["degraded_ratio"] == pytest.approx(1 / 3, abs=0.01)
    assert [each["up"] for each in found["osd dump"]["osds"]] == [1, 1, 0]


def test_who_wants_to_know_how_it_is_now_gets_no_kept_answer(server: WireServer) -> None:
    way = way_of(server.url, clock=Clock())
    ask(way, "health")
    way.forget()
    ask(way, "df")
    assert paths(server)[2:] == [f"GET {FULL}"]


def test_no_flag_is_set_there(server: WireServer) -> None:
    found = VIEWS["flags"].items(ask(way_of(server.url), "osd dump"))
    assert [each["flag"] for each in found if each.get("set", True)] == []


def test_an_answer_is_kept_for_some_moments(server: WireServer) -> None:
    clock = Clock()
    way = way_of(server.url, clock=clock)
    ask(way, "health")
    clock.now += KEPT - 0.1
    ask(way, "df")
    assert len(server.seen) == 2
    clock.now += 0.2
    ask(way, "df")
    assert paths(server)[2:] == [f"GET {FULL}"]


def test_the_version_of_each_answer_is_asked_for(server: WireServer) -> None:
    ask(way_of(server.url), "health", RBD)
    accepts = {each.path: each.headers["accept"] for each in server.seen}
    assert accepts[FULL] == "application/vnd.ceph.api.v1.0+json"
    assert accepts["/api/block/image"] == "application/vnd.ceph.api.v2.0+json"


def test_a_token_that_has_lapsed_is_renewed_once(server: WireServer) -> None:
    clock = Clock()
    way = way_of(server.url, clock=clock)
    ask(way, "health")
    server.on(FULL, json_reply({"detail": "You are not authorized"}, 401), json_reply(recorded("health_full")))
    clock.now += 60
    assert ask(way, "health")["health"]["status"] == "HEALTH_OK"
    assert paths(server)[2:] == [f"GET {FULL}", "POST /api/auth", f"GET {FULL}"]


def test_a_standby_leads_to_the_active_manager(server: WireServer) -> None:
    with WireServer() as standby:
        standby.on("/api/auth", Reply(303, b"", (("Location", server.url + "/"),)), method="POST")
        way = way_of(standby.url, server.url)
        assert ask(way, "health")["health"]["status"] == "HEALTH_OK"
        assert way.title == f"dashboard at {server.url}"
        assert [each.method for each in standby.seen] == ["POST"]


def test_after_a_failover_the_other_manager_is_found(server: WireServer) -> None:
    clock = Clock()
    with WireServer() as other:
        way = way_of(server.url, other.url, clock=clock)
        ask(way, "health")
        server.on(FULL, Reply(303, b"", (("Location", other.url + "/"),)))
        server.on("/api/auth", Reply(303, b"", (("Location", other.url + "/"),)), method="POST")
        other.on("/api/auth", logged_in, method="POST")
        other.on(FULL, json_reply(recorded("health_full_osd_down")))
        clock.now += 60
        assert ask(way, "health")["health"]["status"] == "HEALTH_WARN"


def test_the_password_goes_to_no_address_that_the_site_does_not_name(server: WireServer) -> None:
    with WireServer() as thief:
        server.on("/api/auth", Reply(303, b"", (("Location", thief.url + "/"),)), method="POST")
        error = failure(way_of(server.url), "health")
        assert isinstance(error, NotUnderstood)
        assert "which the site does not name" in error.why
        assert thief.seen == []


def test_a_manager_that_is_gone_is_passed_over(server: WireServer) -> None:
    way = way_of(f"http://127.0.0.1:{closed_port()}", server.url)
    assert ask(way, "health")["health"]["status"] == "HEALTH_OK"


def test_a_wrong_password_is_told_without_it(server: WireServer) -> None:
    error = failure(way_of(server.url, password="s3cret"), "health")
    assert isinstance(error, Refused)
    assert error.why == "viewer is not let in: 400 Invalid credentials"
    assert "s3cret" not in str(error)


def test_a_person_without_rights_is_told_the_role(server: WireServer) -> None:
    server.on(FULL, json_reply({"detail": "Access denied", "request_id": "ab-1"}, 403))
    error = failure(way_of(server.url), "health")
    assert isinstance(error, Refused)
    assert (error.request_id, error.hint.endswith("read-only")) == ("ab-1", True)


def test_a_login_that_hangs_ends_at_the_deadline(server: WireServer) -> None:
    server.on("/api/auth", HANG, method="POST")
    assert isinstance(failure(way_of(server.url), "health", seconds=0.5), TooLate)


def test_something_else_listens_there(server: WireServer) -> None:
    server.on("/api/auth", html_reply(status=201), method="POST")
    assert isinstance(failure(way_of(server.url), "health"), NotUnderstood)
    server.on("/api/auth", html_reply("no", 502), method="POST")
    error = failure(way_of(server.url), "health")
    assert isinstance(error, Unreachable)
    assert error.why == "502 Bad Gateway"


def test_what_it_does_not_tell_is_not_offered(server: WireServer) -> None:
    found = ask(way_of(server.url), "pg ls", "crash ls")
    assert [type(each) for each in found.values()] == [NotOffered, NotOffered]
    assert server.seen == []


def test_an_answer_of_another_shape_costs_only_its_command(server: WireServer) -> None:
    server.on("/api/osd", json_reply([{"no": "osd"}]))
    found = ask(way_of(server.url), "osd df", "health")
    assert isinstance(found["osd df"], NotUnderstood)
    assert found["health"]["status"] == "HEALTH_OK"


def test_its_certificate_is_verified(tmp_path: Path) -> None:
    pair = self_signed(tmp_path)
    with WireServer(certificate=pair) as server:
        server.on("/api/auth", logged_in, method="POST")
        server.on(FULL, json_reply(recorded("health_full")))
        error = failure(way_of(server.url), "health")
        assert isinstance(error, Unreachable)
        assert error.why.startswith("TLS: ")
        assert "ca in [site.NAME.ceph.dashboard]" in error.hint
        assert ask(way_of(server.url, ca=pair), "health")["health"]["status"] == "HEALTH_OK"


def test_the_round_trip_and_the_version(server: WireServer) -> None:
    server.on("/api/summary", json_reply(recorded("summary")))
    about, took = way_of(server.url).facts(Deadline(10))
    assert about.startswith("ceph version 16.2.15")
    assert took > 0
