"""The plain table of `get`: it fits, it says severity in words, it neutralises."""

from __future__ import annotations

import pytest

from collectors.table import Table
from tests.rows import NOW, few, service, snapshot
from views.text.description import command_for
from views.text.description import lines as description
from views.text.listing import lines
from views.text.width import cells, fitted


def listing(width: int | None = None, *, wide: bool = False, ascii_only: bool = False) -> list[str]:
    table = Table(few())
    indexes = list(range(len(table)))
    return [s.rstrip("\n") for s in lines(table, indexes, [], NOW, wide=wide, ascii_only=ascii_only, width=width)]


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(cells(line) for line in listing(width)) <= width


def test_health_name_and_reason_survive_at_80() -> None:
    head, first, *_ = listing(80)
    assert head.split()[0] == "HEALTH"
    assert "✖ critical" in first
    assert "cmp02" in first
    assert "no heartbeat for 6 min" in first


def test_ascii_only_is_ascii() -> None:
    assert all(line.isascii() for line in listing(200, ascii_only=True))
    assert "x critical" in listing(200, ascii_only=True)[1]


def test_wide_shows_every_column() -> None:
    assert "ID" in listing(wide=True)[0]


def test_hostile_names_do_nothing() -> None:
    table = Table(snapshot([service("\x1b[2J\nboo\u202e")]))
    out = "".join(lines(table, [0], [], NOW))
    assert out.count("\n") == 2
    assert "\x1b" not in out
    assert "\\x1b[2J\\nboo\\u202e" in out


def test_chosen_columns_come_in_the_order_asked_for() -> None:
    table = Table(few())
    assert next(iter(lines(table, [0], ["host", "health"], NOW))).split() == ["HOST", "HEALTH"]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [("abc", 5, "abc  "), ("abcdef", 4, "abc…"), ("漢字漢字", 5, "漢字…"), ("漢字", 3, "漢…"), ("x", 0, "")],
)
def test_fitting_counts_cells(text: str, width: int, expected: str) -> None:
    assert fitted(text, width) == expected
    assert cells(fitted(text, width)) == width


def test_the_command_for_a_row_is_quoted() -> None:
    table = Table(snapshot([service("cmp'; rm -rf /")]))
    assert command_for(table.kind, table, 0) == (
        """openstack compute service list --host 'cmp'"'"'; rm -rf /' --service nova-compute"""
    )


def test_a_description_puts_the_reason_first_and_knows_odd_rows() -> None:
    table = Table(few())
    text = "".join(description(table, 0, NOW))
    assert text.splitlines()[1] == "✖ critical: no heartbeat for 6 min"
    assert "2027-01-15T07:53:50Z (6 min ago)" in text
    assert "Expected `str`" in "".join(description(table, 4, NOW))
