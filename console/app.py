"""The app: two modes (overview, lists), the way between them, and the messages of the readers. No decisions of its own.

Nothing here waits for a system: reads come as `Swapped`, raw objects through a thread. What the `:` bar says is done in
`console/running.py`; what a screen shows is the screen's business.
"""

from __future__ import annotations

import gc
import sys
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from collectors.kind import AnyKind
from collectors.recent import Recent
from collectors.rollup import Count
from collectors.snapshot import Snapshot
from collectors.store import Subject
from console.acknowledging import acknowledge_rows
from console.charting import remember, show_chart
from console.log_places import open_shell, show_log
from console.objects import ObjectReader
from console.palette import Palette
from console.running import run_command
from console.session import Session
from views import help as help_page
from views.asking_sheet import AskingSheet
from views.bars import Bar, CommandBar, Proposals
from views.chart_screen import ChartRequested, ChartScreen
from views.clipboard import osc52
from views.header import Header
from views.journal_screen import JournalScreen
from views.keys import Context, bindings
from views.kind_screen import KindScreen
from views.log_feed import LogsRequested, ShellRequested
from views.log_screen import LogScreen
from views.messages import AcknowledgeRows, Swapped
from views.outages import Outages
from views.over import Over
from views.overview import OverviewScreen
from views.page import Page
from views.place import Journey
from views.plan_screen import PlanScreen
from views.run_screen import RunScreen
from views.sheet import Sheet
from views.systems import budget_texts
from views.theme import THEMES, palette, stylesheet, textual_theme


