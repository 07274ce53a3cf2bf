"""What `get` says about what it could not read, and the exit code that it means."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from collectors.errors import NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.snapshot import Snapshot, TargetRead
from console.cli.exits import Exit
from console.cli.get import complain
from tests.rows import NOW, few, snapshot


def failed(found: Snapshot, errors: list[SourceError | None]) -> Snapshot:
    targets = tuple(TargetRead(f"cmp{n:02}", NOW, 1, error=e) for n, e in enumerate(errors))
    return replace(found, targets=targets)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unreachable("x", "y"), Exit.UNREACHABLE),
        (TooLate("x", "y"), Exit.UNREACHABLE),
        (Refused("x", "y"), Exit.REFUSED),
        (NotUnderstood("x", "y"), Exit.NOT_UNDERSTOOD),
    ],
)
def test_nothing_read_is_the_errors_own_code(error: SourceError, code: Exit) -> None:
    assert complain(failed(snapshot([]), [error]), None) == code


def test_rows_with_something_missing_are_partial(capsys: pytest.CaptureFixture[str]) -> None:
    assert complain(failed(few(), [Unreachable("host cmp00", "no route", "ping it"), None]), None) == Exit.PARTIAL
    assert capsys.readouterr().err == "nephoscope: host cmp00: no route. Try: ping it\n"


def test_complete_rows_are_done_odd_ones_included(capsys: pytest.CaptureFixture[str]) -> None:
    assert complain(few(), None) == Exit.DONE
    assert capsys.readouterr().err == ""


def test_the_own_time_limit_has_its_own_code() -> None:
    assert complain(failed(snapshot([]), [TooLate("x", "y")]), 5.0) == Exit.TIME_LIMIT


def test_many_that_say_the_same_share_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    errors: list[SourceError | None] = [Unreachable(f"host cmp{n:02}", "no route", f"ssh cmp{n:02}") for n in range(40)]
    errors.append(Refused("host cmp40", "no sudo"))
    assert complain(failed(few(), errors), None) == Exit.PARTIAL
    assert capsys.readouterr().err.splitlines() == [
        "nephoscope: cmp00, cmp01, cmp02, cmp03, cmp04 and 35 more: no route",
        "nephoscope: cmp40: no sudo",
    ]


def test_hostile_words_of_an_error_are_neutral(capsys: pytest.CaptureFixture[str]) -> None:
    complain(failed(snapshot([]), [Unreachable("x", "\x1b[2Jboo")]), None)
    assert capsys.readouterr().err == "nephoscope: x: \\x1b[2Jboo\n"
