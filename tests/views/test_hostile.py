"""Names chosen by tenants: whatever they are, lines keep their width and nothing acts, in every view of a list."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from collectors.errors import Unreachable
from collectors.snapshot import OddRow
from tests.views.made import service, snapshot
from tests.views.pilots import running

NAMES = {
    "escape": "\x1b[31mred\x1b[2J\x1b]0;title\x07",
    "markup": "[@click=app.quit]x[/] [bold]y[/bold] [link=http://x]z[/link]",
    "bidi": "abc\u202e\u2066def\u2069",
    "nul": "a\x00b",
    "newlines": "a\nb\r\nc\u2028d",
    "long": "y" * 4000,
    "wide": "数据库主节点" * 40,
    "emoji": "👩\u200d👩\u200d👧\u200d👦❤\ufe0f🏳\ufe0f\u200d🌈" * 5,
    "marks": "e" + "\u0301" * 500,
    "surrogate": "a\ud800b",
    "tab": "a\tb",
    "blank": "   ",
    "c1": "a\x9b31mb",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
async def test_a_name_in_every_view(name: str) -> None:
    size = (160, 30) if name in (NAMES["long"], NAMES["wide"]) else (80, 24)
    rows = [
        service(1, host=name, disabled_reason=name, status=name, zone=name),
        OddRow(name, name, name, raw=name),
        service(3),
    ]
    async with running(snapshot(rows), size=size) as r:
        r.feed.objects[service(1).id] = {"name": name.replace("\ud800", "?")}
        for key in ("f", "d", "y", "Y", "escape", "w", "c", "C"):
            await r.press(key)
            for line in r.lines:
                assert cell_len(line) <= size[0]
                assert line.isprintable()
        assert r.app.is_running
        assert "\x1b" not in r.app.clipboard
        assert r.app.bug is None


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
async def test_an_answer_in_an_error(name: str) -> None:
    error = Unreachable(f"nova at {name}", name, name, request_id=name)
    async with running(snapshot([service(1)], error=error)) as r:
        r.screen.show_errors()
        await r.settle()
        assert all(line.isprintable() and cell_len(line) <= 80 for line in r.lines)


async def test_a_click_that_a_tenant_wrote_does_nothing() -> None:
    async with running(snapshot([service(1, host="[@click=app.quit]x[/]")])) as r:
        await r.pilot.click(r.grid, offset=(28, 1))
        await r.settle()
        assert r.app.is_running
        assert "[@click=app.quit]x[/]" in r.lines[3]
