"""The list screen, driven by its keys."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from collectors import registry
from collectors.errors import TooLate
from collectors.kind import Reading
from collectors.kinds.compute_services import KIND
from collectors.snapshot import OddRow, Snapshot, TargetRead
from collectors.sources.base import Where
from collectors.store import Subject
from collectors.table import SLICE
from tests.views.made import NOW, service, services, snapshot
from tests.views.pilots import running
from views.choices import Choices
from views.place import Place

DOWN = service(17, state="down", updated_at=NOW - 360)
SERVERS = registry.kind("servers")


def servers(*hosts: str) -> Snapshot:
    rows = [
        SERVERS.row(SERVERS.wire(id=f"s{n}", name=f"web-{n}", status="ACTIVE", host=host), Reading("nova", NOW))
        for n, host in enumerate(hosts, 1)
    ]
    return snapshot(rows, SERVERS)


# -- filter -----------------------------------------------------------------------------------------------------------


async def test_a_filter_works_while_it_is_typed() -> None:
    async with running(services(52)) as r:
        await r.press("slash")
        await r.type("cmp001")
        assert r.hosts[0] == "cmp0010"
        assert "10 of 52" in r.crumb
        await r.press("enter")
        assert r.grid.has_focus
        assert "10 of 52  / cmp001" in r.crumb


async def test_escape_takes_the_typed_filter_back() -> None:
    async with running(services(52)) as r:
        await r.press("slash", "x", "x", "escape")
        assert len(r.grid.indexes) == 52
        assert "/" not in r.crumb


async def test_a_mistake_is_told_and_the_last_good_filter_stays() -> None:
    async with running(services(52)) as r:
        await r.press("slash")
        await r.type("cmp0001 hst=x")
        assert "no column “hst”" in r.foot
        assert r.hosts == ["cmp0001"]


async def test_a_column_without_its_value_does_not_empty_the_list() -> None:
    async with running(services(52)) as r:
        await r.press("slash")
        await r.type("cmp000 host=")
        assert len(r.grid.indexes) == 9
        await r.type("cmp0001")
        assert r.hosts == ["cmp0001"]


async def test_an_empty_value_is_a_filter_once_it_is_meant() -> None:
    async with running(services(3, service(2, disabled_reason="RAM"))) as r:
        await r.press("slash")
        await r.type("disabled_reason=")
        await r.press("enter")
        assert len(r.grid.indexes) == 2


async def test_escape_in_the_list_clears_the_filter() -> None:
    async with running(services(52), place=Place(KIND.name, filter_text="cmp0001")) as r:
        assert "esc clear filter" in r.hints
        await r.press("escape")
        assert len(r.grid.indexes) == 52


async def test_filters_are_recalled() -> None:
    async with running(services(52)) as r:
        await r.press("slash", "a", "enter", "slash")
        await r.press("backspace", "b", "enter", "slash", "backspace")
        await r.press("up")
        assert r.screen.filter_bar.typed.value == "b"
        await r.press("up")
        assert r.screen.filter_bar.typed.value == "a"


async def test_tab_completes_columns_and_values() -> None:
    async with running(services(3, service(2, host="ctl01"))) as r:
        await r.press("slash")
        await r.type("ho")
        await r.press("tab")
        await r.type("ct")
        await r.press("tab")
        assert r.screen.filter_bar.typed.value == "host=ctl01"
        assert r.hosts == ["ctl01"]


async def test_a_long_list_is_filtered_in_slices() -> None:
    async with running(services(SLICE * 2)) as r:
        await r.press("slash")
        await r.type("cmp16384")
        await r.press("enter")
        assert r.hosts == ["cmp16384"]


async def test_swaps_while_a_long_list_is_arranged_show_the_latest() -> None:
    async with running(services(SLICE * 2)) as r:
        r.screen.filter("cmp0001")
        r.feed.put(services(SLICE * 2, service(1, zone="az-9")))
        r.feed.put(services(SLICE * 2, service(1, zone="az-8")))
        await r.settle()
        table = r.grid.table
        assert table is not None
        assert table.value(r.grid.indexes[0], "zone") == "az-8"


# -- order, problems, wide, follow ------------------------------------------------------------------------------------


async def test_the_sort_column_moves_right_and_left_and_turns() -> None:
    async with running(services(9, DOWN)) as r:
        await r.press("greater_than_sign", "greater_than_sign")
        assert r.hosts[0] == "cmp0001"
        assert r.crumb.endswith("by host")
        await r.press("I")
        assert r.hosts[0] == "cmp0017"
        assert r.crumb.endswith("by host, reversed")
        await r.press("less_than_sign", "less_than_sign")
        assert "worst first" in r.crumb


async def test_sorting_goes_round() -> None:
    async with running(services(9)) as r:
        await r.press("less_than_sign")
        assert "by zone" in r.crumb
        await r.press("greater_than_sign")
        assert "worst first" in r.crumb


async def test_problems_only_and_all() -> None:
    async with running(services(52, DOWN)) as r:
        await r.press("z")
        assert r.hosts == ["cmp0017"]
        assert "1 of 52  problems only" in r.crumb
        assert "z all" in r.hints
        await r.press("z")
        assert len(r.grid.indexes) == 52


async def test_wide_columns() -> None:
    async with running(services(5), size=(200, 24)) as r:
        await r.press("w")
        assert "DISABLED REASON" in r.lines[2]
        assert "all columns" in r.crumb
        await r.press("w")
        assert "DISABLED REASON" not in r.lines[2]


async def test_a_followed_row_keeps_its_line() -> None:
    async with running(services(52)) as r:
        r.grid.go_to(service(3).id)
        await r.press("f")
        assert "following cmp0003" in r.crumb
        line = r.grid.window.at - r.grid.window.top
        await r.press("greater_than_sign", "greater_than_sign", "I")
        assert r.grid.cursor_id == service(3).id
        window = r.grid.window
        assert window.at - window.top == line or window.top == window.last_top
        await r.press("k")
        assert "following" not in r.crumb


async def test_following_ends_with_its_key() -> None:
    async with running(services(52)) as r:
        await r.press("f", "f")
        assert "following" not in r.crumb
        assert not r.grid.pinned


# -- marks and copying ------------------------------------------------------------------------------------------------


async def test_marks_are_counted_and_cleared() -> None:
    async with running(services(9)) as r:
        await r.press("space", "space", "j", "v")
        assert r.foot.startswith("4 marked")
        assert "esc clear marks" in r.hints
        await r.press("escape")
        assert r.grid.marks == set()
        await r.press("space", "U")
        assert r.grid.marks == set()


async def test_copying_rows_as_text() -> None:
    async with running(services(9, DOWN)) as r:
        await r.press("c")
        assert r.app.clipboard.startswith("✖ critical  nova-compute  cmp0017  enabled")
        assert r.foot.startswith("copied 1 row")
        await r.press("space", "space", "c")
        assert r.app.clipboard.splitlines()[0].startswith("HEALTH")
        assert len(r.app.clipboard.splitlines()) == 3
        assert r.foot.startswith("copied 2 rows")


async def test_copying_a_hostile_name_copies_no_control_characters() -> None:
    async with running(services(2, service(1, host="\x1b[31m\nreboot\n"))) as r:
        await r.press("c")
        assert r.app.clipboard.count("\n") == 1
        assert "\x1b" not in r.app.clipboard


async def test_copying_commands() -> None:
    async with running(services(9)) as r:
        await r.press("space", "space", "C")
        assert r.app.clipboard.splitlines() == [
            "openstack --os-cloud prod --os-region-name RegionOne compute service list --host cmp0001 "
            "--service nova-compute",
            "openstack --os-cloud prod --os-region-name RegionOne compute service list --host cmp0002 "
            "--service nova-compute",
        ]
        assert r.foot.startswith("copied 2 commands")


async def test_copying_a_column() -> None:
    async with running(services(9)) as r:
        await r.press("space", "space")
        r.screen.copy_column("host")
        assert r.app.clipboard == "cmp0001\ncmp0002\n"


async def test_too_much_for_a_clipboard_is_told() -> None:
    async with running(services(5000)) as r:
        r.grid.marks = {service(n).id for n in range(1, 5001)}
        await r.press("c")
        assert "too much for a terminal's clipboard" in r.foot
        assert r.app.clipboard == ""


# -- going elsewhere --------------------------------------------------------------------------------------------------


async def test_enter_follows_the_first_link_and_back_finds_the_list_as_it_was() -> None:
    async with running(services(52), servers("cmp0005", "cmp0001", "cmp0005")) as r:
        await r.press("slash", "c", "m", "p", "enter", "j", "j", "j", "j")
        assert "enter servers on it" in r.hints
        await r.press("enter")
        assert "servers  2 of 3  / host=cmp0005" in r.crumb
        await r.press("left_square_bracket")
        assert "compute-services  52 of 52  / cmp" in r.crumb
        assert r.grid.cursor_id == service(5).id
        await r.press("right_square_bracket")
        assert "servers  2 of 3" in r.crumb
        await r.press("minus")
        assert "compute-services" in r.crumb


async def test_a_list_that_was_not_read_is_asked_only_for_a_part() -> None:
    async with running(services(52)) as r:
        await r.press("enter")
        subject = Subject("servers", Where(query=(("host", "cmp0001"),)))
        assert r.feed.watched == [subject]
        assert "Reading servers from compute since" in "\n".join(r.lines)
        r.feed.tell(subject, servers("cmp0001"))
        await r.settle()
        assert len(r.grid.indexes) == 1


async def test_clearing_the_filter_of_a_part_reads_the_whole() -> None:
    async with running(services(52)) as r:
        await r.press("enter", "escape")
        assert r.feed.watched == [Subject("servers")]
        await r.put(servers("cmp0001", "cmp0002"))
        assert len(r.grid.indexes) == 2


async def test_the_choice_of_links() -> None:
    async with running(services(52), servers("cmp0001")) as r:
        await r.press("o")
        assert r.screen.query_one(Choices).has_focus
        assert r.lines[2].startswith(" 1  servers on it")
        await r.press("j", "k", "1")
        assert "servers" in r.crumb


async def test_leaving_the_choice() -> None:
    async with running(services(52)) as r:
        await r.press("o", "escape")
        assert r.grid.has_focus
        assert r.lines[2].startswith("  HEALTH")


async def test_only_what_is_looked_at_is_watched() -> None:
    async with running(services(52), servers("cmp0001")) as r:
        assert r.feed.watched == [Subject(KIND.name)]
        await r.press("enter")
        assert r.feed.watched == [Subject("servers")]
        await r.press("exclamation_mark")
        assert r.feed.watched == []


# -- the pane ---------------------------------------------------------------------------------------------------------


async def test_describe_lies_over_a_narrow_list() -> None:
    async with running(services(52, DOWN)) as r:
        await r.press("d")
        assert r.lines[2].startswith("cmp0017")
        assert r.lines[2].endswith("✖ critical")
        assert r.lines[3].startswith("no heartbeat for 6 min")
        assert "esc close" in r.hints
        await r.press("escape")
        assert r.lines[2].startswith("  HEALTH")
        assert r.grid.has_focus


async def test_describe_stands_beside_a_wide_list_and_follows_the_cursor() -> None:
    async with running(services(52, DOWN), size=(160, 40)) as r:
        await r.press("d")
        assert r.lines[2].startswith("  HEALTH")
        assert "cmp0017" in r.lines[2]
        await r.press("j")
        assert "cmp0001" in r.lines[2]


async def test_describe_follows_what_is_read() -> None:
    async with running(services(52, DOWN)) as r:
        await r.press("d")
        await r.put(services(52, service(17, state="down", updated_at=NOW - 500)))
        assert "no heartbeat for 8 min" in "\n".join(r.lines)


async def test_the_pane_grows_and_shrinks() -> None:
    async with running(services(52), size=(160, 40)) as r:
        await r.press("d", "plus")
        assert r.screen.pane.size.width > 70
        await r.press("plus")
        assert not r.grid.display
        await r.press("underscore", "underscore")
        assert r.screen.pane.size.width < 70
        assert r.grid.display


async def test_tab_gives_the_keys_to_the_pane_and_back() -> None:
    async with running(services(52), size=(160, 24)) as r:
        await r.press("d", "tab")
        assert r.screen.pane.has_focus
        await r.press("tab")
        assert r.grid.has_focus


async def test_a_long_description_scrolls() -> None:
    async with running(services(52), size=(80, 14)) as r:
        await r.press("d", "j")
        assert r.screen.pane.top == 1
        assert "lines 2-" in r.foot
        await r.press("G")
        assert r.screen.pane.top == len(r.screen.pane.texts) - r.screen.pane.size.height


async def test_raw_is_read_again_and_shown_as_json_and_yaml() -> None:
    async with running(services(52)) as r:
        r.feed.objects[service(1).id] = {"id": 7, "host": "cmp0001", "evil": "\x1b[31m"}
        await r.press("y")
        shown = "\n".join(r.lines)
        assert '"host": "cmp0001"' in shown
        assert "\\u001b[31m" in shown
        await r.press("Y")
        assert "host: cmp0001" in "\n".join(r.lines)
        await r.press("c")
        assert "host: cmp0001" in r.app.clipboard
        await r.press("Y")
        assert not r.screen.pane.is_open


async def test_raw_of_a_row_that_is_gone_says_so() -> None:
    async with running(services(52)) as r:
        await r.press("y")
        assert "is no longer there" in "\n".join(r.lines)


async def test_an_answer_that_nobody_waits_for_is_dropped() -> None:
    async with running(services(52)) as r:
        r.feed.objects[service(1).id] = {"a": 1}
        await r.pilot.press("y", "escape")
        await r.settle()
        assert not r.screen.pane.is_open


# -- what is not well -------------------------------------------------------------------------------------------------


def failing(at: float = NOW - 300, rows: int = 3) -> Snapshot:
    error = TooLate("nova-api at https://10.0.0.10:8774", "did not finish within 20 s", "doctor")
    found = services(rows, at=at) if at else snapshot([])
    return replace(found, targets=(TargetRead("nova", at, rows, error=error),), at=at, complete=False)


async def test_an_error_stands_above_the_list_that_stays() -> None:
    async with running(services(3, at=NOW - 300)) as r:
        await r.put(failing())
        assert r.lines[2].startswith("▲ nova-api at https://10.0.0.10:8774: did not finish within 20 s")
        assert "What you see is from" in " ".join(r.lines[2:4])
        assert len(r.grid.indexes) == 3
        assert "5 min ago" in r.crumb
        assert "? unknown" in "\n".join(r.lines)
        await r.put(services(3))
        assert r.lines[2].startswith("  HEALTH")


async def test_a_first_read_that_fails_says_that_nothing_is_known() -> None:
    async with running(failing(0.0, 0)) as r:
        assert "Nothing is known from before." in "\n".join(r.lines)
        assert " 0 " not in r.crumb


async def test_errors_in_full() -> None:
    async with running(failing()) as r:
        r.screen.show_errors()
        await r.settle()
        assert "nova-api at https://10.0.0.10:8774" in "\n".join(r.lines)


async def test_no_errors_to_tell() -> None:
    async with running(services(3)) as r:
        r.screen.show_errors()
        await r.settle()
        assert r.foot.startswith("everything that was asked answered")


async def test_silence_becomes_news_by_time_alone() -> None:
    async with running(services(3)) as r:
        r.clock.now += 600
        r.screen.look()
        await r.settle()
        assert "read " in r.crumb
        assert "was ok, 10 min ago" in "\n".join(r.lines)


async def test_an_odd_row_is_shown_and_counted() -> None:
    async with running(snapshot([service(1), OddRow("7f3c", "odd-one", "host is a list")])) as r:
        shown = "\n".join(r.lines)
        assert "2, 1 odd" in r.crumb
        assert "odd-one" in shown
        assert "host is a list" in shown
        await r.press("d")
        assert "could not be understood" in "\n".join(r.lines)


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (20, 5), (200, 60), (1, 1)])
async def test_any_size_is_survived(size: tuple[int, int]) -> None:
    async with running(services(52, DOWN), size=size) as r:
        await r.press("j", "d", "escape", "slash", "x", "escape")
        assert r.app.bug is None


# -- sought rows ------------------------------------------------------------------------------------------------------


async def test_a_row_is_sought_by_name_as_soon_as_it_is_read() -> None:
    async with running() as r:
        r.screen.seek("cmp0040")
        await r.put(services(52))
        assert r.grid.cursor_id == service(40).id


async def test_a_row_that_is_not_there_is_told() -> None:
    async with running(services(5)) as r:
        r.screen.seek("nobody")
        await r.settle()
        assert "none has the id or name" in r.foot


async def test_a_name_of_several_is_told() -> None:
    async with running(services(5, service(2, host="cmp0001"))) as r:
        r.screen.seek("cmp0001")
        await r.settle()
        assert "2 compute-services are called" in r.foot


async def test_a_hidden_row_is_told() -> None:
    async with running(services(5), place=Place(KIND.name, filter_text="cmp0001")) as r:
        r.screen.seek("cmp0002")
        await r.settle()
        assert "the filter hides it" in r.foot


async def test_sought_and_described() -> None:
    async with running(services(5)) as r:
        r.screen.seek("cmp0003", describe=True)
        await r.settle()
        assert r.lines[2].startswith("cmp0003")


# -- the second read of a row -----------------------------------------------------------------------------------------

HYPERVISORS = registry.kind("hypervisors")


def hypervisors() -> Snapshot:
    rows = [
        HYPERVISORS.row(HYPERVISORS.wire(id=f"h{n}", hypervisor_hostname=f"cmp0{n}"), Reading("nova", NOW))
        for n in (1, 2)
    ]
    return snapshot(rows, HYPERVISORS)


async def test_more_is_read_about_a_row_that_is_described() -> None:
    assert HYPERVISORS.describe is not None
    async with running(hypervisors(), place=Place("hypervisors"), size=(80, 50)) as r:
        r.feed.details[r.grid.cursor_id] = [{"VCPU": 14, "evil": "\x1b[31m"}]
        await r.press("d")
        assert "reading …" in "\n".join(r.lines)
        await r.pilot.pause(0.4)
        await r.settle()
        shown = "\n".join(r.lines)
        assert "VCPU: 14" in shown
        assert "\x1b" not in shown


async def test_more_that_cannot_be_read_says_why() -> None:
    async with running(hypervisors(), place=Place("hypervisors"), size=(80, 50)) as r:
        await r.press("d")
        await r.pilot.pause(0.4)
        await r.settle()
        assert "has no usage" in "\n".join(r.lines)


async def test_a_kind_without_a_second_read_asks_for_nothing() -> None:
    async with running(services(3), size=(80, 50)) as r:
        await r.press("d")
        await r.pilot.pause(0.4)
        await r.settle()
        assert "more" not in [line.strip() for line in r.lines]


async def test_raw_of_one_host_reads_only_that_host() -> None:
    hosts = replace(KIND, name="compute-services", scope=replace(KIND.scope, per="host"))
    async with running(services(3)) as r:
        assert r.screen.listing is not None
        r.screen.listing.kind = hosts
        await r.press("j")
        assert r.screen._narrow().where.targets == ("cmp0002",)
