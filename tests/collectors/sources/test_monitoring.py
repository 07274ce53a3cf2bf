"""Prometheus and Alertmanager at the wire: what is asked as whom, what comes back, and every way in which it fails."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import (
    BadConfiguration,
    NoSuchObject,
    NotUnderstood,
    Refused,
    SourceError,
    TooLate,
    Unreachable,
    UsageError,
)
from collectors.kind import Scope
from collectors.request import Alerting, Promql, Request, ScrapeTargets
from collectors.site import Secret, Site, SiteHost, WebSite
from collectors.sources.alertmanager import AlertmanagerSource
from collectors.sources.base import Page, Where
from collectors.sources.instances import HostNames
from collectors.sources.prometheus import PrometheusSource
from tests.collectors.kinds.monitoring_recordings import recorded
from tests.scripted_ssh import scripted_host
from tests.wire_server import DRIP, HANG, RESET, Reply, WireServer, closed_port, html_reply, json_reply
from tests.wire_tls import self_signed

HOSTS = {"ctl01": SiteHost("ctl01", "10.77.0.11"), "cmp01": SiteHost("cmp01", "10.77.0.31")}
TARGETS, QUERY, RANGE = "/api/v1/targets", "/api/v1/query", "/api/v1/query_range"
ALERTS, SILENCES = "/api/v2/alerts", "/api/v2/silences"


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


def web(*urls: str, **more: Any) -> WebSite:
    return WebSite(tuple((f"mon{place:02}", url) for place, url in enumerate(urls, 1)), **more)


def prometheus(*urls: str, **more: Any) -> PrometheusSource:
    return PrometheusSource(Site("t", hosts=HOSTS, prometheus=web(*urls, **more)), clock=lambda: 1_795_214_575.0)


def alertmanager(*urls: str, **more: Any) -> AlertmanagerSource:
    return AlertmanagerSource(Site("t", hosts=HOSTS, alertmanager=web(*urls, **more)))


def pages(source: PrometheusSource | AlertmanagerSource, request: Request, seconds: float = 5.0) -> list[Page]:
    with working(Deadline(seconds)) as deadline:
        return list(source.read(request, source.system, deadline, Where()))


def items(source: PrometheusSource | AlertmanagerSource, request: Request) -> list[Any]:
    (page,) = pages(source, request)
    return list(page.items)


def failure(source: PrometheusSource | AlertmanagerSource, request: Request, seconds: float = 5.0) -> SourceError:
    with pytest.raises(SourceError) as caught:
        pages(source, request, seconds)
    assert caught.value.hint
    return caught.value


# -- what is asked ----------------------------------------------------------------------------------------------------


def test_targets_with_the_sites_hosts(server: WireServer) -> None:
    server.on(TARGETS, json_reply(recorded("targets"), Date="Fri, 20 Nov 2026 22:42:56 GMT"))
    source = prometheus(server.url)
    (page,) = pages(source, ScrapeTargets())
    assert page.server_time == 1795214576.0
    assert {each["host"] for each in page.items} >= {"ctl01", "cmp01"}
    assert server.seen[0].query == {"state": "active"}
    assert "authorization" not in server.seen[0].headers
    source.close()


def test_an_instant_query(server: WireServer) -> None:
    server.on(QUERY, json_reply(recorded("query-load")))
    source = prometheus(server.url)
    found = items(source, Promql("node_load1"))
    assert found[0]["metric"]["host"] == "cmp01"
    assert found[0]["value"] == [1795214575.525, "0.36"]
    assert server.seen[0].query == {"query": "node_load1"}
    source.close()


def test_a_range_query_ends_now(server: WireServer) -> None:
    server.on(RANGE, json_reply(recorded("range-load")))
    source = prometheus(server.url)
    found = items(source, Promql("node_load1", window=300, step=30))
    assert len(found[0]["values"]) == 11
    assert server.seen[0].query == {"query": "node_load1", "start": "1795214275", "end": "1795214575", "step": "30"}
    with pytest.raises(UsageError, match="more than 11000"):
        items(source, Promql("node_load1", window=86400, step=1))
    source.close()


def test_a_scalar_is_a_series_without_labels(server: WireServer) -> None:
    server.on(QUERY, json_reply({"status": "success", "data": {"resultType": "scalar", "result": [1.0, "2"]}}))
    source = prometheus(server.url)
    assert items(source, Promql("1+1")) == [{"metric": {}, "value": [1.0, "2"]}]
    source.close()


def test_the_account_and_the_token(server: WireServer) -> None:
    server.on(QUERY, json_reply({"status": "success", "data": {"resultType": "vector", "result": []}}))
    for more, expected in (
        (
            {"user": "admin", "password": Secret(lambda: "wört", "a test")},
            "Basic " + b64encode("admin:wört".encode()).decode(),
        ),
        ({"token": Secret(lambda: "abc", "a test")}, "Bearer abc"),
        ({"user": "admin", "password": Secret(lambda: "", "Kolla")}, None),
    ):
        source = prometheus(server.url, **more)
        assert items(source, Promql("up")) == []
        assert server.seen[-1].headers.get("authorization") == expected
        source.close()


def test_the_clients_own_adapter_is_not_used(server: WireServer) -> None:
    server.on(QUERY, DRIP)
    source = prometheus(server.url)
    began = time.monotonic()
    assert type(failure(source, Promql("up"), 0.5)) is TooLate
    assert time.monotonic() - began < 5
    assert set(source.web.session.adapters) == {"http://", "https://"}
    source.close()


def test_the_next_one_is_asked_when_the_first_does_not_answer(server: WireServer) -> None:
    server.on(TARGETS, json_reply(recorded("targets")))
    source = prometheus(f"http://127.0.0.1:{closed_port()}", server.url)
    assert len(items(source, ScrapeTargets())) > 10
    source.close()
    source = prometheus(f"http://127.0.0.1:{closed_port()}", f"http://127.0.0.1:{closed_port()}")
    assert failure(source, ScrapeTargets()).what.startswith("prometheus mon01 at ")
    source.close()


def test_alerts_say_who_silenced_and_what_inhibits_them(server: WireServer) -> None:
    server.on(ALERTS, json_reply(recorded("am-alerts-firing")))
    server.on(SILENCES, json_reply(recorded("am-silences-active")))
    source = alertmanager(server.url)
    (page,) = pages(source, Alerting("alerts"))
    by = {each["labels"]["alertname"]: each for each in page.items if not each["status"]["silencedBy"]}
    assert by["HAProxyDown"]["inhibited_by"] == ["HostDown"]
    (silenced,) = [each for each in page.items if each["status"]["silencedBy"]]
    assert [each["comment"] for each in silenced["silences"]] == ["RAM swap"]
    assert (page.calls, server.paths()) == (2, [ALERTS, SILENCES])
    source.close()


def test_without_silenced_alerts_silences_are_not_asked_for(server: WireServer) -> None:
    server.on(
        ALERTS, json_reply([{"fingerprint": "a", "labels": {"instance": "10.77.0.31:9100"}}, "odd", {"status": 1}])
    )
    source = alertmanager(server.url)
    first, *odd = items(source, Alerting("alerts", (("active", "true"),)))
    assert (first["host"], odd) == ("cmp01", ["odd", {"status": 1}])
    assert server.paths() == [ALERTS]
    assert server.seen[0].query == {"active": "true"}
    source.close()


# -- what goes wrong --------------------------------------------------------------------------------------------------

BAD_QUERY = json_reply(recorded("bad-query"), 400)


@pytest.mark.parametrize(
    ("reply", "kind", "why"),
    [
        (BAD_QUERY, NotUnderstood, "unexpected end of input inside braces"),
        (html_reply("Unauthorized", 401), Refused, "401 Unauthorized"),
        (html_reply("404 page not found", 404), NoSuchObject, "404"),
        (Reply(302, headers=(("Location", "http://elsewhere.example/"),)), NotUnderstood, "redirected elsewhere"),
        (json_reply({"status": "error", "error": "query timed out"}, 503), Unreachable, "503 query timed out"),
        (html_reply(), NotUnderstood, "JSON"),
        (json_reply({"status": "success"}), NotUnderstood, "not Prometheus'"),
        (json_reply([1, 2]), NotUnderstood, "not Prometheus'"),
        (HANG, TooLate, "no answer within"),
        (RESET, Unreachable, ""),
    ],
)
@pytest.mark.parametrize("request_", [ScrapeTargets(), Promql("up")], ids=["targets", "query"])
def test_prometheus_fails(
    server: WireServer, reply: Reply, kind: type[SourceError], why: str, request_: Request
) -> None:
    server.on(TARGETS, reply)
    server.on(QUERY, reply)
    source = prometheus(server.url, user="admin", password=Secret(lambda: "geheim", "a test"))
    error = failure(source, request_, 0.6)
    assert type(error) is kind
    assert why in error.why
    assert "geheim" not in str(error)
    assert set(server.paths()) <= {TARGETS, QUERY}
    source.close()


@pytest.mark.parametrize(
    ("reply", "kind", "why"),
    [
        (json_reply({"code": 500, "message": "boom"}, 500), Unreachable, "500 boom"),
        (html_reply(), NotUnderstood, "HTML instead of JSON"),
        (json_reply({"alerts": []}), NotUnderstood, "the answer is no list"),
        (html_reply("<h1>no</h1>", 403), Refused, "403"),
    ],
)
def test_alertmanager_fails(server: WireServer, reply: Reply, kind: type[SourceError], why: str) -> None:
    server.on(ALERTS, reply)
    source = alertmanager(server.url)
    error = failure(source, Alerting("alerts"))
    assert (type(error), why in error.why) == (kind, True)
    source.close()


def test_an_unknown_certificate(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with WireServer(certificate=certificate) as server:
        server.on(TARGETS, json_reply({"data": {"activeTargets": []}}))
        source = prometheus(server.url)
        error = failure(source, ScrapeTargets())
        assert (type(error), error.why.startswith("TLS: ")) == (Unreachable, True)
        assert "set ca in [site.NAME.prometheus]" in error.hint
        source.close()
        source = prometheus(server.url, ca=certificate)
        assert items(source, ScrapeTargets()) == []
        source.close()


def test_a_secret_that_cannot_be_fetched(server: WireServer) -> None:
    def missing() -> str:
        raise BadConfiguration("password", "no such file", "write it")

    source = prometheus(server.url, user="admin", password=Secret(missing, "a test"))
    assert type(failure(source, ScrapeTargets())) is BadConfiguration
    assert server.seen == []
    source.close()


def test_by_way_of_a_host(server: WireServer, tmp_path: Path) -> None:
    server.on(TARGETS, json_reply(recorded("targets")))
    server.on(QUERY, json_reply(recorded("query-load")))
    with scripted_host(tmp_path) as host:
        ways = Connections(replace(host.site(), prometheus=web(server.url, via="ssh:ctl01")))
        source = ways.source(ScrapeTargets())
        assert isinstance(source, PrometheusSource)
        with working(Deadline(10)) as deadline:
            for request in (ScrapeTargets(), Promql("node_load1")):
                (page,) = source.read(request, "prometheus", deadline, Where())
                assert page.items
        assert host.logins == 1
        ways.close()


def test_a_way_without_ssh() -> None:
    source = prometheus("http://10.0.0.51:9090", via="ssh:ctl01")
    assert "no SSH at hand" in failure(source, ScrapeTargets()).why
    source.close()


# -- who and where ----------------------------------------------------------------------------------------------------


def test_each_request_has_its_source() -> None:
    site = Site("t", prometheus=web("http://a"), alertmanager=web("http://b"))
    ways = Connections(site)
    assert isinstance(ways.source(Promql("up")), PrometheusSource)
    assert isinstance(ways.source(ScrapeTargets()), PrometheusSource)
    assert isinstance(ways.source(Alerting("silences")), AlertmanagerSource)
    ways.close()
    for source in (PrometheusSource, AlertmanagerSource):
        with pytest.raises(BadConfiguration):
            source(Site("t"))
        made = source(site)
        assert made.targets(Scope(), Where()) == (made.system,)
        with pytest.raises(UsageError):
            made.targets(Scope(), Where(targets=("a",)))


def test_doctor(server: WireServer) -> None:
    server.on("/api/v1/status/buildinfo", json_reply({"status": "success", "data": {"version": "2.42.0"}}))
    server.on("/api/v2/status", json_reply(recorded("am-status")), html_reply("<h1>", 401), html_reply())
    source = prometheus(server.url, token=Secret(lambda: "t", "a test"))
    (fact,) = source.doctor(Deadline(5))
    assert (fact.level, fact.version, fact.identity) == ("ok", "2.42.0", "a token")
    source.close()
    other = alertmanager(server.url)
    (fact,) = other.doctor(Deadline(5))
    assert (fact.level, fact.version, fact.identity) == ("ok", "0.25.0", "no account")
    (fact,) = other.doctor(Deadline(5))
    assert (fact.level, fact.refused[:3], bool(fact.next_step)) == ("critical", "401", True)
    (fact,) = other.doctor(Deadline(5))
    assert (fact.level, fact.detail) == ("critical", "something else answers")
    other.close()


@pytest.mark.parametrize(
    ("labels", "host"),
    [
        ({"instance": "10.77.0.11:9100"}, "ctl01"),
        ({"instance": "ctl01:9100"}, "ctl01"),
        ({"instance": "CMP01.example.org"}, "cmp01"),
        ({"instance": "http://10.77.0.31:5000/v3"}, "cmp01"),
        ({"host": "cmp01", "instance": "10.77.0.11:9100"}, "cmp01"),
        ({"host": "elsewhere"}, "elsewhere"),
        ({"instance": "192.0.2.1:9100"}, None),
        ({"host": 5}, None),
        (None, None),
    ],
)
def test_which_host_labels_are_about(labels: object, host: str | None) -> None:
    assert HostNames(Site("t", hosts=HOSTS)).of(labels) == host
