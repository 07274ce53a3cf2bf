"""Keys are carried out in the order they were typed, however fast they come.

Textual hands a key to the widget that has the focus when the key arrives; what an earlier key does (open a bar, go to
another list) comes a little later, so keys typed ahead would land in the wrong place: `:servers` would sort, mark and
follow. Here the next key waits until the one before has done its work. People at 3 a.m. type blind, and so do scripts
that paste.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final, Generic, TypeVar

from textual.app import App
from textual.events import Event, Key
from textual.message_pump import MessagePump

from views.bars import Bar, Typed

R = TypeVar("R")

PATIENCE: Final = 0.2
"""Seconds that a key waits for the one before, at most: a handler that waits itself must not hold up the rest."""

OPENING: Final = 3.0
"""The same for a screen that is not there yet: on a busy machine it takes a moment, and its keys are meant for it."""


class KeysInOrder(App[R], Generic[R]):
    """An app whose keys do not overtake each other."""

    async def on_event(self, event: Event) -> None:
        """Carry out a key completely before the next one is looked at."""
        if not isinstance(event, Key) or event.is_forwarded:
            await super().on_event(event)
            return
        focused = self.focused
        if isinstance(focused, Typed) and focused.bar.is_open:
            await self._typed(focused, event)
            return
        await self._settled(self.screen)
        focused = self.focused
        if isinstance(focused, Typed) and focused.bar.is_open:
            await self._typed(focused, event)  # the key before opened a screen that asks
        elif focused is not None and hasattr(type(focused), "on_key"):
            await super().on_event(event)  # a widget that reads keys itself
            await self._settled(focused)
        elif not await self._check_bindings(event.key, priority=True) and not await self._check_bindings(event.key):
            await super().on_event(event)

    async def _typed(self, line: Typed, event: Key) -> None:
        """Letters go into the line; whatever else waits until they are there."""
        if event.is_printable:
            await super().on_event(event)
            return
        await self._settled(line)
        if event.key == "enter":
            await self.bar_done(Bar.Submitted(line.bar, line.value))
        elif event.key == "escape":
            await self.bar_done(Bar.Left(line.bar))
        elif not await self._check_bindings(event.key, priority=True) and not await self._check_bindings(event.key):
            await super().on_event(event)

    async def bar_done(self, event: Bar.Submitted | Bar.Left) -> None:
        """A bar was left or what is in it submitted: done here and now, because the keys behind it depend on it.

        An app that does something with what was typed overrides this.
        """
        event.bar.close()

    async def _settled(self, pump: MessagePump) -> None:
        """Wait until `pump` has handled what it was sent so far."""
        handled = asyncio.Event()
        patience = PATIENCE if getattr(pump, "is_mounted", True) else OPENING
        if pump.call_later(handled.set):
            with suppress(TimeoutError):
                await asyncio.wait_for(handled.wait(), patience)
