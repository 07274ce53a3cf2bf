"""The window of the console: opened by `:arm`, closed by `:disarm` or by its time, told in line 1 of every screen.

That it was opened or closed is recorded; what cannot be recorded is not opened.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from collectors.errors import UsageError
from collectors.overview import Overview
from console.arming import asked
from console.desk import CloudDesk
from console.travel import Traveller
from views.asking_sheet import AskingSheet
from views.header import Header, Identity


class Armed(Traveller):
    """An app with a window in which something may be begun."""

    @property
    def desk(self) -> CloudDesk | None:
        """Where operations are planned and begun."""
        return self.session.desk

    @property
    def overview_now(self) -> Overview:
        """For line 1."""
        return self.board.overview(self.session.clock())

    @property
    def who(self) -> Identity:
        """Where, as whom, and in which mode now."""
        known, desk = self.lists.identity, self.desk
        if desk is None:
            return known
        return replace(known, mode=desk.arming.words, armed=desk.arming.is_open, locked=desk.locked)

    def tell_identity(self, identity: Identity | None = None) -> None:
        """Line 1 of every screen."""
        if identity is not None:
            self.lists.identity = identity
        told = self.who
        for screen in (self.lists, self.overview, *self.screen_stack):
            if hasattr(screen, "identity"):
                screen.identity = told
            if screen.is_mounted:
                for header in screen.query(Header):
                    header.tell(identity=told)

    def arm(self, words: str) -> None:
        """Open the window: recorded first, on a thread. Raises `UsageError`."""
        desk = self.need_desk()
        seconds, why = asked(words)
        if desk.locked:
            raise UsageError(f"nothing may be changed here: {desk.locked}", "it cannot be lifted from inside")

        def opened() -> None:
            desk.arming.open(seconds, why)
            self.tell_identity()
            self.say(f"armed for {seconds / 60:g} min: {why}")
            self._tell_top()

        self._record("armed", {"seconds": seconds, "why": why}, opened)

    def disarm(self) -> None:
        """Close the window."""
        desk = self.need_desk()
        if not desk.arming.is_open:
            self.say("read-only already")
            return
        why = desk.reason
        desk.arming.close()
        self.tell_identity()
        going = "; what runs goes on" if desk.going() else ""
        self._record("disarmed", {"why": why, "words": "closed by hand"}, lambda: self.say(f"read-only again{going}"))
        self._tell_top()

    def look_at_window(self) -> None:
        desk = self.desk
        if desk is not None and desk.arming.has_expired:
            why = desk.reason
            desk.arming.close()
            going = "; what runs goes on, and nothing new begins" if desk.going() else ""
            self._record("disarmed", {"why": why, "words": "its time was over"}, lambda: None)
            self.say(f"the window has closed: read-only again{going}")
            self._tell_top()
        if self.who.mode != self.lists.identity.mode or self.who.armed != self.lists.identity.armed:
            self.tell_identity()

    def _record(self, event: str, data: dict[str, object], then: Callable[[], None]) -> None:
        """Keep a record, on a thread; what cannot be recorded does not happen."""
        desk = self.need_desk()

        def keep() -> None:
            try:
                desk.record(event, data)
            except Exception as error:  # noqa: BLE001 - whatever keeps the journal from being written
                self.call_from_thread(self.say, f"not {event}: the journal cannot be written: {error}", error=True)
            else:
                self.call_from_thread(then)

        self.run_worker(keep, thread=True, group="record", exit_on_error=False)

    def _tell_top(self) -> None:
        top = self.screen
        if isinstance(top, AskingSheet):
            top.reread()

    def need_desk(self) -> CloudDesk:
        if self.desk is None:
            raise UsageError("nothing can be done here", "the console was opened without a cloud to change")
        return self.desk
