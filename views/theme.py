"""Themes: read from `themes/*.toml`, told to Textual, chosen by terminal and settings; and their roles as styles.

Line-rendering widgets take styles by role (`palette(self.app.theme)["warning"]`); only Textual's own widgets get
colours through the style sheet. Whether colour is stripped is decided in the App's constructor, so with NO_COLOR it
must be built with `ansi_color=True` (`Choice.ansi_color`), and only `mono`, which draws the cursor in reverse, is
offered: a cursor made of background colour would be invisible.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from rich.errors import StyleSyntaxError
from rich.style import Style

from themes.roles import ROLES, SURFACE, Role

if TYPE_CHECKING:
    from textual.theme import Theme

THEMES: Final = ("dark", "ansi", "mono", "light", "high-contrast")
"""In the order they are offered."""


class ThemeError(Exception):
    """A theme file that cannot be used; the message says what is missing or wrong."""


class Palette(msgspec.Struct, frozen=True):
    """One theme as data."""

    name: str
    title: str
    dark: bool
    ansi: bool
    surface: Mapping[str, str]
    styles: Mapping[Role, Style]

    def __getitem__(self, role: Role) -> Style:
        return self.styles[role]


def parsed(name: str, text: str) -> Palette:
    """The theme in `text` (TOML). Raises `ThemeError` when a role is missing, unknown, or no style."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"theme {name}: {error}") from error
    roles, surface = data.get("roles", {}), data.get("surface", {})
    for what, have, want in (("roles", set(roles), set(ROLES)), ("surface", set(surface), set(SURFACE))):
        if missing := sorted(want - have):
            raise ThemeError(f"theme {name}: [{what}] lacks {', '.join(missing)}")
        if extra := sorted(have - want):
            raise ThemeError(f"theme {name}: [{what}] has no {', '.join(extra)}")
    styles: dict[Role, Style] = {}
    for role in ROLES:
        try:
            styles[role] = Style.parse(str(roles[role]))
        except StyleSyntaxError as error:
            raise ThemeError(f"theme {name}: {role}: {error}") from error
    return Palette(
        name, str(data.get("title", name)), bool(data.get("dark", True)), bool(data.get("ansi", False)), surface, styles
    )


@cache
def palette(name: str) -> Palette:
    """The theme called `name`; of one that is not ours (a built-in of Textual) the roles of `ansi`."""
    if name not in THEMES:
        name = "ansi"
    return parsed(name, files("themes").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def textual_theme(found: Palette) -> Theme:
    """The theme as Textual wants it. An ansi theme needs variables that a bare one lacks: those of `ansi-dark`."""
    from textual.theme import BUILTIN_THEMES, Theme

    cursor = found.styles["completion-chosen"]
    variables = dict(BUILTIN_THEMES["ansi-dark"].variables) if found.ansi else {}
    if not found.ansi and cursor.bgcolor is not None and cursor.color is not None:
        variables |= {"block-cursor-background": cursor.bgcolor.name, "block-cursor-foreground": cursor.color.name}
    variables["block-cursor-text-style"] = "none"
    if cursor.reverse:
        variables |= {name: "ansi_default" for name, value in variables.items() if value.startswith("ansi_")}
        variables |= {"block-cursor-text-style": "reverse", "input-cursor-text-style": "reverse"}
    colours = found.surface
    return Theme(
        found.name,
        colours["primary"],
        colours["secondary"],
        colours["warning"],
        colours["error"],
        colours["success"],
        colours["accent"],
        colours["foreground"],
        colours["background"],
        colours["surface"],
        colours["panel"],
        dark=found.dark,
        variables=variables,
        ansi=found.ansi,
    )


def stylesheet() -> Path:
    """The file for `App.CSS_PATH`."""
    return Path(str(files("themes").joinpath("base.tcss")))


class Choice(msgspec.Struct, frozen=True):
    """Which theme, and why, in words."""

    name: str
    why: str
    ansi_color: bool | None = None
    """For the App's constructor: True when NO_COLOR is set."""


def usable(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The themes that can be chosen here: only `mono` where NO_COLOR is set."""
    return ("mono",) if "NO_COLOR" in environ else THEMES


def choose(environ: Mapping[str, str], wanted: str = "") -> Choice:
    """The theme to start with: NO_COLOR first, then what settings or the command line say, then the terminal."""
    if "NO_COLOR" in environ:
        return Choice("mono", "NO_COLOR is set", True)
    if wanted in THEMES:
        return Choice(wanted, "as asked")
    complaint = f"no theme “{wanted}”; " if wanted else ""
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown") or term.startswith("vt"):
        return Choice("mono", f"{complaint}TERM={term or 'unset'} has no colours")
    for sign, what in (
        ("SSH_CONNECTION", "over SSH"),
        ("SSH_TTY", "over SSH"),
        ("TMUX", "in tmux"),
        ("STY", "in screen"),
    ):
        if environ.get(sign):
            return Choice("ansi", f"{complaint}{what}: the terminal's own colours, fewest bytes")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Choice("dark", f"{complaint}the terminal has true colour")
    return Choice("ansi", f"{complaint}TERM={term}: the terminal's own colours")
