"""The first screen: one line per system, worst first, what changed since we look, and on wide screens one in detail.

The screen holds no data: it asks the board for the overview when a snapshot was swapped, and every few seconds, because
silence becomes news by time alone. The cursor stays on its system while the order changes. What is the same is not
painted again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from collectors.board import Board
from collectors.health import LEVELS
from collectors.overview import Overview, SystemHealth
from collectors.recent import Recent
from collectors.schedule import Spent
from views.acknowledge import KnownProblems
from views.chart import of_system
from views.chart_screen import ChartRequested
from views.desk import Wanted, want
from views.header import Header, Identity
from views.keys import Keys, bindings, hints
from views.lines import Lines, Text
from views.look import look_of
from views.messages import OpenKind
from views.overview_known import AcknowledgingScreen
from views.paint import Run
from views.run_line import RunLine
from views.system_list import SystemList
from views.systems import budget_texts, detail_texts, event_texts
from views.when import hour

TICK = 5.0
"""Seconds between two looks at the clock."""

WIDE = 120
"""Columns from which the system under the cursor is shown in detail beside the list."""


class OverviewScreen(AcknowledgingScreen):
    """Health of every system. `clock` gives seconds since the epoch, `spent` the requests of the last minute."""

    DEFAULT_CSS = """
    OverviewScreen .line { height: 1; }
    OverviewScreen #body { height: 1fr; }
    OverviewScreen SystemList { width: 3fr; height: 1fr; }
    OverviewScreen #detail { width: 2fr; height: 1fr; margin-left: 2; display: none; }
    OverviewScreen.-wide #detail { display: block; }
    OverviewScreen #events { height: 3; padding-top: 1; }
    OverviewScreen.-tall #events { height: 7; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("overview")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (40, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        board: Board,
        clock: Callable[[], float],
        *,
        identity: Identity | None = None,
        keys: Keys | None = None,
        problems: KnownProblems | None = None,
        spent: Callable[[], Sequence[Spent]] = list,
        recent: Recent | None = None,
    ) -> None:
        super().__init__()
        self.board = board
        self.clock = clock
        self.identity = identity or Identity()
        self.keys = keys or Keys()
        self.known_problems = problems
        self.spent = spent
        self.recent = recent
        self.problems_only = False
        self.found: Overview = board.overview(clock())
        self._said: Run | None = None

    # -- composition ----------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Header, crumb, the systems and one in detail, what changed, the keys."""
        yield Header(self.identity, self.found)
        yield Lines(id="crumb", classes="line")
        yield Lines(Text(), classes="line")
        with Horizontal(id="body"):
            yield SystemList(self.recent)
            yield Lines(id="detail")
        yield Lines(id="events")
        yield RunLine()
        yield Lines(id="keys", classes="line")

    def on_mount(self) -> None:
        """Look at the clock now and then."""
        self.set_interval(TICK, self.tick)

    def on_resize(self) -> None:
        """Another size: other words."""
        self.call_after_refresh(self.look)

    @property
    def systems(self) -> SystemList:
        """The list."""
        return self.query_one(SystemList)

    def tick(self) -> None:
        """Silence becomes news by time alone; not while the screen is frozen."""
        if not self.query_one(Header).frozen:
            self.look()

    # -- what is shown --------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Ask the board and show what is different now. Called after each swap and by the clock."""
        if not self.is_mounted:
            return
        self.found = self.board.overview(self.clock())
        self.query_one(Header).tell(overview=self.found)
        bad = tuple(s for s in self.found.systems if s.health.level != "ok")
        self.systems.tell(Overview(bad) if self.problems_only else self.found)
        self._tell_crumb()
        self._tell_detail()
        events = self.query_one("#events", Lines)
        lines = max(events.size.height, 2)
        changed = list(self.board.transitions)
        events.show(event_texts(changed, self.board.since, _minute, events.size.width or 80, lines))
        self._tell_keys()

    def _tell_crumb(self) -> None:
        counts: list[Run] = []
        for level in LEVELS:
            if count := self.found.count(level):
                text = f"{count} {level}"
                counts.append((f"  {text}" if counts else text, level if level in ("critical", "warning") else "dim"))
        only = "  problems only" if self.problems_only else ""
        below = f"  {self.systems.below} lines below" if self.systems.below else ""
        self.query_one("#crumb", Lines).line(("overview", "crumb"), (only + below, "dim"), right=tuple(counts))

    def _tell_detail(self) -> None:
        pane = self.query_one("#detail", Lines)
        if not pane.display or not pane.size.width:
            return
        now, system = self.clock(), self.selected
        lines: list[Text] = []
        if system is not None:
            lines = detail_texts(system, self.board, now, pane.size.width, pane.size.height, look_of(self).glyphs)
        busy = [s for s in self.spent() if s.calls * 2 >= s.limit]
        if busy and len(lines) + len(busy) + 2 <= pane.size.height:
            lines += [Text(), Text((("requests", "accent"),)), *budget_texts(busy)]
        pane.show(lines)

    def _tell_keys(self) -> None:
        labels = {"nav.open": "open", "row.acknowledge": self.acknowledge_label()}
        absent = {"nav.back"} if len(self.app.screen_stack) <= 2 else set()
        if not labels["row.acknowledge"]:
            absent.add("row.acknowledge")
        line = hints(["overview"], self.size.width, self.keys, labels, frozenset(absent))
        keys = self.query_one("#keys", Lines)
        if self._said is not None:
            keys.line(self._said)
        else:
            keys.line((line, "hint"))

    def say(self, text: str, *, error: bool = False) -> None:
        """One sentence in place of the keys, until the next move."""
        self._said = (text, "error" if error else "message")
        self._tell_keys()

    # -- moving ---------------------------------------------------------------------------------------------------

    @property
    def selected(self) -> SystemHealth | None:
        """The system under the cursor."""
        return next((s for s in self.found.systems if s.system == self.systems.at), None)

    def _move(self, by: int) -> None:
        self.systems.move(by)
        self._said = None
        self._tell_crumb()
        self._tell_detail()
        self._tell_keys()

    def on_system_list_chosen(self) -> None:
        """The mouse put the cursor elsewhere."""
        self._move(0)

    def on_system_list_opened(self) -> None:
        """The mouse pressed twice on a system."""
        self.action_nav_open()

    def action_move_down(self) -> None:
        """The next system."""
        self._move(1)

    def action_move_up(self) -> None:
        """The system before."""
        self._move(-1)

    def action_move_top(self) -> None:
        """The worst."""
        self._move(-len(self.found.systems))

    def action_move_bottom(self) -> None:
        """The best."""
        self._move(len(self.found.systems))

    def action_move_page_down(self) -> None:
        """A screen of systems."""
        self._move(self.systems.size.height)

    def action_move_page_up(self) -> None:
        """A screen of systems."""
        self._move(-self.systems.size.height)

    def action_move_half_down(self) -> None:
        """Half a screen of systems."""
        self._move(self.systems.size.height // 2)

    def action_move_half_up(self) -> None:
        """Half a screen of systems."""
        self._move(-(self.systems.size.height // 2))

    # -- doing ----------------------------------------------------------------------------------------------------

    def action_nav_open(self) -> None:
        """The worst kind of the system, its problems only when it has any."""
        system = self.selected
        if system is not None:
            worst = system.kinds[0]
            self.post_message(OpenKind(worst.kind.name, problems=worst.problems > 0))

    def action_run_undo(self) -> None:
        """Take back the last operation that can be."""
        want(self, Wanted(undoes=""))

    def action_list_problems(self) -> None:
        """Hide what is well, or show it again."""
        self.problems_only = not self.problems_only
        self.look()

    def action_row_chart(self) -> None:
        """How many rows of the system were not ok, over the last hour."""
        if self.selected is not None:
            self.post_message(ChartRequested(of_system(self.selected.system)))


def _minute(at: float) -> str:
    return hour(at)[:5]
