"""Everything about one row, in words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from collectors import registry
from collectors.kind import Reading
from collectors.kinds.compute_services import KIND
from collectors.snapshot import OddRow, Snapshot
from collectors.table import Table
from tests.views.made import NOW, service, snapshot
from views.describe import describe_texts, raw_texts
from views.glyphs import UNICODE

SERVERS = registry.kind("servers")


def server(number: int, status: str = "ACTIVE", host: str = "cmp0001") -> object:
    wire = SERVERS.wire(id=f"s{number}", name=f"web-{number}", status=status, host=host)
    return SERVERS.row(wire, Reading("nova", NOW))


def described(row: object, width: int = 80, whole: dict[str, Snapshot] | None = None) -> list[str]:
    found = describe_texts(
        Table(snapshot([row])), 0, width, UNICODE, {k: Table(s) for k, s in (whole or {}).items()}.get
    )
    return ["".join(t for t, _ in (*x.left, *([("  ", "text")] if x.right else []), *x.right)) for x in found]


def test_name_and_health_first_then_the_reason() -> None:
    found = described(service(17, state="down", updated_at=NOW - 360))
    assert found[0] == "cmp0017  ✖ critical"
    assert found[1] == "no heartbeat for 6 min"


def test_fields_stand_two_abreast() -> None:
    found = described(service(1))
    line = next(x for x in found if "binary" in x)
    assert line.split() == ["binary", "nova-compute", "host", "cmp0001"]


def test_a_narrow_pane_has_one_column() -> None:
    line = next(x for x in described(service(1), 50) if "binary" in x)
    assert line.split() == ["binary", "nova-compute"]


def test_times_are_exact() -> None:
    found = "\n".join(described(service(1, updated_at=NOW - 360)))
    assert "2025-11-21T04:34:00Z (6 min ago)" in found


def test_what_is_not_set_is_named() -> None:
    assert any(line.split() == ["not", "set", "disabled", "reason"] for line in described(service(1)))


@pytest.mark.parametrize("width", [30, 50, 72, 80, 119])
def test_lines_fit(width: int) -> None:
    row = service(1, host="数据" * 50, disabled_reason="x" * 500, zone="az " * 60)
    texts = describe_texts(Table(snapshot([row])), 0, width, UNICODE, lambda _: None)
    # Titles and links are cut when they are painted; values are folded here, so nothing of them is lost.
    values = [text for text in texts[1:] if len(text.left) >= 2 and not text.right]
    assert all(sum(cell_len(t) for t, _ in text.left) <= width + 12 for text in values)


def test_a_long_value_is_folded_not_cut() -> None:
    found = "".join(line.strip() for line in described(service(1, disabled_reason="y" * 300)))
    assert "y" * 60 in found
    assert found.count("y") >= 300


def test_where_else_says_what_is_known_there() -> None:
    there = snapshot([server(1), server(2), server(3, "ERROR"), server(4, host="cmp0002")], SERVERS)
    line = next(x for x in described(service(1), whole={"servers": there}) if "servers on it" in x)
    assert "3  ✖ 1 critical  web-3: " in line


def test_where_else_with_one_row_names_it() -> None:
    there = snapshot([server(1)], SERVERS)
    line = next(x for x in described(service(1), whole={"servers": there}) if "servers on it" in x)
    assert "web-1  ● ok" in line


def test_where_else_when_all_are_well() -> None:
    there = snapshot([server(1), server(2)], SERVERS)
    line = next(x for x in described(service(1), whole={"servers": there}) if "servers on it" in x)
    assert line.split()[-3:] == ["2", "●", "ok"]


def test_where_else_without_a_reading_claims_nothing() -> None:
    assert any("servers on it  not read yet" in line for line in described(service(1)))


def test_where_else_with_none() -> None:
    there = snapshot([], SERVERS)
    assert any("servers on it  none" in line for line in described(service(1), whole={"servers": there}))
    some = replace(there, complete=False)
    assert any("none so far" in line for line in described(service(1), whole={"servers": some}))


def test_the_equivalent_command() -> None:
    found = " ".join(line.strip() for line in described(service(17), 119))
    assert "openstack compute service list --host cmp0017 --service nova-compute" in found


def test_an_odd_row_shows_what_arrived() -> None:
    found = "\n".join(described(OddRow("7", "x", "size is no number", raw='{"size": "\x1b[31mbig"}')))
    assert "size is no number" in found
    assert '{"size": "\\x1b[31mbig"}' in found


def test_nothing_acts_on_the_terminal() -> None:
    found = described(service(1, host="\x1b[2J[@click=app.quit]x[/]\u202e\n", disabled_reason="\x00"))
    assert all(line.isprintable() for line in found)


def test_the_kind_of_the_row_is_never_needed_twice() -> None:
    assert described(service(1)) == described(service(1))
    assert KIND.name == "compute-services"


def test_raw_text_is_folded_hard_and_whole() -> None:
    found = ["".join(t for t, _ in x.left) for x in raw_texts('{\n  "a": "' + "x" * 100 + '"\n}', 40)]
    assert found[0] == "{"
    assert sum(line.count("x") for line in found) == 100
    assert all(len(line) <= 40 for line in found)


def test_raw_text_has_an_end() -> None:
    assert len(raw_texts("a\n" * 100, 40, most=10)) == 11
