"""From a row to what belongs to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import registry
from collectors.kind import Reading
from collectors.kinds.compute_services import KIND
from collectors.query import parse
from collectors.snapshot import OddRow
from collectors.sources.base import Where
from collectors.table import Table, finish
from tests.views.made import NOW, service, services, snapshot
from views.links import destination, equals, linked, name_of, usable, value_of


def table(*rows: object) -> Table:
    return Table(snapshot(list(rows)))


def test_links_of_a_compute() -> None:
    assert [link.kind for link in usable(table(service(1)), 0)] == ["servers", "hosts"]


def test_a_link_whose_condition_does_not_hold_is_not_offered() -> None:
    found = usable(table(service(1, binary="nova-conductor", host="ctl01")), 0)
    assert "servers" not in [link.kind for link in found]


def test_a_link_without_a_value_is_not_offered() -> None:
    assert usable(table(service(1, host="")), 0) == []


def test_an_odd_row_has_no_links_to_follow() -> None:
    assert usable(table(OddRow("7", "x", "size is no number")), 0) == []


def test_a_known_list_is_filtered_here() -> None:
    rows = table(service(17))
    place = destination(rows, 0, KIND.links[0], whole_is_known=True)
    assert place.kind_name == "servers"
    assert place.filter_text == "host=cmp0017"
    assert place.where == Where()
    assert place.origin == "cmp0017"


def test_of_an_unknown_list_only_a_part_is_read() -> None:
    place = destination(table(service(17)), 0, KIND.links[0], whole_is_known=False)
    assert place.where == Where(query=(("host", "cmp0017"),))
    assert place.filter_text == "host=cmp0017"


def test_a_link_below_a_parent_reads_that_parent() -> None:
    servers = registry.kind("servers")
    link = next(x for x in servers.links if x.kind == "server-actions")
    row = servers.row(servers.wire(id="77", name="web-3"), Reading("nova", NOW))
    place = destination(Table(snapshot([row], servers)), 0, link, whole_is_known=False)
    assert place.where == Where(parent="77")
    assert place.origin == "web-3"
    assert place.filter_text == ""


HOSTILE = ["two words", "a*b", "[@click=app.quit]x[/]", "what?", 'say "x"', "x\ny", "\x1b[31m", "a=b", "!x", "~x", ""]


@pytest.mark.parametrize("value", HOSTILE)
def test_any_value_finds_its_own_rows(value: str) -> None:
    rows = table(service(1, host=value), service(2, host="other"), service(3, host="twowords"))
    found = finish(rows.select(parse(KIND, equals("host", value)), NOW))
    assert found == [0]


@given(st.text(max_size=40))
def test_every_value_finds_its_own_row(value: str) -> None:
    rows = table(service(1, host=value))
    assert finish(rows.select(parse(KIND, equals("host", value)), NOW)) == [0]


def test_a_value_cannot_add_terms() -> None:
    assert len(parse(KIND, equals("host", "x not:y re:.*")).terms) == 1


def test_the_other_end_of_a_link() -> None:
    there = services(5)
    assert list(linked(Table(there), KIND.links[0], "cmp0003")) == [2]
    by_id = registry.kind("server-actions").links[0]
    assert list(linked(Table(there), by_id, service(4).id)) == [3]


def test_values_and_names() -> None:
    rows = table(service(1), OddRow("7", "", "odd"))
    assert value_of(rows, 0, "host") == "cmp0001"
    assert value_of(rows, 0, "no_such_field") == ""
    assert value_of(rows, 1, "id") == "7"
    assert name_of(rows, 0) == "cmp0001"
    assert name_of(rows, 1) == "7"
