"""Going from place to place: what the app does with links, back and forward, `esc` and `q`. The way is a `Journey`."""

from __future__ import annotations

from collectors import registry
from collectors.board import Board
from collectors.errors import SourceError, UsageError
from console.session import Readers, Session, Switch
from console.type_ahead import KeysInOrder
from views.header import Header
from views.keys import Keys
from views.kind_screen import KindScreen
from views.listing import Listing
from views.messages import GoTo, OnCloud, OpenKind
from views.over import Over
from views.overview import OverviewScreen
from views.place import OVERVIEW, Journey, Place
from views.sheet import Sheet


class Traveller(KeysInOrder[Switch | None]):
    """An app with an overview, lists, and a way between them."""

    session: Session
    board: Board
    feed: Readers
    journey: Journey
    keys: Keys
    overview: OverviewScreen
    lists: KindScreen
    frozen: bool

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
        """Another cloud, if there is one of that name: this console ends, the caller opens the other one."""

        def look_up() -> None:
            try:
                names = self.session.clouds()
            except SourceError as error:
                self.call_from_thread(self.say, str(error), error=True)
                return
            name = event.cloud.partition("/")[0]
            if names and name not in names:
                words = f"no cloud “{name[:40]}” in clouds.yaml. Clouds: {', '.join(names)}"
                self.call_from_thread(self.say, words, error=True)
            else:
                self.call_from_thread(self.leave, Switch(event.cloud, event.place))

        self.run_worker(look_up, thread=True, group="cloud")

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
            self.leave()
        else:
            await self._back()

    def leave(self, outcome: Switch | None = None) -> None:
        """End the console; an app in which something may run asks first."""
        self.exit(outcome)

    async def _back(self) -> None:
        if self.journey.at > 0:
            await self.action_nav_backward()
        elif not self.here.is_overview:
            await self.go(OVERVIEW)

    def say(self, text: str, *, error: bool = False) -> None:
        """One sentence at the foot of the screen."""
        top = self.screen
        if isinstance(top, Over | Sheet):
            top.say(text, error=error)
            return
        screen = self.lists if self.current_mode == "lists" else self.overview
        screen.say(text, error=error)
