"""Queries are bound to a row by quoted values only, whatever a tenant called it."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import registry
from collectors.kind import AnyKind
from collectors.trend import Trend, bound, fields_of, quoted, scraped_as

FOLLOWED = [kind for kind in registry.kinds() if kind.trends]
ADDRESSES = {"ctl01": "10.0.0.11", "edge": ""}


def instance(host: str) -> str:
    return scraped_as(ADDRESSES, host)


@pytest.mark.parametrize("kind", FOLLOWED, ids=lambda kind: kind.name)
def test_what_a_kind_follows_is_in_its_rows(kind: AnyKind) -> None:
    fields = set(kind.fields.__struct_fields__)
    for trend in kind.trends:
        assert trend.field or trend.query or trend.queries
        queries = [trend.query, *(query for _, query in trend.queries)]
        assert all(fields_of(query) <= fields for query in queries)
        assert all(when.partition("=")[0] in fields for when, _ in trend.queries)
        if trend.field:
            column = kind.column(trend.field)
            assert column is not None
            assert column.numeric or column.role == "flag"
        assert trend.role_in(kind) in ("number", "percent", "bytes", "duration", "flag")
        assert trend.title[0].islower() or trend.title[0].isdigit()
    assert kind.trends[0].field, "the first one has the sparkline"
    titles = [trend.title for trend in kind.trends]
    assert len(set(titles)) == len(titles)


def test_the_kinds_that_operators_follow() -> None:
    assert {kind.name for kind in FOLLOWED} >= {
        "hosts", "queues", "rabbitmq-nodes", "galera-members", "connections", "osds", "pools", "haproxy-backends",
        "hypervisors",
    }  # fmt: skip


def test_a_value_is_put_in_as_a_quoted_string() -> None:
    row = SimpleNamespace(name='a"} or up{job="x', vhost="/")
    text = bound("sum(m{queue=$name,vhost=$vhost})", row, instance)
    assert text == 'sum(m{queue="a\\"} or up{job=\\"x",vhost="/"})'


def test_a_value_that_looks_like_a_place_is_not_filled_again() -> None:
    row = SimpleNamespace(name="$vhost @host", vhost="secret")
    assert bound("m{queue=$name}", row, instance) == 'm{queue="$vhost @host"}'


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_value_nothing_is_asked(value: str | None) -> None:
    assert bound("m{queue=$name}", SimpleNamespace(name=value), instance) is None
    assert bound("m{instance=~@name}", SimpleNamespace(name=value), instance) is None


@given(st.text())
def test_quoted_text_comes_back(text: str) -> None:
    assert json.loads(quoted(text)) == text
    assert quoted(text).isascii()


@pytest.mark.parametrize(
    ("found", "matches"),
    [
        ("ctl01:9100", True), ("ctl01", True), ("ctl01.example.org:9100", True), ("10.0.0.11:9100", True),
        ("10.0.0.11", True), ("10.0.0.110:9100", False), ("ctl011:9100", False), ("xctl01:9100", False),
        ("10a0b0c11:9100", False),
    ],
)  # fmt: skip
def test_a_host_is_meant_by_name_and_address(found: str, matches: bool) -> None:
    assert (re.fullmatch(scraped_as(ADDRESSES, "ctl01"), found) is not None) == matches


def test_a_host_without_an_address_is_meant_by_name() -> None:
    assert re.fullmatch(scraped_as(ADDRESSES, "edge"), "edge:9100")
    assert not re.fullmatch(scraped_as(ADDRESSES, "edge"), ":9100")
    assert re.fullmatch(scraped_as(ADDRESSES, "a.b"), "a.b:1")
    assert not re.fullmatch(scraped_as(ADDRESSES, "a.b"), "axb:1")


def test_a_backslash_of_the_expression_is_quoted_too() -> None:
    text = bound("m{instance=~@host}", SimpleNamespace(host="ctl01"), instance)
    assert text is not None
    assert r"10\\.0\\.0\\.11" in text


def test_rows_that_differ_have_queries_of_their_own() -> None:
    trend = Trend("sessions", "sessions", query="rest", queries=(("type=server", "s"), ("type=backend", "b")))
    assert [trend.query_for(SimpleNamespace(type=kind)) for kind in ("server", "backend", "process")] == [
        "s", "b", "rest",
    ]  # fmt: skip
    assert Trend("x", "x").query_for(SimpleNamespace()) == ""
