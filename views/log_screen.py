"""A log and what the keys do with it: follow, filter, look into a line, search its request, look further back."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace
from textual.binding import BindingType

from collectors.errors import SourceError, UsageError
from collectors.logs.line import LINES, LogLine
from collectors.query import parse
from collectors.values import age
from views.bars import Bar, CommandBar
from views.keys import bindings
from views.list_actions import UNFINISHED
from views.log_feed import SPANS, Ask, LogsRequested
from views.log_frame import LEVELS, LogFrame
from views.log_rows import details
from views.look import look_of
from views.page import Page


class LogScreen(LogFrame):
    """One log, or one search."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("log")
    context = "log"
    columns = LINES

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
        self.read_anew(replace(self.ask, back=longer))

    def read_anew(self, ask: Ask) -> None:
        """Begin again; what cannot be read at all is told, and the log stays as it is."""
        try:
            feed = self.open_log(ask)
        except (SourceError, UsageError) as error:
            self.say(str(error), error=True)
            return
        self.feed.stop()
        self.ask, self.feed = ask, feed
        self.view.swap(feed.store)
        feed.start(self._grew)
        self._refilter()

    def again(self) -> None:
        """The same logs."""
        self.read_anew(self.ask)

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
