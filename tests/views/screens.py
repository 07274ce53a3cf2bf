"""A bare app around one screen, as pilots need it: our themes, our keys, no cloud."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen

from views.glyphs import UNICODE, Glyphs
from views.keys import Keys, bindings
from views.messages import OpenKind
from views.theme import THEMES, palette, stylesheet, textual_theme


class Around(App[None]):
    """Shows one screen and remembers what it asked for."""

    CSS_PATH = stylesheet()
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("everywhere")

    def __init__(
        self,
        screen: Screen[Any],
        *,
        theme: str = "dark",
        glyphs: Glyphs = UNICODE,
        keys: Keys | None = None,
        ansi_color: bool | None = None,
    ) -> None:
        super().__init__(ansi_color=ansi_color)
        for name in THEMES:
            self.register_theme(textual_theme(palette(name)))
        self.theme = theme
        self.glyphs = glyphs
        self.animation_level = "none"
        self.first = screen
        self.opened: list[OpenKind] = []
        self.did: list[str] = []
        if keys is not None:
            self.set_keymap(keys.keymap())

    async def on_mount(self) -> None:
        """The screen, at once."""
        await self.push_screen(self.first)

    def on_open_kind(self, message: OpenKind) -> None:
        """Remember it."""
        self.opened.append(message)

    def action_app_help(self) -> None:
        """Remember it."""
        self.did.append("app.help")

    def action_nav_back(self) -> None:
        """As the console does."""
        self.did.append("nav.back")

    def action_nav_close(self) -> None:
        """As the console does."""
        self.did.append("nav.close")


def lines_of(app: App[Any]) -> list[str]:
    """What is on the screen, line by line, without colours."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]
