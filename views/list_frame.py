"""The frame of a list: line 1, the crumb, troubles, the grid with its pane, the foot, the keys; and their words.

What is shown in it is decided in `views/list_screen.py`, what the keys do in `views/kind_screen.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from collectors.acknowledge import Known
from collectors.recent import Recent
from collectors.snapshot import Snapshot
from collectors.store import Subject
from collectors.table import Table
from views.bars import Bar, CommandBar, Proposals
from views.cells import cut, readable
from views.choices import Choices
from views.completion import Proposal, filter_proposals, proposals
from views.feed import Feed
from views.grid import Grid
from views.header import Header, Identity
from views.keys import Keys
from views.lines import Lines
from views.listing import Listing
from views.look import look_of
from views.outages import Outages
from views.paint import Runs
from views.pane import Pane
from views.recall import Recall
from views.run_line import RunLine
from views.sentences import Crumb, amount, crumb_text, order_words, position, reading_words, why_empty
from views.text.width import cells
from views.theme import THEMES
from views.trouble import trouble_texts

WIDE = 120
"""Columns from which the pane stands beside the list."""


class ListFrame(Screen[None]):
    """Lines around a grid."""

    DEFAULT_CSS = """
    ListFrame .line { height: 1; }
    ListFrame #body { height: 1fr; }
    ListFrame.-narrow.-paned Grid { display: none; }
    ListFrame.-narrow Pane { width: 1fr; margin-left: 0; }
    ListFrame.-full Grid { display: none; }
    """
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """Textual paints the whole screen when the focus moves; here the widgets show it themselves."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012

    def __init__(
        self,
        feed: Feed,
        clock: Callable[[], float],
        *,
        identity: Identity | None = None,
        keys: Keys | None = None,
        outages: Outages | None = None,
        filters: Recall | None = None,
        commands: Recall | None = None,
        known: Callable[[], Known] = dict,
        recent: Recent | None = None,
    ) -> None:
        super().__init__()
        self.feed = feed
        self.clock = clock
        """Seconds since the epoch."""
        self.identity = identity or Identity()
        self.keys = keys or Keys()
        self.outages = outages or Outages()
        self.filters = filters or Recall()
        self.commands = commands or Recall()
        self.known = known
        self.recent = recent or Recent()
        """What the console remembers of values."""
        self.listing: Listing | None = None
        self.following = ""
        """Name of the row that is followed."""
        self._said: tuple[str, bool] = ("", False)
        self._tables: dict[str, Table] = {}

    def compose(self) -> ComposeResult:
        """Top to bottom; the bars and the choices lie over line 2."""
        yield Header(self.identity)
        yield Lines(id="crumb", classes="line")
        yield Lines(id="troubles")
        with Horizontal(id="body"):
            yield Grid(self.cursor_moved, self.recent)
            yield Pane()
        yield RunLine()
        yield Lines(id="foot", classes="line")
        yield Lines(id="keys", classes="line")
        yield Bar(self.filters, self._filter_proposals, id="filter")
        yield CommandBar(self.commands, self.command_proposals)
        yield Proposals()
        yield Choices()

    @property
    def grid(self) -> Grid:
        """The rows."""
        return self.query_one(Grid)

    @property
    def pane(self) -> Pane:
        """What is shown beside them."""
        return self.query_one(Pane)

    @property
    def filter_bar(self) -> Bar:
        """The `/` bar."""
        return self.query_one("#filter", Bar)

    def give_keys(self, widget: Widget) -> None:
        """Keys go to `widget` from now on, the next one already."""
        self.set_focus(widget, scroll_visible=False)

    def whole(self, kind_name: str) -> Snapshot | None:
        """The last whole snapshot of a kind."""
        return self.feed.get(Subject(kind_name))

    def there(self, kind_name: str) -> Table | None:
        """The same as a table, kept while it is the latest: what hangs together is looked up at every cursor move."""
        snapshot, before = self.whole(kind_name), self._tables.get(kind_name)
        if snapshot is None:
            return None
        if before is None or before.snapshot is not snapshot:
            self._tables[kind_name] = before = Table(snapshot)
        return before

    def _filter_proposals(self, text: str) -> list[Proposal]:
        return [] if self.listing is None else filter_proposals(text, self.listing.kind, self.whole)

    def command_proposals(self, text: str) -> list[Proposal]:
        """What a command may become here."""
        return proposals(text, self.listing.kind if self.listing is not None else None, self.whole, THEMES)

    # -- words ----------------------------------------------------------------------------------------------------

    def say(self, text: str, *, error: bool = False) -> None:
        """One sentence at the foot, until the next move."""
        self._said = (text, error)
        self.tell()

    def tell(self) -> None:
        """Bring every line around the grid up to date; what is the same writes nothing."""
        listing = self.listing
        if listing is None or not self.is_mounted or not self.size:
            return
        now, width, glyphs, window = self.clock(), self.size.width, look_of(self.grid).glyphs, self.grid.window
        self.grid.set_known(self.known(), now)
        crumb = self._crumb(listing, now)
        self.query_one("#crumb", Lines).show([crumb_text(crumb, width, glyphs)])
        tries = self.outages.tries(listing.place.subject, self.feed, now)
        self.query_one("#troubles", Lines).show(trouble_texts(listing.read, tries, width, glyphs))
        if not window.count:
            self.grid.say_empty(self.why_empty())
        said, error = self._said
        if not said and self.grid.marks:
            said = f"{len(self.grid.marks)} marked"
        place = position(window.top, window.end, window.count)
        if self.focused is self.pane:
            place = self.pane.place
        right: Runs = ((place, "crumb"),) if cells(said) + cells(place) + 2 <= width else ()
        self.query_one("#foot", Lines).line((said, "error" if error else "message"), right=right)
        self.query_one("#keys", Lines).line((self._open_hint() or self.key_hints(width), "hint"))
        if self.filter_bar.is_open:
            self.filter_bar.say(crumb.amount)

    def _open_hint(self) -> str:
        """The keys of the bar or the choice that has them."""
        for open_one in (self.filter_bar, self.query_one(CommandBar), self.query_one(Choices)):
            if open_one.is_open:
                return open_one.hint
        return ""

    def _crumb(self, listing: Listing, now: float) -> Crumb:
        shown = listing.shown
        lens = shown.lens if shown is not None else listing.lens
        rows = len(shown.indexes) if shown is not None else 0
        extras: list[str] = []
        if listing.place.problems:
            extras.append("problems only")
        if listing.place.wide:
            extras.append("all columns")
        if self.following:
            extras.append(f"following {cut(readable(self.following), 24, 'middle')}")
        return Crumb(
            listing.kind,
            listing.place,
            amount(listing.snapshot, rows, lens.query, lens.problems, listing.odd),
            reading_words(listing.read, now),
            order_words(listing.kind, lens.order),
            extras,
        )

    def why_empty(self) -> list[str]:
        """Sentences for a list without rows."""
        listing = self.listing
        assert listing is not None
        snapshot = listing.snapshot
        asked = snapshot.targets[0].target if snapshot is not None and snapshot.targets else listing.kind.system
        return why_empty(listing.kind, listing.place, snapshot, listing.query, listing.since, asked)

    # -- given by the subclasses ----------------------------------------------------------------------------------

    def key_hints(self, width: int) -> str:
        """The last line."""
        return ""

    def cursor_moved(self) -> None:
        """The cursor is on another row, or other rows are on the screen."""

    def refill_pane(self) -> None:
        """What the pane shows may have changed."""

    def close_pane(self) -> None:
        """Hide the pane."""

    def action_row_describe(self) -> None:
        """Everything about the row."""
