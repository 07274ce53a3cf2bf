"""A chart over the whole screen: curves of up to six things, their figures in words, where the values are from.

Prometheus is asked on a thread where the site has one; until it has answered, and where it cannot, the console's own
memory is shown and the foot says why. What is the same is not painted again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar, Final

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from collectors.curve import Curve
from collectors.errors import NoSuchObject, SourceError
from collectors.past import SPANS, step_of
from collectors.recent import STEP, SYSTEMS, Recent
from collectors.values import count
from views.chart import ChartAsk, Past, Shown, figure_texts, own_source, past_source, span_words, title_of, why_no_past
from views.figure import drawn
from views.keys import Keys, bindings, hints
from views.lines import Lines, Text
from views.look import look_of
from views.over import Over

TICK: Final = 5.0
"""Seconds between two looks at the clock."""
ANEW: Final = 30.0
"""Seconds after which Prometheus is asked again, at least."""


class ChartRequested(Message):
    """Somebody wants to see a chart."""

    def __init__(self, ask: ChartAsk) -> None:
        self.ask = ask
        super().__init__()


class PastArrived(Message):
    """What Prometheus said to request `number`: curves, and why some are missing."""

    def __init__(self, number: int, at: float, curves: tuple[Curve, ...], errors: tuple[SourceError, ...]) -> None:
        self.number, self.at, self.curves, self.errors = number, at, curves, errors
        super().__init__()


class ChartScreen(Over):
    """One chart. `past` asks Prometheus; None where the site has none."""

    DEFAULT_CSS = """
    ChartScreen { layers: below above; }
    ChartScreen .line { height: 1; }
    ChartScreen #chart { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("chart")
    context = "chart"

    def __init__(
        self, ask: ChartAsk, recent: Recent, past: Past | None, clock: Callable[[], float], keys: Keys
    ) -> None:
        super().__init__()
        self.ask, self.recent, self.past, self.clock, self.keys = ask, recent, past, clock, keys
        self._number = 0
        self._asked = -math.inf
        self._waiting = False
        self._told: Shown | None = None
        """What Prometheus gave."""
        self._why = ""
        """Why it gave nothing."""
        self._failed = False
        """It did not answer, which is news; that it lacks something is none."""
        self._said = ""

    def compose(self) -> ComposeResult:
        """Title, figures and drawing, source, keys."""
        yield Lines(id="title", classes="line")
        yield Lines(id="chart")
        yield Lines(id="foot", classes="line")
        yield Lines(id="keys", classes="line")

    def on_mount(self) -> None:
        """Ask, and look at the clock now and then."""
        self.set_interval(TICK, self.tick)
        self.read_anew()

    def on_resize(self) -> None:
        """Another size: another drawing."""
        self.call_after_refresh(self.look)

    # -- reading --------------------------------------------------------------------------------------------------

    def read_anew(self) -> None:
        """Ask Prometheus for what is shown; the memory is there at once."""
        self._number += 1
        self._asked, self._waiting = self.clock(), False
        if self.past is None:
            self._why = ""
        elif not any(self.ask.trend.query_for(thing.row) for thing in self.ask.things):
            self._why = "" if self.ask.group == SYSTEMS else "Prometheus is not asked about this"
        else:
            self._waiting = True
            number, ask, past = self._number, self.ask, self.past
            self.run_worker(lambda: self._read(number, ask, past), thread=True, group="past")
        self.look()

    def _read(self, number: int, ask: ChartAsk, past: Past) -> None:
        """On a thread. One that does not answer is not asked about the others."""
        curves: list[Curve] = []
        errors: list[SourceError] = []
        for thing in ask.things:
            try:
                curves.append(past(ask.trend, thing.row, thing.name, ask.span))
            except NoSuchObject as error:
                curves.append(Curve(thing.name, (), step_of(ask.span)))
                errors.append(error)
            except SourceError as error:
                errors.append(error)
                curves = []
                break
        self.post_message(PastArrived(number, self.clock(), tuple(curves), tuple(errors)))

    def on_past_arrived(self, event: PastArrived) -> None:
        """An answer; one to an older question is dropped."""
        event.stop()
        if event.number != self._number:
            return
        self._waiting = False
        self._failed = any(not isinstance(error, NoSuchObject) for error in event.errors)
        if any(curve.points for curve in event.curves):
            self._told = Shown(event.curves, past_source(event.at, step_of(self.ask.span)))
            self._why = ""
        else:
            self._told, self._why = None, why_no_past(event.errors)
        self.look()

    def tick(self) -> None:
        """Time has passed: newer values, another stretch of time."""
        if self.frozen:
            return
        if self.past is not None and self.clock() - self._asked >= max(step_of(self.ask.span), ANEW):
            self.read_anew()
        else:
            self.look()

    # -- what is shown --------------------------------------------------------------------------------------------

    def _shown(self) -> Shown:
        """The curves and where they are from."""
        if self._told is not None:
            return self._told
        ask = self.ask
        place = sum(1 for trend, _ in ask.trends[: ask.at] if trend.field)
        start = self.clock() - ask.span
        held = [t for t in ask.things if ask.trend.field and self.recent.holds(ask.group, t.row_id)]
        curves = tuple(self.recent.curve(ask.group, t.row_id, t.name, place).since(start) for t in held)
        missing = [] if held or not ask.trend.field else ["there are more rows than this console remembers"]
        if self._waiting:
            missing.append("asking Prometheus")
        trouble = "; ".join(filter(None, [self._why, *missing]))
        return Shown(curves, own_source(curves, STEP) if ask.trend.field else "", trouble)

    def look(self) -> None:
        """Bring the screen up to date."""
        if not self.is_mounted or not self.size.width:
            return
        ask, shown, width, glyphs, now = self.ask, self._shown(), self.size.width, look_of(self).glyphs, self.clock()
        title = self.query_one("#title", Lines)
        title.line((title_of(ask), "crumb"), right=((span_words(ask.span), "crumb"),))
        figures = figure_texts(ask, shown.curves, now, width)
        height = max(self.size.height - 3 - len(figures), 0)
        step = step_of(ask.span) if self._told is not None else STEP
        end = math.ceil(now / step) * step
        lines = drawn(shown.curves, end - ask.span, end, (width, height), ask.role, ask.trend.ceiling, glyphs)
        drawing = [Text(((line, "text"),)) for line in lines] or self._why_empty(shown)
        self.query_one("#chart", Lines).show([*figures, *drawing])
        more = f"{count(ask.left_out)} more rows are not drawn" if ask.left_out else ""
        words = "; ".join(filter(None, [self._said, shown.trouble, shown.source, more]))
        self.query_one("#foot", Lines).line((words, "error" if self._failed else "message"))
        labels = {"nav.back": "back", "pane.next": "next value"}
        absent = frozenset({"log.further", "pane.next"} if len(ask.trends) < 2 else {"log.further"})
        self.query_one("#keys", Lines).line((hints(["chart"], width, self.keys, labels, absent), "hint"))

    def _why_empty(self, shown: Shown) -> list[Text]:
        if any(curve.points for curve in shown.curves):
            return [Text((("the terminal is too small for a drawing", "message"),))]
        why = "asking Prometheus" if self._waiting else "no value is known yet; the next read brings one"
        if not self.ask.trend.field and not self._waiting:
            why = "only a Prometheus that scrapes it knows this"
        return [Text(), Text(((f"  {why}", "message"),))]

    def again(self) -> None:
        """Ask anew."""
        self.read_anew()

    def say(self, text: str, *, error: bool = False) -> None:
        """One sentence at the foot, until the next key."""
        self._said = text
        self.look()

    # -- keys -----------------------------------------------------------------------------------------------------

    def _show(self, ask: ChartAsk) -> None:
        if ask != self.ask:
            self.ask, self._told, self._why, self._said, self._failed = ask, None, "", "", False
            self.read_anew()

    def _turn(self, by: int) -> None:
        self._show(replace(self.ask, at=(self.ask.at + by) % len(self.ask.trends)))

    def action_pane_next(self) -> None:
        """The next value."""
        self._turn(1)

    def action_pane_previous(self) -> None:
        """The value before."""
        self._turn(-1)

    def action_log_further(self) -> None:
        """Look further back."""
        longer = next((span for span in SPANS if span > self.ask.span), None)
        if longer is None:
            self.say(f"{span_words(SPANS[-1])} is as far as this goes")
        else:
            self._show(replace(self.ask, span=longer))

    def action_chart_quarter(self) -> None:
        """The last quarter of an hour."""
        self._show(replace(self.ask, span=SPANS[0]))

    def action_chart_hour(self) -> None:
        """The last hour."""
        self._show(replace(self.ask, span=SPANS[1]))

    def action_chart_six(self) -> None:
        """The last six hours."""
        self._show(replace(self.ask, span=SPANS[2]))

    def action_chart_day(self) -> None:
        """The last day."""
        self._show(replace(self.ask, span=SPANS[3]))
