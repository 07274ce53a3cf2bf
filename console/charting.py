"""What `p` and the word `chart` do in the console, and what the console's memory is fed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from collectors.overview import Overview
from collectors.recent import Recent
from views.chart import ChartAsk
from views.chart_screen import ChartScreen

if TYPE_CHECKING:
    from console.app import Console


async def show_chart(app: Console, ask: ChartAsk) -> None:
    """Open a chart over what is on the screen; what only Prometheus knows is left out where there is none."""
    session = app.session
    if session.past is None:
        ask = replace(ask, trends=tuple((trend, role) for trend, role in ask.trends if trend.field))
    screen = ChartScreen(ask, app.recent, session.past, session.clock, app.keys)
    screen.frozen = app.frozen
    await app.push_screen(screen)


def remember(recent: Recent, overview: Overview, now: float) -> None:
    """Note how many rows of each system are not ok; of one that was never read nothing is known."""
    for system in overview.systems:
        if any(kind.at for kind in system.kinds):
            recent.note_system(system.system, sum(kind.problems for kind in system.kinds), now)
