"""The app: two modes (overview, lists), the way between them, and the messages of the readers. No decisions of its own.

Nothing here waits for a system: reads come as `Swapped`, raw objects through a thread. What the `:` bar says is done in
`console/running.py`; what a screen shows is the screen's business.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.widget import Widget

from collectors import registry
from collectors.errors import SourceError, UsageError
from collectors.kind import AnyKind
from collectors.snapshot import Snapshot
from collectors.store import Subject
from console.palette import Palette
from console.running import run_command
from console.session import Session, Switch
from views import help as help_page
from views.bars import Bar, CommandBar, Proposals
from views.clipboard import osc52
from views.header import Header, Identity
from views.keys import Context, bindings
from views.kind_screen import KindScreen
from views.listing import Listing
from views.messages import GoTo, OnCloud, OpenKind, RawArrived, RawRequested, Swapped
from views.outages import Outages
from views.overview import OverviewScreen
from views.page import Page
from views.place import OVERVIEW, Journey, Place
from views.systems import budget_texts
from views.theme import THEMES, palette, stylesheet, textual_theme


class Console(App[Switch | None]):
    """The console on one cloud. It ends with None, or with the other cloud that is wanted."""

    CSS_PATH: ClassVar[str] = str(stylesheet())
    CSS = "Screen { layers: below above; }"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("everywhere")

    def __init__(self, session: Session) -> None:
        super().__init__(ansi_color=session.theme.ansi_color)
        self.session = session
        self.board = session.board
        self.glyphs = session.glyphs
        self.keys = session.keys
        self.journey = Journey([session.start])
        self.outages = Outages()
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
        )
        self.lists = KindScreen(
            self.feed,
            session.clock,
            identity=session.identity,
            keys=self.keys,
            outages=self.outages,
            filters=session.filters,
            commands=session.commands,
        )
        self.add_mode("overview", lambda: self.overview)
        self.add_mode("lists", lambda: self.lists)

    async def on_mount(self) -> None:
        """The first screen; reading begins when it is there."""
        self.set_keymap(self.keys.keymap())
        await self.show_place(self.journey.here)
        self.call_after_refresh(self.feed.start)
        if self.session.identify is not None:
            self.run_worker(self._identify, thread=True, group="identity")
        for complaint in self.session.complaints:
            self.say(complaint, error=True)

    def _identify(self) -> None:
        """Ask who we are, on a thread; the header tells it when it is known."""
        assert self.session.identify is not None
        identity = self.session.identify()
        self.call_from_thread(self._identified, identity)

    def _identified(self, identity: Identity) -> None:
        for screen in (self.lists, self.overview):
            screen.identity = identity
            if screen.is_mounted:
                screen.query_one(Header).tell(identity=identity)

    def _fatal_error(self) -> None:
        """Leave without Textual's traceback, which shows local variables and so might show a secret."""
        self._close_messages_no_wait()

    @property
    def bug(self) -> Exception | None:
        """What ended the app, if it was no person."""
        return self._exception

    def on_unmount(self) -> None:
        """Nothing is read any more."""
        self.feed.stop()

    # -- what was read --------------------------------------------------------------------------------------------

    def _told(self, subject: Subject, snapshot: Snapshot) -> None:
        self.post_message(Swapped(subject, snapshot))

    def on_swapped(self, event: Swapped) -> None:
        """Something was read; while frozen it waits in the store."""
        now = self.session.clock()
        self.outages.note(event.subject, event.snapshot, now)
        if event.subject == Subject(event.subject.kind_name):
            self.board.note(event.snapshot, now)
        if self.frozen:
            return
        if self.current_mode == "lists":
            self.lists.swapped(event.subject, event.snapshot)
            self.lists.query_one(Header).tell(overview=self.board.overview(now))
        elif self.overview.is_mounted:
            self.overview.look()

    def on_raw_requested(self, event: RawRequested) -> None:
        """Read one object again, on a thread."""
        screen = self.lists

        def read() -> None:
            try:
                found, error = self.feed.raw_object(event.subject, event.row_id), None
            except SourceError as caught:
                found, error = None, caught
            screen.post_message(RawArrived(event.subject, event.row_id, found, error))

        self.run_worker(read, thread=True, group="raw")

    # -- going places ---------------------------------------------------------------------------------------------

    @property
    def here(self) -> Place:
        """Where we are, as it looks now."""
        return self.lists.as_left or OVERVIEW if self.current_mode == "lists" else OVERVIEW

    async def show_place(self, place: Place) -> None:
        """Show a place of the journey."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        self.feed.overview(place.is_overview)
        if place.is_overview:
            if self.current_mode == "lists":
                self.lists.leave()
            await self.switch_mode("overview")
            self.overview.look()
        else:
            await self.switch_mode("lists")
            self.lists.show_place(place)
            self.lists.query_one(Header).tell(overview=self.board.overview(self.session.clock()), frozen=self.frozen)

    async def go(self, place: Place) -> None:
        """Somewhere new; what cannot be shown is told, and we stay."""
        try:
            if not place.is_overview:
                Listing(registry.kind(place.kind_name), place, 0.0)
        except UsageError as error:
            self.say(str(error), error=True)
            return
        self.journey.leave(self.here)
        await self.show_place(self.journey.go(place))

    async def on_go_to(self, event: GoTo) -> None:
        """A link was followed."""
        await self.go(event.place)

    async def on_open_kind(self, event: OpenKind) -> None:
        """A list was chosen on the overview or in the palette."""
        await self.go(Place(event.kind_name, filter_text=event.filter_text, problems=event.problems))
        if event.row:
            self.lists.seek(event.row)

    def on_on_cloud(self, event: OnCloud) -> None:
        """Another cloud: this console ends, the caller opens the other one."""
        self.exit(Switch(event.cloud, event.place))

    async def _step(self, place: Place | None) -> None:
        if place is None:
            self.say("no further")
        else:
            await self.show_place(place)

    async def action_nav_backward(self) -> None:
        """The place before this one."""
        self.journey.leave(self.here)
        await self._step(self.journey.step(-1))

    async def action_nav_forward(self) -> None:
        """Forward again."""
        self.journey.leave(self.here)
        await self._step(self.journey.step(1))

    async def action_nav_last(self) -> None:
        """The last place, and back again."""
        self.journey.leave(self.here)
        await self._step(self.journey.last())

    async def action_nav_overview(self) -> None:
        """Health of every system."""
        if not self.here.is_overview:
            await self.go(OVERVIEW)

    async def action_nav_back(self) -> None:
        """Close what is open, clear what is set, then back."""
        if len(self.screen_stack) > 1:
            await self.pop_screen()
        elif self.current_mode != "lists" or not self.lists.step_back():
            await self._back()

    async def action_nav_close(self) -> None:
        """Back; at the first screen, leave."""
        if len(self.screen_stack) > 1:
            await self.pop_screen()
        elif self.current_mode == "lists" and self.lists.pane.is_open:
            self.lists.step_back()
        elif self.journey.at == 0:
            self.exit()
        else:
            await self._back()

    async def _back(self) -> None:
        if self.journey.at > 0:
            await self.action_nav_backward()
        elif not self.here.is_overview:
            await self.go(OVERVIEW)

    # -- everywhere -----------------------------------------------------------------------------------------------

    def say(self, text: str, *, error: bool = False) -> None:
        """One sentence at the foot of the screen."""
        screen = self.lists if self.current_mode == "lists" else self.overview
        screen.say(text, error=error)

    async def action_app_command(self) -> None:
        """Type a command."""
        screen = self.screen
        if not screen.query(CommandBar):
            await screen.mount(CommandBar(self.session.commands, self.lists.command_proposals), Proposals())
        self._keys_to = screen.focused
        screen.query_one(CommandBar).open()

    def _close_bar(self, bar: Bar) -> None:
        bar.close()
        self.screen.set_focus(self._keys_to)

    def on_bar_left(self, event: Bar.Left) -> None:
        """The command bar was closed."""
        self._close_bar(event.bar)

    async def on_bar_submitted(self, event: Bar.Submitted) -> None:
        """A command was typed."""
        self._close_bar(event.bar)
        await run_command(self, event.text)

    def action_app_help(self) -> None:
        """Keys, filters and columns of this view."""
        in_list = self.current_mode == "lists" and self.lists.listing is not None
        self.show_help(self.lists.listing.kind if in_list and self.lists.listing is not None else None)

    def show_help(self, kind: AnyKind | None) -> None:
        """The help page, of a kind when one is given."""
        context: Context = "list" if kind is not None else "overview"
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
        if not self.frozen:
            self.lists.catch_up()

    def action_app_redraw(self) -> None:
        """Draw the whole screen again, whatever the terminal shows."""
        self.screen.refresh(layout=True)

    def action_app_interrupt(self) -> None:
        """End the read that is under way."""
        self.say("nothing to end here; q goes back, :q leaves")

    def copy_to_clipboard(self, text: str) -> None:
        """Through the terminal, tmux and screen."""
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(osc52(text, self.session.multiplexer))
