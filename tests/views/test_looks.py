"""A few screens as they look, line by line. A changed look is a question: `LOOKS=write pytest …` answers it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from collectors import registry
from collectors.errors import TooLate
from collectors.kind import Reading
from collectors.kinds.compute_services import KIND
from collectors.snapshot import OddRow, Snapshot, TargetRead
from tests.views.made import NOW, service, snapshot
from tests.views.pilots import Running, running
from views.header import Identity
from views.place import Place

LOOKS = Path(__file__).parent / "looks"
SERVERS = registry.kind("servers")
VOLUMES = registry.kind("volumes")

Drive = Callable[[Running], Awaitable[None]]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moments are shown on the terminal's clock; here that is UTC."""

    def hour(at: float) -> str:
        return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")

    for module in ("views.sentences", "views.trouble", "views.describe", "views.overview"):
        monkeypatch.setattr(f"{module}.hour", hour)


def computes() -> Snapshot:
    rows = [service(n, host=f"cmp{n:02}") for n in range(1, 49)]
    rows[16] = service(17, host="cmp17", state="down", updated_at=NOW - 360)
    rows[30] = service(31, host="cmp31", state="down", updated_at=NOW - 240)
    rows[8] = service(9, host="cmp09", status="disabled", disabled_reason="RAM swap (ana)")
    rows += [service(50 + n, host=f"ctl0{n}", binary="nova-conductor") for n in (1, 2, 3)]
    rows.append(service(60, host="ctl01", binary="nova-scheduler"))
    return snapshot(rows)


def servers() -> Snapshot:
    hosts = ["cmp17", "cmp17", "cmp03", "cmp17"]
    rows = [
        SERVERS.row(
            SERVERS.wire(id=f"7f3c{n:04}-0000-4000-8000-{n:012}", name=f"web-{n}", status="ACTIVE", host=host),
            Reading("nova", NOW),
        )
        for n, host in enumerate(hosts, 1)
    ]
    return snapshot(rows, SERVERS)


def volumes() -> Snapshot:
    made = {"status": "available", "size": 200}
    wires = [VOLUMES.wire(id=f"v{n}", name=name, **made) for n, name in enumerate(("db-backup", "db-data"), 1)]
    rows = [*(VOLUMES.row(w, Reading("cinder", NOW - 300)) for w in wires), OddRow("7f3c", "odd", "size is no number")]
    error = TooLate("cinder-api at https://10.0.0.10:8776", "did not finish within 20 s", "doctor")
    found = snapshot(rows, VOLUMES, at=NOW - 300)
    return replace(found, targets=(TargetRead("cinder", NOW - 300, 3, error=error),), complete=False)


async def nothing(r: Running) -> None:
    """As it opens."""


async def filtered(r: Running) -> None:
    await r.press("slash")
    await r.type("host=cmp1* status=enabled")
    await r.press("enter", "space", "j", "space")


async def described(r: Running) -> None:
    await r.press("d")


async def command(r: Running) -> None:
    await r.press("colon")
    await r.type("serv")


async def mistaken(r: Running) -> None:
    await r.press("slash")
    await r.type("cmp1 hst=x")


async def problems(r: Running) -> None:
    await r.press("z", "w")


SCREENS: dict[str, tuple[tuple[int, int], str, Drive]] = {
    "list-80x24": ((80, 24), KIND.name, nothing),
    "list-200x60": ((200, 60), KIND.name, nothing),
    "list-60x12": ((60, 12), KIND.name, nothing),
    "filter-80x24": ((80, 24), KIND.name, filtered),
    "mistake-80x24": ((80, 24), KIND.name, mistaken),
    "command-80x24": ((80, 24), KIND.name, command),
    "describe-80x24": ((80, 24), KIND.name, described),
    "describe-160x40": ((160, 40), KIND.name, described),
    "problems-wide-132x20": ((132, 20), KIND.name, problems),
    "trouble-80x24": ((80, 24), VOLUMES.name, nothing),
    "empty-80x24": ((80, 24), "ports", nothing),
}


@pytest.mark.parametrize("name", SCREENS)
async def test_the_look(name: str) -> None:
    size, kind_name, drive = SCREENS[name]
    who = Identity("prod", "RegionOne", "admin", mode="READ-ONLY")
    found = (computes(), servers(), volumes(), snapshot([], registry.kind("ports"), target="network"))
    async with running(*found, place=Place(kind_name), size=size, kinds=(KIND, VOLUMES), identity=who) as r:
        r.feed.failed[Place(VOLUMES.name).subject] = (3, 40.0)
        r.screen.look()
        await drive(r)
        await r.settle()
        shown = "\n".join(r.lines) + "\n"
    path = LOOKS / f"{name}.txt"
    if os.environ.get("LOOKS") == "write":
        LOOKS.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
