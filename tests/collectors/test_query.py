"""Filters: what each form means, and what is said of those that mean nothing."""

from __future__ import annotations

import pytest

from collectors.errors import UsageError
from collectors.kinds.compute_services import KIND
from collectors.query import parse, parse_arguments
from collectors.table import Table, finish
from tests.rows import NOW, few


def hosts(text: str, *, screen: bool = True) -> list[str]:
    table = Table(few())
    query = parse(KIND, text) if screen else parse_arguments(KIND, [text])
    return [str(table.value(i, "host")) for i in finish(table.select(query, NOW))]


ODD = "7f3c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["cmp02", "cmp10", "ctl01", "cmp01", ODD]),
        ("conductor", ["ctl01"]),
        ("CONDUCTOR", []),
        ("nova", ["cmp02", "cmp10", "ctl01", "cmp01"]),
        ("nova cmp1", ["cmp10"]),
        ('"no heartbeat"', ["cmp02"]),
        ("host=cmp*", ["cmp02", "cmp10", "cmp01"]),
        ("host=mp*", []),
        ("HOST=CMP01", ["cmp01"]),
        ("host!=cmp*", ["ctl01", ODD]),
        ("host=cmp", []),
        ("host~^cmp.2$", ["cmp02"]),
        ("updated_at>5m", ["cmp02"]),
        ("updated-at<1m", ["cmp10", "ctl01", "cmp01"]),
        ("heard<=2s", ["cmp10"]),
        ("health=critical", ["cmp02"]),
        ("health=unknown", [ODD]),
        ("health!=ok", ["cmp02", ODD]),
        ("reason~swap", ["cmp10"]),
        ("re:cmp0[12]", ["cmp02", "cmp01"]),
        ("not:cmp", ["ctl01", ODD]),
        ("not:not:cmp", ["cmp02", "cmp10", "cmp01"]),
        ("!cmp", ["ctl01", ODD]),
        ("not:host=cmp*", ["ctl01", ODD]),
        ("fz:c10", ["cmp10"]),
        ("~c10", ["cmp10"]),
        ("forced_down=false", ["cmp02", "cmp10", "ctl01", "cmp01"]),
        ("cloud=prod region=RegionOne ctl", ["ctl01"]),
        ("disabled_reason=", ["cmp02", "ctl01", "cmp01", ODD]),
    ],
)
def test_what_a_filter_holds_for(text: str, expected: list[str]) -> None:
    assert hosts(text) == expected


def test_arguments_are_one_term_each_and_know_no_screen_shorthand() -> None:
    assert hosts("no heartbeat", screen=False) == ["cmp02"]
    assert hosts("!cmp", screen=False) == []
    assert hosts('"nova-compute"', screen=False) == ["cmp02", "cmp10", "cmp01"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hots=cmp01", "Did you mean host"),
        ("updated_at>soon", "is no number"),
        ("re:(", "not a regular expression"),
        ("host~[", "not a regular expression"),
        ("not:", "empty filter term"),
        ("host>x", "is no number"),
    ],
)
def test_a_filter_that_means_nothing_says_why(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("(", r"\(")):
        parse(KIND, text)


def test_an_open_quote_is_taken_as_far_as_it_was_typed() -> None:
    assert hosts('"no heart') == ["cmp02"]


def test_times_compare_as_moments_too() -> None:
    assert hosts("updated_at<2027-01-15T07:55:00Z") == ["cmp02"]


def test_exact_terms_are_what_an_api_may_filter() -> None:
    assert parse(KIND, "host=cmp01 status!=x binary=nova* zone~n").exact() == {"host": "cmp01"}


def test_a_fuzzy_search_stops_at_its_limit() -> None:
    from collectors.table import FUZZY_HITS
    from tests.rows import service, snapshot

    table = Table(snapshot([service(f"cmp{i:04}") for i in range(20_000)]))
    assert len(finish(table.select(parse(KIND, "~cmp"), NOW))) == FUZZY_HITS
