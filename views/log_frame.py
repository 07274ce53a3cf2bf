"""The frame of a log: title, lines, what was read from where, the keys; and which of the lines pass the filter.

What the keys do is in `views/log_screen.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from textual.app import ComposeResult

from collectors.logs.line import rank
from collectors.logs.sieve import Sieve
from collectors.values import age, count
from themes.roles import Role
from views.bars import Bar
from views.cells import cut, readable
from views.keys import Keys, hints
from views.lines import Lines
from views.log_feed import Ask, LogFeed, LogGrew, OpenLog
from views.log_view import LogView
from views.over import Over
from views.paint import Runs
from views.recall import Recall
from views.run_line import RunLine
from views.text.width import cells
from views.trouble import sentence

SLICE: Final = 2048
"""Lines that are looked at between two keys."""
SHOWN: Final = 3
"""Hosts that are named at the foot; of more, the number."""
LEVELS: Final = ("", "warning", "error")
"""What `z` goes through: all, warnings and worse, errors and worse."""


class LogFrame(Over):
    """Lines around a log."""

    DEFAULT_CSS = """
    LogFrame { layers: below above; }
    LogFrame .line { height: 1; }
    """

    def __init__(self, ask: Ask, open_log: OpenLog, clock: Callable[[], float], keys: Keys, filters: Recall) -> None:
        super().__init__()
        self.ask, self.open_log, self.clock, self.keys, self.filters = ask, open_log, clock, keys, filters
        self.feed: LogFeed = open_log(ask)
        self.sieve = Sieve()
        self.filter_text = self._before = ""
        self._passed: list[int] = []
        self._tested = 0
        """Number of the first line that the filter has not looked at yet."""
        self._working = False
        self._said = ""

    def compose(self) -> ComposeResult:
        """Top to bottom; the filter lies over the title."""
        yield Lines(id="title", classes="line")
        yield LogView(self.feed.store)
        yield RunLine()
        yield Lines(id="foot", classes="line")
        yield Lines(id="keys", classes="line")
        yield Bar(self.filters, lambda text: (), id="filter")

    @property
    def view(self) -> LogView:
        """The lines."""
        return self.query_one(LogView)

    def on_mount(self) -> None:
        """Begin to read."""
        self.set_focus(self.view, scroll_visible=False)
        self.feed.start(self._grew)
        self.tell()

    def _grew(self) -> None:
        """Called on readers' threads."""
        self.post_message(LogGrew())

    def on_unmount(self) -> None:
        """Nobody reads on for a screen that is gone."""
        self.feed.stop()

    def on_resize(self) -> None:
        """Another width: other words."""
        self.call_after_refresh(self.tell)

    # -- lines ----------------------------------------------------------------------------------------------------

    def on_log_grew(self) -> None:
        """Show what came."""
        self.look()

    def look(self) -> None:
        """Show the lines that pass, as they are now."""
        heard = self.feed.heard
        hosts = {text.partition(": ")[0] for text in heard.sources}
        self.view.hosts, self.view.services = len(hosts) > 1, not self.ask.units or len(self.ask.units) > 1
        if self.sieve.open:
            self.view.empty = self._why_empty()
            self.view.show(self.feed.store.order)
        elif not self._working:
            self._working = True
            self.run_worker(self._in_slices(self.feed, self.sieve), group="filter", exclusive=True)
        self.tell()

    async def _in_slices(self, feed: LogFeed, sieve: Sieve) -> None:
        """Test the lines that were not tested yet, a few at a time: no key waits for a million of them."""
        test, worst = sieve.test(self.clock()), rank(sieve.level) if sieve.level else len(LEVELS) + 9
        while True:
            numbers = feed.store.numbers
            part = range(max(self._tested, numbers.start), min(max(self._tested, numbers.start) + SLICE, numbers.stop))
            if not part:
                break
            bad_enough = feed.store.as_bad_as(worst, part) if sieve.level else part
            found = [number for number, line in feed.store.some(bad_enough) if test(line)]
            self._tested = part.stop
            if found:
                self._passed += found
            await asyncio.sleep(0)
        self._working = False
        self._passed = feed.store.arranged(self._passed)
        self.view.empty = self._why_empty()
        self.view.show(self._passed)
        self.tell()

    def _refilter(self) -> None:
        self._passed, self._tested, self._working = [], 0, False
        self.workers.cancel_group(self, "filter")
        self.look()

    def _why_empty(self) -> Sequence[str]:
        heard, total = self.feed.heard, len(self.feed.store)
        if total:
            return [f"none of {count(total)} lines match"]
        if heard.waiting:
            return [f"asking {len(heard.waiting)} hosts"]
        if heard.troubles:
            return [
                f"{sentence(error)}" + (f". Try: {error.hint}" if error.hint else "") for _, error in heard.troubles[:9]
            ]
        where = ", ".join(heard.sources[:6]) or "nowhere yet"
        return [f"nothing was logged in the last {age(self.ask.back)}", f"read from {where}"]

    # -- words ----------------------------------------------------------------------------------------------------

    def say(self, text: str, *, error: bool = False) -> None:
        """One sentence at the foot, until the next move."""
        self._said = text
        self.tell()

    def tell(self) -> None:
        """Bring the lines around the log up to date."""
        if not self.is_mounted or not self.size:
            return
        width, view, store = self.size.width, self.view, self.feed.store
        total, shown = len(store), len(view.numbers)
        amount = count(total) if shown == total else f"{count(shown)} of {count(total)}"
        extras = [f"/ {self.filter_text}"] if self.filter_text else []
        if self.sieve.level:
            extras.append(f"{self.sieve.level} and worse")
        extras.append(f"last {age(self.ask.back)}")
        if store.dropped:
            extras.append(f"{count(store.dropped)} older lines dropped")
        title = f"{self.ask.title}   {amount}   {'  '.join(extras)}"
        state = "all read" if self.feed.heard.done else "at the end" if view.at_end else "new lines below"
        room = width - len(state) - 2
        self.query_one("#title", Lines).line((cut(readable(title), room), "crumb"), right=((state, "dim"),))
        foot = self._said or self._trouble_words() or self._sources()
        place = f"{view.window.top + 1}-{view.window.end} of {count(shown)}" if shown else ""
        right: Runs = (
            ((place, "crumb"),) if (place and cells(foot) + cells(place) + 2 <= width) or not self._said else ()
        )
        role: Role = "error" if self.feed.heard.troubles and not self._said else "message"
        self.query_one("#foot", Lines).line((foot, role), right=right)
        bar = self.query_one("#filter", Bar)
        line = view.line
        absent = frozenset({"row.logs"} if line is None or not line.request_id else ())
        labels = {"nav.open": "whole line", "nav.back": "back", "row.logs": "its request", "list.problems": "level",
                  "row.follow": "to the end" if not view.at_end else ""}  # fmt: skip
        words = bar.hint if bar.is_open else hints(["log"], width, self.keys, labels, absent)
        self.query_one("#keys", Lines).line((words, "hint"))
        if bar.is_open:
            bar.say(amount)

    def _trouble_words(self) -> str:
        troubles = self.feed.heard.troubles
        if not troubles:
            return ""
        more = f" (and {len(troubles) - 1} more)" if len(troubles) > 1 else ""
        return f"{sentence(troubles[0][1])}{more}"

    def _sources(self) -> str:
        heard = self.feed.heard
        if heard.waiting:
            return f"asking {', '.join(heard.waiting[:6])}"
        told = [text.partition(": ")[::2] for text in heard.sources]
        central = [host for host, source in told if source.startswith("loki")]
        # Loki first: which hosts it stands in for is what nobody expects.
        named = f"loki ({', '.join(central) if len(central) <= SHOWN else f'{len(central)} hosts'})"
        others = dict.fromkeys(source for _, source in told if not source.startswith("loki"))
        sources = [*([named] if central else []), *others]
        return f"read from {', '.join(sources[:4])}" + (" …" if len(sources) > 4 else "") if sources else ""
