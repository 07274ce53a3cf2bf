"""Envelopes and walks, without a server: what arrives decides what is asked next."""

from __future__ import annotations

import msgspec
import pytest

from collectors.errors import NotUnderstood
from collectors.request import Rest
from collectors.sources.paging import Opened, Walk, ids, mended, only_list, opened

SERVERS = Rest("compute", "/servers/detail", "servers")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"servers": []}', b"[]"),
        (b'{"servers": [{"id": "a"}], "extra": 1}', b'[{"id": "a"}]'),
        (b'{"servers": [NaN]}', b"[null]"),
        (b'{"servers": [{"name": "\\ud800"}]}', b'[{"name": "?"}]'),
        (b'{"servers": [1e400]}', b"[1e400]"),
    ],
)
def test_the_list_is_taken_out_of_its_envelope(body: bytes, expected: bytes) -> None:
    assert opened(body, SERVERS, "compute").raw == expected


def test_broken_utf8_in_a_row_is_left_to_the_row() -> None:
    assert opened(b'{"servers": [{"name": "\xff"}]}', SERVERS, "compute").raw == b'[{"name": "\xff"}]'


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"servers"', b"{", b'{"servers": [}', b"\xff\xfe{", b"1"])
def test_what_is_no_envelope(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        opened(body, SERVERS, "compute at http://x")


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ({}, None),
        ({"servers_links": []}, None),
        ({"servers_links": [{"rel": "previous", "href": "http://x/?marker=p"}]}, None),
        ({"servers_links": [{"rel": "next", "href": "http://x/?limit=2&marker=m"}]}, {"limit": "2", "marker": "m"}),
        ({"next": "/v2/images?marker=m"}, {"marker": "m"}),
        ({"next": None}, None),
        ({"links": {"next": "http://x/?marker=m", "self": "http://x"}}, {"marker": "m"}),
        ({"links": {"next": None, "self": "http://x"}}, None),
        ({"links": [{"rel": "next", "href": "http://x/?marker=m"}]}, {"marker": "m"}),
        ({"links": [{"rel": "self", "href": "http://x/"}]}, None),
    ],
)
def test_where_the_next_page_is(links: dict[str, object], expected: dict[str, str] | None) -> None:
    body = msgspec.json.encode({"servers": [{"id": "a"}], **links})
    assert opened(body, SERVERS, "compute").following == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"stacks": [], "links": []}', "stacks"),
        (b'{"stacks": [], "stacks_links": []}', "stacks"),
        (b'{"total": 3, "secrets": [1]}', "secrets"),
        (b'{"a": [], "b": []}', ""),
        (b'{"a": 1}', ""),
        (b"[1]", ""),
        (b"<html>", ""),
    ],
)
def test_the_only_list_of_an_answer(body: bytes, expected: str) -> None:
    assert only_list(body) == expected


def test_an_unknown_collection_is_opened_by_its_only_list() -> None:
    unknown = Rest("orchestration", "/stacks", "")
    assert opened(b'{"stacks": [{"id": "a"}]}', unknown, "orchestration").raw == b'[{"id": "a"}]'
    with pytest.raises(NotUnderstood, match="the answer has no list"):
        opened(b'{"a": [], "b": []}', unknown, "orchestration")


def test_mending_keeps_what_is_well() -> None:
    assert msgspec.json.decode(mended(b'{"a": ["\xc3\xa4", -Infinity, 1.5]}')) == {"a": ["ä", None, 1.5]}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'[{"id": "a"}, {"id": 2}, {}]', ["a", "2"]),
        (b'[{"uuid": "u"}]', ["u"]),
        (b'[{"id": "a"}, {"id": []}, 3, {"id": "b"}]', ["a", "b"]),
        (b"{}", []),
        (b"[", []),
    ],
)
def test_markers_of_a_page(raw: bytes, expected: list[str]) -> None:
    assert ids(raw) == expected


def page(*found: str, marker: str = "") -> Opened:
    """A page with these ids and the marker of the next one."""
    return Opened(msgspec.json.encode([{"id": i} for i in found]), {"marker": marker} if marker else None)


def test_a_walk_keeps_the_first_query() -> None:
    walk = Walk({"limit": "2", "host": "cmp01"})
    assert walk.after(page("a", "b", marker="b")) == {"limit": "2", "host": "cmp01", "marker": "b"}
    assert walk.after(page("c")) is None
    assert not walk.circular


def test_a_parameter_of_several_values_is_kept_whole_over_all_pages() -> None:
    walk = Walk({"device_id": ["a", "b"], "limit": "2"})
    opened_page = Opened(b'[{"id":"p"},{"id":"q"}]', {"device_id": "b", "limit": "2", "marker": "q"})
    assert walk.after(opened_page) == {"device_id": ["a", "b"], "limit": "2", "marker": "q"}
    assert walk.after(opened_page) is None, "the same page again"


def test_an_empty_page_ends_the_walk_even_with_a_link() -> None:
    walk = Walk({})
    walk.after(page("a", marker="a"))
    assert walk.after(page(marker="z")) is None
    assert not walk.circular


def test_the_same_marker_twice_is_a_circle() -> None:
    walk = Walk({})
    assert walk.after(page("a", marker="m")) is not None
    assert walk.after(page("b", marker="m")) is None
    assert walk.circular


def test_nothing_new_on_a_page_is_a_circle() -> None:
    walk = Walk({})
    walk.after(page("a", "b", marker="b"))
    assert walk.after(page("a", "b", marker="c")) is None
    assert walk.circular


def test_going_back_over_several_deleted_markers() -> None:
    walk = Walk({})
    walk.after(page("a", "b", "c", marker="c"))
    assert walk.marker_gone("c") == {"marker": "b"}
    assert walk.marker_gone("b") == {"marker": "a"}
    assert walk.marker_gone("a") is None


def test_after_going_back_the_walk_goes_on() -> None:
    walk = Walk({})
    walk.after(page("a", "b", marker="b"))
    walk.marker_gone("b")
    assert walk.after(page("c", "d", marker="d")) == {"marker": "d"}
