"""One odd row never empties a list, and never passes for a good one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from collectors.decode import odd_row, rows_of
from collectors.errors import NotUnderstood
from collectors.health import OK, Health
from collectors.kind import Column, Kind, Reading, Row, Wire
from collectors.request import Rest
from collectors.rollup import Count
from collectors.snapshot import AnyRow, OddRow
from collectors.sources.base import Page


class ThingWire(Wire):
    """What arrives."""

    id: str
    size: int | None = None


class Thing(Row, frozen=True):
    """One thing."""

    id: str
    size: int | None


def row(wire: ThingWire, reading: Reading) -> Thing:
    """Refuses a size of 13, as row functions refuse what they cannot read."""
    if wire.size == 13:
        raise ValueError("13 brings bad luck")
    return Thing(id=wire.id, size=wire.size)


def health(thing: Thing, now: float) -> Health:
    """Always well."""
    return OK


KIND = Kind(
    name="things",
    title="Things",
    about="for tests",
    system="compute",
    read=Rest("compute", "/things", "things"),
    wire=ThingWire,
    row=row,
    fields=Thing,
    name_field="id",
    columns=(Column("id", "ID"), Column("size", "SIZE")),
    health=health,
    rollup=Count("things"),
)


def decoded(raw: bytes) -> list[AnyRow]:
    """The rows of a page."""
    return rows_of(Page(raw=raw), KIND, Reading("cloud", 0.0))


def odd(raw: bytes) -> OddRow:
    """The only row of a page, which is odd."""
    (found,) = decoded(raw)
    assert isinstance(found, OddRow)
    return found


def test_a_page_of_good_rows() -> None:
    assert decoded(b'[{"id": "a", "size": 1, "new": {}}, {"id": "b"}]') == [
        Thing(id="a", size=1),
        Thing(id="b", size=None),
    ]


def test_only_the_odd_row_is_odd() -> None:
    first, second, third = decoded(b'[{"id": "a"}, {"id": "b", "name": "web", "size": "big"}, {"id": "c"}]')
    assert first == Thing(id="a", size=None)
    assert isinstance(second, OddRow)
    assert (second.id, second.name, second.target) == ("b", "web", "cloud")
    assert second.reason == "Expected `int | null`, got `str` at `size`"
    assert second.raw == '{"id": "b", "name": "web", "size": "big"}'
    assert third == Thing(id="c", size=None)


@pytest.mark.parametrize(
    ("raw", "identity", "reason"),
    [
        (b'[{"id": null}]', "odd-1", "Expected `str`, got `null`"),
        (b"[{}]", "odd-1", "missing required field `id`"),
        (b'[{"id": ""}]', "odd-1", "ValueError: no id"),
        (b'[{"id": "a", "size": 13}]', "a", "ValueError: 13 brings bad luck"),
        (b'[{"id": 7}]', "7", "Expected `str`, got `int`"),
        (b'[{"uuid": "u"}]', "u", "missing required field `id`"),
        (b"[null]", "odd-1", "Expected `object`, got `null`"),
        (b'["text"]', "odd-1", "Expected `object`, got `str`"),
        (b'[{"id": "a\xff"}]', "a�", "UnicodeDecodeError"),
        (b'[{"id": "a", "size": 1e999}]', "a", "out of range"),
        (b'[{"id": "a", "size": 123456789012345678901234567890.5}]', "a", "Expected `int | null`, got `float`"),
    ],
)
def test_ways_of_being_odd(raw: bytes, identity: str, reason: str) -> None:
    found = odd(raw)
    assert found.id == identity
    assert reason in found.reason


def test_what_is_shown_of_an_odd_row_is_limited() -> None:
    found = odd(b'[{"id": 1, "name": "' + b"x" * 10_000 + b'"}]')
    assert len(found.raw) == 2000
    assert len(found.name) == 200


def test_rows_without_anything_to_call_them_by_are_told_apart() -> None:
    assert [row.id for row in decoded(b"[1, 2]") if isinstance(row, OddRow)] == ["odd-1", "odd-2"]


@pytest.mark.parametrize("raw", [b"{}", b'"x"', b"[", b"", b"[" * 100_000, b'[{"id": "a"}'])
def test_a_page_that_is_no_list(raw: bytes) -> None:
    with pytest.raises(NotUnderstood, match="things: the answer is not a list"):
        decoded(raw)


def test_items_that_are_parsed_already() -> None:
    found = rows_of(Page(items=[{"id": "a", "size": "5"}, {"id": "b", "size": []}, 3]), KIND, Reading("m", 0.0))
    assert found[0] == Thing(id="a", size=5)
    assert [type(item) for item in found[1:]] == [OddRow, OddRow]


@pytest.mark.parametrize("found", [10**40, float("nan"), {"x": object()}, "\ud800", b"bytes", None])
def test_anything_can_be_shown_as_odd(found: object) -> None:
    assert odd_row(found, "why", "target", 3).id == "odd-3"


def test_a_bug_of_ours_is_not_an_odd_row() -> None:
    def broken(wire: ThingWire, reading: Reading) -> Thing:
        raise AssertionError("ours")

    with pytest.raises(AssertionError, match="ours"):
        rows_of(Page(raw=b'[{"id": "a"}]'), replace(KIND, row=broken), Reading("cloud", 0.0))
