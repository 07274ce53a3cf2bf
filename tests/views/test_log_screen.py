"""A log on the screen: opened from a row, following, filtered, looked into, further back, searched by request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from collectors.errors import Unreachable
from tests.views.fake_log import REQUEST, FakeLogs, line
from tests.views.made import services
from tests.views.pilots import Painting, Running, running
from views.log_feed import SPANS, Ask
from views.log_screen import LogScreen


@asynccontextmanager
async def opened(*keys: str) -> AsyncIterator[tuple[Running, FakeLogs]]:
    """A list of compute services, and the log of the first one."""
    logs = FakeLogs()
    async with running(services(3), open_log=logs) as found:
        await found.press("l", *keys)
        yield found, logs


async def test_l_opens_the_log_of_the_row() -> None:
    async with opened() as (found, logs):
        assert logs.log.ask == Ask(("nova-compute",), ("cmp0001",))
        assert logs.log.running
        logs.log.put(line(1), line(2, level="error", message="\x1b[31mConnection refused\u202e"))
        await found.settle()
        assert found.lines[0].startswith("logs nova-compute on cmp0001   2   last 10 min")
        assert found.lines[1] == " 04:30:01   info     manager: line 1"
        assert "✖ error" in found.lines[2]
        assert "\\x1b[31mConnection refused\\u202e" in found.lines[2]
        assert found.foot.startswith("read from journald")
        await found.press("escape")
        assert not logs.log.running
        assert found.crumb.startswith("compute-services")


async def test_several_marked_rows_are_one_log_and_say_their_hosts() -> None:
    logs = FakeLogs()
    async with running(services(3), open_log=logs) as found:
        await found.press("space", "space", "l")
        assert logs.log.ask.hosts == ("cmp0001", "cmp0002")
        logs.log.put(line(1), line(2, host="cmp02"), sources=("cmp01: journald", "cmp02: journald"))
        await found.settle()
        assert "cmp01 manager: line 1" in found.lines[1]
        assert "cmp02 manager: line 2" in found.lines[2]


async def test_the_foot_begins_with_the_hosts_for_which_loki_stands_in() -> None:
    async with opened() as (found, logs):
        away = tuple(f"cmp{n:02}: loki, since SSH says: no answer" for n in range(1, 3))
        logs.log.put(line(1), sources=("ctl01: docker nova_compute", "ctl01: /var/log/kolla/nova", *away))
        await found.settle()
        assert found.foot.startswith("read from loki (cmp01, cmp02), docker nova_compute, /var/log")
        logs.log.put(line(2), sources=tuple(f"cmp{n:02}: loki" for n in range(1, 10)))
        await found.settle()
        assert found.foot.startswith("read from loki (9 hosts)")


async def test_it_follows_at_the_end_and_nowhere_else() -> None:
    async with opened() as (found, logs):
        logs.log.put(*(line(n) for n in range(100)))
        await found.settle()
        assert "line 99" in found.lines[-3]
        logs.log.put(line(100))
        await found.settle()
        assert "line 100" in found.lines[-3]
        await found.press("k")
        here = found.lines[1:-2]
        logs.log.put(line(101), line(102))
        await found.settle()
        assert found.lines[1:-2] == here
        assert found.lines[0].endswith("new lines below")
        await found.press("f")
        assert "line 102" in found.lines[-3]
        assert found.lines[0].endswith("at the end")


async def test_late_lines_of_another_host_do_not_move_the_cursor() -> None:
    async with opened() as (found, logs):
        logs.log.put(*(line(n) for n in range(0, 200, 2)))
        await found.press("g", "j", "j", "j")
        logs.log.put(*(line(n, host="cmp02") for n in range(1, 199, 2)))
        await found.settle()
        screen = found.app.screen
        assert isinstance(screen, LogScreen)
        assert screen.view.line is not None
        assert screen.view.line.message == "line 6"


async def test_a_filter_works_while_it_is_typed_and_escape_takes_it_back() -> None:
    async with opened() as (found, logs):
        logs.log.put(*(line(n) for n in range(100)))
        await found.press("/")
        await found.type("line")
        await found.press("space", *"97", "enter")
        assert "1 of 100" in found.lines[0]
        assert "line 97" in found.lines[1]
        logs.log.put(line(970), line(971))
        await found.settle()
        assert "3 of 102" in found.lines[0]
        await found.press("/", "x", "escape")
        assert "3 of 102" in found.lines[0]
        await found.press("/", *"zzz", "enter")
        assert any("none of 102 lines match" in text for text in found.lines)


async def test_a_filter_that_cannot_be_understood_is_told() -> None:
    async with opened("/", *"time>soon") as (found, logs):
        logs.log.put(line(1))
        await found.press("enter")
        assert "is no number" in found.foot


async def test_z_goes_through_the_levels() -> None:
    async with opened() as (found, logs):
        logs.log.put(line(1), line(2, level="warning"), line(3, level="error"), line(4, level="critical"))
        for amount in ("3 of 4", "2 of 4", "   4   "):
            await found.press("z")
            assert amount in found.lines[0]


async def test_enter_shows_the_whole_line_and_its_request_is_searched() -> None:
    async with opened() as (found, logs):
        logs.log.put(line(1, message="word " * 60, request_id=REQUEST))
        await found.press("enter")
        assert any(REQUEST in text for text in found.lines)
        assert sum("word word" in text for text in found.lines) >= 4
        await found.press("escape", "l")
        assert logs.log.ask == Ask(request=REQUEST, back=SPANS[1])
        assert found.lines[0].startswith(f"search {REQUEST}")
        await found.press("escape")
        assert found.lines[0].startswith("logs nova-compute")


async def test_the_whole_line_is_whole_and_harmless() -> None:
    async with opened() as (found, logs):
        logs.log.put(line(1, message="é" * 1200 + "\x1b]0;x\x07the end"))
        await found.press("enter")
        assert any("\\x1b]0;x\\x07the end" in text for text in found.lines)


async def test_a_line_without_a_request_says_so() -> None:
    async with opened() as (found, logs):
        logs.log.put(line(1))
        await found.press("l")
        assert found.foot.startswith("this line names no request")


async def test_further_back_reads_anew() -> None:
    async with opened() as (found, logs):
        logs.log.put(line(1))
        first = logs.log
        await found.press("B")
        assert not first.running
        assert logs.log.ask.back == SPANS[1]
        assert "last 60 min" in found.lines[0]
        await found.press("B", "B", "B", "B")
        assert "is as far as this goes" in found.foot


async def test_it_can_be_read_again() -> None:
    async with opened() as (found, logs):
        first = logs.log
        first.put(line(1), done=True)
        await found.press("ctrl+r")
        assert not first.running
        assert logs.log is not first
        assert logs.log.ask == first.ask
        logs.refuse = "cmp0001 is no host any more"
        await found.press("ctrl+r")
        assert "is no host any more" in found.foot
        assert logs.log.running


async def test_what_cannot_be_read_is_told() -> None:
    async with opened() as (found, logs):
        error = Unreachable("ssh cmp01 (10.0.0.31 port 22)", "connection refused", "is sshd running there?")
        logs.log.put(troubles=(("cmp01", error),), sources=(), done=True)
        await found.settle()
        assert any("connection refused" in text for text in found.lines[1:4])
        assert "connection refused" in found.foot


async def test_a_host_that_is_none_is_told_and_nothing_opens() -> None:
    logs = FakeLogs()
    logs.refuse = "cmp01 is no host of sim"
    async with running(services(1), open_log=logs) as found:
        await found.press("l")
        assert "cmp01 is no host of sim" in found.foot
        assert found.crumb.startswith("compute-services")


async def test_typed_commands_open_logs_and_searches() -> None:
    logs = FakeLogs()
    async with running(services(1), open_log=logs) as found:
        await found.press("colon", *"logs", "space", *"nova-api", "space", *"host=ctl01", "enter")
        assert logs.log.ask == Ask(("nova-api",), ("ctl01",))
        await found.press("escape", "colon", *"search", "space", *"req-12345678", "enter")
        assert logs.log.ask == Ask(request="req-12345678", back=SPANS[1])
        await found.press("question_mark")
        assert any("In a log" in text for text in found.lines)


@pytest.mark.parametrize("shown", [1_000_000])
async def test_moving_in_a_long_log_unpacks_only_what_shows(shown: int) -> None:
    async with opened() as (found, logs):
        for start in range(0, shown, 20_000):
            logs.log.store.add([line(n) for n in range(start, start + 20_000)])
        logs.log.put()
        await found.settle()
        assert f"{shown:,}" in found.lines[0]
        store, unpacked = logs.log.store, []
        before = store._text
        store._text = lambda at: unpacked.append(at) or before(at)  # type: ignore[method-assign, func-returns-value]
        painting = Painting()
        painting.watch(found.app.screen.query_one("LogView"))
        for key in ("k", "g", "pagedown", "G"):
            unpacked.clear()
            await found.press(key)
            assert len(unpacked) <= 4 * 21
        assert painting.take()


async def test_the_shell_is_refused_in_words_and_else_gets_the_terminal() -> None:
    asked: list[tuple[str, str]] = []

    def shell(host: str, namespace: str) -> str:
        asked.append((host, namespace))
        return ""

    async with running(services(1), open_shell=shell, no_shell="read-only: no shell is opened") as found:
        await found.press("s")
        assert found.foot.startswith("read-only: no shell is opened")
        assert asked == []
    async with running(services(1), open_shell=shell) as found:
        await found.press("s")  # a pilot has no terminal to lend
        assert "this terminal cannot be lent" in found.foot
