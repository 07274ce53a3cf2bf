"""LogQL: values are escaped whatever they hold, and streams are found under whatever labels a site has given them."""

from __future__ import annotations

import pytest

from collectors.logs import logql
from runbooks.simulator.monitoring.logql import ParseError, parse

ODD = (
    'a"b',
    "back\\slash",
    "a|b",
    "cmp01.example.org",
    "x{y}z",
    "new\nline",
    "tab\t",
    "(*)+?[^$]",
    "`",
    "\u202e",
    "😀",
)


@pytest.mark.parametrize("value", ODD)
def test_any_value_is_one_value(value: str) -> None:
    """The simulator's own parser, which knows nothing of ours, reads it back."""
    query = parse(logql.selector("host", [value]))
    assert query.stream({"host": value})
    assert not query.stream({"host": f"{value}x"})
    assert not query.stream({"host": "a"})
    assert "\n" not in logql.text(value)


@pytest.mark.parametrize("value", ODD)
def test_any_words_are_looked_for_as_they_are(value: str) -> None:
    query = parse(logql.selector("host", []) + logql.containing(value))
    assert query.line(f"before {value} after")
    assert not query.line("before after")


def test_a_query_as_it_is_sent() -> None:
    chosen = {"unit": ["nova-compute.service"], "filename": ["/var/log/kolla/nova/nova-compute.log"]}
    assert logql.queries("host", ["cmp01", "cmp02.x"], chosen, "req-1") == [
        r'{host=~"cmp01|cmp02\\.x",unit=~"nova-compute\\.service"} |= "req-1"',
        r'{host=~"cmp01|cmp02\\.x",filename=~"/var/log/kolla/nova/nova-compute\\.log",unit!~"nova-compute\\.service"}'
        ' |= "req-1"',
    ]
    assert logql.selector("host", []) == '{host=~".+"}'


def test_hosts_under_any_name() -> None:
    hosts = [("cmp01", "10.0.0.31"), ("ctl01.example.org", "10.0.0.11"), ("net01", "")]
    values = ["cmp01", "CTL01", "net01.example.org", "10.0.0.11:9080", "cmp01:9080", "10.0.0.99", "other"]
    assert logql.hosts_by(values, hosts) == {
        "cmp01": "cmp01", "CTL01": "ctl01.example.org", "net01.example.org": "net01",
        "10.0.0.11:9080": "ctl01.example.org", "cmp01:9080": "cmp01",
    }  # fmt: skip


def test_services_by_the_rules_that_hold_on_hosts() -> None:
    there = {
        "unit": ["nova-compute.service", "ssh.service", "openstack-nova-compute.service"],
        "container": ["/nova_compute", "rabbitmq"],
        "filename": ["/var/log/kolla/nova/nova-compute.log", "/var/log/rabbitmq/rabbit@ctl01.log"],
    }
    assert logql.services(["nova-compute"], there) == {
        "unit": ["nova-compute.service", "openstack-nova-compute.service"],
        "container": ["/nova_compute"],
        "filename": ["/var/log/kolla/nova/nova-compute.log"],
    }
    assert logql.services(["rabbit*"], there) == {
        "container": ["rabbitmq"], "filename": ["/var/log/rabbitmq/rabbit@ctl01.log"],
    }  # fmt: skip
    assert logql.services(["keystone"], there) == {}


@pytest.mark.parametrize("text", ["", "{}", '{a=~".*"}', '{a="b"', 'rate({a="b"}[5m])', '{a="b"} | json', '{a=~"("}'])
def test_the_simulator_refuses_what_loki_refuses_or_what_it_does_not_know(text: str) -> None:
    with pytest.raises(ParseError):
        parse(text)
