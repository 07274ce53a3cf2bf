"""What pilots of operations share: a console on a fake feed whose desk works on a scripted Nova."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from collectors.connections import Connections
from collectors.site import Site
from console.desk import CloudDesk
from console.doing import Doing
from tests.views.fakes import Clock
from tests.views.made import NOW, service, snapshot
from tests.views.pilots import Running, running
from tests.wire_nova import WireNova, wire_nova
from views.header import Identity


@dataclass
class Operated:
    """A console that can do something."""

    console: Running
    nova: WireNova
    desk: CloudDesk
    doing: Doing

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.console.lines)

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.console.press(*keys)

    async def type(self, text: str) -> None:
        """Type, and press enter."""
        await self.console.press(*text)
        await self.console.press("enter")

    async def arm(self, words: str = "10m INC-4711") -> None:
        """Open the window."""
        await self.console.press("colon")
        await self.type(f"arm {words}")

    async def ended(self) -> None:
        """Until everything that runs has ended and is told."""
        await asyncio.to_thread(self.desk.runs.wait)
        await self.console.settle()

    async def until(self, words: str) -> None:
        """Until the screen shows `words`."""
        for _ in range(200):
            if words in self.text:
                return
            await asyncio.sleep(0.02)
            await self.console.settle()
        raise AssertionError(f"{words!r} never came:\n{self.text}")

    def events(self) -> list[str]:
        """Names of the journal's records, in order."""
        return [record.event for record in self.doing.journal.records()]


def desk_on(folder: Path, clock: Clock, *, read_only: bool = False, **site: Any) -> tuple[CloudDesk, Doing]:
    """A desk on the scripted cloud."""
    environ = {"XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    options = SimpleNamespace(environ=environ, read_only=read_only)
    doing = Doing(options, Connections(Site("wire", "RegionOne", lock_dir=folder / "locks", **site)), clock)
    return CloudDesk(doing, clock, folder / "plans"), doing


@asynccontextmanager
async def operating(
    folder: Path, monkeypatch: Any, *, read_only: bool = False, nova: WireNova | None = None, **site: Any
) -> AsyncIterator[Operated]:
    """A console at the list of four computes, cmp01 to cmp04."""
    if nova is None:
        with wire_nova(folder, monkeypatch) as made:
            async with operating(folder, monkeypatch, read_only=read_only, nova=made, **site) as found:
                yield found
        return
    clock = Clock()
    desk, doing = desk_on(folder, clock, read_only=read_only, **site)
    rows = [service(n, host=f"cmp{n:02d}", updated_at=NOW - 5) for n in range(1, 5)]
    protection = str(site.get("protection", "normal"))
    identity = Identity("wire", "RegionOne", mode=desk.arming.words, locked=desk.locked, protection=protection)
    async with running(snapshot(rows), desk=desk, identity=identity, clock=clock) as console:
        yield Operated(console, nova, desk, doing)
        nova.held.set()
        await asyncio.to_thread(desk.runs.wait)
