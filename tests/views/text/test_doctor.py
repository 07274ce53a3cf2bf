"""Facts of `doctor` as text and as records."""

from __future__ import annotations

from collectors.sources.base import Fact
from views.glyphs import ASCII
from views.text.doctor import FEW, MANY, block, record

FULL = Fact(
    "compute",
    "http://10.0.0.10:8774",
    "warning",
    identity="admin in project admin",
    version="v2.96",
    round_trip=0.0312,
    refused="may not list compute services",
    detail="its clock is 9 s behind ours",
    next_step="use a cloud entry with the reader role",
)


def test_a_fact_in_full() -> None:
    assert list(block("openstack", [FULL])) == [
        "openstack",
        "▲ compute  http://10.0.0.10:8774  v2.96  31 ms",
        "           admin in project admin",
        "           may not list compute services",
        "           its clock is 9 s behind ours",
        "           next: use a cloud entry with the reader role",
    ]


def test_a_fact_named_like_its_system_is_not_named_again() -> None:
    assert list(block("ssh", [Fact("ssh", "ctl01", "ok", round_trip=2.34)])) == ["ssh", "● ctl01  2.3 s"]


def test_names_stand_in_a_column() -> None:
    facts = [Fact("identity", "a", "ok"), Fact("image", "b", "critical")]
    assert list(block("openstack", facts)) == ["openstack", "● identity  a", "✖ image     b"]


def test_a_fact_without_an_address_begins_with_what_it_says() -> None:
    fact = Fact("galera", "", "ok", detail="the site says nothing about it", next_step="add it")
    assert list(block("galera", [fact])) == ["galera", "● the site says nothing about it", "  next: add it"]


def test_ascii() -> None:
    lines = list(block("ssh", [Fact("ssh", "ctl01 → net01", "unknown", detail="…")], ASCII))
    assert all(line.isascii() for line in lines)
    assert lines[1].startswith("? ctl01 > net01")


def test_what_systems_say_is_made_harmless() -> None:
    lines = list(block("ssh", [Fact("ssh", "ctl01", "ok", version="SSH\x1b[2J\nX")]))
    assert lines[1] == "● ctl01  SSH\\x1b[2J\\nX"


def test_many_that_are_ok_take_a_line_each() -> None:
    facts = [Fact("ssh", f"h{n}", "ok", identity="kolla") for n in range(FEW + 1)]
    assert len(list(block("ssh", facts))) == 1 + FEW + 1


def test_very_many_that_are_ok_are_counted_and_trouble_is_always_told() -> None:
    facts = [Fact("ssh", f"h{n}", "ok") for n in range(MANY + 1000)]
    facts.append(Fact("ssh", "bad", "critical", detail="no route", next_step="look"))
    lines = list(block("ssh", facts))
    assert lines[-1] == "● 1,000 more are ok"
    assert lines[-4:-1] == ["✖ bad", "  no route", "  next: look"]
    assert len(lines) == 1 + MANY + 3 + 1


def test_a_record_has_the_keys_of_the_contract() -> None:
    found = record("openstack", FULL, "prod", "")
    assert list(found)[:5] == ["id", "health", "reason", "cloud", "region"]
    assert found["id"] == "openstack/compute/http://10.0.0.10:8774"
    assert (found["health"], found["reason"]) == ("warning", "may not list compute services")
    assert (found["cloud"], found["region"], found["round_trip"]) == ("prod", None, 0.0312)


def test_what_is_not_known_is_null() -> None:
    found = record("ssh", Fact("ssh", "", "ok"), "", "")
    assert {key for key, value in found.items() if value is None} == set(found) - {"id", "health", "source", "system"}
