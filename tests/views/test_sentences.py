"""What a list says about itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from collectors import registry
from collectors.errors import Unreachable
from collectors.kinds.compute_services import KIND
from collectors.query import EVERYTHING, parse
from collectors.sources.base import Where
from collectors.table import Order
from tests.views.made import NOW, services, snapshot
from views.glyphs import UNICODE
from views.place import Place
from views.sentences import (
    Crumb,
    amount,
    crumb_text,
    default_order,
    is_late,
    order_by,
    order_words,
    position,
    reading_words,
    why_empty,
)

VOLUMES = registry.kind("volumes")
ACTIONS = registry.kind("server-actions")


def text(crumb: Crumb, width: int) -> str:
    line = crumb_text(crumb, width, UNICODE)
    left, right = ("".join(t for t, _ in runs) for runs in (line.left, line.right))
    return f"{left}|{right}"


def test_the_usual_order_in_words() -> None:
    assert order_words(KIND, default_order(KIND)) == "worst first, then by binary, host"


@pytest.mark.parametrize(
    ("column", "descending", "words"),
    [
        ("host", False, "by host"),
        ("host", True, "by host, reversed"),
        ("updated_at", True, "by heard, newest first"),
        ("updated_at", False, "by heard, oldest first"),
    ],
)
def test_other_orders_in_words(column: str, descending: bool, words: str) -> None:
    assert order_words(KIND, order_by(KIND, column, descending)) == words


def test_sizes_begin_with_the_largest() -> None:
    order = order_by(VOLUMES, "size")
    assert order.descending
    assert order_words(VOLUMES, order) == "by size, largest first"


def test_names_begin_with_a() -> None:
    assert not order_by(KIND, "host").descending


def test_an_order_goes_on_with_the_kinds_own() -> None:
    assert order_by(KIND, "host").columns == ("host", "binary")
    assert order_by(KIND, "health", True) == Order(("health", "binary", "host"), True)


def test_amounts() -> None:
    found = services(52)
    assert amount(None, 0, EVERYTHING, False) == ""
    assert amount(found, 52, EVERYTHING, False) == "52"
    assert amount(found, 4, parse(KIND, "host=cmp1*"), False) == "4 of 52"
    assert amount(found, 2, EVERYTHING, True) == "2 of 52"
    assert amount(found, 52, EVERYTHING, False, 2) == "52, 2 odd"
    assert amount(replace(found, complete=False), 52, EVERYTHING, False) == "52 so far"


def test_a_fuzzy_search_that_stopped_says_so() -> None:
    assert amount(services(500), 200, parse(KIND, "~cmp"), False) == "200 of 500, stopped at 200 hits"


def test_nothing_read_yet_is_no_number() -> None:
    error = Unreachable("nova", "connection refused")
    assert amount(snapshot([], error=error, at=0.0), 0, EVERYTHING, False) == ""


def test_fresh_data_shows_no_age() -> None:
    assert reading_words(services(3), NOW + 15) == ""
    assert reading_words(None, NOW) == ""


def test_late_data_shows_its_age() -> None:
    words = reading_words(services(3), NOW + 300)
    assert words.startswith("read ")
    assert words.endswith("(5 min ago)")


def test_an_error_makes_data_late_at_once() -> None:
    failing = snapshot([], error=Unreachable("nova", "connection refused"))
    assert is_late(failing, NOW + 1)


CRUMB = Crumb(KIND, Place(KIND.name), "52", "", "worst first, then by binary, host")


def test_the_crumb() -> None:
    assert text(CRUMB, 80) == "compute-services  52|worst first, then by binary, host"


def test_a_narrow_crumb_shortens_the_order_then_drops_it() -> None:
    assert text(CRUMB, 50) == "compute-services  52|worst first"
    assert text(CRUMB, 30) == "compute-services  52|"


def test_the_crumb_with_a_filter() -> None:
    crumb = replace(CRUMB, place=Place(KIND.name, filter_text="host=cmp1*"), amount="4 of 52", extras=["problems only"])
    assert text(crumb, 100).startswith("compute-services  4 of 52  problems only  / host=cmp1*|worst")


def test_the_crumb_says_where_we_came_from() -> None:
    crumb = replace(CRUMB, kind=ACTIONS, place=Place(ACTIONS.name, Where(parent="1"), "web-3"))
    assert text(crumb, 80).startswith("web-3 › server-actions")


def test_an_origin_that_the_filter_names_is_not_said_twice() -> None:
    crumb = replace(CRUMB, place=Place(KIND.name, origin="cmp17", filter_text="host=cmp17"))
    assert text(crumb, 80).startswith("compute-services  52  / host=cmp17")


def test_a_hostile_origin_is_harmless_and_short() -> None:
    crumb = replace(CRUMB, place=Place(KIND.name, origin="\x1b[31m" + "x" * 100))
    assert "\x1b" not in text(crumb, 80)
    assert "compute-services  52" in text(crumb, 80)


def test_positions() -> None:
    assert position(0, 19, 52) == "1-19 of 52"
    assert position(1021, 1040, 1040) == "1,022-1,040 of 1,040"
    assert position(0, 0, 0) == ""


def empty(**changes: object) -> str:
    values: dict[str, object] = {
        "kind": KIND,
        "place": Place(KIND.name),
        "snapshot": services(0),
        "query": EVERYTHING,
        "since": NOW,
        "asked": "nova",
    }
    return " ".join(why_empty(**{**values, **changes}))  # type: ignore[arg-type]


def test_while_nothing_was_read_it_says_who_is_asked() -> None:
    assert empty(snapshot=None).startswith("Reading compute-services from nova since ")


def test_an_empty_list_says_who_said_so_and_what_would_be_there() -> None:
    words = empty()
    assert words.startswith("No compute services. Nova answered at ")
    assert "Here would be one row per Nova process" in words


def test_a_filter_that_hides_all_says_so() -> None:
    words = empty(snapshot=services(52), query=parse(KIND, "host=x"), place=Place(KIND.name, filter_text="host=x"))
    assert words == "No row matches the filter. 52 rows are there; esc clears it."


def test_no_problems_is_good_news() -> None:
    assert (
        empty(snapshot=services(52), place=Place(KIND.name, problems=True)) == "No problems: 52 of 52 ok. z shows all."
    )


def test_no_problem_through_a_filter() -> None:
    words = empty(snapshot=services(1), query=parse(KIND, "x"), place=Place(KIND.name, problems=True))
    assert words.startswith("No problem matches the filter. One row is there")


def test_a_failed_first_read_claims_nothing() -> None:
    failing = snapshot([], error=Unreachable("nova", "refused"), at=0.0, complete=False)
    assert empty(snapshot=failing) == "Nothing is known from before."


def test_a_kind_below_a_parent_says_how_to_get_there() -> None:
    words = empty(kind=ACTIONS, place=Place(ACTIONS.name), snapshot=None)
    assert "belong to one of the servers" in words
    assert ":server-actions server=NAME" in words


def test_pages_that_still_arrive() -> None:
    assert "No rows so far" in empty(snapshot=replace(services(0), complete=False))


def test_a_narrowed_read_says_that_only_a_part_was_asked_for() -> None:
    place = Place(KIND.name, Where(query=(("host", "x"),)), filter_text="host=x")
    assert "Only what matches the filter was asked for" in empty(place=place, query=parse(KIND, "host=x"))
