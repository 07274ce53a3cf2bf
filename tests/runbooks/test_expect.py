"""Expectations that end before their time: what another kind says means that this one will never hold."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from runbooks.expect import Expect, looked
from runbooks.outcome import since
from tests.rows import NOW, service, snapshot

WANTED = Expect("compute-services", "nova-compute-cmp01", "status=disabled")
"""A row that does not tell that its action failed; here another row of the same kind stands for the action."""
FAILED = Expect("compute-services", where="host=cmp02 state=down")


def cloud(*, state: str, status: str = "enabled") -> Any:
    mine, other = service("cmp01", status=status), service("cmp02", state=state, updated_at=NOW - 900)
    return SimpleNamespace(
        fresh_row=lambda *what, **more: snapshot([mine]), fresh=lambda *what, **more: snapshot([mine, other])
    )


@pytest.mark.parametrize(
    ("state", "status", "found"),
    [("up", "enabled", "pending"), ("down", "enabled", "failed"), ("down", "disabled", "reached")],
)
def test_what_will_never_hold_is_not_waited_for(state: str, status: str, found: str) -> None:
    expect = Expect(WANTED.kind, WANTED.row, WANTED.where, never=FAILED)
    look = looked(expect, cloud(state=state, status=status))
    assert look.state == found
    if found == "failed":
        assert "state=down" in look.words, "it says what is wrong there"


def test_what_is_expected_of_rows_nobody_can_name_is_said_in_words() -> None:
    found = Expect("compute-services", where="state=down", absent=True, name="of rack 7 are up")
    assert found.words == "compute-services of rack 7 are up"
    look = looked(found, cloud(state="down"))
    assert (look.state, look.words) == ("pending", "cmp02: no heartbeat for 15 min")
    assert looked(found, cloud(state="up")).state == "reached"


def test_a_row_has_the_name_that_people_call_it_by() -> None:
    named = Expect(WANTED.kind, WANTED.row, WANTED.where, name="nova-compute@cmp01")
    assert named.words == "compute-services nova-compute@cmp01: status=disabled"
    gone = Expect(WANTED.kind, WANTED.row, absent=True, name="nova-compute@cmp01")
    assert looked(gone, cloud(state="up")).words == "compute-services nova-compute@cmp01 is still there"


def test_the_moment_of_the_call_is_filled_in_there_too() -> None:
    expect = since(
        Expect("servers", "x", "status=ACTIVE", never=Expect("server-actions", where="start_time>{began}")), NOW
    )
    assert expect.never is not None
    assert expect.never.where == "start_time>2027-01-15T07:59:58Z"