class Console(ObjectReader):
    """The console on one cloud. It ends with None, or with the other cloud that is wanted."""

    CSS_PATH: ClassVar[str] = str(stylesheet())
    CSS = "Screen { layers: below above; }"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    """Coming back to a screen must not put the keys into a bar that is closed."""
    BINDINGS: ClassVar[list[BindingType]] = bindings("everywhere")

    def __init__(self, session: Session) -> None:
        super().__init__(ansi_color=session.theme.ansi_color)
        self.session = session
        self.board = session.board
        self.glyphs = session.glyphs
        self.keys = session.keys
        self.journey = Journey([session.start])
        self.outages = Outages()
        self.recent = Recent()
        self.frozen = False
        self._keys_to: Widget | None = None
        """Who had the keys before the command bar took them."""
        self.animation_level = "none"
        for name in THEMES:
            self.register_theme(textual_theme(palette(name)))
        self.theme = session.theme.name
        self.feed = session.connect(self._told)
        self.overview = OverviewScreen(
            self.board,
            session.clock,
            identity=session.identity,
            keys=self.keys,
            problems=session.known_problems,
            spent=self.feed.spent,
            recent=self.recent,
        )
        self.lists = KindScreen(
            self.feed,
            session.clock,
            identity=session.identity,
            keys=self.keys,
            outages=self.outages,
            filters=session.filters,
            commands=session.commands,
            known=lambda: self.board.known,
            recent=self.recent,
        )
        self.add_mode("overview", lambda: self.overview)
        self.add_mode("lists", lambda: self.lists)

    async def on_mount(self) -> None:
        """The first screen; reading begins when it is there."""
        self.hear_signals()
        self.set_keymap(self.keys.keymap())
        await self.show_place(self.journey.here)
        self.call_after_refresh(self._begin)
        if self.session.identify is not None:
            self.run_worker(self._identify, thread=True, group="identity")
        for complaint in self.session.complaints:
            self.say(complaint, error=True)

    def _begin(self) -> None:
        """The first screen is there. What was made so far stays for good: no search for cycles looks at it again."""
        gc.freeze()
        gc.enable()
        # Readers that decode give way to a key ten times sooner than Python's default of 5 ms lets them.
        sys.setswitchinterval(0.0005)
        self.feed.start()
        self.begin_operating()

    def _identify(self) -> None:
        """Ask who we are, on a thread; the header tells it when it is known."""
        assert self.session.identify is not None
        identity = self.session.identify()
        self.call_from_thread(self.tell_identity, identity)

    def _fatal_error(self) -> None:
        """Leave without Textual's traceback, which shows local variables and so might show a secret."""
        self._close_messages_no_wait()

    @property
    def bug(self) -> Exception | None:
        """What ended the app, if it was no person."""
        return self._exception

    def on_unmount(self) -> None:
        """Nothing is read any more."""
        self.ignore_signals()
        self.feed.stop()

    # -- what was read --------------------------------------------------------------------------------------------

    def _told(self, subject: Subject, snapshot: Snapshot) -> None:
        self.post_message(Swapped(subject, snapshot))

    def on_swapped(self, event: Swapped) -> None:
        """Something was read; while frozen it waits in the store."""
        now = self.session.clock()
        self.outages.note(event.subject, event.snapshot, now)
        # A long list of tenants' things says nothing about its system; while it grows, judging it would cost more each
        # time and hold up the keys.
        growing = (
            not event.snapshot.complete and not event.snapshot.errors and isinstance(event.snapshot.kind.rollup, Count)
        )
        if event.subject == Subject(event.subject.kind_name) and not growing:
            self.board.note(event.snapshot, now)
            self.recent.note(event.snapshot)
        found = None if growing else self.board.overview(now)
        if found is not None:
            remember(self.recent, found, now)
        if self.frozen:
            return
        if isinstance(self.screen, ChartScreen):
            self.screen.look()
        if self.current_mode == "lists":
            self.lists.swapped(event.subject, event.snapshot)
            if found is not None:
                self.lists.query_one(Header).tell(overview=found)
        elif self.overview.is_mounted:
            self.overview.look()

    async def on_logs_requested(self, event: LogsRequested) -> None:
        """Open a log over what is here."""
        await show_log(self, event.ask)

    async def on_chart_requested(self, event: ChartRequested) -> None:
        """Open a chart over what is here."""
        await show_chart(self, event.ask)

    def on_shell_requested(self, event: ShellRequested) -> None:
        """Lend the terminal to a shell."""
        open_shell(self, event.host, event.inside)

    def on_acknowledge_rows(self, event: AcknowledgeRows) -> None:
        """Problems of a list become known ones, or are taken back."""
        acknowledge_rows(self, event.snapshot, event.indexes)

    # -- everywhere -----------------------------------------------------------------------------------------------

    async def action_app_command(self) -> None:
        """Type a command."""
        screen = self.screen
        if not screen.query(CommandBar):
            await screen.mount(CommandBar(self.session.commands, self.lists.command_proposals), Proposals())
        self._keys_to = screen.focused
        screen.query_one(CommandBar).open()

    def _close_bar(self, bar: Bar) -> None:
        bar.close()
        self.screen.set_focus(self._keys_to, scroll_visible=False)
        screen = self.screen
        if isinstance(screen, KindScreen):
            screen.tell()
        elif isinstance(screen, OverviewScreen):
            screen.look()
        elif isinstance(screen, Sheet):
            screen.tell()

    async def bar_done(self, event: Bar.Submitted | Bar.Left) -> None:
        """A bar was left: the filter is the list's, a command is carried out here."""
        if not isinstance(event.bar, CommandBar):
            screen = self.screen if isinstance(self.screen, LogScreen | AskingSheet) else self.lists
            screen.bar_done(event)
            return
        self._close_bar(event.bar)
        if isinstance(event, Bar.Submitted):
            await run_command(self, event.text)

    def action_app_help(self) -> None:
        """Keys, filters and columns of this view."""
        if isinstance(self.screen, Over):
            self.show_help(self.screen.columns, self.screen.context)
            return
        if isinstance(self.screen, Sheet):
            self.show_help(None, self.screen.context)
            return
        listing = self.lists.listing if self.current_mode == "lists" else None
        self.show_help(listing.kind if listing is not None else None)

    def show_help(self, kind: AnyKind | None, context: Context | None = None) -> None:
        """The help page, of a kind when one is given."""
        context = context or ("list" if kind is not None else "overview")
        found = help_page.sections(context, kind, self.keys, self.glyphs)
        self.push_screen(Page("help", lambda width: help_page.texts(found, width), self.keys))

    def action_app_palette(self) -> None:
        """Search kinds, actions and rows."""
        self.push_screen(Palette())

    def action_app_budget(self) -> None:
        """Requests of the last minute."""
        self.push_screen(Page("budget", lambda width: budget_texts(self.feed.spent()), self.keys, every=5.0))

    def action_app_refresh(self) -> None:
        """Read again now."""
        if isinstance(self.screen, Over):
            self.screen.again()
            return
        if isinstance(self.screen, PlanScreen | JournalScreen):
            self.screen.read_again()
            return
        if self.current_mode == "lists" and self.lists.listing is not None:
            self.feed.refresh(self.lists.listing.place.subject)
            self.say("asked to be read again")
        else:
            for kind in self.board.kinds:
                self.feed.refresh(Subject(kind.name))
            self.say("every system is asked again")

    def action_app_freeze(self) -> None:
        """Start no reads, and show nothing new, until pressed again."""
        self.frozen = not self.frozen
        self.feed.freeze(self.frozen)
        for screen in (self.lists, self.overview):
            if screen.is_mounted:
                screen.query_one(Header).tell(frozen=self.frozen)
        if isinstance(self.screen, Over):
            self.screen.frozen = self.frozen
        if not self.frozen:
            self.lists.catch_up()

    def action_app_redraw(self) -> None:
        """Draw the whole screen again, whatever the terminal shows."""
        self.screen.refresh(layout=True)

    def action_app_interrupt(self) -> None:
        """Cancel the run on the screen between two steps."""
        if isinstance(self.screen, RunScreen):
            self.screen.interrupt()
        else:
            self.say("nothing to cancel here: @ shows what runs; q goes back, :q leaves")

    def copy_to_clipboard(self, text: str) -> None:
        """Through the terminal, tmux and screen."""
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(osc52(text, self.session.multiplexer))
