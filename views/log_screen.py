"""A log: title, lines, what was read from where, the keys. It follows what comes, filters, and looks further back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from collectors.errors import SourceError, UsageError
from collectors.logs.line import LINES, LogLine, rank
from collectors.logs.sieve import Sieve
from collectors.query import parse
from collectors.values import age, count
from themes.roles import Role
from views.bars import Bar, CommandBar
from views.cells import cut, readable
from views.keys import Keys, bindings, hints
from views.lines import Lines
from views.list_actions import UNFINISHED
from views.log_feed import SPANS, Ask, LogFeed, LogGrew, LogsRequested, OpenLog
from views.log_rows import details
from views.log_view import LogView
from views.look import look_of
from views.page import Page
from views.paint import Runs
from views.recall import Recall
from views.text.width import cells
from views.trouble import sentence

SLICE: Final = 2048
"""Lines that are looked at between two keys."""
LEVELS: Final = ("", "warning", "error")
"""What `z` goes through: all, warnings and worse, errors and worse."""


class LogScreen(Screen[None]):
    """One log, or one search."""

    DEFAULT_CSS = """
    LogScreen { layers: below above; }
    LogScreen .line { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("log")

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
        extras = [f"last {age(self.ask.back)}"]
        if self.sieve.level:
            extras.append(f"{self.sieve.level} and worse")
        if self.filter_text:
            extras.append(f"/{self.filter_text}")
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
        sources = list(dict.fromkeys(text.partition(": ")[2] for text in heard.sources))
        return f"read from {', '.join(sources[:4])}" + (" …" if len(sources) > 4 else "") if sources else ""

    # -- keys -----------------------------------------------------------------------------------------------------

    def on_log_view_moved(self) -> None:
        """Another line."""
        self._said = ""
        self.tell()

    def action_list_filter(self) -> None:
        """Type a filter; it works while it is typed."""
        self._before = self.filter_text
        self.query_one("#filter", Bar).open(("log  / ", "prompt"), self.filter_text)
        self.tell()

    def on_bar_changed(self, event: Bar.Changed) -> None:
        """A letter more or less."""
        if not isinstance(event.bar, CommandBar):
            event.stop()
            self.filter(UNFINISHED.sub("", event.text))

    def bar_done(self, event: Bar.Submitted | Bar.Left) -> None:
        """The filter stays, or is what it was."""
        self.filter(event.text if isinstance(event, Bar.Submitted) else self._before)
        if isinstance(event, Bar.Submitted):
            self.filters.add(event.text)
        event.bar.close()
        self.set_focus(self.view, scroll_visible=False)
        self.tell()

    def filter(self, text: str) -> None:
        """Only lines that hold `text` in the words of any filter; one that cannot be understood changes nothing."""
        try:
            query = parse(LINES, text)
        except UsageError as error:
            self.say(str(error), error=True)
            return
        self._said, self.filter_text = "", text
        self.sieve = replace(self.sieve, query=query)
        self._refilter()

    def action_list_problems(self) -> None:
        """All lines, warnings and worse, errors and worse."""
        at = LEVELS.index(self.sieve.level)
        self.sieve = replace(self.sieve, level=LEVELS[(at + 1) % len(LEVELS)])
        self._refilter()

    def action_row_follow(self) -> None:
        """To the end, and stay there."""
        self.view.action_move_bottom()

    def action_log_further(self) -> None:
        """Look further back: the logs are read anew."""
        longer = next((span for span in SPANS if span > self.ask.back), None)
        if longer is None:
            self.say(f"{age(self.ask.back)} is as far as this goes; nephoscope logs --since goes further")
            return
        try:
            feed = self.open_log(replace(self.ask, back=longer))
        except (SourceError, UsageError) as error:
            self.say(str(error), error=True)
            return
        self.feed.stop()
        self.ask, self.feed = replace(self.ask, back=longer), feed
        self.view.swap(feed.store)
        feed.start(self._grew)
        self._refilter()

    def action_nav_open(self) -> None:
        """All of the line."""
        line = self.view.line
        if line is not None:
            self._show_whole(line)

    def action_row_describe(self) -> None:
        """All of the line."""
        self.action_nav_open()

    def _show_whole(self, line: LogLine) -> None:
        glyphs = look_of(self).glyphs
        self.app.push_screen(Page("log line", lambda width: details(line, width, glyphs), self.keys))

    def action_row_logs(self) -> None:
        """Every log of every host, searched for this line's request."""
        line = self.view.line
        if line is None or not line.request_id:
            self.say("this line names no request")
        else:
            self.post_message(LogsRequested(Ask(request=line.request_id, back=max(self.ask.back, SPANS[1]))))

    def action_row_copy(self) -> None:
        """The line as text."""
        line = self.view.line
        if line is not None:
            self.app.copy_to_clipboard(line.message + "\n")
            self.say("copied 1 line")
