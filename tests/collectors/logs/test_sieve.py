"""Which lines pass: levels, and the filter words of any list."""

from __future__ import annotations

import pytest

from collectors.errors import UsageError
from collectors.logs.line import LINES
from collectors.logs.sieve import Sieve, hosts_of, level, words_apart
from collectors.query import parse
from tests.collectors.logs.test_store import line

LINE = line(100.0, "Connection refused to ctl03", level="error", request_id="req-1", logger="oslo.messaging")


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True), ("refused", True), ("REFUSED", False), ("Connection", True), ('"refused to"', True),
        ("host=ctl0*", True), ("host=cmp01", False), ("not:host=cmp01", True), ("host!=ctl01", False),
        ("service=nova-api level=error", True), ("message~ctl\\d+", True), ("re:ctl\\d+$", True),
        ("re:^nothing", False),
        ("request=req-1", True), ("logger=oslo*", True), ("time<10", True), ("time>10", False), ("fz:nvapi", True),
        ("fz:xyz", False), ("!refused", False),
    ],
)  # fmt: skip
def test_filters(text: str, passes: bool) -> None:
    assert Sieve(query=parse(LINES, text)).test(105.0)(LINE) is passes


@pytest.mark.parametrize(
    ("wanted", "passing"), [("critical", 1), ("error", 2), ("warning", 3), ("info", 5), ("debug", 6)]
)
def test_a_level_and_worse(wanted: str, passing: int) -> None:
    lines = [line(1.0, level=name) for name in ("critical", "error", "warning", "info", "", "debug")]
    test = Sieve(wanted).test(0.0)
    assert sum(test(each) for each in lines) == passing


def test_words_of_a_command_line() -> None:
    assert words_apart(["nova-api", "host=ctl*", "ceph-1@osd.0", "re:x", "not:level=info"]) == (
        ("nova-api", "ceph-1@osd.0"), ("host=ctl*", "re:x", "not:level=info"),
    )  # fmt: skip
    assert hosts_of(parse(LINES, "host=ctl0* not:host=ctl02"), ("ctl01", "ctl02", "cmp01")) == ("ctl01",)
    assert (level("warn"), level("E")) == ("warning", "error")
    with pytest.raises(UsageError, match="is no level"):
        level("loud")
